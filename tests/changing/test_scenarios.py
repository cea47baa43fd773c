"""Changes and stops as people live through them, in plain words (SY-7.2, SY-A1.6, SY-A2.6, JZ-2.2)."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from approvals.changing import services
from approvals.changing.enums import ChangeKind, Reason
from approvals.changing.enums import ChangeState as State
from approvals.changing.tasks import close_periods
from approvals.documents.service import make_document
from approvals.enums import DefenceOutcome, DocumentKind, EvidenceKind
from approvals.hearing import DefenceEntry
from approvals.models import Deadline
from cases.enums import IncomeKind, Programme
from common import clock as house_clock
from common.errors import Refused
from organisations.enums import Post
from payments.models import Benefit
from payments.queries import overpaid
from payments.services import check_batch, prepare_month, revise_benefit, seal_batch
from policy.deadlines import due_for
from policy.models import Rule
from policy.readiness import readiness
from policy.rules import RuleBook
from publicity.enums import ObjectionOutcome
from publicity.services import handle_objection
from tests.approvals.test_programmes import DONGTOU, JIEFANG, LUCHENG, XINLUO
from tests.cases.builders import member_line, person_with
from tests.changing.builders import death, entry, lowered, raised, voluntary
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


@pytest.mark.clause("SY-A1.6")
def test_words_in_defence_are_answered_before_anything_is_decided(shangyu) -> None:
    """Spoken on the second day, not taken up, and the decision says so."""
    change = shangyu.change_in(State.HEARING)
    said = shangyu.say(change)
    shangyu.wait_for_defence(change)
    with pytest.raises(Refused, match="陈述申辩尚未复核答复"):
        shangyu.move(change, "close_hearing")
    with pytest.raises(Refused, match="由百官街道的审核岗复核"):
        services.answer_defence(
            defence=said, outcome=DefenceOutcome.ACCEPTED, answer="属实。", actor=shangyu.office.handler
        )
    shangyu.answer(said)
    with pytest.raises(Refused, match="已经复核"):
        shangyu.answer(said)
    change = shangyu.move(change, "close_hearing")
    change = shangyu.move(change, "decide", "approver")
    paper = json.loads(shangyu.paper(change, DECISION).data)
    assert "住房系父母所有。　复核意见：不采纳。经复核，登记在其名下。" in paper["heard"][0]
    assert paper["effect"] == "自本决定书送达之日的次月起执行"


@pytest.mark.clause("SY-A1.6")
def test_a_defence_that_is_taken_up_ends_the_change(shangyu) -> None:
    """The person keeps the benefit; nothing of the change is left but its trace."""
    change = shangyu.change_in(State.DROPPED)
    benefit = change.benefit
    benefit.refresh_from_db()
    assert (change.state, benefit.ends_on) == (State.DROPPED, None)
    assert Deadline.objects.get(application=change.application_id, step="defence").state == "cancelled"
    with pytest.raises(Refused, match="没有采纳的陈述申辩"):
        shangyu.move(shangyu.change_in(State.HEARING), "drop", "approver")


@pytest.mark.clause("SY-A1.6")
def test_a_defence_that_is_taken_up_in_part_begins_a_new_round(shangyu) -> None:
    """Another amount is another proposal: told anew, heard anew, with papers of its own."""
    change = shangyu.change_in(State.HEARING)
    shangyu.answer(shangyu.say(change), DefenceOutcome.PARTLY)
    shangyu.wait_for_defence(change)
    with pytest.raises(Refused, match="陈述申辩已采纳"):
        shangyu.move(change, "close_hearing")
    change = shangyu.move(change, "reconsider", "approver")
    assert (change.state, change.round, change.prior_served_at) == (State.DRAFT, 2, None)
    change = services.redraft(change=change, entry=lowered("400.00"), actor=shangyu.office.handler)
    for state in (State.PROPOSED, State.REVIEWED, State.AGREED, State.NOTICED):
        change = shangyu._on_to(change, state)
    assert shangyu.paper(change, PRIOR).matter == f"change:{change.pk}-2"
    for state in (State.HEARING, State.DECIDING, State.DECIDED, State.IN_EFFECT):
        change = shangyu._on_to(change, state)
    assert change.benefit.revisions.get(valid_to=None).monthly == Decimal("400.00")


def test_a_defence_is_dated_between_service_and_now(shangyu) -> None:
    change = shangyu.change_in(State.HEARING)
    for received_at in (change.prior_served_at - dt.timedelta(hours=1), at(12, 1)):
        said = DefenceEntry("oral", "林小花", "住房系父母所有。", received_at)
        with pytest.raises(Refused, match="提出时间应在") as refusal:
            services.record_defence(change=change, entry=said, actor=shangyu.office.handler)
        assert refusal.value.field == "received_at"
    with pytest.raises(Refused, match="只在陈述申辩期内"):
        shangyu.say(shangyu.change_in(State.PROPOSED))


@pytest.mark.clause("SY-7.2")
def test_more_money_comes_with_the_next_month_and_without_a_hearing(shangyu) -> None:
    """675.00 until April, 725.00 from May on: agreed on 8 April, a paper is made, nobody waits for it."""
    benefit = shangyu.benefit()
    shangyu.clock.move_to(at(4, 8))
    change = shangyu.change_in(State.REVIEWED, raised("725.00"), benefit=benefit)
    change = shangyu.move(change, "agree_at_once", "approver")
    assert (change.state, change.effective_on) == (State.IN_EFFECT, dt.date(2026, 5, 1))
    paper = json.loads(shangyu.paper(change, DECISION).data)
    assert paper["title"] == "调整最低生活保障金决定书"
    assert "人民币（大写）柒佰贰拾伍元整（小写 725.00 元）" in paper["after"]
    assert (paper["adverse"], paper["effect"]) == (False, "自2026年5月起执行")
    assert lines_of(benefit, dt.date(2026, 4, 1)) == [Decimal("675.00")]
    shangyu.clock.move_to(at(5, 1))
    assert lines_of(benefit, dt.date(2026, 5, 1)) == [Decimal("725.00")]


@pytest.mark.clause("SY-7.2")
def test_the_new_amount_is_computed_from_what_was_found(shangyu) -> None:
    """Wages of 800.00 instead of 500.00: 1,175.00 − 800.00 = 375.00 a month."""
    benefit = shangyu.benefit()
    member = benefit.application.household.members.get()
    found = {"member": member.pk, "income_kind": IncomeKind.WAGE, "income": Decimal("800.00")}
    change = shangyu.draft(entry(kind=ChangeKind.ADJUST, reason=Reason.INCOME_ROSE, **found), benefit=benefit)
    assert (change.was, change.monthly) == (Decimal("675.00"), Decimal("375.00"))
    assert change.lines[-1]["label"] == "月保障金（补差）"
    with pytest.raises(Refused, match="375.00 元，与填写的不一致"):
        services.redraft(
            change=change,
            entry=entry(kind=ChangeKind.ADJUST, monthly=Decimal("400.00"), **found),
            actor=shangyu.office.handler,
        )
    with pytest.raises(Refused, match="仍符合条件，不能停发"):
        services.redraft(change=change, entry=entry(**found), actor=shangyu.office.handler)
    same = found | {"income": Decimal("500.00")}
    with pytest.raises(Refused, match="金额没有变化"):
        services.redraft(
            change=change, entry=entry(kind=ChangeKind.ADJUST, **same), actor=shangyu.office.handler
        )


@pytest.mark.clause("SY-7.2")
def test_what_is_too_much_ends_the_benefit_not_the_amount(shangyu) -> None:
    """Deposits of 100,000.00 for one person are above 4 × 1,175 × 12 = 56,400.00."""
    rich = {"reason": Reason.PROPERTY, "deposits": Decimal("100000.00")}
    benefit = shangyu.benefit()
    with pytest.raises(Refused, match="已不符合条件.*请选择停发") as refusal:
        shangyu.draft(entry(kind=ChangeKind.ADJUST, **rich), benefit=benefit)
    assert refusal.value.field == "kind"
    change = shangyu.draft(entry(**rich), benefit=benefit)
    failed = [line["label"] for line in change.lines if not line["passed"]]
    assert failed == ["人均金融资产"]


@pytest.mark.parametrize(
    ("what", "words", "field"),
    [
        ({"facts": "  "}, "请填写事实和理由", "facts"),
        ({"facts": "长" * 2001}, "不能超过 2000 字", "facts"),
        ({"kind": ChangeKind.ADJUST}, "请填写涉及成员、收入或财产", "monthly"),
        ({"kind": ChangeKind.ADJUST, "monthly": Decimal("0.00")}, "须大于 0", "monthly"),
        ({"kind": ChangeKind.ADJUST, "monthly": Decimal("675.00")}, "没有变化", "monthly"),
        (
            {"kind": ChangeKind.ADJUST, "monthly": Decimal("700.00"), "care_fee": Decimal("10.00")},
            "只随特困发放",
            "care_fee",
        ),
        ({"reason": Reason.DEATH}, "须填写死亡日期", "died_on"),
        ({"died_on": dt.date(2026, 3, 1)}, "须填写死亡日期", "died_on"),
        ({"reason": Reason.DEATH, "died_on": dt.date(2027, 3, 1)}, "不能晚于今天", "died_on"),
        ({"reason": Reason.VOLUNTARY}, "请选择终止", "kind"),
        ({"income": Decimal("1.00")}, "须同时填写", "income"),
        ({"member_gone": True}, "须同时填写", "member"),
        ({"member": 0, "member_gone": True}, "请选择本户成员", "member"),
    ],
)
def test_a_draft_says_what_is_missing_beside_the_field(shangyu, what, words, field) -> None:
    benefit = shangyu.benefit()
    with pytest.raises(Refused, match=words) as refusal:
        shangyu.draft(entry(**what), benefit=benefit)
    assert refusal.value.field == field
    assert not benefit.changes.exists()


@pytest.mark.parametrize(
    ("what", "words", "field"),
    [
        ({"finding": " "}, "请填写核查情况", "finding"),
        ({"second_visitor": ""}, "须由两人进行", "second_visitor"),
        ({"kind": EvidenceKind.PROOF, "file": None}, "须上传扫描件", "file"),
        ({"found_on": dt.date(2027, 1, 1)}, "不能晚于今天", "found_on"),
    ],
)
def test_evidence_says_what_is_missing(shangyu, what, words, field) -> None:
    change = shangyu.change_in(State.DRAFT)
    with pytest.raises(Refused, match=words) as refusal:
        shangyu.find(change, **what)
    assert refusal.value.field == field
    with pytest.raises(Refused, match="不能修改"):
        shangyu.find(shangyu.change_in(State.PROPOSED))


@pytest.mark.clause("JZ-12.5")
def test_who_leaves_of_the_own_wish_gets_a_decision_and_no_hearing(shangyu) -> None:
    """With a signed statement; in effect from the month after the decision was served."""
    benefit = shangyu.benefit()
    shangyu.clock.move_to(at(4, 8))
    change = shangyu.change_in(State.REVIEWED, voluntary(), benefit=benefit)
    change = shangyu.move(change, "agree_at_once", "approver")
    benefit.refresh_from_db()
    assert (change.state, benefit.ends_on) == (State.DECIDED, None)
    change = shangyu.serve(change, DECISION, at(4, 30, 17))
    assert (change.state, change.effective_on) == (State.IN_EFFECT, dt.date(2026, 5, 1))


@pytest.mark.clause("JZ-12.2")
def test_a_death_stops_from_the_next_month_and_lists_what_was_paid_since(shangyu) -> None:
    """Died on 20 April, found out on 2 June when May was paid: ended from May, 675.00 to be recovered."""
    benefit = shangyu.benefit()
    for month in (4, 5):
        shangyu.clock.move_to(at(month, 1))
        seal_month(benefit, dt.date(2026, month, 1))
    shangyu.clock.move_to(at(6, 2))
    change = shangyu.change_in(State.REVIEWED, death(dt.date(2026, 4, 20)), benefit=benefit)
    change = shangyu.move(change, "agree_at_once", "approver")
    benefit.refresh_from_db()
    assert (change.state, benefit.ends_on) == (State.IN_EFFECT, dt.date(2026, 5, 1))
    assert [(line.month, line.amount) for line in overpaid(benefit)] == [
        (dt.date(2026, 5, 1), Decimal("675.00"))
    ]
    paper = json.loads(shangyu.paper(change, DECISION).data)
    assert (paper["died_on"], paper["effect"]) == ("2026年4月20日", "自2026年5月起执行")


def seal_month(benefit: Benefit, month: dt.date) -> None:
    """The district's list of a month, checked by a second person and sealed."""
    people = [person_with(post, benefit.county) for post in (Post.DISTRICT_PAYMENTS, Post.DISTRICT_FINANCE)]
    batch = prepare_month(area=benefit.county, programme=benefit.programme, month=month, actor=people[0])
    batch = check_batch(batch=batch, actor=people[1])
    seal_batch(batch=batch, actor=people[1], reason="演示")


