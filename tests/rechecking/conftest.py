import pytest

from approvals.settling.models import CaseByCase
from cases.enums import Programme
from payments.models import Benefit
from tests.approvals.test_programmes import LUCHENG, office_in
from tests.changing.builders import Desk
from tests.settling.builders import Settling, in_force, in_lucheng


@pytest.fixture
def lucheng(db, clock) -> Desk:
    """松台街道 in 鹿城区."""
    return Desk(office_in(LUCHENG), clock)


@pytest.fixture
def tekun(lucheng) -> Benefit:
    """特困 in force from April 2026."""
    return lucheng.benefit(Programme.TEKUN)


@pytest.fixture
def place(db, clock) -> Settling:
    """松台街道 with those who settle case by case, at 09:00 on Monday 2 March 2026."""
    return in_lucheng()


@pytest.fixture
def settlement(place) -> CaseByCase:
    """In force until 1 March 2027; its benefit of 585.00 ends with March."""
    return in_force(place)
