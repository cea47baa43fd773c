import pytest

from tests.approvals.builders import Office, build_office
from tests.settling.builders import Settling, in_dongtou, in_lucheng, in_shangyu


@pytest.fixture
def lucheng(db, clock) -> Settling:
    """松台街道 in 鹿城区, at 09:00 on Monday 2 March 2026."""
    return in_lucheng()


@pytest.fixture
def dongtou(db, clock) -> Settling:
    """北岙街道 in 洞头区, at the same hour."""
    return in_dongtou()


@pytest.fixture
def shangyu(db, clock) -> Settling:
    """A township of 上虞区, at the same hour."""
    return in_shangyu()


@pytest.fixture
def office(db, clock) -> Office:
    """北岙街道 in 洞头区, with nothing of 一事一议."""
    return build_office()
