"""Changes and stops as people live through them, in plain words (SY-7.2, SY-A1.6, SY-A2.6, JZ-2.2)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from approvals.changing.enums import ChangeState as State
from approvals.enums import DocumentKind
from approvals.models import Deadline
from common.errors import Refused
from payments.models import Benefit
from payments.services import prepare_month
from tests.conftest import BEIJING
from tests.payments import builders as money

PRIOR, DECISION = DocumentKind.CHANGE_PRIOR_NOTICE, DocumentKind.CHANGE_DECISION


def at(month: int, day: int, hour: int = 9) -> dt.datetime:
    return dt.datetime(2026, month, day, hour, tzinfo=BEIJING)


def lines_of(benefit: Benefit, month: dt.date) -> list[Decimal]:
    """What the list of a month holds for the household; a neighbour's keeps the list from being empty."""
    if not Benefit.objects.filter(head_name="邻居").exists():
        money.benefit(benefit.village, "100.00", name="邻居", programme=benefit.programme)
    batch = prepare_month(area=benefit.county, programme=benefit.programme, month=month, actor=None)
    return [line.amount for line in batch.payments.filter(benefit=benefit).order_by("pk")]


@pytest.mark.clause("SY-A1.6")
@pytest.mark.clause("SY-7.2")
def test_a_stop_takes_effect_only_after_two_papers_and_three_days(shangyu) -> None:
    """Proposed, agreed, told on Monday 6 April, heard until Thursday 9 April, decided, served, ended."""
    benefit = shangyu.benefit()
    shangyu.clock.move_to(at(4, 6))
    change = shangyu.change_in(State.NOTICED, benefit=benefit)
    assert change.state == State.NOTICED
    change = shangyu.serve(change, PRIOR)
    limit = Deadline.objects.get(application=change.application_id, step="defence")
    # Served on the 6th, which is not counted: 7, 8 and 9 April, until midnight.
    assert (limit.state, limit.due_at) == ("running", dt.datetime(2026, 4, 9, 23, 59, 59, tzinfo=BEIJING))
    assert limit.clause == "SY-A1.6"
    with pytest.raises(Refused, match="陈述申辩期未满"):
        shangyu.move(change, "close_hearing", "handler")
    shangyu.clock.move_to(at(4, 10))
    change = shangyu.move(change, "close_hearing")
    change = shangyu.move(change, "decide", "approver")
    benefit.refresh_from_db()
    assert (change.state, benefit.ends_on) == (State.DECIDED, None)
    shangyu.clock.move_to(at(4, 13))
    change = shangyu.serve(change, DECISION)
    benefit.refresh_from_db()
    assert (change.state, change.effective_on) == (State.IN_EFFECT, dt.date(2026, 5, 1))
    assert (benefit.ends_on, benefit.end_source) == (dt.date(2026, 5, 1), f"change:{change.pk}")
    assert lines_of(benefit, dt.date(2026, 4, 1)) == [Decimal("675.00")]
    shangyu.clock.move_to(at(5, 1))
    assert lines_of(benefit, dt.date(2026, 5, 1)) == []
    # The places in the programme are free again.
    assert not change.application.household.members.filter(occupies=True).exists()
