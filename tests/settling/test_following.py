"""After the determination: filings, feedback, re-checks, validity, and the tasks that they become."""

import datetime as dt

import pytest

from approvals.settling import services
from approvals.settling.enums import Action, Body
from approvals.settling.models import CaseByCase, Entry
from approvals.settling.perms import can_acknowledge
from approvals.settling.queries import tasks_for
from approvals.settling.queries.tasks import current_part
from approvals.settling.services import end_of_benefit, validity_of
from approvals.settling.tasks import lapse_settlements
from cases.enums import ApplicationState as State
from common.errors import Refused
from organisations.enums import Post
from organisations.services import appoint
from payments.models import Benefit
from tests.approvals.builders import draft
from tests.cases.builders import person_with
from tests.conftest import BEIJING
from tests.settling import builders


def determined(place) -> CaseByCase:
    settlement = builders.referred(place)
    builders.appraise(place, settlement)
    builders.determine(place, settlement)
    return settlement


def todos(user) -> list[tuple[str, str]]:
    user.__dict__.pop("_scope", None)
    return [(todo.action, todo.deadline) for todo in tasks_for(user)]


@pytest.mark.clause("LC-4.3b")
def test_filings_and_feedback_are_tasks_until_they_are_done(lucheng, clock) -> None:
    settlement = determined(lucheng)
    handler = lucheng.office.handler
    assert {action for action, _ in todos(handler)} == {"反馈申请人", "报送备案"}
    filing = builders.filed(lucheng, settlement, Body.DISCIPLINE)
    assert todos(lucheng.discipline) == [("接收备案", "2026-03-02 报送")]
    assert todos(lucheng.district) == []
    assert settlement.application.deadlines.get(step="filing").state == "running"
    builders.filed(lucheng, settlement, Body.DISTRICT)
    assert settlement.application.deadlines.get(step="filing").state == "met"
    assert [action for action, _ in todos(lucheng.district)] == ["接收备案"]
    services.acknowledge(filing=filing, answer="已备案。", actor=lucheng.discipline)
    assert todos(lucheng.discipline) == []
    clock.move_to(dt.datetime(2026, 3, 12, 9, tzinfo=BEIJING))
    services.feed_back(settlement=settlement, told=builders.told(told_on=dt.date(2026, 3, 3)), actor=handler)
    assert todos(handler) == []
    # Told on the 3rd, within the limit of the 9th, although written down only on the 12th.
    assert settlement.application.deadlines.get(step="feedback").state == "met"


@pytest.mark.clause("LC-4.3b")
def test_only_the_handler_files_tells_and_checks_again(lucheng) -> None:
    settlement = determined(lucheng)
    before = Entry.objects.count()
    visit = {"checked_on": dt.date(2026, 3, 2), "finding": "无变化", "still_applies": True}
    acts = (
        lambda who: services.file(settlement=settlement, body=Body.DISTRICT, remark="", actor=who),
        lambda who: services.feed_back(settlement=settlement, told=builders.told(), actor=who),
        lambda who: services.recheck(settlement=settlement, actor=who, **visit),
    )
    for post in sorted(set(Post) - {Post.HANDLER, Post.PARTNER}):
        actor = person_with(post, lucheng.office.township)
        for act in acts:
            with pytest.raises(Refused, match="由.*的经办岗办理"):
                act(actor)
    assert Entry.objects.count() == before


