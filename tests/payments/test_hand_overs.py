"""Cash and goods instead of the bank: only in special cases, with the formalities (SY-5.1)."""

import datetime as dt
import json
from decimal import Decimal

import pgtrigger
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.errors import Refused
from organisations.enums import Post
from organisations.models import Area
from organisations.scope import scope_of
from payments import services
from payments.models import FundMove, HandOver, Leg
from payments.queries import parts_of, tasks_for
from payments.queries.finance import month_for_finance, use_of_year
from payments.queries.statement import statement_rows, statement_years
from payments.services.funds import pay_by_hand
from policy.models import Rule
from tests.cases.builders import person_with
from tests.ground import lay_ground
from tests.payments import hand_over_builders as hand
from tests.payments.test_constraints import refused, run

pytestmark = [pytest.mark.django_db, pytest.mark.clause("SY-5.1")]
MARCH = dt.date(2026, 3, 1)
GOODS = (
    services.Goods("棉被", "2 床", Decimal("300.00")),
    services.Goods("大米", "50 斤", Decimal("150.50")),
)


@pytest.fixture
def desk(clock) -> hand.Desk:
    """百官街道 in 上虞, with 50,000 yuan; its people are not counted, so each payment gives its reason."""
    found = hand.desk_in(lay_ground().other_county_village)
    hand.fill(found)
    return found


def scan() -> SimpleUploadedFile:
    return SimpleUploadedFile("a.pdf", b"%PDF-1.4 signed %%EOF", content_type="application/pdf")


def stages(user) -> list[str]:
    return [todo.stage for todo in tasks_for(user) if todo.matter == "临时救助现金实物"]


def test_cash_comes_from_the_fund_and_counts_everywhere(desk):
    """900 yuan of 50,000: 49,100 stay; the books, the person's statement and the export say 900 once."""
    given = hand.handed(desk)
    move = given.fund_move
    assert (move.kind, move.amount, move.balance_after) == ("handed", Decimal("-900.00"), Decimal("49100.00"))
    legs = Leg.objects.filter(entry=move.entry).values_list("account", "amount")
    assert sorted(legs) == [("fund", Decimal("-900.00")), ("paid", Decimal("900.00"))]
    grant = given.instalment.grant
    [row] = statement_rows([grant.application_id], 2026)
    assert (row.kind, row.due, row.paid, row.note) == (
        "临时救助（现金）",
        Decimal("900.00"),
        Decimal("900.00"),
        "2026-03-02 第 1 期以现金发放",
    )
    assert [(each.year, each.n, each.paid) for each in statement_years([grant.application_id])] == [
        (2026, 1, Decimal("900.00"))
    ]
    [line, total] = month_for_finance(scope_of(desk.clerk), MARCH)
    assert (line["programme"], line["n"], line["paid"]) == ("临时救助（现金、实物）", 1, Decimal("900.00"))
    assert total["total"] == Decimal("900.00")
    assert use_of_year(scope_of(desk.clerk), 2026)[0].paid == Decimal("900.00")
    assert [part.words for part in parts_of(grant)] == ["2026-03-02 已发放现金"]


def test_goods_are_worth_the_instalment_to_the_fen(desk):
    """300.00 + 150.50 = 450.50."""
    part = hand.instalment(desk, "450.50")
    with pytest.raises(Refused, match="请逐项填写名称、数量和价值"):
        hand.asked(desk, part, kind="goods")
    with pytest.raises(Refused, match="实物价值合计 300.00 元，应等于本期救助金额 450.50 元"):
        hand.asked(desk, part, kind="goods", goods=GOODS[:1])
    request = hand.asked(desk, part, kind="goods", goods=GOODS)
    assert request.goods == [
        {"name": "棉被", "quantity": "2 床", "value": "300.00"},
        {"name": "大米", "quantity": "50 斤", "value": "150.50"},
    ]


