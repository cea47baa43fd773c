"""价格补贴: figures by two people, everybody covered once, paid by the ordinary list (JZ-9.1)."""

import datetime as dt
from decimal import Decimal
from io import BytesIO

import pytest
from django.db import IntegrityError, connection, transaction

from common.errors import Refused
from payments import services
from payments.demo_bank import answer_to
from payments.enums import FundPurpose
from payments.models import Fund, Payment, PriceIndex, PriceSubsidy, Transfer
from payments.price import subsidy_month
from payments.queries.milestones import milestones
from payments.services.bank_files import read_bank_file
from tests.payments import builders
from tests.payments import price_builders as price
from tests.payments.builders import APRIL, MARCH

pytestmark = pytest.mark.django_db
JANUARY, FEBRUARY = dt.date(2026, 1, 1), dt.date(2026, 2, 1)


@pytest.fixture
def payer(clock):
    clock.move_to(dt.datetime(2026, 4, 20, 1, tzinfo=dt.UTC))
    return price.county()


def breaks(name, sql, *parameters):
    with pytest.raises(IntegrityError, match=name), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)


# --- figures


@pytest.mark.clause("JZ-9.1")
def test_a_figure_counts_once_another_person_has_confirmed_it(payer):
    figure = price.entered(payer, "3.6")
    with pytest.raises(Refused, match="温州市 2026 年 3 月的价格指数尚未录入并复核"):
        subsidy_month(payer.area, MARCH)
    with pytest.raises(Refused, match="须由另一人复核"):
        services.confirm_figure(figure=figure, actor=payer.clerk)
    services.confirm_figure(figure=figure, actor=payer.checker)
    assert subsidy_month(payer.area, MARCH).trigger.is_met
    with pytest.raises(Refused, match="已复核"):
        services.confirm_figure(figure=figure, actor=payer.other)


def test_a_missing_month_is_named_and_is_never_nought(payer):
    price.confirmed(payer, "3.6", month=FEBRUARY)
    with pytest.raises(Refused, match="2026 年 3 月"):
        services.prepare_subsidy(area=payer.area, month=MARCH, actor=payer.clerk)


def test_a_correction_names_the_old_figure_and_counts_from_its_confirmation(payer):
    old = price.confirmed(payer, "3.6")
    values = {"published_on": dt.date(2026, 4, 11), "source": "统计局更正公告", "actor": payer.other}
    with pytest.raises(Refused, match="更正理由"):
        services.correct_figure(figure=old, figures=price.change("3.4"), reason=" ", **values)
    with pytest.raises(Refused, match="没有变化"):
        services.correct_figure(figure=old, figures=price.change("3.6"), reason="笔误", **values)
    new = services.correct_figure(figure=old, figures=price.change("3.4"), reason="笔误", **values)
    assert subsidy_month(payer.area, MARCH).index == old
    with pytest.raises(Refused, match="已被更正"):
        services.correct_figure(figure=old, figures=price.change("3.3"), reason="笔误", **values)
    services.confirm_figure(figure=new, actor=payer.clerk)
    found = subsidy_month(payer.area, MARCH)
    assert (found.index, found.trigger.is_met) == (new, False)


def test_what_was_replaced_before_its_confirmation_is_never_confirmed(payer):
    wrong = price.entered(payer, "36.0")
    values = {"published_on": dt.date(2026, 4, 11), "source": "统计局", "actor": payer.clerk}
    services.correct_figure(figure=wrong, figures=price.change("3.6"), reason="小数点", **values)
    with pytest.raises(Refused, match="已被更正"):
        services.confirm_figure(figure=wrong, actor=payer.checker)
    breaks(
        "confirmed once, unless replaced",
        "UPDATE payments_priceindex SET confirmed_by_id = %s, confirmed_at = now() WHERE id = %s",
        payer.checker.pk,
        wrong.pk,
    )


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"published_on": dt.date(2026, 3, 31)}, "在该月结束后才发布"),
        ({"published_on": dt.date(2026, 4, 21)}, "不能晚于今天"),
        ({"month": dt.date(2026, 3, 2)}, "某月 1 日"),
        ({"source": " "}, "发布单位"),
        ({"figures": price.change("101")}, "居民消费价格同比涨幅应在"),
        ({"figures": price.change("3.6", "6.001")}, "食品价格同比涨幅应在"),
    ],
)
def test_what_cannot_be_is_refused(payer, values, words):
    with pytest.raises(Refused, match=words):
        price.entered(payer, "3.6", **values)
    assert not PriceIndex.objects.exists()


