"""价格补贴: what sets it off, what each person gets, computed by hand from the published rules."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from organisations.models import Area
from policy.means.terms import Sourced
from policy.price import Figures, Group, PriceTerms, per_person, price_terms, trigger
from policy.rules import NoRuleInForce, RuleBook

TERMS = PriceTerms(
    cpi_from=Sourced(Decimal("0.035"), "PL-T1"),
    food_from=Sourced(Decimal("0.06"), "PL-T1"),
    index="scpi",
    index_clause="PL-T4",
    rounding="half_up",
    floor=Sourced(Decimal("20.00"), "PL-T4"),
    standard=Sourced(Decimal("600.00")),
    groups=(Group("dibao", "低保对象"),),
    pay_by="publication_month",
    clause="JZ-9.1",
    rule_ids=(),
)


def figures(cpi: str, food: str = "0.0", scpi: str | None = None) -> Figures:
    return Figures(Decimal(cpi), Decimal(food), Decimal(scpi) if scpi is not None else None)


@pytest.mark.clause("PL-T1")
@pytest.mark.parametrize(
    ("cpi", "food", "is_met", "words"),
    [
        ("3.5", "0.0", True, "3.5% ≥ 3.5%，0% < 6%"),
        ("3.49", "5.99", False, "3.49% < 3.5%，5.99% < 6%"),
        ("3.2", "6.0", True, "3.2% < 3.5%，6% ≥ 6%"),
        ("-0.5", "10.0", True, "-0.5% < 3.5%，10% ≥ 6%"),
    ],
)
def test_one_condition_is_enough_and_the_comparison_can_be_repeated(cpi, food, is_met, words):
    found = trigger(TERMS, figures(cpi, food))
    assert (found.is_met, found.words) == (is_met, words)


@pytest.mark.clause("PL-T4")
@pytest.mark.parametrize(
    ("standard", "cpi", "scpi", "amount"),
    [
        # 600 × 3.8 % = 22.80
        ("600.00", "3.8", None, "23"),
        # The index of low incomes goes before: 600 × 4.2 % = 25.20
        ("600.00", "3.8", "4.2", "25"),
        # 1,085 × 3.5 % = 37.975
        ("1085.00", "3.5", None, "38"),
        # 700 × 3.5 % = 24.50: half goes up
        ("700.00", "3.5", None, "25"),
        # 500 × 3.5 % = 17.50 → 18, less than the floor
        ("500.00", "3.5", None, "20.00"),
        # Set off by food alone, with falling prices otherwise: the floor
        ("600.00", "-0.4", None, "20.00"),
    ],
)
def test_the_standard_times_the_index_rounded_and_at_least_the_floor(standard, cpi, scpi, amount):
    terms = replace(TERMS, standard=Sourced(Decimal(standard)))
    assert per_person(terms, figures(cpi, "6.0", scpi)).amount == Decimal(amount)


def test_the_lines_say_how_it_comes_about():
    lines = per_person(TERMS, figures("3.8")).lines
    assert [(line.label, line.amount) for line in lines] == [
        ("测算额", Decimal("22.80")),
        ("取整", Decimal("23.00")),
        ("每人补贴", Decimal("23.00")),
    ]
    assert lines[0].formula == "月低保标准 600.00 元 × 居民消费价格同比涨幅 3.8%"
    assert lines[-1].formula == "每人每月不低于 20.00 元"


def test_other_places_round_up_or_take_the_index_that_set_it_off():
    # 600 × 3.55 % = 21.30
    assert per_person(replace(TERMS, rounding="up"), figures("3.55")).amount == 22
    higher = replace(TERMS, index="trigger")
    # Both conditions met: food rose more, 600 × 7 % = 42
    assert per_person(higher, figures("3.6", "7.0")).amount == 42
    # Food did not reach its threshold: 600 × 3.6 % = 21.60
    assert per_person(higher, figures("3.6", "5.9")).amount == 22
    # 600 × 3.8 % = 22.80, whatever the index of low incomes says
    assert per_person(replace(TERMS, index="cpi"), figures("3.8", scpi="9.9")).amount == 23


@pytest.mark.django_db
@pytest.mark.clause("PL-T2")
@pytest.mark.clause("PL-T3")
@pytest.mark.clause("PL-T5")
def test_thresholds_floors_and_groups_come_from_the_rules_of_place_and_month(rule_tables):
    def terms(code: str, month: date) -> PriceTerms:
        return price_terms(RuleBook(Area.objects.get(code=code), month))

    fujian = terms("350802", date(2026, 1, 1))
    assert (fujian.cpi_from.amount, fujian.floor.amount) == (Decimal("0.03"), Decimal("30.00"))
    assert trigger(fujian, figures("3.0")).is_met
    henan = terms("410802", date(2026, 1, 1))
    assert not trigger(henan, figures("3.0")).is_met
    assert henan.clause == "JZ-9.1"
    lowered = terms("410802", date(2023, 2, 1))
    assert trigger(lowered, figures("3.0")).is_met
    assert {group.code for group in lowered.groups} - {group.code for group in henan.groups} == {
        "dibian",
        "unemployed_aid",
    }
    assert len(henan.rule_ids) == len(set(henan.rule_ids)) >= 8


@pytest.mark.django_db
def test_a_missing_rule_is_an_error(rule_tables):
    with pytest.raises(NoRuleInForce, match="price_subsidy"):
        price_terms(RuleBook(Area.objects.get(code="410802"), date(2020, 1, 1)))