def test_a_death_is_proved_on_paper(shangyu) -> None:
    change = shangyu.draft(death(dt.date(2026, 3, 5)))
    shangyu.find(change, EvidenceKind.DATA_MATCH)
    shangyu.find(change, EvidenceKind.VISIT)
    with pytest.raises(Refused, match="须有死亡证明等证明材料"):
        shangyu.move(change, "propose", "handler")


@pytest.mark.clause("SY-A1.6")
def test_the_death_of_one_member_leaves_somebody_to_be_heard(shangyu) -> None:
    """The household goes on with less: told beforehand like anybody."""
    benefit = shangyu.benefit(members=(member_line(wage="500.00"), member_line("林小明", relation="spouse")))
    spouse = benefit.application.household.members.get(relation="spouse")
    assert benefit.revisions.get().monthly == Decimal("1850.00")
    gone = {"member": spouse.pk, "member_gone": True}
    what = death(dt.date(2026, 3, 5), kind=ChangeKind.ADJUST, **gone)
    change = shangyu.change_in(State.REVIEWED, what, benefit=benefit)
    # 1,175.00 × 1 − 500.00
    assert change.monthly == Decimal("675.00")
    with pytest.raises(Refused, match="须先告知"):
        shangyu.move(change, "agree_at_once", "approver")
    assert shangyu.move(change, "agree", "approver").state == State.AGREED


