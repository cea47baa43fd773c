"""A month's list: who is on it, who may do what with it, and when it must be paid."""

import datetime as dt
from decimal import Decimal

import pytest

from common.errors import Refused
from organisations.enums import Post
from organisations.services import appoint
from payments import services
from payments.enums import BatchState
from payments.models import Batch, BatchEvent, Benefit, BenefitRevision, Payment
from payments.terms import due_day, payment_terms
from policy.calendars import working_calendar
from tests.cases.builders import person_with
from tests.payments import builders
from tests.payments.builders import APRIL, MARCH

pytestmark = pytest.mark.django_db


@pytest.fixture
def payer(clock):
    return builders.town()


def prepare(payer, month=MARCH, actor=None, programme="dibao"):
    return services.prepare_month(
        area=payer.area, programme=programme, month=month, actor=actor or payer.clerk
    )


@pytest.mark.clause("SY-A1.5a")
def test_a_benefit_begins_in_the_month_after_the_decision(payer):
    application = builders.application(payer.villages[0])
    values = {
        "application": application,
        "monthly": Decimal("585.00"),
        "lines": [],
        "rule_ids": [],
        "reason": "符合规定",
        "decided_by": builders.decider(),
    }
    with pytest.raises(Refused, match="下月起"):
        services.open_benefit(starts_on=dt.date(2026, 2, 1), **values)
    benefit = services.open_benefit(starts_on=MARCH, **values)
    assert (benefit.township, benefit.county) == (payer.area, payer.area.parent)
    assert (benefit.payee_name, benefit.payee_account) == ("林小花", builders.ACCOUNT)
    assert benefit.revisions.get().monthly == Decimal("585.00")
    with pytest.raises(Refused, match="已开立"):
        services.open_benefit(starts_on=MARCH, **values)


@pytest.mark.parametrize("monthly", ["0", "-1", "585.001", "NaN"])
def test_a_benefit_is_a_positive_amount_of_whole_fen(payer, monthly):
    with pytest.raises(Refused, match="大于 0"):
        builders.benefit(payer.villages[0], monthly)


def test_no_benefit_without_an_account(payer):
    with pytest.raises(Refused, match="收款账号"):
        builders.benefit(payer.villages[0], account=None)


@pytest.mark.clause("DT-8.2")
def test_the_township_pays_in_dongtou(payer):
    builders.benefits(payer, "585.00", "1085.00", "0.01")
    builders.benefit(payer.places.other_township_village)
    batch = prepare(payer)
    assert (batch.n_payments, batch.total) == (3, Decimal("1670.01"))
    assert batch.breakdown == [{"code": "330305001", "name": "北岙街道", "n": 3, "total": "1670.01"}]
    assert (batch.due_on, batch.clause) == (dt.date(2026, 3, 10), "DT-8.2")
    with pytest.raises(Refused, match="由街道（乡镇）发放"):
        services.prepare_month(area=payer.places.county, programme="dibao", month=MARCH, actor=None)


@pytest.mark.clause("SY-5.1")
def test_the_district_pays_in_shangyu(clock):
    payer = builders.district()
    builders.benefits(payer, "700.00", "300.50")
    batch = prepare(payer)
    assert (batch.area, batch.n_payments, batch.total) == (payer.area, 2, Decimal("1000.50"))
    assert (batch.due_on, batch.clause) == (dt.date(2026, 3, 10), "SY-5.1")
    with pytest.raises(Refused, match="由县（市、区）发放"):
        services.prepare_month(
            area=payer.places.other_county_township, programme="dibao", month=MARCH, actor=None
        )


@pytest.mark.parametrize(
    ("month", "due_on"),
    [
        # 10 March 2026 is a Tuesday.
        (dt.date(2026, 3, 1), dt.date(2026, 3, 10)),
        # 10 May 2026 is a Sunday; Saturday the 9th is worked for 劳动节.
        (dt.date(2026, 5, 1), dt.date(2026, 5, 9)),
        # 10 January 2026 is a Saturday.
        (dt.date(2026, 1, 1), dt.date(2026, 1, 9)),
        # 10 October 2025 is a Friday after the eight days of 国庆 and 中秋.
        (dt.date(2025, 10, 1), dt.date(2025, 10, 10)),
    ],
)
def test_money_is_there_by_the_10th_or_the_working_day_before(payer, month, due_on):
    assert payment_terms(payer.area, "dibao", month).due_on == due_on


@pytest.mark.clause("JZ-6.1")
def test_before_a_holiday_the_money_comes_earlier_and_the_list_may_be_made_earlier(payer):
    # By the 5th, in the eight days off from 1 October 2025: paid on 30 September, prepared from 23 September.
    due_on, why = due_day(dt.date(2025, 10, 1), 5, working_calendar())
    assert due_on == dt.date(2025, 9, 30)
    assert why == ["10 月 5 日是国庆节，提前到最近的工作日 9 月 30 日。"]


def test_a_day_in_an_unannounced_year_is_marked_for_recalculation(payer):
    assert "复算" in payment_terms(payer.area, "dibao", dt.date(2031, 3, 1)).why[-1]


