"""Every programme in every district, from registration to the decision, by the rules and by real services."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from approvals.models import Deadline, Decision, Proposal
from approvals.perms import legal_actions
from approvals.services import move
from cases import services as cases
from cases.enums import SELF_CARE_INDICATORS, Programme
from cases.enums import ApplicationState as State
from cases.models import Application, Member
from common import clock as house_clock
from common.errors import Refused
from organisations.enums import Post
from organisations.models import Area, User
from payments.models import Benefit, Grant
from tests.approvals.builders import (
    REASON,
    Office,
    collect,
    draft,
    pass_notice,
    record_report,
    record_visit,
    submit,
)
from tests.approvals.test_separation import step_by_sql
from tests.cases.builders import (
    care_entry,
    linshi_entry,
    member_line,
    person_with,
    self_care_entry,
    tekun_entry,
)
from tests.conferring.builders import confer_where_due
from tests.ground import lay_ground

DONGTOU, SHANGYU, LUCHENG = "330305001201", "330604001001", "330302006001"
XINLUO, JIEFANG = "350802001001", "410802001001"
VILLAGES = {"洞头": DONGTOU, "上虞": SHANGYU, "鹿城": LUCHENG, "新罗": XINLUO, "解放": JIEFANG}
# 鹿城 has no rule of its own on who decides: the national one names the county (L57-2, L43-16).
BY_COUNTY = {LUCHENG}
# On 2026-03-02: one adult with 500 yuan of wages, so the standard less 500.
DIBAO = {DONGTOU: "585.00", SHANGYU: "675.00", LUCHENG: "585.00", XINLUO: "300.00", JIEFANG: "100.00"}
# 特困 a month, and the care fee in it; 2,490 and so on are the minimum wages of the day.
TEKUN = {
    # 1,410.50 + 2,490 × 10 % × 50 % (DT-7.3)
    DONGTOU: ("1535.00", "124.50"),
    # 2,137.00 + 2,260 × 10 % × 50 %
    SHANGYU: ("2250.00", "113.00"),
    # 1,410.50 + 2,490 × 10 % × 50 %
    LUCHENG: ("1535.00", "124.50"),
    # 1,040.00 + 2,195 × 10 % × 80 %
    XINLUO: ("1215.60", "175.60"),
    # 780.00 + 2,100 × 5 % × 80 %
    JIEFANG: ("864.00", "84.00"),
}
# Wages of one adult: not below the 低保 standard, below the 低边 line.
DIBIAN_WAGE = {
    DONGTOU: "1500.00",
    SHANGYU: "1500.00",
    LUCHENG: "1500.00",
    XINLUO: "1000.00",
    JIEFANG: "800.00",
}


def office_in(code: str) -> Office:
    """A township of any district, a person in each post; the approver where the rules put the decision."""
    places = lay_ground(demo_villages=True)
    village = Area.objects.select_related("parent__parent").get(code=code)
    return Office(
        places=places,
        village=village,
        helper=person_with(Post.VILLAGE_HELPER, village),
        handler=person_with(Post.HANDLER, village.parent),
        reviewer=person_with(Post.REVIEWER, village.parent),
        approver=person_with(Post.APPROVER, village.parent.parent if code in BY_COUNTY else village.parent),
    )


@pytest.fixture
def at(db, clock):
    """An office by the code of its village, at 09:00 on Monday 2 March 2026."""
    return office_in


def self_care(failed: int):
    """So many of the six indicators that the person does not manage alone."""
    names = list(SELF_CARE_INDICATORS)
    return self_care_entry(answers={name: n >= failed for n, name in enumerate(names)})


def old_person(**values):
    return member_line(birth_date=dt.date(1956, 1, 1), **values)


def ask(office: Office, programme: Programme, **values) -> Application:
    """Registered, handed in and accepted."""
    if programme == Programme.TEKUN and "members" not in values:
        values["members"] = (old_person(),)
    members = values.pop("members", ())
    application = draft(office, *members, programme=programme, **values)
    submit(application, office)
    collect(application, office)
    step(application, "accept", office.handler)
    application.refresh_from_db()
    return application


def step(application: Application, transition: str, actor: User | None, **data) -> Application:
    application.refresh_from_db()
    opinion = "" if transition in {"submit", "accept"} else REASON
    return move(application_id=application.pk, transition=transition, actor=actor, opinion=opinion, **data)


def investigate(application: Application, office: Office, *, wage: str = "500.00", failed: int = 0) -> None:
    """Check and visit, up to the reviewer's table."""
    step(application, "entrust_check", office.reviewer)
    record_report(application, office, wage=wage)
    step(application, "record_report", office.handler)
    visit(application, office, failed=failed)


