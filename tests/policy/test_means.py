"""The words of the calculation, and what no rule of the packs brings about: deductions that a place does not
make, several limits at once, the amount that the office proposes.
"""

import csv
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from common.errors import Refused
from organisations.models import Area
from policy.assess import assess
from policy.household import Assets, Disability, Facts, IncomeFact, LinshiFacts, MemberFacts, TekunFacts
from policy.lines import Assessment
from policy.means.income import household_income
from policy.means.terms import PropertyLimits, income_terms, property_limits
from policy.models import Rule
from policy.rules import NoRuleInForce, RuleBook
from tests.policy import test_assess_examples, test_programme_examples

pytestmark = pytest.mark.django_db

DAY = date(2023, 3, 1)
DONGTOU, LUCHENG, SHANGYU = "330305001", "330302006", "330604001"
FACTS = {
    row["id"]: (row["area"], module.facts_of(row))
    for module in (test_programme_examples, test_assess_examples)
    for row in module.ROWS
}
with (Path(__file__).parent / "line_examples.csv").open(encoding="utf-8", newline="") as file:
    LINES = list(csv.DictReader(file))


def _shown(result: Assessment) -> list[dict[str, str]]:
    return [
        {
            "code": line["code"],
            "label": line["label"],
            "amount": line["amount"] or "",
            "formula": line["formula"],
            "clause": line["clause"],
            "mark": ("" if line["passed"] else "FAIL") + ("Σ" if line["is_total"] else ""),
        }
        for line in result.as_json()["lines"]
    ]


@pytest.mark.parametrize("example", dict.fromkeys(row["example"] for row in LINES))
def test_the_lines_say_what_was_worked_by_hand(example: str, book) -> None:
    """`-` as label: no such line. What is on screen is on the paper that is served and on the notice."""
    area, facts = FACTS[example]
    rows = [row for row in LINES if row["example"] == example]
    wanted = [{k: v for k, v in row.items() if k != "example"} for row in rows if row["label"] != "-"]
    codes = {row["code"] for row in rows}
    found = [line for line in _shown(assess(facts, book(area, facts.on))) if line["code"] in codes]
    assert sorted(found, key=lambda line: line["code"]) == sorted(wanted, key=lambda line: line["code"])


@pytest.fixture
def changed(rule_tables):
    """`changed("330305001", **{"linshi.max_amount": "5000"})`: the rules there, some of them otherwise.

    `of`: the area that sets them, else the place itself.
    """

    def rules(code: str, of: str = "", **values: str) -> RuleBook:
        areas = {area.code: area for area in Area.objects.filter(code__in={code, of or code})}
        drafts = [
            Rule(area=areas[of or code], key=key, value=value, valid_from=DAY, certainty="law", clause_id="X")
            for key, value in values.items()
        ]
        return RuleBook(areas[code], DAY, drafts=drafts)

    return rules


def _person(key: str = "A", *, wage: str = "0", **facts) -> MemberFacts:
    income = (IncomeFact("wage", Decimal(wage)),) if Decimal(wage) else ()
    facts = {"relation": "self", "birth_date": date(1980, 5, 1), "income": income} | facts
    return MemberFacts(key=key, **facts)


def _household(programme: str, *members: MemberFacts, **facts) -> Facts:
    standards = {"dibao": Decimal("1085.00"), "tekun": Decimal("1410.50"), "min_wage": Decimal("2280.00")}
    return Facts(
        programme, DAY, members or (_person(),), standards=facts.pop("standards", standards), **facts
    )


def _request(requested: str, *, kind: str = "expenditure", **said) -> LinshiFacts:
    return LinshiFacts(kind, said.pop("cause", "other"), Decimal(requested), **said)


def _texts(result: Assessment, code: str) -> list[str]:
    return [line.formula for line in result.lines if line.code == code]


@pytest.mark.clause("L57-13")
def test_where_nothing_is_deducted_the_lines_say_so(book) -> None:
    terms = replace(
        income_terms(book(DONGTOU, DAY)), deduct_employment_cost=False, deduct_rigid_expenditure=False
    )
    member = _person(wage="900.00", employment_cost=Decimal("100.00"))
    facts = _household("dibao", member, rigid_expenditure_monthly=Decimal("50.00"))
    income = household_income(facts, terms)
    assert (income.assessed, income.by_member) == (Decimal("900.00"), {"A": Decimal("900.00")})
    said = {line.code: (line.amount, line.formula) for line in income.lines}
    assert said["employment_cost"] == (Decimal("0.00"), "就业成本 100.00，按当地规定不扣减")
    assert said["rigid_expenditure"] == (Decimal("0.00"), "刚性支出 50.00，按当地规定不扣减")


@pytest.mark.clause("L57-23")
def test_a_place_that_pays_by_bands_is_refused(changed) -> None:
    rules = changed(DONGTOU, **{"benefit.dibao.method": "bands"})
    with pytest.raises(Refused, match="分档") as refusal:
        assess(_household("dibao"), rules)
    assert refusal.value.field == "area"


