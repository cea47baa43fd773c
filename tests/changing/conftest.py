import pytest

from tests.approvals.test_programmes import SHANGYU, office_in
from tests.changing.builders import Desk


@pytest.fixture
def shangyu(db, clock) -> Desk:
    """百官街道 in 上虞区, the only one of the five whose document orders a hearing (SY-A1.6)."""
    return Desk(office_in(SHANGYU), clock)


@pytest.fixture
def at_office(db, clock):
    """The same in any village, by its code."""
    return lambda code: Desk(office_in(code), clock)
