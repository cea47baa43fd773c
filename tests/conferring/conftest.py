import pytest

from approvals.services import move
from cases.enums import Programme
from cases.models import Application
from tests.approvals.builders import REASON, Office
from tests.approvals.test_programmes import JIEFANG, agree, ask, investigate, office_in


@pytest.fixture
def office(db, clock) -> Office:
    """民生街道 in 解放区, 焦作市, at 09:00 on Monday 2 March 2026."""
    return office_in(JIEFANG)


@pytest.fixture
def waiting(office, clock) -> Application:
    """A 低保 case whose notice ran out: it waits for the meeting."""
    application = ask(office, Programme.DIBAO)
    investigate(application, office)
    return agree(application, office, clock)


@pytest.fixture
def unfavourable(office) -> Application:
    """One that the reviewer does not agree to: it waits for the meeting as well."""
    application = ask(office, Programme.DIBAO)
    investigate(application, office)
    return move(application_id=application.pk, transition="disagree", actor=office.reviewer, opinion=REASON)