@pytest.mark.clause("SY-A2.6")
def test_tekun_ends_after_its_decision_and_seven_days_on_the_board(shangyu) -> None:
    benefit = shangyu.benefit(Programme.TEKUN)
    shangyu.clock.move_to(at(4, 1))
    change = shangyu.change_in(State.DECIDED, benefit=benefit)
    with pytest.raises(Refused, match="尚未送达"):
        shangyu.move(change, "publish", "handler")
    change = shangyu.serve(change, DECISION)
    assert change.state == State.DECIDED
    change = shangyu.move(change, "publish", "handler")
    notice = change.application.notices.get(purpose="ending")
    limit = Deadline.objects.get(application=change.application_id, step="publicity", state="running")
    assert (limit.minimum, limit.due_at) == (True, notice.ends_at)
    with pytest.raises(Refused, match="公示期未满"):
        shangyu.move(change, "finish_notice", "handler")
    shangyu.wait_for_notice(change)
    assert close_periods() == {"closed": 1, "left": 0}
    change.refresh_from_db()
    benefit.refresh_from_db()
    following = house_clock.next_month(timezone.localdate(notice.ends_at))
    assert (change.state, benefit.ends_on) == (State.IN_EFFECT, following)
    paper = json.loads(make_ending_paper(shangyu, change).data)
    assert (paper["title"], paper["name"]) == ("浙江省特困人员救助供养对象终止公示表", "林小花")