@pytest.mark.clause("LC-4.3b")
@pytest.mark.parametrize("body", list(Body))
def test_a_filing_is_received_by_its_body_only(lucheng, body) -> None:
    filing = builders.filed(lucheng, determined(lucheng), body)
    township = lucheng.office.township
    allowed = {
        Body.DISCIPLINE: {(Post.DISCIPLINE, "township"), (Post.DISCIPLINE, "county")},
        Body.DISTRICT: {(Post.AUDITOR, "county"), (Post.APPROVER, "county")},
    }[body]
    for post in sorted(set(Post) - {Post.PARTNER}):
        for level, area in (("township", township), ("county", township.parent)):
            actor = person_with(post, area)
            assert bool(can_acknowledge(actor, filing)) == ((post, level) in allowed)
            if (post, level) not in allowed:
                with pytest.raises(Refused, match="备案由"):
                    services.acknowledge(filing=filing, answer="已备案。", actor=actor)
    actor = lucheng.discipline if body == Body.DISCIPLINE else lucheng.district
    assert services.acknowledge(filing=filing, answer="已备案。", actor=actor).acknowledged_by == actor
    with pytest.raises(Refused, match="该备案已接收"):
        services.acknowledge(filing=filing, answer="再次备案。", actor=actor)


def test_nobody_receives_what_they_worked_on(lucheng) -> None:
    filing = builders.filed(lucheng, determined(lucheng), Body.DISCIPLINE)
    reviewer = lucheng.office.reviewer
    appoint(
        user=reviewer,
        post=Post.DISCIPLINE,
        area=lucheng.office.township,
        valid_from=dt.date(2020, 1, 1),
        actor=None,
    )
    reviewer.__dict__.pop("_scope", None)
    with pytest.raises(Refused, match="须由另一名人员接收"):
        services.acknowledge(filing=filing, answer="已备案。", actor=reviewer)


def test_nothing_is_filed_twice_or_where_no_rule_wants_it(lucheng, dongtou) -> None:
    settlement = determined(lucheng)
    builders.filed(lucheng, settlement, Body.DISTRICT)
    with pytest.raises(Refused, match="已向区民政局备案"):
        builders.filed(lucheng, settlement, Body.DISTRICT)
    other = builders.referred(dongtou)
    builders.appraise(dongtou, other)
    builders.determine(dongtou, other, transition="settle", monthly="500.00")
    with pytest.raises(Refused, match="当地规则没有要求向该机关备案"):
        builders.filed(dongtou, other, Body.DISTRICT)


def test_the_day_of_the_feedback_has_been(lucheng) -> None:
    settlement = determined(lucheng)
    for told_on in (dt.date(2026, 3, 1), dt.date(2026, 3, 3)):
        with pytest.raises(Refused, match="告知日期须在认定之后") as refusal:
            services.feed_back(
                settlement=settlement, told=builders.told(told_on=told_on), actor=lucheng.office.handler
            )
        assert refusal.value.field == "told_on"


@pytest.mark.clause("LC-4.4b")
def test_a_year_is_a_year(lucheng) -> None:
    application = draft(lucheng.office)
    for confirmed, until, ends in (
        ("2026-03-10", "2027-03-09", "2027-04-01"),
        ("2026-03-31", "2027-03-30", "2027-04-01"),
        # A year from 1 March 2027 ends with the last of February.
        ("2027-03-01", "2028-02-29", "2028-03-01"),
        ("2028-02-29", "2029-02-27", "2029-03-01"),
        ("2026-01-01", "2026-12-31", "2027-01-01"),
    ):
        found = validity_of(application, dt.date.fromisoformat(confirmed))
        assert (str(found), str(end_of_benefit(found))) == (until, ends)