def test_a_month_has_one_first_figure_and_the_county_next_door_shares_its_city(payer):
    price.entered(payer, "3.6")
    with pytest.raises(Refused, match="已经录入"):
        price.entered(payer, "3.7")
    stranger = builders.person_with(builders.Post.DISTRICT_PAYMENTS, payer.places.other_county)
    with pytest.raises(Refused, match="温州市所属"):
        price.entered(payer, "3.6", month=FEBRUARY, actor=stranger)


def test_the_database_holds_the_figures(payer):
    figure = price.entered(payer, "3.6")
    insert = (
        "INSERT INTO payments_priceindex (area_id, month, cpi, food, published_on, source, reason,"
        " entered_by_id, entered_at, replaces_id) VALUES (%s, %s, %s, 0, %s, 's', %s, %s, now(), %s)"
    )
    city, clerk, day = figure.area_id, payer.clerk.pk, "2026-04-11"
    breaks("one_first_figure", insert, city, MARCH, 3, day, "", clerk, None)
    breaks("first_day", insert, city, "2026-02-02", 3, day, "", clerk, None)
    breaks("plausible", insert, city, FEBRUARY, 101, day, "", clerk, None)
    breaks("with_a_reason", insert, city, MARCH, 3, day, "", clerk, figure.pk)
    breaks("of its own city and month", insert, city, FEBRUARY, 3, day, "x", clerk, figure.pk)
    breaks("that of a city", insert, payer.area.pk, FEBRUARY, 3, day, "", clerk, None)
    breaks("published after its month", insert, city, MARCH, 3, "2026-03-31", "", clerk, None)
    confirm = "UPDATE payments_priceindex SET confirmed_at = now(), confirmed_by_id = %s"
    breaks("by_another_person", confirm, clerk)
    breaks("confirmed_whole", "UPDATE payments_priceindex SET confirmed_at = now()")
    breaks("and kept", "UPDATE payments_priceindex SET cpi = 3")
    breaks("and kept", "DELETE FROM payments_priceindex")


# --- whether and how much


@pytest.mark.clause("PL-T1")
def test_what_was_not_set_off_is_said_as_a_sum_and_makes_no_list(payer):
    price.household(payer, "林大")
    price.confirmed(payer, "3.2", "5.9")
    with pytest.raises(
        Refused,
        match=r"居民消费价格同比涨幅 3.2% < 3.5%；食品价格同比涨幅 5.9% < 6%：均未达到启动条件，不发放",
    ):
        price.subsidy(payer)


def test_each_month_stands_for_itself(payer):
    price.confirmed(payer, "3.6", month=JANUARY)
    price.confirmed(payer, "3.7", month=FEBRUARY)
    price.confirmed(payer, "3.4", month=MARCH)
    words = [subsidy_month(payer.area, month).words for month in (JANUARY, FEBRUARY, MARCH)]
    assert [each.rpartition("：")[2] for each in words] == [
        "达到启动条件，启动发放。",
        "达到启动条件，继续发放。",
        "均未达到启动条件，停止发放。",
    ]


@pytest.mark.clause("PL-T4")
def test_it_is_due_in_the_month_of_publication(payer):
    """28 February 2026 is a Saturday that is worked; 31 January is one that is not: paid by the 30th."""
    december = dt.date(2025, 12, 1)
    price.confirmed(payer, "3.6", month=JANUARY)
    price.confirmed(payer, "3.6", month=december, published_on=dt.date(2026, 1, 9))
    assert subsidy_month(payer.area, JANUARY).due_on == dt.date(2026, 2, 28)
    found = subsidy_month(payer.area, december)
    assert found.due_on == dt.date(2026, 1, 30)
    assert "指数发布当月发放到位" in found.why[0]


# --- the list