def make_ending_paper(desk, change):
    notice = change.application.notices.get(purpose="ending")
    return make_document(
        application=change.application,
        kind=DocumentKind.ENDING_NOTICE,
        actor=desk.office.handler,
        matter=f"notice:{notice.pk}",
    )


@pytest.mark.clause("SY-A2.6")
def test_an_objection_to_the_end_of_tekun_is_looked_into_and_published_again(shangyu) -> None:
    """20 working days from the day on which the objection came in, not from that of the move."""
    benefit = shangyu.benefit(Programme.TEKUN)
    shangyu.clock.move_to(at(4, 1))
    change = shangyu.change_in(State.PUBLISHED, benefit=benefit)
    objection = shangyu.object(change, ObjectionOutcome.REINVESTIGATE)
    shangyu.wait_for_notice(change)
    with pytest.raises(Refused, match="异议须先调查核实"):
        shangyu.move(change, "finish_notice", "handler")
    change = shangyu.move(change, "investigate", "reviewer")
    limit = Deadline.objects.get(application=change.application_id, step="termination_objection")
    assert (limit.started_at, limit.clause) == (objection.received_at, "SY-A2.6")
    due = due_for(
        area=change.township,
        programme="tekun",
        step="termination_objection",
        start=objection.received_at,
        rules_on=dt.date(2026, 4, 1),
    )
    assert (limit.due_at, due.amount, due.unit) == (due.due_at, 20, "wd")
    change = shangyu.move(change, "publish_again", "approver")
    assert change.application.notices.filter(purpose="ending").count() == 2
    shangyu.wait_for_notice(change)
    change = shangyu.move(change, "finish_notice", "handler")
    benefit.refresh_from_db()
    assert (change.state, benefit.ends_on) == (State.IN_EFFECT, change.effective_on)
    limit.refresh_from_db()
    assert limit.state == "met"