def visit(application: Application, office: Office, *, failed: int = 0) -> None:
    extra = {}
    if application.programme == Programme.TEKUN:
        extra["self_care"] = self_care(failed)
    record_visit(application, office, **extra)
    step(application, "finish_visit", office.handler)
    application.refresh_from_db()


def agree(application: Application, office: Office, clock, **data) -> Application:
    """Opinion and full notice, up to the approver's table."""
    step(application, "agree", office.reviewer, **data)
    pass_notice(application, clock)
    return step(application, "close_notice", None)


def decided(office: Office, programme: Programme, clock, *, wage: str = "500.00", **values) -> Application:
    """The whole way of a case that gets what it asks for."""
    application = ask(office, programme, **values)
    investigate(application, office, wage="0.00" if programme == Programme.TEKUN else wage)
    if programme == Programme.TEKUN:
        cases.record_care_agreement(application=application, entry=care_entry(), actor=office.handler)
    data = {"amount": Decimal("3000.00")} if programme == Programme.LINSHI else {}
    agree(application, office, clock, **data)
    confer_where_due(office, application)
    return step(application, "approve", office.approver)


@pytest.mark.clause("DT-1.1")
@pytest.mark.clause("SY-2.1")
@pytest.mark.clause("DT-2.1")
@pytest.mark.parametrize("village", VILLAGES.values(), ids=VILLAGES.keys())
def test_every_programme_reaches_its_decision(at, clock, village) -> None:
    """低保 and 特困 are paid from next month, 低边 is a status, 临时救助 is given once."""
    office = at(village)
    start = house_clock.now()
    for programme in (Programme.DIBAO, Programme.TEKUN, Programme.LINSHI, Programme.DIBIAN):
        clock.move_to(start)
        wage = {"dibian": DIBIAN_WAGE[village]}.get(programme, "500.00")
        values = {"members": (member_line(wage=wage),)} if programme == Programme.DIBIAN else {}
        application = decided(office, programme, clock, wage=wage, **values)
        decision = Decision.objects.get(application=application)
        assert application.state == State.APPROVED
        assert decision.programme == programme
        level = "county" if village in BY_COUNTY else "township"
        assert decision.proposal.authority == level
        if programme == Programme.LINSHI:
            assert (decision.amount, decision.monthly, decision.starts_on) == (Decimal("3000.00"), None, None)
            grant = Grant.objects.get(application=application)
            assert grant.amount == Decimal("3000.00")
            assert grant.instalments.count() == 1
            # Given once: whoever is struck again may ask again.
            assert not Member.objects.filter(household=application.household, occupies=True).exists()
            continue
        assert decision.starts_on == dt.date(2026, 4, 1)
        benefit = Benefit.objects.get(application=application)
        assert benefit.starts_on == dt.date(2026, 4, 1)
        if programme == Programme.DIBIAN:
            assert (decision.monthly, decision.amount) == (None, None)
            assert not benefit.revisions.exists()
        elif programme == Programme.DIBAO:
            assert decision.monthly == Decimal(DIBAO[village])
        else:
            assert decision.monthly == Decimal(TEKUN[village][0])
            assert decision.care_fee == Decimal(TEKUN[village][1])
            revision = benefit.revisions.get()
            assert (revision.monthly, revision.care_fee) == (decision.monthly, decision.care_fee)
            assert benefit.care_name == "陈照料"


