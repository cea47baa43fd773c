"""Periodic work is harmless when it runs twice, late, or not at all for a day."""

import datetime as dt
import json

import pytest
from django.utils import timezone

from approvals import tasks
from approvals.deadlines import extend_deadline
from approvals.models import Deadline
from cases.enums import ApplicationState as State
from config.celery import app
from policy.models import CalendarDay, CalendarYear
from publicity.enums import ObjectionSource
from publicity.queries import running_notice
from publicity.services import record_objection
from tests.approvals.builders import case_in, draft, pass_notice, submit, take

BEIJING = dt.timezone(dt.timedelta(hours=8))


def at(month: int, day: int, hour: int = 9, year: int = 2026) -> dt.datetime:
    return dt.datetime(year, month, day, hour, tzinfo=BEIJING)


def marks(application, step: str) -> tuple[bool, bool]:
    deadline = Deadline.objects.get(application=application, step=step)
    return deadline.reminded_at is not None, deadline.overdue_at is not None


def test_the_timetable_names_tasks_that_exist() -> None:
    app.loader.import_default_modules()
    ours = {e["task"] for e in app.conf.beat_schedule.values() if e["task"].startswith("approvals.tasks.")}
    assert ours == {
        f"approvals.tasks.{name}" for name in dir(tasks) if f"approvals.tasks.{name}" in app.tasks
    }
    json.dumps({name: entry.get("args", []) for name, entry in app.conf.beat_schedule.items()})


def test_a_limit_is_reminded_the_working_day_before_and_marked_when_it_has_passed(office, clock) -> None:
    """办结 is due on Monday 23 March, so it is brought to mind on Friday the 20th, not before."""
    application = case_in(State.REVIEWING, office=office)
    take(application, "disagree", office, "reviewer")
    clock.move_to(at(3, 19, 23))
    tasks.mark_deadlines()
    assert marks(application, "total") == (False, False)
    clock.move_to(at(3, 20, 0))
    tasks.mark_deadlines()
    assert marks(application, "total") == (True, False)
    reminded_at = application.deadlines.get(step="total").reminded_at
    clock.move_to(at(3, 23, 23))
    assert tasks.mark_deadlines() == {"reminded": 0, "overdue": 0}
    clock.move_to(at(3, 24, 0))
    assert tasks.mark_deadlines() == {"reminded": 0, "overdue": 1}
    assert tasks.mark_deadlines() == {"reminded": 0, "overdue": 0}
    assert application.deadlines.get(step="total").reminded_at == reminded_at


def test_days_without_a_run_are_made_up_for(office, clock) -> None:
    application = case_in(State.ACCEPTED, office=office)
    clock.move_to(at(3, 30))
    assert tasks.mark_deadlines() == {"reminded": 3, "overdue": 3}
    assert marks(application, "total") == (True, True)
    take(application, "entrust_check", office, "reviewer")
    assert application.deadlines.get(step="entrust_check").state == "missed"


def test_a_notice_that_has_run_out_is_nobodys_fault(office, clock) -> None:
    application = case_in(State.PUBLISHED, office=office)
    pass_notice(application, clock)
    tasks.mark_deadlines()
    assert marks(application, "publicity") == (True, False)


@pytest.mark.clause("SY-A1.4a")
def test_notices_are_closed_when_they_have_run_out_and_not_before(office, clock) -> None:
    application = case_in(State.PUBLISHED, office=office)
    clock.move_to(running_notice(application).ends_at - dt.timedelta(seconds=1))
    assert tasks.close_expired_notices() == {"closed": 0, "left": 0}
    pass_notice(application, clock)
    assert tasks.close_expired_notices() == {"closed": 1, "left": 0}
    assert tasks.close_expired_notices() == {"closed": 0, "left": 0}
    application.refresh_from_db()
    assert application.state == State.DECIDING
    assert application.steps.filter(transition="close_notice").count() == 1


@pytest.mark.clause("SY-A1.5a")
def test_a_late_run_gives_the_approver_no_free_days(office, clock) -> None:
    application = case_in(State.PUBLISHED, office=office)
    ends_at = running_notice(application).ends_at
    clock.move_to(ends_at + dt.timedelta(days=2))
    tasks.close_expired_notices()
    assert application.deadlines.get(step="decision").started_at == ends_at


