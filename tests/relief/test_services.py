"""急难先行救助: help within 24 hours, the papers afterwards, and nothing that goes away by itself."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection

from approvals.models import Deadline
from approvals.relief import services
from approvals.relief.enums import LimitStep
from approvals.relief.enums import ReliefState as State
from approvals.relief.models import DistrictNotice, EmergencyRelief
from approvals.tasks import end_payment_limits
from cases import services as cases
from cases.models import Application
from common.errors import Refused
from organisations.enums import Post
from payments.models import Instalment
from payments.services import prepare_payout
from policy.rules import NoRuleInForce
from tests.approvals.test_programmes import office_in, step
from tests.cases.builders import flag_rule, next_id, person_with
from tests.conftest import BEIJING
from tests.relief.builders import (
    Relief,
    agreed,
    completed,
    entry,
    handed_in,
    paid,
    receipt,
    registered,
    with_papers,
)


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, 3, day, hour, minute, tzinfo=BEIJING)


def limit_of(relief: EmergencyRelief, step: LimitStep):
    return relief.limits.get(step=step)


@pytest.mark.clause("DT-4.3")
def test_24_hours_run_over_night_and_weekend_from_the_report(ground, clock):
    """Reported on Saturday 7 March at 22:30: due on Sunday at 22:30."""
    clock.move_to(at(8, 1))
    relief = registered(ground, reported_at=at(7, 22, 30))
    limit = limit_of(relief, LimitStep.RELIEF)
    assert limit.due_at == at(8, 22, 30)
    assert limit.clause == "DT-4.3"
    assert "夜间和节假日不扣除" in limit.why[0]
    assert relief.number == "DT-JN-2026-000001"


@pytest.mark.clause("DT-4.3")
@pytest.mark.clause("SY-4.4b")
def test_paid_at_once_with_two_people_and_the_district_told_by_the_same_act(ground, clock):
    relief = paid(ground)
    assert relief.state == State.PAID
    assert limit_of(relief, LimitStep.RELIEF).kept is True
    assert relief.district_notice.told_at == relief.paid_at
    assert relief.district_notice.acknowledged_at is None
    move = relief.fund_move
    assert (move.amount, move.balance_after) == (Decimal("-3000.00"), Decimal("47000.00"))
    steps = list(relief.steps.values_list("transition", "post"))
    assert steps == [("register", "handler"), ("agree", "approver"), ("pay", "town_payments")]


def test_money_that_came_after_24_hours_is_marked(ground, clock):
    relief = agreed(ground)
    clock.shift(dt.timedelta(hours=23, minutes=1))
    services.pay(relief=relief, entry=receipt(), actor=ground.payer)
    assert limit_of(relief, LimitStep.RELIEF).kept is False


@pytest.mark.clause("LC-4.2c")
@pytest.mark.clause("DT-3.2")
def test_the_papers_are_due_in_ten_working_days_and_stay_due(ground, clock):
    """Paid on Monday 2 March: the tenth working day is Monday 16 March."""
    relief = paid(ground)
    limit = limit_of(relief, LimitStep.COMPLETION)
    assert limit.due_at == dt.datetime(2026, 3, 16, 23, 59, 59, tzinfo=BEIJING)
    clock.move_to(at(30, 9))
    limit.refresh_from_db()
    assert limit.ended_at is None
    with pytest.raises(Refused, match="先行救助待补办手续，不能办理"):
        services.decline(relief=relief, actor=ground.office.approver, opinion="不给了。")


@pytest.mark.clause("DT-4.3")
def test_dongtou_gives_at_most_5000(ground):
    assert registered(ground, amount=Decimal("5000.00")).most_clause == "DT-4.3"
    with pytest.raises(Refused, match="最多 5,000.00 元") as refused:
        registered(ground, amount=Decimal("5000.01"))
    assert refused.value.field == "amount"


@pytest.mark.clause("SY-4.4b")
def test_shangyu_gives_at_most_twelve_times_the_standard_for_each(shangyu):
    """1,175 × 12 = 14,100 yuan for one person, 28,200 for two."""
    relief = registered(shangyu, n_people=1, amount=Decimal("14100.00"))
    assert (relief.most, relief.most_clause) == (Decimal("14100.00"), "SY-4.4b")
    with pytest.raises(Refused, match="最多 28,200.00 元"):
        registered(shangyu, n_people=2, amount=Decimal("28200.01"))


def test_a_place_without_a_limit_gives_nothing_in_advance(db, clock):
    """鹿城 speaks of relief at once (LC-4.2c) but names no amount: the missing rule is named, never 0."""
    office = office_in("330302006001")
    somewhere = Relief(office, office.handler, office.handler, office.handler)
    with pytest.raises(NoRuleInForce, match="emergency.max_amount"):
        registered(somewhere)


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"id_number": ""}, "id_missing_reason", "暂缺的，写明原因"),
        ({"id_number": "330305198005010000"}, "id_number", "校验位"),
        ({"name": "  "}, "name", "请填写姓名"),
        ({"happened": " "}, "happened", "请写明急难情形"),
        ({"n_people": 0}, "n_people", "至少为 1 人"),
        ({"amount": Decimal("0.00")}, "amount", "大于 0"),
        ({"amount": Decimal("1.001")}, "amount", "精确到分"),
        ({"paid_in": "in_kind"}, "goods", "写明名称和数量"),
        ({"reported_at": at(2, 9, 1)}, "reported_at", "不能晚于现在"),
    ],
)
def test_what_is_missing_is_named_beside_its_field(ground, values, field, sentence):
    with pytest.raises(Refused, match=sentence) as refused:
        registered(ground, **values)
    assert refused.value.field == field
    assert not EmergencyRelief.objects.exists()


def test_without_identity_number_the_reason_stands_in_its_place(ground):
    relief = registered(ground, id_number="", id_missing_reason="证件在火中烧毁")
    assert relief.id_number in ("", None)
    assert relief.masked_id_number == "暂缺：证件在火中烧毁"


@pytest.mark.clause("JZ-4.1")
def test_somebody_from_elsewhere_is_helped_where_it_happened_while_residence_is_waived(ground):
    with pytest.raises(Refused, match="没有生效的规则“临时救助不受户籍") as refused:
        registered(ground, local=False)
    assert (refused.value.field, refused.value.clause) == ("local", "JZ-4.1")
    flag_rule(
        ground.office.township, "linshi.residence_waived", start=dt.date(2026, 3, 1), end=dt.date(2026, 3, 5)
    )
    assert registered(ground, local=False).local is False


def test_only_the_handler_of_the_place_registers(ground):
    stranger = person_with(Post.HANDLER, ground.office.places.other_township)
    with pytest.raises(Refused, match="发生地街道"):
        services.register_relief(entry=entry(ground), actor=stranger)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"received_by": " "}, "received_by"),
        ({"second_name": ""}, "second_name"),
        ({"receipt_signed": False}, "receipt_signed"),
    ],
)
def test_no_money_without_receipt_and_two_people(ground, values, field):
    relief = agreed(ground)
    with pytest.raises(Refused) as refused:
        services.pay(relief=relief, entry=receipt(**values), actor=ground.payer)
    assert refused.value.field == field
    relief.refresh_from_db()
    assert relief.state == State.AGREED
    assert not DistrictNotice.objects.exists()


@pytest.mark.clause("DT-8.3")
def test_below_the_reserves_minimum_only_with_a_reason(ground):
    """50,000 in hand, 10,000 must stay: after eight times 5,000 the next needs a reason."""
    for _ in range(8):
        paid(ground, amount=Decimal("5000.00"))
    relief = agreed(ground, amount=Decimal("5000.00"))
    with pytest.raises(Refused, match="支付后余额 5,000.00 元，备用金不低于 10,000.00 元") as refused:
        services.pay(relief=relief, entry=receipt(), actor=ground.payer)
    assert refused.value.field == "reason"
    services.pay(relief=relief, entry=receipt(reason="台风来袭，先救人。"), actor=ground.payer)
    relief.refresh_from_db()
    assert relief.fund_move.reason == "台风来袭，先救人。"


def test_nothing_is_paid_that_is_not_in_hand(shangyu):
    """A refused payment leaves neither step nor word to the district."""
    relief = agreed(shangyu, n_people=8, amount=Decimal("50000.01"))
    with pytest.raises(Refused, match="不足以支付 50,000.01 元，请先申请拨付"):
        services.pay(relief=relief, entry=receipt(), actor=shangyu.payer)
    relief.refresh_from_db()
    assert (relief.state, relief.steps.count()) == (State.AGREED, 2)
    assert not DistrictNotice.objects.exists()


def test_the_second_person_is_another(ground):
    with pytest.raises(Refused, match="另一名工作人员"):
        services.pay(
            relief=agreed(ground), entry=receipt(second_name=ground.payer.display_name), actor=ground.payer
        )


@pytest.mark.clause("DT-4.3")
def test_the_district_acknowledges_once(ground):
    notice = paid(ground).district_notice
    with pytest.raises(Refused, match="由洞头区的区级监督岗或审批岗签收"):
        services.acknowledge(notice=notice, actor=ground.office.approver)
    services.acknowledge(notice=notice, actor=ground.auditor)
    notice.refresh_from_db()
    assert notice.acknowledged_by == ground.auditor
    with pytest.raises(Refused, match="已经签收"):
        services.acknowledge(notice=notice, actor=ground.district_approver)


def test_the_districts_approver_does_not_agree_for_the_township(ground):
    with pytest.raises(Refused, match="由北岙街道的审批岗办理"):
        services.agree(relief=registered(ground), actor=ground.district_approver)


@pytest.mark.clause("JZ-4.2")
def test_the_papers_begin_with_what_is_known(ground):
    relief = with_papers(ground)
    application = relief.application
    assert (application.programme, application.state) == ("linshi", "draft")
    assert application.applicant_name == "林小花"
    request = application.linshi_request
    assert (request.kind, request.requested) == ("emergency", Decimal("3000.00"))
    assert relief.number in request.note
    with pytest.raises(Refused, match="请在该申请中继续办理"):
        services.begin_papers(relief=relief, actor=ground.office.handler)


def test_the_papers_need_the_number_that_was_missing(ground):
    relief = paid(ground, id_number="", id_missing_reason="证件烧毁")
    with pytest.raises(Refused) as refused:
        services.begin_papers(relief=relief, actor=ground.office.handler)
    assert refused.value.field == "id_number"
    services.begin_papers(relief=relief, actor=ground.office.handler, id_number=next_id())
    assert Application.objects.count() == 1


def test_a_draft_thrown_away_leaves_the_task(ground):
    relief = with_papers(ground)
    cases.discard_draft(application=relief.application, reason="重复登记", actor=ground.office.handler)
    relief.refresh_from_db()
    assert (relief.application, relief.state) == (None, State.PAID)
    services.begin_papers(relief=relief, actor=ground.office.handler)


@pytest.mark.clause("DT-3.3")
@pytest.mark.clause("SY-4.4b")
def test_what_was_given_counts_and_the_rest_is_follow_up_aid(ground):
    """Approved 4,500 yuan, 3,000 of them given on 2 March: 1,500 are left to pay."""
    relief = completed(ground, "4500.00")
    assert relief.state == State.COMPLETED
    assert limit_of(relief, LimitStep.COMPLETION).kept is True
    parts = list(Instalment.objects.values_list("number", "amount", "advanced_on"))
    assert sorted(parts) == [
        (0, Decimal("3000.00"), dt.date(2026, 3, 2)),
        (1, Decimal("1500.00"), None),
    ]
    changes = relief.application.steps.last().details["changes"]
    assert "其中先行救助 3,000.00 元已支付，跟进救助 1,500.00 元" in changes


def test_an_advance_is_never_put_into_a_list(ground):
    completed(ground)
    advance, rest = Instalment.objects.order_by("number")
    with pytest.raises(Refused, match="先行救助已从备用金支付"):
        prepare_payout(instalments=[advance.pk, rest.pk], actor=ground.payer)
    batch = prepare_payout(instalments=[rest.pk], actor=ground.payer)
    assert batch.total == Decimal("1500.00")


@pytest.mark.clause("DT-8.4")
def test_nothing_is_left_to_pay_when_all_was_advanced(ground):
    relief = completed(ground, "3000.00")
    assert list(Instalment.objects.values_list("number", flat=True)) == [0]
    running = Deadline.objects.filter(application=relief.application, step="payment")
    assert [limit.state for limit in running] == ["running"]
    assert end_payment_limits() == 1
    assert [limit.state for limit in running.all()] == ["met"]


def test_an_advance_is_taken_off_the_first_stages(ground):
    """1,000 + 1,500 + 2,000 of which 3,000 were given: 1,500 are left, on the day of the last stage."""
    relief = with_papers(ground)
    application = handed_in(ground, relief)
    plan = [
        (dt.date(2026, 4, 1), Decimal("1000.00")),
        (dt.date(2026, 5, 1), Decimal("1500.00")),
        (dt.date(2026, 6, 1), Decimal("2000.00")),
    ]
    reviewer, approver = ground.office.reviewer, ground.office.approver
    step(application, "agree_at_once", reviewer, amount=Decimal("4500.00"), plan=plan)
    step(application, "approve", approver)
    rest = Instalment.objects.get(number=1)
    assert rest.amount == Decimal("1500.00")


def test_less_than_what_was_given_is_refused_with_what_to_do(ground):
    relief = with_papers(ground)
    application = handed_in(ground, relief)
    with pytest.raises(Refused, match="低于已先行救助的 3,000.00 元。请退回补充调查"):
        step(application, "agree_at_once", ground.office.reviewer, amount=Decimal("2999.99"))
    relief.refresh_from_db()
    assert relief.state == State.PAID


def test_a_refused_application_is_closed_with_a_finding(ground):
    relief = with_papers(ground)
    application = handed_in(ground, relief)
    approver = ground.office.approver
    with pytest.raises(Refused, match="尚未办结"):
        services.close(relief=relief, actor=approver, finding="recover", opinion="另有保险赔付。")
    step(application, "disagree", ground.office.reviewer)
    step(application, "refuse", approver)
    with pytest.raises(Refused, match="请填写理由"):
        services.close(relief=relief, actor=approver, finding="recover", opinion=" ")
    services.close(relief=relief, actor=approver, finding="recover", opinion="另有保险赔付。")
    relief.refresh_from_db()
    assert (relief.state, relief.finding) == (State.CLOSED, "recover")
    assert limit_of(relief, LimitStep.COMPLETION).ended_at is not None


def test_what_shall_come_back_needs_a_case_for_its_papers(ground):
    relief = paid(ground)
    with pytest.raises(Refused, match="请先“补办手续”登记申请") as refusal:
        services.close(
            relief=relief, actor=ground.office.approver, finding="recover", opinion="另有保险赔付。"
        )
    assert refusal.value.field == "finding"
    relief.refresh_from_db()
    assert relief.state == State.PAID


def test_a_withdrawn_application_is_followed_by_another(ground):
    relief = with_papers(ground)
    step(handed_in(ground, relief), "withdraw", ground.office.handler)
    relief.refresh_from_db()
    services.begin_papers(relief=relief, actor=ground.office.handler)
    assert Application.objects.count() == 2


def test_personal_data_is_not_readable_in_the_table(ground):
    relief = registered(ground)
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(r)::text FROM relief_emergencyrelief r WHERE id = %s", [relief.pk])
        stored = cursor.fetchone()[0]
    assert relief.id_number not in stored
    assert relief.phone not in stored