def by_sql(sql: str, *values: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.mark.clause("SY-2.1")
def test_the_amount_decides_who_decides(at, clock) -> None:
    """上虞: 6 × 1,175.00 = 7,050.00 for one person; up to and including it the township, a fen more the
    district. Above its 12 × 1,175.00 = 14,100.00 nothing is given at all.
    """
    office = at(SHANGYU)
    district = person_with(Post.APPROVER, office.village.parent.parent)
    for amount, decider, other in (
        ("7050.00", office.approver, district),
        ("7050.01", district, office.approver),
    ):
        application = ask(office, Programme.LINSHI, linshi=linshi_entry(requested=Decimal("14100.00")))
        investigate(application, office)
        with pytest.raises(Refused, match=r"超过最高可救助金额 14,100\.00 元"):
            step(application, "agree", office.reviewer, amount=Decimal("14100.01"))
        agree(application, office, clock, amount=Decimal(amount))
        with pytest.raises(Refused, match=r"7,050\.00 元的由.*审批（SY-2\.1），您的审批岗不在这一级"):
            step(application, "approve", other)
        step(application, "approve", decider)
        decision = Decision.objects.get(application=application)
        assert (decision.by, decision.amount) == (decider, Decimal(amount))
        assert decision.proposal.authority == ("township" if decider == office.approver else "county")


@pytest.mark.clause("DT-3.1")
def test_in_dongtou_every_amount_is_the_townships(at, clock) -> None:
    """15 calendar days, whatever the amount; paid within 3 working days of the approval (DT-8.4)."""
    office = at(DONGTOU)
    application = ask(office, Programme.LINSHI, linshi=linshi_entry(requested=Decimal("6510.00")))
    total = Deadline.objects.get(application=application, step="total")
    # Monday 2 March + 15 days: Tuesday 17 March.
    assert (total.clause, str(total.due_at.astimezone(house_clock.now().tzinfo))[:10]) == (
        "DT-3.1",
        "2026-03-17",
    )
    investigate(application, office)
    agree(application, office, clock, amount=Decimal("6510.00"))
    step(application, "approve", office.approver)
    payment = Deadline.objects.get(application=application, step="payment")
    # The notice ran out with Monday 9 March; Tuesday + 3 working days: Friday 13 March.
    assert (payment.clause, payment.state) == ("DT-8.4", "running")
    assert payment.due_at.date() == dt.date(2026, 3, 13)


@pytest.mark.clause("DT-3.3")
def test_one_decision_and_several_instalments(at, clock) -> None:
    """3,000 yuan in three parts that the reviewer confirms; a plan that is not the amount is refused."""
    office = at(DONGTOU)
    plan = [(dt.date(2026, m, 20), Decimal("1000.00")) for m in (3, 4, 5)]
    application = ask(office, Programme.LINSHI, linshi=linshi_entry(instalments=tuple(plan)))
    investigate(application, office)
    for wrong, sentence in (
        (plan[:2], "合计 2,000.00 元，与拟救助金额 3,000.00 元不一致"),
        ([*plan[:2], plan[1]], "日期不能重复"),
        ([(dt.date(2026, 3, 1), Decimal("3000.00"))], "不能早于今天"),
        ([*plan, (dt.date(2026, 6, 1), Decimal("0.00"))], "须大于 0"),
    ):
        with pytest.raises(Refused, match=sentence) as refusal:
            step(application, "agree", office.reviewer, amount=Decimal("3000.00"), plan=wrong)
        assert refusal.value.field == "plan"
    agree(application, office, clock, amount=Decimal("3000.00"), plan=plan)
    step(application, "approve", office.approver)
    parts = Grant.objects.get(application=application).instalments.order_by("number")
    assert [part.amount for part in parts] == [Decimal("1000.00")] * 3
    assert [part.due_on for part in parts][1:] == [dt.date(2026, 4, 20), dt.date(2026, 5, 20)]


@pytest.mark.clause("DT-3.3")
def test_instalments_that_fell_due_during_the_notice_are_paid_on_approval(at, clock) -> None:
    office = at(DONGTOU)
    plan = [(dt.date(2026, 3, 3), Decimal("1000.00")), (dt.date(2026, 3, 5), Decimal("500.00"))]
    plan.append((dt.date(2026, 6, 1), Decimal("1500.00")))
    application = ask(office, Programme.LINSHI)
    investigate(application, office)
    agree(application, office, clock, amount=Decimal("3000.00"), plan=plan)
    step(application, "approve", office.approver)
    parts = Grant.objects.get(application=application).instalments.order_by("number")
    assert [part.amount for part in parts] == [Decimal("1500.00"), Decimal("1500.00")]
    assert Decision.objects.get(application=application).plan == plan


@pytest.mark.clause("DT-3.2")
def test_emergency_aid_goes_without_check_and_notice_but_not_without_visit(at, clock) -> None:
    office = at(DONGTOU)
    application = ask(office, Programme.LINSHI, linshi=linshi_entry(kind="emergency", cause="accident"))
    offered = {m.name for m, _ in legal_actions(application, office.handler, house_clock.now())}
    assert {"skip_check", "entrust_check"} <= offered
    with pytest.raises(Refused, match="请填写意见"):
        move(application_id=application.pk, transition="skip_check", actor=office.handler)
    step(application, "skip_check", office.handler)
    with pytest.raises(Refused, match="还没有本轮入户调查"):
        step(application, "finish_visit", office.handler)
    visit(application, office)
    offered = {m.name for m, _ in legal_actions(application, office.reviewer, house_clock.now())}
    assert "agree_at_once" in offered
    assert "agree" not in offered
    with pytest.raises(Refused, match="请填写意见"):
        move(application_id=application.pk, transition="agree_at_once", actor=office.reviewer)
    step(application, "agree_at_once", office.reviewer, amount=Decimal("3000.00"))
    application.refresh_from_db()
    assert application.state == State.DECIDING
    assert not application.notices.exists()
    step(application, "approve", office.approver)
    assert Grant.objects.get(application=application).amount == Decimal("3000.00")


@pytest.mark.clause("JZ-12.3")
@pytest.mark.parametrize("programme", [Programme.DIBAO, Programme.DIBIAN, Programme.TEKUN, Programme.LINSHI])
def test_nothing_else_takes_the_short_way(at, clock, programme) -> None:
    """Neither a button nor the service nor raw SQL leads a monthly programme past check or notice."""
    office = at(DONGTOU)
    application = ask(office, programme)
    offered = {m.name for m, _ in legal_actions(application, office.handler, house_clock.now())}
    assert "skip_check" not in offered
    with pytest.raises(Refused, match="须先完成经济状况核对"):
        step(application, "skip_check", office.handler)
    if programme == Programme.LINSHI:
        return
    with pytest.raises(IntegrityError, match="only 临时救助 goes without check or notice"):
        step_by_sql(application, office.handler, "handler", "skip_check", "accepted", "visiting")


@pytest.mark.clause("SY-A2.1a")
@pytest.mark.clause("JZ-3.1")
def test_no_tekun_without_the_signed_agreement(at, clock) -> None:
    office = at(DONGTOU)
    application = ask(office, Programme.TEKUN)
    investigate(application, office, wage="0.00")
    agree(application, office, clock)
    with pytest.raises(Refused, match="还没有本人签署的供养服务协议"):
        step(application, "approve", office.approver)
    proposal = Proposal.objects.get(application=application)
    with pytest.raises(IntegrityError, match="without service agreement or self-care"):
        decide_by_sql(application, office, monthly=proposal.monthly, care_fee=proposal.care_fee)
    cases.record_care_agreement(application=application, entry=care_entry(), actor=office.handler)
    step(application, "approve", office.approver)
    assert Benefit.objects.get(application=application).care_name == "陈照料"


@pytest.mark.clause("DT-2.2")
def test_no_tekun_visit_without_self_care_assessment(at, clock) -> None:
    office = at(DONGTOU)
    application = ask(office, Programme.TEKUN)
    step(application, "entrust_check", office.reviewer)
    record_report(application, office, wage="0.00")
    step(application, "record_report", office.handler)
    with pytest.raises(Refused, match="自主吃饭"):
        record_visit(application, office)


@pytest.mark.clause("DT-7.1")
@pytest.mark.clause("DT-7.3")
def test_an_institution_gets_the_care_fee_and_hands_over_pocket_money(at, clock) -> None:
    """Total loss: 2,490 × 80 % = 1,992.00; with 1,410.50 together 3,402.50; pocket money 141.05."""
    office = at(DONGTOU)
    application = ask(office, Programme.TEKUN, tekun=tekun_entry(placement="institution"))
    investigate(application, office, wage="0.00", failed=6)
    entry = care_entry(kind="institution", name="洞头区社会福利中心", payee_name="洞头区社会福利中心")
    cases.record_care_agreement(application=application, entry=entry, actor=office.handler)
    agree(application, office, clock)
    assert application.notices.get().board == f"{office.village.name}、洞头区社会福利中心"
    step(application, "approve", office.approver)
    decision = Decision.objects.get(application=application)
    assert (decision.monthly, decision.care_fee, decision.pocket_money) == (
        Decimal("3402.50"),
        Decimal("1992.00"),
        Decimal("141.05"),
    )


@pytest.mark.parametrize("programme", Programme.values)
def test_every_programme_can_be_refused(at, clock, programme) -> None:
    """The reviewer says no, the approver confirms it in writing; nothing is opened and nobody is held."""
    office = at(DONGTOU)
    application = ask(office, Programme(programme))
    investigate(application, office, wage="9000.00")
    step(application, "disagree", office.reviewer)
    step(application, "refuse", office.approver)
    decision = Decision.objects.get(application=application)
    assert (decision.outcome, decision.monthly, decision.amount) == ("refused", None, None)
    assert not Benefit.objects.exists()
    assert not Grant.objects.exists()
    assert not Member.objects.filter(household=application.household, occupies=True).exists()


def decide_by_sql(application: Application, office: Office, **values) -> None:
    """An approval past every service, resting on the opinion of this round."""
    proposal = Proposal.objects.filter(application=application).last()
    columns = {
        "application_id": application.pk,
        "programme": application.programme,
        "proposal_id": proposal.pk if proposal else None,
        "outcome": "approved",
        "monthly": None,
        "care_fee": None,
        "pocket_money": None,
        "amount": None,
        "instalments": "[]",
        "starts_on": None if application.programme == "linshi" else "2026-04-01",
        "lines": "[]",
        "facts": "{}",
        "rule_ids": "[]",
        "reason": "x",
        "by_id": office.approver.pk,
        "at": house_clock.now(),
    } | values
    names, places = ", ".join(columns), ", ".join(["%s"] * len(columns))
    by_sql(f"INSERT INTO approvals_decision ({names}) VALUES ({places})", *columns.values())


def test_the_database_knows_what_each_programme_gives(at, clock) -> None:
    """Raw SQL: 低保 without amount, 低边 with one, 临时救助 with a month, above or below the proposal."""
    office = at(DONGTOU)
    shape, proposed = "approval_has_amount_and_start", "not what was proposed"
    wage = DIBIAN_WAGE[DONGTOU]
    cases_ = {
        Programme.DIBAO: ({}, "500.00"),
        Programme.DIBIAN: ({"members": (member_line(wage=wage),)}, wage),
        Programme.LINSHI: ({}, "500.00"),
    }
    attempts = {
        Programme.DIBAO: (
            ({}, shape),
            ({"monthly": "585.00", "amount": "1.00"}, shape),
            ({"monthly": "585.00", "care_fee": "1.00"}, shape),
            ({"monthly": "585.01"}, proposed),
        ),
        Programme.DIBIAN: (
            ({"monthly": "1.00"}, shape),
            ({"amount": "1.00"}, shape),
            ({"starts_on": None}, shape),
        ),
        Programme.LINSHI: (
            ({}, shape),
            ({"amount": "0.00"}, shape),
            ({"amount": "3000.00", "monthly": "1.00"}, shape),
            ({"amount": "3000.00", "starts_on": "2026-04-01"}, shape),
            ({"amount": "3000.01"}, proposed),
            ({"amount": "2999.99"}, proposed),
            ({"amount": "3000.00", "programme": "dibao"}, f"{shape}|another programme"),
        ),
    }
    start = house_clock.now()
    for programme, (values, found) in cases_.items():
        clock.move_to(start)
        application = ask(office, programme, **values)
        investigate(application, office, wage=found)
        data = {"amount": Decimal("3000.00")} if programme == Programme.LINSHI else {}
        agree(application, office, clock, **data)
        for columns, message in attempts[programme]:
            with pytest.raises(IntegrityError, match=message):
                decide_by_sql(application, office, **columns)


@pytest.mark.clause("DT-3.3")
def test_the_database_adds_the_instalments_up(at, clock) -> None:
    """Raw SQL: parts that are not the whole, two on one day, one of nothing, and more than the limit."""
    office = at(DONGTOU)
    application = ask(office, Programme.LINSHI)
    investigate(application, office)
    agree(application, office, clock, amount=Decimal("3000.00"))
    copy = (
        "INSERT INTO approvals_proposal (application_id, programme, authority, investigation_round, outcome,"
        " amount, one_off_max, instalments, lines, rule_ids, n_covered, reason, by_id, at)"
        " SELECT application_id, programme, authority, 2, outcome, %s, one_off_max, %s::jsonb, lines,"
        " rule_ids, n_covered, reason, by_id, at FROM approvals_proposal WHERE application_id = %s"
    )
    one, two, none = (
        f'{{"on": "2026-04-0{day}", "amount": "{n}"}}' for day, n in ((1, 1000), (2, 2000), (3, 0))
    )
    same_day = two.replace("-02", "-01")
    for amount, plan in (
        ("3000.00", f"[{one}]"),
        ("3000.00", f"[{one}, {same_day}]"),
        ("3000.00", f"[{one}, {two}, {none}]"),
    ):
        with pytest.raises(IntegrityError, match="the instalments are not the amount"):
            by_sql(copy, amount, plan, application.pk)
    # 洞头: at most 6 × 1,085.00.
    with pytest.raises(IntegrityError, match="proposed_amount_when_favourable"):
        by_sql(copy, "6510.01", "[]", application.pk)
    by_sql(copy, "3000.00", f"[{one}, {two}]", application.pk)
