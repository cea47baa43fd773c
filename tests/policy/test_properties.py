"""What holds for every household under the rules of every district, not only for those worked by hand."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policy.assess import assess
from policy.household import (
    DISABILITY_KINDS,
    EXCLUSION_LABELS,
    INCOME_LABELS,
    LINSHI_CAUSES,
    LINSHI_KINDS,
    PLACEMENTS,
    RELATIONS,
    SUPPORTERS,
    Assets,
    Disability,
    Facts,
    IncomeFact,
    LinshiFacts,
    MemberFacts,
    TekunFacts,
)
from policy.rules import RuleBook

pytestmark = pytest.mark.django_db

TOWNS = ("330302006", "330305001", "330604001", "350802001", "410802001")
DAY = date(2023, 3, 1)
YUAN = st.integers(0, 400_000).map(lambda fen: Decimal(fen) / 100)
RICHES = st.integers(0, 30_000_000).map(lambda fen: Decimal(fen) / 100)

INCOME = st.builds(IncomeFact, st.sampled_from(list(INCOME_LABELS)), YUAN)
DISABILITY = st.builds(Disability, st.sampled_from(DISABILITY_KINDS), st.integers(1, 4))


def members() -> st.SearchStrategy:
    """One who applies and counts, and up to four others of any kind."""
    person = {
        "birth_date": st.dates(date(1930, 1, 1), DAY),
        "disability": st.none() | DISABILITY,
        "severe_illness": st.booleans(),
        "income": st.lists(INCOME, max_size=3).map(tuple),
        "employment_cost": YUAN,
    }
    other = st.builds(
        MemberFacts,
        key=st.just(""),
        relation=st.sampled_from(RELATIONS[1:]),
        co_living=st.booleans(),
        excluded=st.sampled_from(["", *EXCLUSION_LABELS]),
        **person,
    )
    first = st.builds(MemberFacts, key=st.just("A"), relation=st.just("self"), **person)
    rest = st.lists(other, max_size=4).map(
        lambda people: tuple(replace(one, key=f"B{n}") for n, one in enumerate(people))
    )
    return st.tuples(first, rest).map(lambda pair: (pair[0], *pair[1]))


HOUSEHOLDS = st.builds(
    Facts,
    programme=st.sampled_from(["dibao", "dibian", "tekun", "linshi"]),
    on=st.just(DAY),
    members=members(),
    assets=st.builds(Assets, RICHES, st.integers(0, 2), st.integers(0, 1), RICHES),
    rigid_expenditure_monthly=YUAN,
    purpose=st.sampled_from(["application", "recheck"]),
    linshi=st.builds(
        LinshiFacts, st.sampled_from(LINSHI_KINDS), st.sampled_from(LINSHI_CAUSES), YUAN, YUAN, st.booleans()
    ),
    tekun=st.builds(
        TekunFacts,
        st.booleans(),
        st.booleans(),
        st.sampled_from(SUPPORTERS),
        st.integers(0, 6),
        st.sampled_from(PLACEMENTS),
    ),
)


@pytest.fixture(scope="module")
def books(rule_tables, area) -> list[RuleBook]:
    return [RuleBook(area(code), DAY) for code in TOWNS]


def hold(test):
    """Every property is tried on many households; the rules are read once."""
    tried = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
    return tried(given(facts=HOUSEHOLDS, town=st.integers(0, len(TOWNS) - 1))(test))


@hold
def test_the_answer_is_whole(books, facts, town) -> None:
    """Known outcome, no negative amount, nobody covered who does not count, every amount in a line."""
    found = assess(facts, books[town].fresh())
    answer = found.as_json()
    assert found.outcome in {"eligible", "ineligible", "case_by_case"}
    assert found.authority in {"township", "district"}
    assert set(found.covered) <= {member.key for member in facts.counted}
    shown = {line["amount"] for line in answer["lines"]}
    for name in ("monthly", "one_off_max"):
        assert answer[name] is None or (Decimal(answer[name]) >= 0 and answer[name] in shown)
    assert (found.outcome == "case_by_case") == bool(found.circumstances)
    assert found.rule_ids
    if found.outcome == "ineligible":
        assert (found.monthly, found.one_off_max, found.covered) == (None, None, ())
        assert found.reasons


@hold
def test_the_same_household_gets_the_same_lines(books, facts, town) -> None:
    assert assess(facts, books[town].fresh()) == assess(facts, books[town].fresh())


@hold
def test_more_income_never_pays_more(books, facts, town) -> None:
    """One yuan more of other income for the applicant, at an application: never a fen more of 低保."""
    facts = replace(facts, programme="dibao", purpose="application")
    first, *rest = facts.members
    richer = replace(first, income=(*first.income, IncomeFact("other", Decimal("1.00"))))
    less = assess(facts, books[town].fresh())
    more = assess(replace(facts, members=(richer, *rest)), books[town].fresh())
    # Above the line one person alone may be covered (单人户); that is another benefit, not more of this one.
    if less.outcome == more.outcome == "eligible" and less.covered == more.covered:
        assert more.monthly <= less.monthly
    if less.outcome == "ineligible":
        assert more.outcome == "ineligible"


@hold
def test_who_does_not_count_changes_nothing(books, facts, town) -> None:
    """Neither the head nor the income of somebody who lives elsewhere."""
    gone = MemberFacts("Z", "other_supported", date(1980, 5, 1), co_living=False)
    gone = replace(gone, income=(IncomeFact("wage", Decimal("9999.00")),))
    with_gone = replace(facts, members=(*facts.members, gone))
    one, other = assess(facts, books[town].fresh()), assess(with_gone, books[town].fresh())
    assert (one.outcome, one.monthly, one.one_off_max, one.covered) == (
        other.outcome,
        other.monthly,
        other.one_off_max,
        other.covered,
    )


@hold
def test_only_the_money_of_one_programme_at_a_time(books, facts, town) -> None:
    """低边 is a status: whatever else a household could have, it never brings money of its own."""
    status = assess(replace(facts, programme="dibian"), books[town].fresh())
    assert (status.monthly, status.one_off_max) == (None, None)
    dibao = assess(replace(facts, programme="dibao", purpose="application"), books[town].fresh())
    assert dibao.outcome != "eligible" or dibao.monthly > 0
    assert dibao.one_off_max is None