def test_one_case_that_cannot_go_on_stops_no_other(office, clock) -> None:
    """One has an objection, one meets an error that nobody foresaw, one is as it should be."""
    objected, broken, fine = (case_in(State.PUBLISHED, office=office) for _ in range(3))
    record_objection(
        notice=running_notice(objected),
        source=ObjectionSource.PUBLIC,
        content="不属实",
        actor=None,
        at=timezone.now(),
    )
    pass_notice(fine, clock)
    # Its limit for the decision runs already: starting a second one breaks a constraint.
    duplicate = Deadline.objects.get(application=broken, step="total")
    duplicate.pk, duplicate.step = None, "decision"
    duplicate.save()
    assert tasks.close_expired_notices() == {"closed": 1, "left": 1}
    for application, state in (
        (objected, State.PUBLISHED),
        (broken, State.PUBLISHED),
        (fine, State.DECIDING),
    ):
        application.refresh_from_db()
        assert application.state == state


@pytest.fixture
def without_2026(office):
    """The arrangement of 2026 has not been announced yet."""
    CalendarDay.objects.filter(year_id=2026).delete()
    CalendarYear.objects.filter(year=2026).delete()
    return office


def announce_2026() -> None:
    """元旦 1–3 January, and Sunday the 4th is worked: as the State Council arranged it."""
    CalendarYear.objects.create(year=2026, source="国办发明电〔2025〕7号", loaded_at=timezone.now())
    for day, works in ((1, False), (2, False), (3, False), (4, True)):
        CalendarDay.objects.create(
            day=dt.date(2026, 1, day),
            year_id=2026,
            is_workday=works,
            name="元旦" if not works else "调休上班",
        )


def test_provisional_limits_are_counted_again_when_the_year_is_announced(without_2026, clock) -> None:
    """Accepted on 15 December 2025 in 洞头: the 20th day is 4 January, a Sunday. Without the announcement the
    limit goes on to Monday the 5th; with it that Sunday is worked.
    """
    clock.move_to(at(12, 15, year=2025))
    application = case_in(State.ACCEPTED, office=without_2026)
    total = application.deadlines.get(step="total")
    assert (total.provisional, total.due_at.astimezone(BEIJING).date()) == (True, dt.date(2026, 1, 5))
    assert "待国务院节假日安排公布后复算" in total.why[-1]
    assert tasks.recompute_provisional_deadlines() == 0
    announce_2026()
    assert tasks.recompute_provisional_deadlines() == 2  # 办结 and 受理、核对和初审
    total.refresh_from_db()
    assert (total.provisional, total.due_at.astimezone(BEIJING).date()) == (False, dt.date(2026, 1, 4))
    assert "待国务院" not in str(total.why)
    assert tasks.recompute_provisional_deadlines() == 0


def test_a_recount_keeps_the_extension(without_2026, clock) -> None:
    clock.move_to(at(12, 5, year=2025))
    application = case_in(State.CHECKING, office=without_2026)
    clock.move_to(at(12, 22, year=2025))
    total = application.deadlines.get(step="total")
    extend_deadline(deadline=total, actor=without_2026.approver, reason="核对超时")
    total.refresh_from_db()
    # The 30th day after 5 December is Sunday 4 January.
    assert (total.provisional, total.due_at.astimezone(BEIJING).date()) == (True, dt.date(2026, 1, 5))
    announce_2026()
    assert tasks.recompute_provisional_deadlines() == 1
    total.refresh_from_db()
    assert total.due_at.astimezone(BEIJING).date() == dt.date(2026, 1, 4)
    assert total.original_due_at.astimezone(BEIJING).date() == dt.date(2025, 12, 25)
    assert "已依规延长" in str(total.why)


def test_ended_limits_are_left_alone(without_2026, clock) -> None:
    clock.move_to(at(12, 30, year=2025))
    application = draft(without_2026)
    submit(application, without_2026)
    take(application, "accept", without_2026, "handler")
    take(application, "entrust_check", without_2026, "reviewer")
    announce_2026()
    before = application.deadlines.get(step="entrust_check").due_at
    tasks.recompute_provisional_deadlines()
    assert application.deadlines.get(step="entrust_check").due_at == before
