"""What the moves cause: traces, opinions, notices, decisions and benefits, with amounts computed by hand."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import transaction

from approvals.models import Decision, Proposal, Step
from approvals.services import move
from cases.enums import ApplicationState as State
from cases.enums import Relation
from common.append_only import broken_links
from common.errors import Refused
from organisations.enums import Post
from policy.models import Rule
from tests.approvals.builders import REASON, case_in, draft, pass_notice, record_report, submit, take
from tests.cases.builders import member_line, person_with
from tests.policy.conftest import end

# 洞头 2026 (演示值): 1,085.00 a head; 林小花 alone earns 500.00, so 585.00 a month are due.
MONTHLY = Decimal("585.00")
BEIJING = dt.timezone(dt.timedelta(hours=8))


@pytest.mark.clause("LC-5.2")
def test_the_whole_way_leaves_a_trace_of_who_what_when_why(office, clock) -> None:
    application = case_in(State.APPROVED, office=office, clock=clock)
    steps = list(Step.objects.filter(application=application))
    assert [(s.transition, s.post, s.from_state, s.to_state) for s in steps] == [
        ("submit", "handler", "draft", "submitted"),
        ("accept", "handler", "submitted", "accepted"),
        ("entrust_check", "reviewer", "accepted", "checking"),
        ("record_report", "handler", "checking", "visiting"),
        ("finish_visit", "handler", "visiting", "reviewing"),
        ("agree", "reviewer", "reviewing", "published"),
        ("close_notice", "", "published", "deciding"),
        ("approve", "approver", "deciding", "approved"),
    ]
    assert {s.stream for s in steps} == {f"application:{application.pk}"}
    assert [s.sequence for s in steps] == list(range(1, 9))
    assert broken_links(Step) == []
    agreed = steps[5]
    assert agreed.opinion == REASON
    assert agreed.details["changes"] == [
        "拟保障 1 人，每月 585.00 元",
        "公示期限至 2026-03-09（ZJR-T2）",
    ]
    assert agreed.at == dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
    assert "每月 585.00 元，自 2026-04 起发放" in steps[7].details["changes"]
    assert "330305" not in str([s.details for s in steps])


@pytest.mark.clause("SY-A1.5a")
def test_approval_opens_the_benefit_from_next_month(office, clock) -> None:
    application = case_in(State.APPROVED, office=office, clock=clock)
    decision = Decision.objects.get(application=application)
    assert (decision.outcome, decision.monthly, decision.starts_on) == (
        "approved",
        MONTHLY,
        dt.date(2026, 4, 1),
    )
    assert decision.proposal == Proposal.objects.get(application=application)
    assert decision.lines[-1]["amount"] == "585.00"
    assert decision.facts["members"][0]["income"] == [{"kind": "wage", "monthly": "500.00"}]
    used = Rule.objects.filter(pk__in=decision.rule_ids)
    assert {"standard.dibao", "income.exempt"} <= set(used.values_list("key", flat=True))
    revision = application.benefit.revisions.get()
    assert (application.benefit.starts_on, revision.monthly, revision.decided_by) == (
        dt.date(2026, 4, 1),
        MONTHLY,
        office.approver,
    )
    assert revision.lines == decision.lines
    assert application.household.members.get().occupies
    assert application.decided_at == decision.at == application.benefit.first_approved_at


def test_a_decision_late_in_december_pays_from_january(office, clock) -> None:
    clock.move_to(dt.datetime(2025, 12, 15, 9, tzinfo=dt.timezone(dt.timedelta(hours=8))))
    application = case_in(State.APPROVED, office=office, clock=clock)
    assert application.decision.at.astimezone(dt.timezone(dt.timedelta(hours=8))).date() == dt.date(
        2025, 12, 23
    )
    assert application.decision.starts_on == dt.date(2026, 1, 1)


@pytest.mark.clause("SY-A1.4a")
def test_agreement_publishes_name_heads_and_amount(office, clock) -> None:
    application = case_in(State.PUBLISHED, office=office)
    notice = application.notices.get()
    assert (notice.published_name, notice.n_members, notice.n_covered, notice.monthly) == (
        "林小花",
        1,
        1,
        MONTHLY,
    )
    # Posted on 2 March: day 1 is the 3rd, day 7 the 9th, a Monday.
    assert notice.ends_at == dt.datetime(2026, 3, 9, 15, 59, 59, tzinfo=dt.UTC)
    assert notice.posted_by == office.reviewer
    proposal = Proposal.objects.get(application=application)
    assert (proposal.monthly, proposal.n_covered, proposal.by, proposal.reason) == (
        MONTHLY,
        1,
        office.reviewer,
        REASON,
    )


def test_the_amount_of_a_family_of_three(office, clock) -> None:
    """1,000.00 between three under 1,085.00: 3 × 1,085.00 − 1,000.00 = 2,255.00."""
    members = (
        member_line("林小花", wage="600.00"),
        member_line("林大山", relation=Relation.SPOUSE, wage="400.00"),
        member_line("林小苗", relation=Relation.MINOR_CHILD, birth_date=dt.date(2015, 6, 1)),
    )
    application = case_in(State.CHECKING, office=office, members=members)
    record_report(application, office, wage="600.00")
    move(application_id=application.pk, transition="record_report", actor=office.handler)
    take(application, "finish_visit", office, "handler")
    take(application, "agree", office, "reviewer")
    proposal = Proposal.objects.get(application=application)
    assert (proposal.monthly, proposal.n_covered) == (Decimal("2255.00"), 3)
    assert application.notices.get().n_members == 3


@pytest.mark.clause("SY-A1.4a")
def test_the_notice_is_not_closed_early(office, clock) -> None:
    application = case_in(State.PUBLISHED, office=office)
    clock.move_to(application.notices.get().ends_at - dt.timedelta(seconds=1))
    for actor in (None, office.handler):
        with pytest.raises(Refused, match="公示期未满，不得提前结束"):
            move(application_id=application.pk, transition="close_notice", actor=actor)
    pass_notice(application, clock)
    move(application_id=application.pk, transition="close_notice", actor=office.handler)
    assert application.notices.get().closed_because == "expired"


@pytest.mark.clause("JZ-12.5")
def test_refusal_is_reasoned_and_frees_the_family(office, clock) -> None:
    application = case_in(State.DECIDING, office=office, clock=clock)
    with pytest.raises(Refused) as refusal:
        move(application_id=application.pk, transition="refuse", actor=office.approver)
    assert refusal.value.clause == "JZ-12.5"
    move(
        application_id=application.pk,
        transition="refuse",
        actor=office.approver,
        opinion="另有经营收入。",
    )
    decision = Decision.objects.get(application=application)
    assert (decision.outcome, decision.monthly, decision.starts_on) == ("refused", None, None)
    assert decision.reason == "另有经营收入。"
    assert decision.lines
    assert not application.household.members.filter(occupies=True).exists()
    assert not hasattr(application, "benefit")
    id_number = application.household.members.get().person.id_number
    assert submit(draft(office, member_line(id_number=id_number)), office).state == State.SUBMITTED


def test_a_case_sent_back_is_visited_again_and_keeps_its_report(office, clock) -> None:
    application = case_in(State.REVIEWING, office=office)
    application = take(application, "send_back", office, "reviewer")
    assert (application.state, application.investigation_round) == (State.VISITING, 2)
    with pytest.raises(Refused, match="还没有本轮入户调查记录"):
        move(application_id=application.pk, transition="finish_visit", actor=office.handler)
    application = take(application, "finish_visit", office, "handler")
    assert application.visits.count() == 2
    assert application.checks.count() == 1
    assert take(application, "agree", office, "reviewer").state == State.PUBLISHED


def test_the_approver_sends_back_and_everything_is_published_again(office, clock) -> None:
    application = case_in(State.DECIDING, office=office, clock=clock)
    take(application, "return_to_visit", office, "approver")
    take(application, "finish_visit", office, "handler")
    application = take(application, "agree", office, "reviewer")
    assert [(n.investigation_round, n.closed_because) for n in application.notices.order_by("pk")] == [
        (1, "expired"),
        (2, ""),
    ]
    take(application, "close_notice", office, "", clock)
    application = take(application, "approve", office, "approver")
    assert application.decision.proposal.investigation_round == 2


def test_a_changed_amount_goes_back(office, clock) -> None:
    """A standard of 1,000.00 published after the notice: 500.00 instead of 585.00."""
    application = case_in(State.DECIDING, office=office, clock=clock)
    old = Rule.objects.get(key="standard.dibao", area=office.places.county)
    end(old, dt.date(2026, 3, 1))
    Rule.objects.create(
        area=office.places.county,
        key="standard.dibao",
        value="1000.00",
        unit=old.unit,
        valid_from=dt.date(2026, 3, 1),
        document=old.document,
        loaded_from="test",
        published_at=old.published_at,
    )
    with pytest.raises(Refused) as refusal:
        take(application, "approve", office, "approver")
    assert "初审 585.00 元、1 人，重新测算 500.00 元、1 人。请退回补充调查。" in refusal.value.message
    assert not Decision.objects.exists()
    take(application, "return_to_visit", office, "approver")
    take(application, "finish_visit", office, "handler")
    take(application, "agree", office, "reviewer")
    take(application, "close_notice", office, "", clock)
    assert take(application, "approve", office, "approver").decision.monthly == Decimal("500.00")


def test_all_of_a_move_or_nothing(office, clock) -> None:
    """The account is needed for the benefit: without it neither decision nor step nor state remains."""
    application = case_in(State.DECIDING, office=office, clock=clock)
    application.payee_account = None
    application.save(update_fields=["payee_account"])
    before = Step.objects.count()
    with pytest.raises(Refused, match="收款账号"):
        take(application, "approve", office, "approver")
    application.refresh_from_db()
    assert (application.state, application.decided_at) == (State.DECIDING, None)
    assert Step.objects.count() == before
    assert not Decision.objects.exists()
    assert application.deadlines.filter(step="total", state="running").exists()


@pytest.mark.parametrize(
    "opinion",
    ["同意𠮷田🙂", "'; DROP TABLE approvals_step; --", "<script>alert(1)</script>", "同意" * 1000],
    ids=["rare", "sql", "script", "long"],
)
def test_opinions_are_kept_as_written(office, clock, opinion) -> None:
    application = case_in(State.REVIEWING, office=office)
    move(application_id=application.pk, transition="agree", actor=office.reviewer, opinion=opinion)
    assert application.steps.last().opinion == opinion


@pytest.mark.parametrize("opinion", ["同意\x00", "长" * 2001], ids=["nul", "too long"])
def test_opinions_that_cannot_be_kept_are_refused(office, clock, opinion) -> None:
    application = case_in(State.REVIEWING, office=office)
    with pytest.raises(Refused) as refusal, transaction.atomic():
        move(application_id=application.pk, transition="agree", actor=office.reviewer, opinion=opinion)
    assert refusal.value.field == "opinion"


def test_received_later_than_now_is_refused(office, clock) -> None:
    application = draft(office)
    with pytest.raises(Refused) as refusal:
        move(
            application_id=application.pk,
            transition="submit",
            actor=office.handler,
            received_at=dt.datetime(2026, 3, 3, tzinfo=dt.UTC),
        )
    assert refusal.value.field == "received_at"


@pytest.mark.clause("SY-0.1")
@pytest.mark.clause("SY-2.1")
def test_who_decides_follows_the_rules_of_the_day_of_receipt(shangyu, clock) -> None:
    """上虞 leaves decisions to the townships from 2023-01-01; what came in before is the county's."""
    clock.move_to(dt.datetime(2022, 12, 30, 9, tzinfo=BEIJING))
    application = case_in(State.DECIDING, office=shangyu, clock=clock)
    assert application.deadlines.get(step="total").clause == "L57-22"
    with pytest.raises(Refused, match="由县（市、区）审批"):
        take(application, "approve", shangyu, "approver")
    county = person_with(Post.APPROVER, shangyu.places.other_county)
    approved = move(application_id=application.pk, transition="approve", actor=county, opinion=REASON)
    # 绍兴 2022: 890.00 a head, 500.00 earned.
    assert approved.decision.monthly == Decimal("390.00")

    later = case_in(State.DECIDING, office=shangyu, clock=clock)
    with pytest.raises(Refused, match="由街道（乡镇）审批（SY-2.1）"):
        move(application_id=later.pk, transition="approve", actor=county, opinion=REASON)
    # 1,134.00 a head from 2023.
    assert take(later, "approve", shangyu, "approver").decision.monthly == Decimal("634.00")