def test_three_people_and_one_who_stands_beside(desk):
    """Whoever asked does not approve; neither hands over; the second is another of the office."""
    request = hand.asked(desk, hand.instalment(desk))
    both = person_with(Post.TOWN_PAYMENTS, desk.township)
    with pytest.raises(Refused, match="由百官街道的审批岗办理"):
        services.decide_hand_over(request=request, approved=True, actor=both)
    services.decide_hand_over(request=request, approved=True, actor=desk.checker)
    for actor, said in (
        (desk.handler, "须由三名不同的人员办理"),
        (desk.checker, "须由三名不同的人员办理"),
        (desk.finance, "由百官街道的街镇发放岗办理"),
    ):
        with pytest.raises(Refused, match=said):
            hand.give(desk, request, actor=actor)
    stranger = person_with(Post.TOWN_PAYMENTS, Area.objects.get(code="330305001"))
    for second, said in (
        (desk.clerk, "两名工作人员在场"),
        (desk.checker, "批准人不参与发放"),
        (stranger, "请选择百官街道的工作人员"),
    ):
        with pytest.raises(Refused, match=said) as refusal:
            hand.give(desk, request, second=second)
        assert refusal.value.field == "second"
    assert hand.give(desk, request).second == desk.second


def test_what_is_missing_is_said_beside_its_field(desk):
    request = hand.approved(desk, hand.instalment(desk))
    for change, field, said in (
        ({"day": dt.date(2026, 3, 3)}, "day", "不能早于批准，也不能晚于今天"),
        ({"day": dt.date(2026, 3, 1)}, "day", "不能早于批准，也不能晚于今天"),
        ({"received_by": " "}, "received_by", "请填写领取人"),
        ({"receipt_signed": False}, "receipt_signed", "签字后才能发放"),
        ({"received_by": "林小山"}, "proxy_relation", "请填写与救助对象的关系"),
        ({"proxy_relation": "儿子"}, "proxy_relation", "不填代领关系"),
        ({"reason": ""}, "reason", "确需支付的请填写理由"),
    ):
        with pytest.raises(Refused, match=said) as refusal:
            hand.give(desk, request, **change)
        assert refusal.value.field == field
    assert not FundMove.objects.filter(kind="handed").exists()


def test_a_proxy_where_the_rules_know_one(desk):
    request = hand.approved(desk, hand.instalment(desk))
    values = {"received_by": "林小山", "proxy_relation": "儿子（受书面委托）"}
    rules = Rule.objects.filter(key="linshi.hand_over.proxy")
    given = hand.give(desk, request, **values)
    assert given.proxy_relation == "儿子（受书面委托）"
    assert rules.get().pk in given.rule_ids


def test_more_than_is_in_hand_is_not_given(desk):
    request = hand.approved(desk, hand.instalment(desk, "50000.01"))
    with pytest.raises(Refused, match="不足以支付 50,000.01 元"):
        hand.give(desk, request)
    assert not HandOver.objects.exists()


def test_what_is_handed_over_goes_to_no_list(desk):
    given = hand.handed(desk)
    with pytest.raises(Refused, match="已用现金或实物发放"):
        services.prepare_payout(instalments=[given.instalment_id], actor=desk.clerk)
    with pytest.raises(Refused, match="已用现金或实物发放"):
        hand.asked(desk, given.instalment)


def test_what_is_asked_for_waits_for_its_answer(desk):
    """Refused, it goes to the bank again; approved, it may be taken back until it is given."""
    part = hand.instalment(desk)
    request = hand.approved(desk, part)
    with pytest.raises(Refused, match="已申请现金或实物发放"):
        services.prepare_payout(instalments=[part.pk], actor=desk.clerk)
    with pytest.raises(Refused, match="请填写不予批准的理由"):
        services.decide_hand_over(request=request, approved=False, actor=desk.checker)
    services.decide_hand_over(request=request, approved=False, actor=desk.checker, remark="已开户")
    with pytest.raises(Refused, match="未批准，不能发放"):
        hand.give(desk, request)
    assert services.prepare_payout(instalments=[part.pk], actor=desk.clerk).n_payments == 1
    with pytest.raises(Refused, match="已列入发放清单，由银行发放"):
        hand.asked(desk, part)


def test_no_rule_is_a_no(desk):
    """A place whose rules know neither cash nor goods."""
    part = hand.instalment(desk)
    goods_only = json.dumps([{"code": "goods", "label": "实物"}])
    with pgtrigger.ignore("policy.Rule:published_rule_is_only_closed"):
        Rule.objects.filter(key="linshi.hand_over").update(value=goods_only)
    with pytest.raises(Refused, match="没有规定临时救助可以发放现金"):
        hand.asked(desk, part)