@pytest.mark.clause("JZ-9.1")
def test_everybody_covered_is_paid_once_by_the_ordinary_list(payer):
    """1,085 × 3.6 % = 39.06 → 39 yuan for each of four people."""
    family = price.household(payer, "林大", "林二", "林三")
    single = price.household(payer, "陈大")
    price.household(payer, "王低边", programme="dibian", account=None)
    services.end_benefit(benefit=price.household(payer, "周走"), ends_on=MARCH, reason="迁出", source="test")
    price.confirmed(payer, "3.6")
    batch = price.subsidy(payer)
    assert (batch.n_payments, batch.total) == (4, Decimal("156.00"))
    assert (batch.title, batch.due_on) == ("洞头区 2026 年 3 月价格临时补贴（第 1 次）", dt.date(2026, 4, 30))
    assert set(batch.payments.values_list("person", flat=True)) == {
        person.pk for each in (family, single) for person in price.covered(each)
    }
    assert price.subsidy(payer).n_payments == 4
    subsidy = PriceSubsidy.objects.get()
    assert subsidy.programmes == ["dibao", "tekun"]
    assert [line["formula"] for line in subsidy.lines][:2] == ["3.6% ≥ 3.5%", "0% < 6%"]
    services.check_batch(batch=batch, actor=payer.checker)
    services.seal_batch(batch=batch, actor=payer.clerk)
    file = services.make_bank_files(batch=batch, actor=payer.clerk)[0]
    assert file.number == "330305-JG-202603-01-01"
    assert "价格补贴" in read_bank_file(file, "csv").decode("gb18030")
    answer = BytesIO(answer_to(file, paid_on=dt.date(2026, 4, 20)))
    services.import_answer(bank_file=file, upload=answer, actor=payer.clerk)
    batch.refresh_from_db()
    assert (batch.state, Transfer.objects.filter(result="paid").count()) == ("settled", 4)
    with pytest.raises(Refused, match="没有遗漏"):
        price.subsidy(payer)


def test_who_came_after_the_seal_comes_into_a_list_of_their_own(payer):
    price.household(payer, "林大")
    price.confirmed(payer, "3.6")
    first = price.subsidy(payer)
    services.check_batch(batch=first, actor=payer.checker)
    with pytest.raises(Refused, match="请先退回"):
        price.subsidy(payer)
    services.seal_batch(batch=first, actor=payer.clerk)
    late = price.household(payer, "陈迟")
    second = price.subsidy(payer)
    assert (second.run, second.n_payments) == (2, 1)
    assert second.payments.get().person == price.covered(late)[0]


def test_a_list_follows_its_figure_and_the_register_until_it_is_checked(payer):
    gone, stays = price.household(payer, "林大"), price.household(payer, "陈大")
    old = price.confirmed(payer, "3.6")
    batch = price.subsidy(payer)
    services.end_benefit(benefit=gone, ends_on=MARCH, reason="死亡", source="test")
    new = services.correct_figure(
        figure=old,
        figures=price.change("4.0"),
        published_on=old.published_on,
        source="统计局更正公告",
        reason="笔误",
        actor=payer.clerk,
    )
    services.confirm_figure(figure=new, actor=payer.other)
    with pytest.raises(Refused, match="应增 0 笔，应减或变更 2 笔"):
        services.check_batch(batch=batch, actor=payer.checker)
    batch = price.subsidy(payer)
    # 1,085 × 4.0 % = 43.40 → 43
    assert list(batch.payments.values_list("benefit", "amount")) == [(stays.pk, Decimal("43.00"))]
    services.check_batch(batch=batch, actor=payer.checker)
    breaks("frozen", "UPDATE payments_pricesubsidy SET amounts = '{}'")
    breaks("frozen", "DELETE FROM payments_pricesubsidy")


def sealed(payer, batch):
    services.check_batch(batch=batch, actor=payer.checker)
    services.seal_batch(batch=batch, actor=payer.clerk)
    return batch


def corrected(payer, old, cpi):
    new = services.correct_figure(
        figure=old,
        figures=price.change(cpi),
        published_on=old.published_on,
        source="统计局更正公告",
        reason="更正公布",
        actor=payer.clerk,
    )
    return services.confirm_figure(figure=new, actor=payer.checker)


