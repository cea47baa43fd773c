import pytest

from cases.enums import Programme
from payments.models import Benefit
from tests.approvals.test_programmes import LUCHENG, office_in
from tests.changing.builders import Desk


@pytest.fixture
def lucheng(db, clock) -> Desk:
    """松台街道 in 鹿城区."""
    return Desk(office_in(LUCHENG), clock)


@pytest.fixture
def tekun(lucheng) -> Benefit:
    """特困 in force from April 2026."""
    return lucheng.benefit(Programme.TEKUN)
