import datetime as dt

import pytest

from organisations.enums import Post
from organisations.models import User
from tests.approvals.builders import SHANGYU, Office, build_office
from tests.cases.builders import Places, person_with
from tests.conftest import BEIJING


def beijing(*parts: int) -> dt.datetime:
    """An instant given by the clock on the wall."""
    return dt.datetime(*parts, tzinfo=BEIJING)


@pytest.fixture
def office(db, clock) -> Office:
    """北岙街道 in 洞头区, at 09:00 on Monday 2 March 2026."""
    return build_office()


@pytest.fixture
def shangyu(db, clock) -> Office:
    """百官街道 in 上虞区, at the same hour."""
    return build_office(SHANGYU)


@pytest.fixture
def places(office: Office) -> Places:
    return office.places


@pytest.fixture
def auditor(places: Places) -> User:
    """区级监督岗 of 洞头."""
    return person_with(Post.AUDITOR, places.county, name="郑监督")


@pytest.fixture
def observer(places: Places) -> User:
    """纪（工）委监督岗 of 北岙街道."""
    return person_with(Post.DISCIPLINE, places.township, name="纪观察")
