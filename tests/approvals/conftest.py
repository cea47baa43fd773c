import pytest

from tests.approvals.builders import SHANGYU, Office, build_office


@pytest.fixture
def office(db, clock) -> Office:
    """北岙街道 in 洞头区, at 09:00 on Monday 2 March 2026."""
    return build_office()


@pytest.fixture
def shangyu(db, clock) -> Office:
    """百官街道 in 上虞区, at the same hour."""
    return build_office(SHANGYU)