@pytest.mark.clause("LC-4.4b")
def test_validity_is_reminded_of_and_lapses_once(lucheng, clock) -> None:
    settlement = builders.in_force(lucheng)
    handler, discipline = lucheng.office.handler, lucheng.discipline
    assert settlement.valid_until == dt.date(2027, 3, 1)

    def reminders(day: dt.date) -> list[tuple[str, str, str]]:
        clock.move_to(dt.datetime.combine(day, dt.time(9), BEIJING))
        handler.__dict__.pop("_scope", None)
        return [
            (todo.action, todo.deadline, todo.level)
            for todo in tasks_for(handler)
            if todo.action == "办理续期"
        ]

    assert reminders(dt.date(2026, 12, 30)) == []
    assert reminders(dt.date(2026, 12, 31)) == [("办理续期", "还剩 60 天失效", "info")]
    assert reminders(dt.date(2027, 1, 29)) == [("办理续期", "还剩 31 天失效", "info")]
    assert reminders(dt.date(2027, 1, 30)) == [("办理续期", "还剩 30 天失效", "soon")]
    assert reminders(dt.date(2027, 3, 1)) == [("办理续期", "还剩 0 天失效", "soon")]
    assert lapse_settlements() == {"lapsed": 0, "failed": 0}

    clock.move_to(dt.datetime(2027, 3, 5, 0, 40, tzinfo=BEIJING))
    assert lapse_settlements() == {"lapsed": 1, "failed": 0}
    assert lapse_settlements() == {"lapsed": 0, "failed": 0}
    settlement.refresh_from_db()
    assert settlement.lapsed_on == dt.date(2027, 3, 2)
    assert reminders(dt.date(2027, 3, 5)) == []
    entry = Entry.objects.get(action=Action.LAPSE)
    assert (entry.actor, entry.details) == (None, "有效期至 2027-03-01 期满失效，自 2027-04 起停发")
    # March is still paid, April is not; and the household may ask again.
    assert Benefit.objects.get().ends_on == dt.date(2027, 4, 1)
    assert not settlement.application.household.members.filter(occupies=True).exists()
    assert todos(discipline) == []


@pytest.mark.clause("DT-4.4")
@pytest.mark.parametrize(
    ("today", "since", "until"),
    [
        ("2026-03-10", "2026-03-10", "2026-09-10"),
        ("2026-09-09", "2026-03-10", "2026-09-10"),
        ("2026-09-10", "2026-09-10", "2027-03-10"),
        ("2027-03-10", "2027-03-10", "2027-09-10"),
    ],
)
def test_two_visits_a_year_fall_into_two_halves(today, since, until) -> None:
    part = current_part(dt.date(2026, 3, 10), 2, dt.date.fromisoformat(today))
    assert (str(part.since), str(part.until)) == (since, until)


@pytest.mark.clause("DT-4.4")
def test_re_checks_are_tasks_in_dongtou(dongtou, clock) -> None:
    settlement = builders.referred(dongtou)
    builders.appraise(dongtou, settlement)
    application = builders.determine(dongtou, settlement, transition="settle", monthly="500.00")
    clock.move_to(dt.datetime(2026, 3, 10, 9, tzinfo=BEIJING))
    builders.move(application_id=application.pk, transition="close_notice", actor=None)
    assert builders.approve(dongtou, application).state == State.APPROVED
    settlement.refresh_from_db()
    handler = dongtou.office.handler
    assert todos(handler) == [("登记复核走访", "2026-09-09 前走访一次")]

    clock.move_to(dt.datetime(2026, 6, 1, 9, tzinfo=BEIJING))
    services.recheck(
        settlement=settlement,
        checked_on=dt.date(2026, 6, 1),
        finding="仍卧床，无变化。",
        still_applies=True,
        actor=handler,
    )
    assert todos(handler) == []
    with pytest.raises(Refused, match="当天已登记过"):
        services.recheck(
            settlement=settlement,
            checked_on=dt.date(2026, 6, 1),
            finding="再次。",
            still_applies=True,
            actor=handler,
        )
    clock.move_to(dt.datetime(2026, 9, 10, 9, tzinfo=BEIJING))
    assert todos(handler) == [("登记复核走访", "2027-03-09 前走访一次")]


def test_a_re_check_lies_between_confirmation_and_today(lucheng) -> None:
    settlement = builders.in_force(lucheng)
    for checked_on in (dt.date(2026, 3, 1), dt.date(2026, 3, 3)):
        with pytest.raises(Refused, match="走访日期须在确认之后"):
            services.recheck(
                settlement=settlement,
                checked_on=checked_on,
                finding="无变化。",
                still_applies=True,
                actor=lucheng.office.handler,
            )