@pytest.mark.clause("JZ-9.1")
def test_what_a_corrected_figure_adds_is_paid_by_the_next_list(payer):
    """1,085 × 3.6 % = 39.06 → 39 was sealed. By 4.0 % it is 43.40 → 43, 4 more; by 5.0 % 54, 11 more."""
    benefit = price.household(payer, "林大")
    figure = price.confirmed(payer, "3.6")
    sealed(payer, price.subsidy(payer))
    late = price.household(payer, "陈迟")
    figure = corrected(payer, figure, "4.0")
    second = sealed(payer, price.subsidy(payer))
    assert sorted(second.payments.values_list("benefit", "kind", "amount", "month")) == [
        (benefit.pk, "price_fix", Decimal("4.00"), MARCH),
        (late.pk, "price", Decimal("43.00"), MARCH),
    ]
    assert services.make_bank_files(batch=second, actor=payer.clerk)[0].total == Decimal("47.00")
    figure = corrected(payer, figure, "5.0")
    third = sealed(payer, price.subsidy(payer))
    assert list(third.payments.order_by("benefit").values_list("benefit", "kind", "amount")) == [
        (benefit.pk, "price_fix", Decimal("11.00")),
        (late.pk, "price_fix", Decimal("11.00")),
    ]
    last = third.payments.get(benefit=benefit)
    assert (last.reverses.batch, last.correction_words) == (second, "指数更正补差")
    # Back to 3.6 %: what people have in their hands stays there.
    corrected(payer, figure, "3.6")
    with pytest.raises(Refused, match="没有应补的差额"):
        price.subsidy(payer)


def test_what_a_corrected_figure_adds_follows_the_figure_until_the_list_is_checked(payer):
    price.household(payer, "林大")
    figure = price.confirmed(payer, "3.6")
    sealed(payer, price.subsidy(payer))
    figure = corrected(payer, figure, "4.0")
    assert price.subsidy(payer).total == Decimal("4.00")
    figure = corrected(payer, figure, "5.0")
    with pytest.raises(Refused, match="应增 0 笔，应减或变更 1 笔"):
        services.check_batch(batch=price.subsidy_list(payer, 2), actor=payer.checker)
    assert price.subsidy(payer).total == Decimal("15.00")
    corrected(payer, figure, "3.6")
    assert price.subsidy(payer).n_payments == 0


def test_the_database_holds_what_a_corrected_figure_adds(payer):
    benefit, other = price.household(payer, "林大"), price.household(payer, "陈大")
    figure = price.confirmed(payer, "3.6")
    first = sealed(payer, price.subsidy(payer))
    corrected(payer, figure, "4.0")
    price.household(payer, "周新")
    second = price.subsidy(payer)
    mine, others = (first.payments.get(benefit=each) for each in (benefit, other))
    line = (
        "INSERT INTO payments_payment (batch_id, benefit_id, person_id, kind, month, amount, reverses_id)"
        " VALUES (%s, %s, %s, 'price_fix', %s, %s, %s)"
    )
    fix = second.payments.get(benefit=benefit)
    breaks("a sealed line", line, second.pk, benefit.pk, mine.person_id, MARCH, 4, fix.pk)
    breaks("for who was covered", line, second.pk, benefit.pk, mine.person_id, MARCH, 4, mine.pk)
    breaks("a sealed line", line, second.pk, benefit.pk, mine.person_id, MARCH, 4, others.pk)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM payments_payment WHERE id = %s", [fix.pk])
        breaks("for who was covered", line, second.pk, benefit.pk, mine.person_id, MARCH, 5, mine.pk)
        breaks("a sealed line", line, second.pk, benefit.pk, mine.person_id, MARCH, 4, others.pk)
        breaks("a sealed line", line, second.pk, benefit.pk, mine.person_id, MARCH, 4, None)
        cursor.execute(line, [second.pk, benefit.pk, mine.person_id, MARCH, 4, mine.pk])