@pytest.mark.parametrize(("programme", "field"), [("linshi", "linshi"), ("tekun", "tekun")])
def test_a_programme_is_not_tested_without_what_it_is_about(programme, field, book) -> None:
    with pytest.raises(Refused, match="请填写") as refusal:
        assess(_household(programme), book(DONGTOU, DAY))
    assert refusal.value.field == field


@pytest.mark.clause("SY-2.1")
@pytest.mark.parametrize(
    ("proposed", "authority", "words"),
    [
        ("6510.00", "township", "拟救助金额未超过，由乡镇（街道）审批"),
        ("6510.01", "district", "拟救助金额超过，由区级审批"),
    ],
)
def test_what_the_office_proposes_decides_who_decides(proposed, authority, words, book) -> None:
    """6 × 1085 = 6510, whatever was asked for."""
    facts = _household("linshi", linshi=_request("13020.00", proposed=Decimal(proposed)))
    result = assess(facts, book(SHANGYU, DAY))
    assert (result.authority, result.outcome) == (authority, "eligible")
    assert _texts(result, "township_limit")[0].endswith(words)
    assert _texts(result, "proposed") == ["初审提出"]


@pytest.mark.clause("LC-3.5")
def test_what_is_proposed_within_the_most_needs_no_case_by_case(book) -> None:
    """Asked for 8000, proposed 6510 = 6 × 1085: the ordinary rules allow it."""
    asked = _request("8000.00", proposed=Decimal("6510.00"))
    result = assess(_household("linshi", linshi=asked), book(LUCHENG, DAY))
    assert (result.outcome, result.one_off_max) == ("eligible", Decimal("6510.00"))
    beyond = assess(
        _household("linshi", linshi=replace(asked, proposed=Decimal("6510.01"))), book(LUCHENG, DAY)
    )
    assert beyond.outcome == "case_by_case"


@pytest.mark.clause("LC-3.5")
def test_medical_costs_that_nobody_stated_are_asked_for(book) -> None:
    """70 % of what is left of them is a limit; without the figure there is no answer, and not 0."""
    asked = _request("8000.00", cause="medical")
    with pytest.raises(Refused, match="剩余医疗费用") as refusal:
        assess(_household("linshi", linshi=asked), book(LUCHENG, DAY))
    assert refusal.value.field == "linshi.residual_medical"


@pytest.mark.clause("DT-3.1")
@pytest.mark.parametrize(("fixed", "most"), [("6509.99", "6509.99"), ("6510.01", "6510.00")])
def test_of_two_limits_the_lower_one_counts(fixed, most, changed) -> None:
    """A fixed amount beside 6 × 1085 = 6510."""
    rules = changed(DONGTOU, **{"linshi.max_amount": fixed})
    result = assess(_household("linshi", linshi=_request("9000.00")), rules)
    assert result.one_off_max == Decimal(most)
    assert [line.code for line in result.lines if line.code.startswith("max")] == [
        "max_amount",
        "max_multiple",
    ]


@pytest.mark.clause("DT-3.1")
def test_by_the_case_the_heads_do_not_count(changed) -> None:
    rules = changed(DONGTOU, **{"linshi.basis": "per_case"})
    facts = _household("linshi", _person(), _person("B"), linshi=_request("9000.00"))
    result = assess(facts, rules)
    assert result.one_off_max == Decimal("6510.00")
    assert _texts(result, "max_multiple") == ["月低保标准 1,085.00（按输入的标准试算） × 6 倍"]


@pytest.mark.clause("DT-3.1")
def test_where_the_rules_allow_it_the_same_cause_is_helped_again(changed) -> None:
    rules = changed(DONGTOU, **{"linshi.repeat_same_cause": "allowed"})
    result = assess(_household("linshi", linshi=_request("1000.00", repeat_same_cause=True)), rules)
    assert (result.outcome, result.one_off_max) == ("eligible", Decimal("6510.00"))
    assert _texts(result, "repeat_same_cause") == ["同一事由再次申请，当地规则允许"]


@pytest.mark.parametrize(
    ("wage", "a_head", "outcome"),
    [
        ("11999.98", "5999.99", "eligible"),
        ("11999.99", "6000.00", "eligible"),
        ("12000.00", "6000.00", "ineligible"),
        ("12000.01", "6000.01", "ineligible"),
    ],
)
def test_linshi_asks_for_income_below_the_local_figure(wage, a_head, outcome, book) -> None:
    """温州 6,000 a head (演示值): two people, 12,000 together are not below."""
    facts = _household("linshi", _person(wage=wage), _person("B"), linshi=_request("1000.00"))
    result = assess(facts, book(DONGTOU, DAY))
    assert result.outcome == outcome
    shown = [line.amount for line in result.lines if line.code == "per_capita_income"]
    assert shown == [Decimal(a_head)]
    assert ("不低于" in _texts(result, "per_capita_income")[0]) == (outcome == "ineligible")
    assert result.one_off_max == (Decimal("13020.00") if outcome == "eligible" else None)


