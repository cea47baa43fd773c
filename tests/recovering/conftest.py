import pytest

from tests.approvals.test_programmes import SHANGYU, office_in
from tests.recovering.builders import Desk


@pytest.fixture
def desk(db, clock) -> Desk:
    """百官街道 in 上虞区: the district pays (SY-5.1), the township decides (SY-2.1)."""
    return Desk(office_in(SHANGYU), clock)
