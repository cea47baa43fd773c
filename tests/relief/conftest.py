import pytest

from tests.approvals.builders import SHANGYU
from tests.relief.builders import Relief, relief_office


@pytest.fixture
def ground(db, clock) -> Relief:
    """北岙街道 in 洞头区, at 09:00 on Monday 2 March 2026."""
    return relief_office()


@pytest.fixture
def shangyu(db, clock) -> Relief:
    """百官街道 in 上虞区, at the same hour."""
    return relief_office(SHANGYU)