@pytest.mark.clause("SY-A2.6")
def test_an_objection_that_is_upheld_keeps_the_person_in_tekun(shangyu) -> None:
    change = shangyu.change_in(State.INVESTIGATING)
    change = shangyu.move(change, "uphold", "approver")
    change.benefit.refresh_from_db()
    assert (change.state, change.benefit.ends_on) == (State.DROPPED, None)
    assert not Deadline.objects.filter(application=change.application_id, state="running").exists()


@pytest.mark.clause("SY-A2.6")
def test_an_objection_about_something_else_does_not_hold_the_end_up(shangyu) -> None:
    change = shangyu.change_in(State.PUBLISHED)
    objection = shangyu.object(change)
    shangyu.wait_for_notice(change)
    assert close_periods() == {"closed": 0, "left": 1}
    with pytest.raises(Refused, match="异议尚未处理"):
        shangyu.move(change, "finish_notice", "handler")
    handle_objection(
        objection=objection,
        outcome=ObjectionOutcome.NOT_ABOUT_CASE,
        handling="与本人无关。",
        actor=shangyu.office.reviewer,
    )
    assert close_periods() == {"closed": 1, "left": 0}


def test_the_clock_alone_ends_a_hearing_in_which_nobody_spoke(shangyu) -> None:
    change = shangyu.change_in(State.HEARING)
    assert close_periods() == {"closed": 0, "left": 1}
    shangyu.wait_for_defence(change)
    assert close_periods() == {"closed": 1, "left": 0}
    change.refresh_from_db()
    assert change.state == State.DECIDING
    step = change.steps.last()
    assert (step.actor, step.post, step.transition) == (None, "", "close_hearing")
    assert close_periods() == {"closed": 0, "left": 0}


@pytest.mark.clause("JZ-2.2")
def test_who_earns_enough_by_a_job_keeps_the_benefit_for_six_months(at_office) -> None:
    """焦作: wages above 600.00; decision served in April, paid until October, ended from November."""
    desk = at_office(JIEFANG)
    benefit = desk.benefit()
    member = benefit.application.household.members.get()
    desk.clock.move_to(at(4, 1))
    job = {"member": member.pk, "income_kind": IncomeKind.WAGE, "income": Decimal("1300.00")}
    with pytest.raises(Refused, match="渐退期"):
        desk.draft(entry(kind=ChangeKind.ADJUST, reason=Reason.INCOME_ROSE, **job), benefit=benefit)
    change = desk.change_in(State.DECIDED, entry(reason=Reason.INCOME_ROSE, **job), benefit=benefit)
    assert (change.phase_out_months, change.was) == (6, Decimal("100.00"))
    paper = json.loads(desk.paper(change, DECISION).data)
    assert "渐退期6个月内按原金额继续发放，期满后停发" in paper["after"]
    change = desk.serve(change, DECISION, at(4, 20))
    benefit.refresh_from_db()
    assert (change.effective_on, benefit.ends_on) == (dt.date(2026, 11, 1), dt.date(2026, 11, 1))
    # What would end may still end sooner.
    death_of = desk.change_in(State.REVIEWED, death(dt.date(2026, 4, 2)), benefit=benefit)
    desk.move(death_of, "agree_at_once", "approver")
    benefit.refresh_from_db()
    assert benefit.ends_on == dt.date(2026, 5, 1)


def test_a_job_elsewhere_has_no_phase_out(shangyu) -> None:
    """上虞 has no such rule: above the standard is above the standard."""
    benefit = shangyu.benefit()
    member = benefit.application.household.members.get()
    job = {"member": member.pk, "income_kind": IncomeKind.WAGE, "income": Decimal("1300.00")}
    change = shangyu.draft(entry(reason=Reason.INCOME_ROSE, **job), benefit=benefit)
    assert change.phase_out_months == 0
    assert "人均月收入" in [line["label"] for line in change.lines if not line["passed"]]


@pytest.mark.clause("SY-A1.6")
@pytest.mark.parametrize("code", [LUCHENG, DONGTOU, XINLUO, JIEFANG])
def test_the_period_that_other_districts_assume_lasts_three_days(at_office, code) -> None:
    """Their documents ask for notice and reason only; three days are marked as an assumption to confirm."""
    county = at_office(code).office.township.parent
    start = at(4, 6)
    for programme in ("dibao", "dibian", "tekun"):
        due = due_for(area=county, programme=programme, step="defence", start=start)
        assert due.due_at == dt.datetime(2026, 4, 9, 23, 59, 59, tzinfo=BEIJING)
        rule = RuleBook(county, start.date()).rule(f"deadline.{programme}.defence")
        assert (rule.certainty, rule.clause_id) == ("assumption", None)
    open_rows = {row.rule.key for row in readiness(county, start.date()).assumptions}
    assert "deadline.dibao.defence" in open_rows