def test_no_rule_is_an_error(payer):
    with pytest.raises(Refused, match="没有生效的规则"):
        prepare(payer, programme="linshi")


def test_preparing_again_changes_nothing_until_somebody_is_new(payer):
    builders.benefits(payer, "585.00")
    first = prepare(payer)
    again = prepare(payer, actor=payer.other)
    assert (again.pk, again.prepared_by, again.prepared_at) == (first.pk, payer.clerk, first.prepared_at)
    assert BatchEvent.objects.count() == 1
    builders.benefit(payer.villages[0], "100.00")
    third = prepare(payer, actor=payer.other)
    assert (third.n_payments, third.total, third.prepared_by) == (2, Decimal("685.00"), payer.other)


def test_nobody_in_receipt_leaves_no_empty_batch(payer):
    builders.benefits(payer, "585.00", starts_on=APRIL)
    with pytest.raises(Refused, match="没有应发放"):
        prepare(payer)
    assert not Batch.objects.exists()


def test_ended_benefits_and_succeeded_amounts_leave_an_open_list(payer):
    ended, revised, kept = builders.benefits(payer, "100.00", "200.00", "300.00")
    prepare(payer)
    Benefit.objects.filter(pk=ended.pk).update(ends_on=MARCH)
    BenefitRevision.objects.filter(benefit=revised).update(valid_to=MARCH)
    old = revised.revisions.get()
    BenefitRevision.objects.create(
        benefit=revised,
        monthly=Decimal("250.00"),
        valid_from=MARCH,
        lines=[],
        rule_ids=[],
        reason="复核调整",
        decided_by=old.decided_by,
        created_at=old.created_at,
    )
    with pytest.raises(Refused, match="应增 0 笔，应减或变更 2 笔"):
        services.check_batch(batch=Batch.objects.get(), actor=payer.checker)
    batch = prepare(payer)
    assert (batch.n_payments, batch.total) == (2, Decimal("550.00"))
    assert set(batch.payments.values_list("benefit", flat=True)) == {revised.pk, kept.pk}


@pytest.mark.parametrize(
    ("month", "reason"),
    [
        (APRIL, "现在尚早"),
        (dt.date(2027, 3, 1), "现在尚早"),
        (dt.date(2026, 3, 2), "某月 1 日"),
        (dt.date(2025, 2, 1), "最近 12 个月"),
    ],
)
def test_months_too_far_away_are_refused(payer, month, reason):
    builders.benefits(payer, "585.00", starts_on=MARCH)
    with pytest.raises(Refused, match=reason):
        prepare(payer, month)


def test_who_came_after_the_seal_is_paid_with_the_next_batch(payer, clock):
    builders.benefits(payer, "585.00")
    builders.sealed(payer)
    clock.shift(dt.timedelta(hours=1))
    late = builders.benefit(payer.villages[0], "400.00")
    with pytest.raises(Refused, match="下月批次补发"):
        prepare(payer)
    clock.move_to(dt.datetime(2026, 4, 1, 9, tzinfo=dt.UTC))
    batch = prepare(payer, APRIL)
    assert sorted(batch.payments.filter(benefit=late).values_list("month", flat=True)) == [MARCH, APRIL]
    assert (batch.n_payments, batch.total) == (3, Decimal("1385.00"))
    assert prepare(payer, APRIL).n_payments == 3


def test_months_before_this_system_paid_are_not_arrears(payer, clock):
    builders.benefits(payer, "585.00", starts_on=MARCH)
    clock.move_to(dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC))
    assert list(prepare(payer, dt.date(2026, 6, 1)).payments.values_list("month", flat=True)) == [
        dt.date(2026, 6, 1)
    ]


def test_a_township_with_its_own_rule_pays_for_itself_below_a_paying_district(clock):
    payer = builders.district()
    builders.benefits(payer, "700.00")
    rule = payment_rule(payer.area)
    rule.pk, rule.area, rule.value = None, payer.places.other_county_township, "township"
    rule.save(force_insert=True)
    with pytest.raises(Refused, match="没有应发放"):
        prepare(payer)
    batch = services.prepare_month(
        area=payer.places.other_county_township, programme="dibao", month=MARCH, actor=None
    )
    assert batch.total == Decimal("700.00")


def payment_rule(area):
    return area.rules.get(key="payments.dibao.payer")


def test_a_list_is_checked_by_a_second_person(payer):
    builders.benefits(payer, "585.00")
    batch = prepare(payer)
    for actor in (payer.clerk, payer.other, person_with(Post.HANDLER, payer.area)):
        with pytest.raises(Refused, match="复核由北岙街道的审批岗办理"):
            services.check_batch(batch=batch, actor=actor)
    batch = services.check_batch(batch=batch, actor=payer.checker)
    assert (batch.state, batch.checked_by) == (BatchState.CHECKED, payer.checker)
    with pytest.raises(Refused, match="已复核"):
        services.check_batch(batch=batch, actor=payer.checker)
    with pytest.raises(Refused, match="先退回"):
        prepare(payer)