def test_the_receipt_stays_a_task_until_it_is_there(desk, clock):
    """Given on Monday 2 March: three working days end on Thursday 5 March."""
    part = hand.instalment(desk)
    request = hand.asked(desk, part)
    assert stages(desk.checker) == ["现金发放待批准"]
    services.decide_hand_over(request=request, approved=True, actor=desk.checker)
    assert (stages(desk.checker), stages(desk.clerk)) == ([], ["待发放现金"])
    given = hand.give(desk, request)
    assert f"{given.receipt_due_at:%Y-%m-%d}" == "2026-03-05"
    assert stages(desk.clerk) == stages(desk.handler) == ["领取签收未补"]
    clock.move_to(dt.datetime(2026, 4, 9, 1, tzinfo=dt.UTC))
    [todo] = [todo for todo in tasks_for(desk.clerk) if todo.stage == "领取签收未补"]
    assert (todo.level, todo.deadline) == ("late", "已逾期 35 天")
    services.keep_receipt(hand_over=given, upload=scan(), actor=desk.handler)
    assert stages(desk.clerk) == stages(desk.handler) == []
    with pytest.raises(Refused, match="已经补齐"):
        services.keep_receipt(hand_over=given, upload=scan(), actor=desk.clerk)


def test_the_tasks_take_the_same_queries_for_many(desk):
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            stages(desk.clerk)
        return len(captured)

    def add(n: int) -> None:
        for _ in range(n):
            hand.handed(desk, "10.00")
            hand.approved(desk, hand.instalment(desk, "10.00"))

    add(3)
    stages(desk.clerk)  # reads the calendar once a process
    first = cost()
    add(9)
    assert cost() == first
    assert len(stages(desk.clerk)) == 24


# --- what the database refuses by itself -------------------------------------------------------------

NEW_LINE = """
    INSERT INTO payments_payment (batch_id, instalment_id, kind, month, amount)
    SELECT b.id, i.id, 'instalment', b.month, i.amount FROM payments_batch b, payments_instalment i
    WHERE i.id = %s
"""
NEW_HAND_OVER = """
    INSERT INTO payments_handover (instalment_id, request_id, handed_on, handed_by_id, second_id, received_by,
        proxy_relation, fund_move_id, receipt_due_at, receipt_why, rule_ids, at)
    VALUES (%s, %s, %s, %s, %s, %s, '', %s, now(), '[]', '[]', now())
"""


def moved(desk, amount: str = "900.00") -> FundMove:
    """Money that left the fund by hand, as the service would book it."""
    return pay_by_hand(
        payer=desk.township, amount=Decimal(amount), actor=desk.clerk, note="发放", reason="急需"
    )


def refused_by_hand(desk, request, by: str, amount: str = "900.00", **changed) -> None:
    """Written past the services, with money of its own."""
    values = {
        "instalment": request.instalment_id,
        "request": request.pk,
        "day": dt.date(2026, 3, 2),
        "handed_by": desk.clerk.pk,
        "second": desk.second.pk,
        "received_by": "林大山",
    }

    def act() -> None:
        with transaction.atomic():
            run(NEW_HAND_OVER, *(values | changed).values(), moved(desk, amount).pk)

    with pytest.raises(IntegrityError, match=by):
        act()


def test_bank_and_hand_never_pay_the_same_instalment(desk):
    """Whichever was first, by raw SQL."""
    other = hand.instalment(desk, "10.00")
    batch = services.prepare_payout(instalments=[other.pk], actor=desk.clerk)
    given = hand.handed(desk)
    refused(NEW_LINE, given.instalment_id, by="unless advanced or handed over")
    part = hand.instalment(desk)
    request = hand.approved(desk, part)
    run(
        NEW_LINE.replace("payments_batch b,", f"(SELECT * FROM payments_batch WHERE id = {batch.pk}) b,"),
        part.pk,
    )
    refused_by_hand(desk, request, by="an instalment in a list is not handed over")


def test_a_hand_over_is_as_approved(desk):
    request = hand.approved(desk, hand.instalment(desk))
    unfit = "by others than who asked and approved"
    refused_by_hand(desk, request, unfit, handed_by=desk.handler.pk)
    refused_by_hand(desk, request, unfit, handed_by=desk.checker.pk)
    refused_by_hand(desk, request, unfit, second=desk.checker.pk)
    refused_by_hand(desk, request, unfit, day=dt.date(2026, 3, 1))
    refused_by_hand(desk, request, "hand_over_names_who_received", received_by="")
    refused_by_hand(desk, request, "hand_over_before_two_people", second=desk.clerk.pk)
    refused_by_hand(desk, request, "what the fund of its area paid", amount="899.99")
    asked = hand.asked(desk, hand.instalment(desk))
    refused_by_hand(desk, asked, unfit)