@pytest.mark.clause("SY-A1.6")
def test_a_stop_in_lucheng_waits_for_the_assumed_period(at_office) -> None:
    """Told on Monday 6 April, heard until the 9th, decided on the 10th, ended from May."""
    desk = at_office(LUCHENG)
    benefit = desk.benefit()
    desk.clock.move_to(at(4, 6))
    change = desk.serve(desk.change_in(State.NOTICED, benefit=benefit), PRIOR)
    desk.clock.move_to(at(4, 9, 23))
    with pytest.raises(Refused, match="陈述申辩期未满"):
        desk.move(change, "close_hearing", "handler")
    desk.clock.move_to(at(4, 10))
    change = desk.move(desk.move(change, "close_hearing"), "decide", "approver")
    assert json.loads(desk.paper(change, PRIOR).data)["period"].startswith("3")
    change = desk.serve(change, DECISION)
    benefit.refresh_from_db()
    assert (change.state, benefit.ends_on) == (State.IN_EFFECT, dt.date(2026, 5, 1))


def test_a_place_without_a_rule_on_the_hearing_cannot_cut_anybody(at_office) -> None:
    """An office that took the assumed rule out: an error that names the key, never 0 days."""
    desk = at_office(DONGTOU)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        Rule.objects.filter(area__code="330305", key="deadline.dibao.defence").delete()
        cursor.execute("SET session_replication_role = origin")
    change = desk.change_in(State.REVIEWED)
    with pytest.raises(Refused, match="没有生效的规则“deadline.dibao.defence”"):
        desk.move(change, "agree", "approver")
    assert desk.move(desk.change_in(State.REVIEWED, raised()), "agree_at_once", "approver").is_over


def test_a_status_only_ends(shangyu) -> None:
    """低边: no amount to adjust; the status ends like a benefit."""
    benefit = shangyu.benefit(Programme.DIBIAN)
    with pytest.raises(Refused, match="没有金额可以调整"):
        shangyu.draft(entry(kind=ChangeKind.ADJUST, monthly=Decimal("1.00")), benefit=benefit)
    change = shangyu.change_in(State.IN_EFFECT, entry(kind=ChangeKind.TERMINATE), benefit=benefit)
    title = json.loads(shangyu.paper(change, DECISION).data)["title"]
    assert title == "终止最低生活保障边缘家庭认定决定书"
    benefit.refresh_from_db()
    assert benefit.ends_on == change.effective_on


def test_a_benefit_that_has_ended_does_not_change(shangyu) -> None:
    change = shangyu.change_in(State.IN_EFFECT)
    shangyu.clock.move_to(dt.datetime.combine(change.effective_on, dt.time(9), tzinfo=BEIJING))
    with pytest.raises(Refused, match="起已停发"):
        shangyu.draft(benefit=Benefit.objects.get(pk=change.benefit_id))


def test_a_cut_of_tekun_leaves_the_care_fee_unless_told_otherwise(shangyu) -> None:
    benefit = shangyu.benefit(Programme.TEKUN)
    change = shangyu.change_in(State.IN_EFFECT, lowered("2000.00"), benefit=benefit)
    assert change.state == State.IN_EFFECT
    revision = benefit.revisions.get(valid_to=None)
    assert (revision.monthly, revision.care_fee) == (Decimal("2000.00"), Decimal("113.00"))


def test_an_amount_that_changed_meanwhile_is_proposed_anew(shangyu) -> None:
    """A new standard of 700.00 comes in between: what is decided is what was calculated."""
    change = shangyu.change_in(State.REVIEWED, raised())
    revise_benefit(
        benefit=change.benefit,
        monthly=Decimal("700.00"),
        care_fee=Decimal("0.00"),
        valid_from=dt.date(2026, 5, 1),
        lines=[],
        rule_ids=[],
        reason="标准调整",
        source="",
        decided_by=shangyu.office.approver,
    )
    with pytest.raises(Refused, match="拟写时每月 675.00 元，现为每月 700.00 元"):
        shangyu.move(change, "agree_at_once", "approver")
    assert shangyu.move(change, "return_to_draft", "approver").state == State.DRAFT
