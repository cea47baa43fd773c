import pytest

from approvals.models import Document
from cases.enums import ApplicationState as State
from tests.approvals.builders import Office, build_office, case_in
from tests.serving.builders import refusal_of


@pytest.fixture
def office(db, clock) -> Office:
    """北岙街道 in 洞头区, at 09:00 on Monday 2 March 2026."""
    return build_office()


@pytest.fixture
def paper(office, clock) -> Document:
    """The refusal of 林小花, made on Tuesday 10 March 2026, in the minute after the notice ran out."""
    return refusal_of(case_in(State.REFUSED, office=office, clock=clock), office)