def test_money_leaves_by_hand_only_with_its_hand_over(desk):
    def act() -> None:
        with transaction.atomic():
            moved(desk)
            run("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(IntegrityError, match="only with its hand-over"):
        act()


def test_what_was_given_is_kept(desk):
    services.keep_receipt(hand_over=hand.handed(desk), upload=scan(), actor=desk.handler)
    for table in ("handover", "handoverreceipt"):
        refused(f"UPDATE payments_{table} SET id = id + 1", by="append-only")
        refused(f"DELETE FROM payments_{table}", by="append-only")
    kept = "decided and kept"
    refused("UPDATE payments_handoverrequest SET reason = 'x'", by=kept)
    refused("UPDATE payments_handoverrequest SET state = 'refused', remark = 'x'", by=kept)
    refused("DELETE FROM payments_handoverrequest", by=kept)


def test_a_request_is_whole(desk):
    part = hand.instalment(desk)
    row = """
        INSERT INTO payments_handoverrequest (instalment_id, kind, reason, goods, rule_ids, asked_by_id,
            asked_at, state, decided_by_id, decided_at, remark)
        VALUES (%s, %s, %s, %s, '[]', %s, now(), %s, %s,
            CASE WHEN %s::int IS NULL THEN NULL ELSE now() END, '')
    """

    def refuse(by, kind="cash", reason="x", goods="[]", state="asked", decided_by=None):
        me = desk.handler.pk
        refused(row, part.pk, kind, reason, goods, me, state, decided_by, decided_by, by=by)

    rice = '[{{"name": "米", "quantity": "{}", "value": "{}"}}]'
    refuse("hand_over_gives_its_reason", reason="")
    refuse("hand_over_in_goods_names_them", goods=rice.format("1 袋", "900"))
    refuse("are worth the instalment", kind="goods")
    refuse("are worth the instalment", kind="goods", goods=rice.format("1 袋", "899.99"))
    refuse("are worth the instalment", kind="goods", goods=rice.format("", "900"))
    refuse("hand_over_approved_by_another_person", state="approved", decided_by=desk.handler.pk)
    refuse("hand_over_request_decided_whole", state="approved")
    hand.asked(desk, part)
    refuse("one_open_hand_over_request")


# --- on screen ---------------------------------------------------------------------------------------


def test_the_page_leads_through_the_steps(desk, client):
    part = hand.instalment(desk, "450.50")
    page, post = reverse("payments:hand_over", args=[part.pk]), "payments:hand_over_step"
    client.force_login(desk.handler)
    asked = {"kind": "goods", "reason": "无账户", "goods": "棉被 2 床 300.00\n大米，50 斤，150.5"}
    answer = client.post(reverse(post, args=[part.pk, "ask"]), asked | {"goods": "棉被"})
    assert "第 1 行无法识别" in answer.content.decode()
    assert "无账户" in answer.content.decode()
    client.post(reverse(post, args=[part.pk, "ask"]), asked)
    assert "还剩" not in client.get(page).content.decode()
    client.force_login(desk.checker)
    client.post(reverse(post, args=[part.pk, "decide"]), {"approved": "yes"})
    client.force_login(desk.clerk)
    entry = {"day": "2026-03-02", "second": desk.second.pk, "received_by": "林大山", "receipt_signed": "on"}
    answer = client.post(reverse(post, args=[part.pk, "give"]), entry)
    assert "确需支付的请填写理由" in answer.content.decode()
    client.post(reverse(post, args=[part.pk, "give"]), entry | {"reason": "急需"})
    assert part.hand_over.received_by == "林大山"
    shown = client.get(page).content.decode()
    assert "未补，应在" in shown
    client.post(reverse(post, args=[part.pk, "receipt"]), {"file": scan()})
    answer = client.get(reverse("payments:hand_over_receipt", args=[part.pk]))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    again = client.post(reverse(post, args=[part.pk, "receipt"]), {"file": scan()}, follow=True)
    assert "该步骤现在不能办理" in again.content.decode()
