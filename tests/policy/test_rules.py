"""Looking rules up: nearest area, as of a day, one query, and an error instead of 0."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from policy.keys import KEYS
from policy.models import Rule
from policy.rules import NoRuleInForce, Period, RuleBook, rules_in_force, would_hold

pytestmark = pytest.mark.django_db
DAY = date(2023, 3, 1)


def test_a_book_is_read_by_one_query(area) -> None:
    place = area("330305001")
    with CaptureQueriesContext(connection) as captured:
        book = RuleBook(place, DAY)
        book.period("deadline.dibao.total")
        book.items("materials.dibao")
        _ = book.rule("standard.dibao").clause, book.rule("standard.dibao").document.title
        _ = book.rule("standard.dibao").area.name
    assert len(captured) == 1


def test_used_lists_the_rules_consulted_once_each_in_order(area) -> None:
    book = RuleBook(area("330305001"), DAY)
    book.decimal("standard.dibao")
    book.period("deadline.dibao.total")
    book.decimal("standard.dibao")
    keys = dict(Rule.objects.values_list("pk", "key"))
    assert [keys[pk] for pk in book.used] == ["standard.dibao", "deadline.dibao.total"]


@pytest.mark.parametrize(
    ("code", "on", "wage"),
    [
        ("330305", date(2021, 7, 31), "1800.00"),
        ("330305002", date(2021, 7, 31), "2010.00"),
        ("330305002", date(2021, 8, 1), "2280.00"),
        ("330305", date(2021, 8, 1), "2280.00"),
        ("330305002", date(2023, 12, 31), "2280.00"),
        ("330305002", date(2024, 1, 1), "2490.00"),
        ("330604001", date(2024, 1, 1), "2260.00"),
    ],
)
def test_the_nearest_area_wins_on_the_day(area, code: str, on: date, wage: str) -> None:
    assert RuleBook(area(code), on).decimal("min_wage") == Decimal(wage)


def test_no_rule_is_an_error_that_names_rule_area_and_day(area) -> None:
    with pytest.raises(NoRuleInForce) as refusal:
        RuleBook(area("350802"), date(2020, 12, 31)).decimal("standard.dibao")
    assert "standard.dibao" in str(refusal.value)
    assert "新罗区" in str(refusal.value)
    assert "2020-12-31" in str(refusal.value)


def test_a_day_before_every_document_has_no_rule(area) -> None:
    with pytest.raises(NoRuleInForce):
        RuleBook(area("330305"), date(2010, 1, 1)).period("deadline.dibao.total")


def test_one_rule_a_key_nearest_first(area) -> None:
    rules = rules_in_force(area("330305002"), date(2021, 7, 15))
    keys = [rule.key for rule in rules]
    assert len(keys) == len(set(keys))
    lengths = [rule.area.code_length for rule in rules]
    assert lengths == sorted(lengths, reverse=True)
    assert rules[0].area.code == "330305002"


@pytest.mark.clause("DT-1.3")
def test_dongtou_samples_thirty_per_cent(area) -> None:
    book = RuleBook(area("330305"), DAY)
    assert book.decimal("sampling.dibao.ratio") == Decimal("0.30")
    assert book.rule("sampling.dibao.ratio").clause_id == "DT-1.3"
    assert book.decimal("sampling.linshi.ratio") == Decimal("0.20")


@pytest.mark.clause("SY-4.3")
def test_shangyu_sampling_ratio_is_marked_as_assumption(area) -> None:
    rule = RuleBook(area("330604"), DAY).rule("sampling.dibao.ratio")
    assert (rule.value, rule.certainty, rule.clause_id) == ("0.30", "assumption", "SY-4.3")


@pytest.mark.clause("DT-8.2")
def test_dongtou_townships_pay_by_the_tenth(area) -> None:
    book = RuleBook(area("330305001"), DAY)
    assert (book.text("payments.dibao.payer"), book.integer("payments.dibao.due_day")) == ("township", 10)


@pytest.mark.clause("SY-5.1")
def test_shangyu_pays_by_the_county(area) -> None:
    book = RuleBook(area("330604001"), DAY)
    assert (book.text("payments.dibao.payer"), book.integer("payments.dibao.due_day")) == ("county", 10)


@pytest.mark.clause("L57-2")
@pytest.mark.clause("SY-2.1")
@pytest.mark.clause("SY-0.1")
def test_shangyu_townships_decide_from_2023_on(area) -> None:
    assert RuleBook(area("330604"), date(2022, 12, 31)).text("decision.dibao.authority") == "county"
    assert RuleBook(area("330604"), date(2023, 1, 1)).text("decision.dibao.authority") == "township"


@pytest.mark.clause("DT-9.1")
def test_dongtou_dibian_line_is_twice_the_standard_capped_by_the_minimum_wage(area) -> None:
    book = RuleBook(area("330305"), DAY)
    assert book.decimal("standard.dibian.multiple") == 2
    assert book.flag("standard.dibian.capped_by_min_wage") is True
    assert RuleBook(area("330604"), DAY).decimal("standard.dibian.multiple") == Decimal("1.5")


@pytest.mark.clause("SY-A1.1b")
def test_shangyu_asks_for_its_own_papers(area) -> None:
    papers = {item["code"]: item for item in RuleBook(area("330604"), DAY).items("materials.dibao")}
    assert set(papers) == {"identity", "household_register", "joint_application_form"}
    assert papers["household_register"]["condition"] == "minor"


@pytest.mark.clause("L57-9")
@pytest.mark.clause("L43-10")
def test_where_nothing_else_is_said_the_nation_says_which_papers(area) -> None:
    book = RuleBook(area("350802"), DAY)
    own = {"application_form", "identity", "authorisation", "promise"}
    assert {item["code"] for item in book.items("materials.dibao")} == own | {"household_register"}
    tekun = {item["code"]: item for item in book.items("materials.tekun")}
    assert set(tekun) == own | {"declaration", "disability_certificate"}
    assert tekun["disability_certificate"]["condition"] == "disability"


@pytest.mark.clause("MFD-204")
def test_units_are_never_converted(area) -> None:
    assert RuleBook(area("330305"), DAY).period("deadline.dibao.total") == Period(20, "cd")
    assert RuleBook(area("330604"), DAY).period("deadline.dibao.total") == Period(20, "wd")


def test_every_published_key_is_known(rule_tables) -> None:
    assert set(Rule.objects.values_list("key", flat=True)) <= set(KEYS)


def test_keys_fit_the_column(rule_tables) -> None:
    assert max(map(len, KEYS)) <= Rule._meta.get_field("key").max_length


@pytest.mark.parametrize(
    ("on", "holds"),
    [
        (date(2023, 2, 28), False),
        (date(2023, 3, 1), True),
        (date(2023, 3, 31), True),
        (date(2023, 4, 1), False),
        (date(2023, 4, 2), False),
    ],
)
def test_a_rule_no_longer_holds_on_the_day_of_its_end(on: date, holds: bool) -> None:
    rule = Rule(valid_from=date(2023, 3, 1), valid_to=date(2023, 4, 1))
    assert would_hold(rule, on) is holds
    rule.valid_to = None
    assert would_hold(rule, on) is (on >= rule.valid_from)


@pytest.mark.parametrize(
    ("of", "first_day", "wage"),
    [
        ("330305", date(2023, 3, 1), "1.00"),
        ("330000", date(2023, 3, 1), "2280.00"),
        ("330604", date(2023, 3, 1), "2280.00"),
        ("330305", date(2023, 3, 2), "2280.00"),
    ],
)
def test_a_draft_is_tried_where_and_when_it_would_hold(of: str, first_day: date, wage: str, area) -> None:
    """Not in another county, not before its first day; a nearer published rule still wins."""
    draft = Rule(area=area(of), key="min_wage", value="1.00", valid_from=first_day)
    assert RuleBook(area("330305001"), DAY, drafts=[draft]).decimal("min_wage") == Decimal(wage)
