"""What happens to people from whom overpaid money is claimed back, with amounts computed by hand."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest
from django.utils import timezone

from approvals.changing.enums import ChangeState
from approvals.enums import DefenceOutcome, DocumentKind, EvidenceKind
from approvals.recovering import services
from approvals.recovering.enums import Ground, Way
from approvals.recovering.enums import RecoveryState as State
from approvals.recovering.models import Recovery
from approvals.recovering.queries import recovery_list, tasks_for
from approvals.recovering.tasks import follow_recoveries
from approvals.relief.services import close
from common import clock as house_clock
from common.errors import Refused
from organisations.scope import scope_of
from payments.enums import DebtState, RepaymentWay, WaiverGround
from payments.models import Fund, FundRequest, Leg, Payment
from payments.queries import paid_lines
from payments.services import allocate_funds, ask_for_funds, prepare_month, revise_benefit
from tests.approvals.test_programmes import step
from tests.changing.builders import death
from tests.recovering.builders import Desk, entry
from tests.relief.builders import handed_in, relief_office, with_papers


def fresh(recovery: Recovery) -> Recovery:
    return Recovery.objects.with_all().get(pk=recovery.pk)


@pytest.mark.clause("JZ-12.2")
@pytest.mark.clause("JZ-12.5")
def test_after_a_death_the_months_paid_too_much_come_back(desk: Desk) -> None:
    """Died on 10 April, found out in June: May and June of 675.00 each were paid, 1,350.00 come back."""
    benefit = desk.household(4, 5, 6)
    change = desk.change_in(ChangeState.REVIEWED, death(dt.date(2026, 4, 10)), benefit=benefit)
    desk.move(change, "agree_at_once", "approver")
    proposed = [(line.month.month, line.paid, line.due) for line in paid_lines(benefit.application)]
    assert proposed == [
        (4, Decimal("675.00"), Decimal("675.00")),
        (5, Decimal("675.00"), Decimal("0.00")),
        (6, Decimal("675.00"), Decimal("0.00")),
    ]
    months = tuple((line.key, line.due) for line in paid_lines(benefit.application) if line.too_much)
    recovery = desk.recovery_in(State.REPAYING, benefit, ground=Ground.DEATH, debtor="林大山", months=months)
    paper = json.loads(desk.letter(recovery, DocumentKind.RECOVERY_DECISION).data)
    assert paper["amount"] == "人民币（大写）壹仟叁佰伍拾元整（小写 1,350.00 元）"
    desk.back(recovery, "675.00", "LS-001", way=RepaymentWay.BANK)
    assert (fresh(recovery).state, fresh(recovery).debt.open) == (State.REPAYING, Decimal("675.00"))
    desk.back(recovery, "675.00", "PJ-001")
    recovery = fresh(recovery)
    assert (recovery.state, recovery.debt.state) == (State.SETTLED, DebtState.SETTLED)
    # Closed months are what they were.
    assert Payment.objects.filter(benefit=benefit).count() == 3


def test_money_goes_back_to_the_fund_it_came_from(desk: Desk) -> None:
    """The district has 10,000.00 in hand, pays 675.00, and gets 200.00 back: 9,525.00."""
    benefit = desk.benefit()
    clerk, finance = desk.payers
    ask = {"area": benefit.county, "purpose": "dibao", "kind": "top_up", "amount": Decimal("10000.00")}
    request: FundRequest = ask_for_funds(**ask, reason="月度发放", actor=clerk)
    allocate_funds(request=request, actor=finance)
    desk.paid(benefit, 4)
    fund = Fund.objects.get()
    assert fund.balance == Decimal("9325.00")
    recovery = desk.recovery_in(State.REPAYING, benefit)
    repayment = desk.back(recovery, "200.00", "PJ-9")
    fund.refresh_from_db()
    assert (fund.balance, fresh(recovery).state) == (Decimal("9525.00"), State.SETTLED)
    legs = {leg.account: leg.amount for leg in Leg.objects.filter(entry=repayment.entry)}
    assert legs == {"paid": Decimal("-200.00"), "fund": Decimal("200.00")}


def test_money_paid_out_of_the_budget_goes_back_to_it(desk: Desk) -> None:
    recovery = desk.recovery_in(State.REPAYING)
    repayment = desk.back(recovery, "200.00", "PJ-9")
    legs = {leg.account: leg.amount for leg in Leg.objects.filter(entry=repayment.entry)}
    assert legs == {"paid": Decimal("-200.00"), "budget": Decimal("200.00")}


def test_instalments_fall_due_a_month_apart_and_the_late_ones_are_found(desk: Desk) -> None:
    """200.00 in three parts: 66.66, 66.66 and 66.68."""
    recovery = desk.recovery_in(State.REPAYING, way=Way.INSTALMENTS, n_parts=3)
    parts = list(recovery.parts.all())
    assert [part.amount for part in parts] == [Decimal("66.66"), Decimal("66.66"), Decimal("66.68")]
    served = timezone.localdate(recovery.decision_served_at)
    assert parts[0].due_on >= served + dt.timedelta(days=30)
    assert (parts[1].due_on.month, parts[2].due_on.month) == (
        parts[0].due_on.month + 1,
        parts[0].due_on.month + 2,
    )
    desk.back(recovery, "66.66", "PJ-1")
    handler = desk.office.handler
    assert [todo.action for todo in tasks_for(handler)] == []
    desk.clock.move_to(timezone.make_aware(dt.datetime.combine(parts[1].due_on, dt.time(12))))
    assert [todo.action for todo in tasks_for(handler)] == []
    desk.clock.shift(dt.timedelta(days=1))
    assert [(todo.action, todo.level) for todo in tasks_for(handler)] == [("催缴逾期款项", "late")]
    late = recovery_list(scope_of(handler), today=house_clock.today(), state="overdue")
    assert [row.pk for row in late] == [recovery.pk]
    desk.back(recovery, "66.66", "PJ-2")
    assert tasks_for(handler) == []


@pytest.mark.clause("SY-7.2")
def test_a_household_that_is_still_paid_gives_it_back_month_by_month(desk: Desk) -> None:
    """1,200.00 of April and May, at most 30 % of 675.00 = 202.50 a month: six months, the last 187.50."""
    benefit = desk.household(4, 5)
    months = desk.months(benefit, Decimal("75.00"))
    recovery = desk.recovery_in(State.REPAYING, benefit, way=Way.SET_OFF, months=months)
    assert recovery.debt.share == Decimal("0.3000")
    taken = []
    for month in range(7, 13):
        batch = desk.sealed(benefit, month)
        taken.append(sum(line.amount for line in batch.payments.filter(debt__isnull=False)))
        # Whatever is prepared again changes nothing.
    assert taken == [Decimal("-202.50")] * 5 + [Decimal("-187.50")]
    assert fresh(recovery).debt.set_off == Decimal("1200.00")
    assert follow_recoveries() == {"moved": 1, "left": 0}
    assert fresh(recovery).state == State.SETTLED


def test_what_a_recovery_claims_no_list_takes_off_by_itself(desk: Desk) -> None:
    """From April on 475.00 instead of 675.00, decided later: the register alone takes 200.00 off May."""
    benefit = desk.household(4)
    desk.clock.shift(dt.timedelta(days=2))
    revise_benefit(
        benefit=benefit,
        monthly=Decimal("475.00"),
        care_fee=Decimal("0.00"),
        valid_from=dt.date(2026, 4, 1),
        lines=[],
        rule_ids=[],
        reason="更正",
        source="",
        decided_by=desk.office.approver,
    )
    may = desk.listed(benefit, 5)
    assert [line.amount for line in may.payments.order_by("amount")] == [
        Decimal("-200.00"),
        Decimal("475.00"),
    ]
    # What the list takes off is not there to be claimed.
    assert [(line.paid, line.due) for line in paid_lines(benefit.application)] == [
        (Decimal("475.00"), Decimal("475.00"))
    ]
    may.payments.filter(amount__lt=0).delete()
    [line] = paid_lines(benefit.application)
    assert (line.paid, line.due, line.too_much) == tuple(map(Decimal, ("675.00", "475.00", "200.00")))
    recovery = desk.drafted(benefit, months=((line.key, line.due),))
    may = prepare_month(
        area=benefit.county, programme="dibao", month=dt.date(2026, 5, 1), actor=desk.payers[0]
    )
    assert [line.amount for line in may.payments.all()] == [Decimal("475.00")]
    # Given up again, the list takes it off as before.
    desk.go(recovery, "withdraw", "handler")
    may = desk.listed(benefit, 5)
    assert sorted(line.amount for line in may.payments.all()) == [Decimal("-200.00"), Decimal("475.00")]


def test_what_the_bank_has_not_paid_is_not_claimed(desk: Desk) -> None:
    benefit = desk.benefit()
    desk.sealed(benefit, 4)
    assert paid_lines(benefit.application) == []
    with pytest.raises(Refused, match="至少选择一个多发的月份"):
        desk.drafted(benefit)


def test_a_small_rest_is_let_go_by_two_people(desk: Desk) -> None:
    """The rules let go up to 100.00 (推定): not 200.00, but the last 80.00."""
    recovery = desk.recovery_in(State.REPAYING)
    small = {"ground": WaiverGround.SMALL, "reason": "余额很小，追缴成本过高。"}
    handler, approver = desk.office.handler, desk.office.approver
    with pytest.raises(Refused, match=r"免追限额 100\.00 元") as refusal:
        services.ask_waiver(recovery=recovery, amount=Decimal("200.00"), actor=handler, **small)
    assert refusal.value.field == "ground"
    desk.back(recovery, "120.00", "PJ-1")
    waiver = services.ask_waiver(recovery=recovery, amount=Decimal("80.00"), actor=handler, **small)
    assert [todo.action for todo in tasks_for(approver)] == ["决定免追申请"]
    with pytest.raises(Refused, match="须由另一人决定"):
        services.decide_waiver(waiver=waiver, granted=True, remark="同意。", actor=handler)
    services.decide_waiver(waiver=waiver, granted=True, remark="同意。", actor=approver)
    recovery = fresh(recovery)
    assert (recovery.state, recovery.debt.waived) == (State.SETTLED, Decimal("80.00"))


def test_hardship_is_let_go_or_not(desk: Desk) -> None:
    recovery = desk.recovery_in(State.REPAYING)
    hard = {"ground": WaiverGround.HARDSHIP, "reason": "本人重病住院。", "amount": Decimal("200.00")}
    handler, approver = desk.office.handler, desk.office.approver
    waiver = services.ask_waiver(recovery=recovery, actor=handler, **hard)
    with pytest.raises(Refused, match="已有待决定的免追申请"):
        services.ask_waiver(recovery=recovery, actor=handler, **hard)
    services.decide_waiver(waiver=waiver, granted=False, remark="有积蓄。", actor=approver)
    assert fresh(recovery).debt.open == Decimal("200.00")
    waiver = services.ask_waiver(recovery=recovery, actor=handler, **hard)
    services.decide_waiver(waiver=waiver, granted=True, remark="同意。", actor=approver)
    assert fresh(recovery).state == State.SETTLED


def test_never_more_comes_back_than_is_owed_and_a_receipt_counts_once(desk: Desk) -> None:
    recovery = desk.recovery_in(State.REPAYING)
    with pytest.raises(Refused, match=r"超过未追回的 200\.00 元") as refusal:
        desk.back(recovery, "200.01", "PJ-1")
    assert refusal.value.field == "amount"
    desk.back(recovery, "50.00", "PJ-1")
    with pytest.raises(Refused, match="已登记过") as refusal:
        desk.back(recovery, "50.00", "PJ-1")
    assert refusal.value.field == "receipt"
    with pytest.raises(Refused, match="不能晚于今天"):
        desk.back(recovery, "50.00", "PJ-2", received_on=house_clock.today() + dt.timedelta(days=1))


def test_what_comes_back_of_its_own_accord_ends_it_without_a_decision(desk: Desk) -> None:
    """The bank finds the money still on the account (退回) while people are being heard."""
    recovery = desk.recovery_in(State.HEARING)
    desk.back(recovery, "200.00", "LS-7", way=RepaymentWay.BANK)
    recovery = fresh(recovery)
    assert (recovery.state, recovery.decided_at) == (State.SETTLED, None)
    with pytest.raises(Refused, match="不能登记收款"):
        desk.back(recovery, "1.00", "LS-8")


@pytest.mark.clause("SY-A1.6")
def test_a_defence_that_is_taken_up_makes_it_be_thought_over(desk: Desk) -> None:
    recovery = desk.recovery_in(State.HEARING)
    desk.heard(recovery, DefenceOutcome.PARTLY)
    desk.over(recovery)
    assert follow_recoveries() == {"moved": 0, "left": 1}
    recovery = desk.go(recovery, "reconsider", "approver")
    keeps = desk.months(recovery.benefit)
    assert (recovery.state, recovery.round) == (State.DRAFT, 2)
    [item] = recovery.debt.overpayments.all()
    less = entry(months=((item.key, Decimal("575.00")),))
    services.redraft(recovery=recovery, entry=less, actor=desk.office.handler)
    assert fresh(recovery).debt.owed == Decimal("100.00")
    assert keeps
    recovery = desk.go(fresh(recovery), "propose", "handler", "")
    recovery = desk.go(recovery, "give_notice", "approver")
    assert desk.letter(recovery, DocumentKind.RECOVERY_NOTICE).matter == f"recovery:{recovery.pk}-2"


@pytest.mark.clause("SY-A1.6")
def test_nobody_decides_before_people_were_heard(desk: Desk) -> None:
    recovery = desk.recovery_in(State.HEARING)
    said = desk.heard(recovery)
    with pytest.raises(Refused, match="陈述申辩期未满"):
        desk.go(recovery, "close_hearing", "handler")
    desk.over(recovery)
    with pytest.raises(Refused, match="尚未复核答复"):
        desk.go(recovery, "close_hearing", "handler")
    services.answer_defence(
        defence=said, outcome=DefenceOutcome.REJECTED, answer="无凭据。", actor=desk.office.reviewer
    )
    assert follow_recoveries() == {"moved": 1, "left": 0}


@pytest.mark.clause("JZ-12.3")
def test_a_data_match_alone_claims_nothing_back(desk: Desk) -> None:
    recovery = desk.drafted(evidence=EvidenceKind.DATA_MATCH)
    with pytest.raises(Refused, match="不能只凭数据比对"):
        desk.go(recovery, "propose", "handler")


def test_a_month_is_claimed_once(desk: Desk) -> None:
    benefit = desk.household()
    desk.recovery_in(State.REPAYING, benefit)
    # 475.00 are left of April: another 475.00 can be claimed, and not more.
    [line] = paid_lines(benefit.application)
    assert line.paid == Decimal("475.00")
    again = desk.drafted(benefit, months=((line.key, Decimal("0.00")),))
    assert again.debt.owed == Decimal("475.00")
    assert paid_lines(benefit.application) == []
    with pytest.raises(Refused, match="已有正在办理的追缴"):
        desk.drafted(benefit)


@pytest.mark.parametrize(
    ("values", "words", "field"),
    [
        ({"facts": " "}, "请填写事实和理由", "facts"),
        ({"debtor": ""}, "请填写缴款人", "debtor"),
        ({"found_on": dt.date(2027, 1, 1)}, "不能晚于今天", "found_on"),
        ({"way": Way.INSTALMENTS}, "期数应为 2 至 36", "n_parts"),
        ({"months": ()}, "至少选择一个", "months"),
        ({"ground": Ground.RELIEF}, "急难先行救助", "ground"),
    ],
)
def test_a_draft_says_what_is_missing(desk: Desk, values, words, field) -> None:
    benefit = desk.household()
    with pytest.raises(Refused, match=words) as refusal:
        desk.drafted(benefit, **values)
    assert refusal.value.field == field


def test_what_may_be_kept_is_less_than_what_was_paid(desk: Desk) -> None:
    benefit = desk.household()
    [(pk, _)] = desk.months(benefit)
    with pytest.raises(Refused, match=r"须小于实发 675\.00 元"):
        desk.drafted(benefit, months=((pk, Decimal("675.00")),))
    with pytest.raises(Refused, match="精确到分"):
        desk.drafted(benefit, months=((pk, Decimal("-1.00")),))


@pytest.mark.clause("LC-4.2c")
def test_a_relief_that_was_not_due_comes_back_to_the_reserve(db, clock) -> None:
    """50,000.00 in reserve, 3,000.00 given in an emergency; the papers show an insurance that pays."""
    ground = relief_office()
    relief = with_papers(ground)
    step(handed_in(ground, relief), "withdraw", ground.office.handler)
    relief.refresh_from_db()
    close(relief=relief, actor=ground.office.approver, finding="recover", opinion="另有保险赔付。")
    desk = Desk(ground.office, clock, (ground.payer, ground.payer))
    [todo] = tasks_for(ground.office.handler)
    assert (todo.action, todo.number) == ("提出追缴", relief.number)
    recovery = desk.recovery_in(State.REPAYING, relief, ground=Ground.RELIEF, months=())
    assert (recovery.debt.owed, tasks_for(ground.office.handler)) == (Decimal("3000.00"), [])
    assert Fund.objects.get().balance == Decimal("47000.00")
    desk.back(recovery, "3000.00", "PJ-1")
    assert fresh(recovery).state == State.SETTLED
    assert Fund.objects.get().balance == Decimal("50000.00")