@pytest.mark.clause("PL-T3")
def test_one_person_is_paid_once_a_month_whatever_groups_there_are(payer):
    benefit = price.household(payer, "林大")
    other = price.household(payer, "陈大")
    person = price.covered(benefit)[0]
    price.confirmed(payer, "3.6")
    batch = price.subsidy(payer)
    line = (
        "INSERT INTO payments_payment (batch_id, benefit_id, person_id, kind, month, amount)"
        " VALUES (%s, %s, %s, 'price', %s, %s)"
    )
    breaks("once_a_person_and_month", line, batch.pk, benefit.pk, person.pk, MARCH, 39)
    for values in (
        (other.pk, person.pk, MARCH, 39),
        (benefit.pk, person.pk, APRIL, 39),
        (benefit.pk, person.pk, MARCH, 40),
    ):
        breaks("for who was covered", line, batch.pk, *values)
    breaks("is_of_a_benefit", "UPDATE payments_payment SET kind = 'regular'")


def test_the_calculation_belongs_to_a_confirmed_index_of_its_month(payer):
    price.household(payer, "林大")
    price.confirmed(payer, "3.6")
    february = price.confirmed(payer, "3.6", month=FEBRUARY)
    price.subsidy(payer)
    breaks("confirmed index of its month", "UPDATE payments_pricesubsidy SET index_id = %s", february.pk)


def test_a_person_of_low_income_without_an_account_is_not_left_out(payer):
    """In the months of 2022 in which 低边 was a group (PL-T5)."""
    month = dt.date(2022, 9, 1)
    decided = dt.datetime(2022, 7, 10, 1, tzinfo=dt.UTC)
    status = price.household(payer, "王低边", programme="dibian", account=None, decided_at=decided)
    price.confirmed(payer, "3.0", month=month)
    batch = price.subsidy(payer, month)
    assert batch.n_payments == 1
    with pytest.raises(Refused, match="1 人没有收款账号"):
        services.check_batch(batch=batch, actor=payer.checker)
    values = {"name": "王低边", "bank": "", "account": builders.ACCOUNT, "reason": "补登"}
    services.correct_payee(benefit=status, actor=payer.clerk, **values)
    assert services.check_batch(batch=batch, actor=payer.checker).state == "checked"


@pytest.mark.clause("JZ-6.1")
def test_it_is_paid_out_of_its_own_fund(payer):
    price.household(payer, "林大")
    price.confirmed(payer, "3.6")
    batch = price.subsidy(payer)
    services.check_batch(batch=batch, actor=payer.checker)
    request = services.ask_for_funds(
        area=payer.area,
        purpose=FundPurpose.PRICE_SUBSIDY,
        kind="top_up",
        amount=Decimal("100.00"),
        reason="价格补贴",
        actor=payer.clerk,
    )
    services.allocate_funds(request=request, actor=payer.checker)
    services.seal_batch(batch=batch, actor=payer.clerk)
    assert Fund.objects.get(purpose="price_subsidy").balance == Decimal("61.00")
    assert Payment.objects.get().get_kind_display() == "价格补贴"


@pytest.mark.clause("JZ-6.1")
@pytest.mark.clause("JZ-9.1")
def test_in_jiaozuo_finance_allocates_what_the_list_costs(clock):
    """600 × 3.6 % = 21.60 → 22 yuan for each of two people."""
    clock.move_to(dt.datetime(2026, 4, 20, 1, tzinfo=dt.UTC))
    payer = builders.allocated_county()
    price.household(payer, "林大", "林二")
    price.confirmed(payer, "3.6")
    batch = price.subsidy(payer)
    assert (batch.total, batch.clause) == (Decimal("44.00"), "JZ-9.1")
    services.check_batch(batch=batch, actor=payer.checker)
    with pytest.raises(Refused, match="须先报送用款申请"):
        services.seal_batch(batch=batch, actor=payer.clerk)
    request = services.ask_for_month(batch=batch, actor=payer.clerk)
    assert (request.purpose, request.amount) == ("price_subsidy", Decimal("44.00"))
    services.allocate_funds(request=request, actor=payer.checker)
    sealed = services.seal_batch(batch=batch, actor=payer.clerk)
    steps = [(step.label, step.due_on) for step in milestones(sealed)]
    assert ("财政拨付", None) in steps
    assert steps[-1] == ("发放到位", dt.date(2026, 4, 30))