def test_a_care_grade_without_a_share_is_an_error(changed) -> None:
    """The nation fixes the grades only; 0 would be a wrong answer."""
    rules = changed(DONGTOU, **{"care.grades": '[{"code": "total", "label": "完全丧失", "from": "0"}]'})
    old = _person(birth_date=date(1950, 1, 1))
    with pytest.raises(NoRuleInForce, match="完全丧失的比例"):
        assess(_household("tekun", old, tekun=TekunFacts(True, True, "none", 6, "home")), rules)


def test_the_lines_stand_in_the_order_of_the_calculation(book) -> None:
    """Income of each with what is exempt and what working costs, then the household, then property."""
    award = (IncomeFact("bravery_award", Decimal("10.00")), IncomeFact("scholarship", Decimal("10.00")))
    worker = _person(wage="500.00", employment_cost=Decimal("50.00"), exempt_income=award)
    facts = _household("dibao", worker, _person("B"), rigid_expenditure_monthly=Decimal("20.00"))
    assert [line.code for line in assess(facts, book(DONGTOU, DAY)).lines] == [
        "member_income",
        "exempt_income",
        "exempt_income",
        "employment_cost",
        "member_income",
        "household_income",
        "rigid_expenditure",
        "assessed_income",
        "standard",
        "per_capita_income",
        "deposits_limit",
        "deposits_per_head",
        "vehicles",
        "non_residential_houses",
        "registered_capital",
        "monthly",
    ]


@pytest.mark.clause("L43-5")
@pytest.mark.parametrize(
    ("kind", "grade", "listed"),
    [
        ("intellectual", 3, True),
        ("mental", 3, True),
        ("mental", 4, False),
        ("physical", 2, True),
        ("physical", 3, False),
        ("vision", 1, True),
        ("vision", 2, False),
        ("hearing", 1, False),
        ("multiple", 1, False),
    ],
)
def test_whose_ability_to_work_needs_other_grounds_than_the_disability(kind, grade, listed, book) -> None:
    """智力、精神一至三级，肢体一、二级，视力一级; what was established decides all the same."""
    person = _person(disability=Disability(kind, grade))
    facts = _household("tekun", person, tekun=TekunFacts(True, True, "none", 0, "home"))
    result = assess(facts, book(DONGTOU, DAY))
    assert result.outcome == "eligible"
    assert ("须另有依据" in _texts(result, "no_work_ability")[0]) is not listed


@pytest.mark.parametrize(("deposits", "outcome"), [("26039.99", "eligible"), ("26040.00", "ineligible")])
def test_where_tekun_has_limits_of_property_they_are_those_of_one_person(deposits, outcome, changed) -> None:
    """2 × 12 × 1085 = 26040 for the applicant, whoever else lives there."""
    rules = changed(DONGTOU, **{"property.tekun.deposits_multiple": "2"})
    members = (_person(birth_date=date(1950, 1, 1)), _person("B", relation="spouse"))
    assets, said = Assets(deposits=Decimal(deposits)), TekunFacts(True, True, "none", 0, "home")
    result = assess(_household("tekun", *members, assets=assets, tekun=said), rules)
    assert (result.outcome, result.covered) == (outcome, ("A",) if outcome == "eligible" else ())


def test_a_limit_of_property_that_no_rule_sets_is_an_error_where_one_is_needed(book) -> None:
    """特困 may be without limits, 低保 may not: 福建's begin on 2021-01-01."""
    with pytest.raises(NoRuleInForce, match="property.dibao.deposits_multiple"):
        property_limits(book("350802", date(2020, 12, 31)), "dibao")
    assert property_limits(book("350802", DAY), "tekun", optional=True) == PropertyLimits(*[None] * 4)


@pytest.mark.clause("DT-9.1")
@pytest.mark.parametrize(
    ("of", "line"), [("330000", "2170.00"), ("330305", "1999.99"), ("330305001", "1999.99")]
)
def test_of_a_fixed_line_and_a_multiple_the_nearer_one_counts(of, line, changed) -> None:
    """洞头's own multiple gives 2 × 1085 = 2170; a fixed line of the province is further away."""
    rules = changed(DONGTOU, of=of, **{"standard.dibian": "1999.99"})
    result = assess(_household("dibian"), rules)
    assert [row.amount for row in result.lines if row.code == "standard"] == [Decimal(line)]


@pytest.mark.clause("JZ-12.5")
def test_the_reasons_of_a_refusal_are_the_lines_that_failed(book) -> None:
    area, facts = FACTS["two_reasons"]
    assert assess(facts, book(area, facts.on)).reasons == [
        "人均月收入：2,000.00 ÷ 1 人，不低于低保标准 1,085.00",
        "机动车：1 辆，不得拥有，超过限额（推定）",
    ]