def test_holding_both_posts_does_not_help(payer, clock):
    """Even on a list that another finished: whoever had a hand in it does not check it."""
    builders.benefits(payer, "585.00")
    both = person_with(Post.APPROVER, payer.area)
    appoint_also(both, Post.TOWN_PAYMENTS, payer.area)
    batch = prepare(payer, actor=both)
    with pytest.raises(Refused, match="由您编制"):
        services.check_batch(batch=batch, actor=both)
    builders.benefit(payer.villages[0])
    prepare(payer, actor=payer.clerk)
    with pytest.raises(Refused, match="参与过"):
        services.check_batch(batch=batch, actor=both)
    services.check_batch(batch=batch, actor=payer.checker)
    batch = services.seal_batch(batch=batch, actor=both)
    services.make_bank_files(batch=batch, actor=both)


def appoint_also(user, post, area):
    appoint(user=user, post=post, area=area, valid_from=dt.date(2015, 1, 1), actor=None)


def test_who_checked_makes_no_bank_file(payer):
    appoint_also(payer.checker, Post.TOWN_PAYMENTS, payer.area)
    builders.benefits(payer, "585.00")
    batch = builders.sealed(payer)
    with pytest.raises(Refused, match="由您复核"):
        services.make_bank_files(batch=batch, actor=payer.checker)


def test_a_list_that_changed_under_the_checker_is_refused(payer):
    builders.benefits(payer, "585.00")
    batch = prepare(payer)
    seen = (batch.n_payments, batch.total)
    builders.benefit(payer.villages[0], "1.00")
    prepare(payer)
    with pytest.raises(Refused, match="在您查看之后有变动，现为 2 笔 586.00 元"):
        services.check_batch(batch=batch, actor=payer.checker, n_seen=seen[0], total_seen=seen[1])


def test_a_checked_list_can_go_back_until_it_is_sealed(payer):
    builders.benefits(payer, "585.00")
    batch = builders.checked(payer)
    with pytest.raises(Refused, match="退回原因"):
        services.return_batch(batch=batch, reason=" ", actor=payer.checker)
    batch = services.return_batch(batch=batch, reason="漏一户", actor=payer.checker)
    assert (batch.state, batch.checked_by) == (BatchState.PREPARED, None)
    builders.benefit(payer.villages[0])
    batch = builders.sealed(payer)
    assert batch.n_payments == 2
    with pytest.raises(Refused, match="已封账，不能退回"):
        services.return_batch(batch=batch, reason="再改", actor=payer.checker)


def test_a_seal_needs_the_check_and_freezes_number_and_total(payer):
    builders.benefits(payer, "585.00", "1085.00")
    batch = prepare(payer)
    with pytest.raises(Refused, match="先由另一人复核"):
        services.seal_batch(batch=batch, actor=payer.clerk)
    services.check_batch(batch=batch, actor=payer.checker)
    batch = services.seal_batch(batch=batch, actor=payer.checker)
    assert (batch.state, batch.n_payments, batch.total) == (BatchState.SEALED, 2, Decimal("1670.00"))
    legs = {leg.account: leg.amount for leg in batch.entries.get().legs.all()}
    assert legs == {"payable": Decimal("1670.00"), "budget": Decimal("-1670.00")}


def test_a_benefit_that_ended_after_the_check_stops_the_seal(payer):
    ended, _ = builders.benefits(payer, "585.00", "1085.00")
    batch = builders.checked(payer)
    Benefit.objects.filter(pk=ended.pk).update(ends_on=MARCH)
    with pytest.raises(Refused, match="有 1 笔的待遇已停发或变动"):
        services.seal_batch(batch=batch, actor=payer.clerk)


def test_a_line_removed_behind_the_check_stops_the_seal(payer):
    builders.benefits(payer, "585.00", "1085.00")
    batch = builders.checked(payer)
    Payment.objects.filter(amount="585.00").delete()
    with pytest.raises(Refused, match="实有 1 笔 1,085.00 元"):
        services.seal_batch(batch=batch, actor=payer.clerk)


@pytest.mark.parametrize("post", [Post.HANDLER, Post.REVIEWER, Post.AUDITOR, Post.DISTRICT_FINANCE])
def test_only_the_payments_clerk_prepares(payer, post):
    builders.benefits(payer, "585.00")
    with pytest.raises(Refused, match="街镇发放岗"):
        prepare(payer, actor=person_with(post, payer.area))


def test_the_clerk_of_another_township_prepares_nothing_here(payer):
    builders.benefits(payer, "585.00")
    with pytest.raises(Refused, match="街镇发放岗"):
        prepare(payer, actor=person_with(Post.TOWN_PAYMENTS, payer.places.other_township))


def test_every_step_leaves_its_trace(payer):
    builders.benefits(payer, "585.00")
    file = builders.sent(payer)
    builders.answered(payer, file)
    trace = list(BatchEvent.objects.order_by("pk").values_list("action", "by__name"))
    names = [payer.clerk.name, payer.checker.name, payer.clerk.name, payer.clerk.name]
    assert trace == list(
        zip(
            ["prepared", "checked", "sealed", "file_made", "answered", "settled"],
            [*names, payer.clerk.name, payer.clerk.name],
            strict=True,
        )
    )
