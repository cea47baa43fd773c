"""Draft rules over the live cases of a township: by hand, resumed, and without touching a case."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection

from approvals.adjustments import services, slices, tasks
from approvals.adjustments.enums import Effect
from approvals.adjustments.models import WhatIfRun
from approvals.adjustments.queries import export_what_if, what_if_sheet
from cases.queries import assessment_facts, bulk_facts
from common.errors import Refused
from policy.models import Rule
from policy.rules import RuleBook
from tests.adjustments.builders import JANUARY, MARCH, drafted, ground, household, receiving, standard
from tests.cases.builders import draft_application, in_state, member_line
from tests.payments import builders as money

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 3, 2)


@pytest.fixture
def here(clock):
    return ground()


def tried(here, value="1135.00", *, area=None):
    draft = drafted(here, value, MARCH)
    run = services.start_what_if(area=area or here.county, drafts=[draft], on=TODAY, actor=here.writer)
    services.work_on_what_if(run.pk)
    run.refresh_from_db()
    return run


def test_a_draft_takes_the_place_of_the_published_rule_of_its_own_area(here):
    draft = drafted(here, "1200.00", MARCH)
    county = Rule(pk=-1, area=here.county, key="standard.dibao", value="9.00", valid_from=JANUARY)
    late = Rule(pk=-2, area=here.town, key="min_wage", value="1.00", valid_from=dt.date(2030, 1, 1))
    assert RuleBook(here.town, TODAY).text("standard.dibao") == "1085.00"
    book = RuleBook(here.town, TODAY, drafts=[county, draft, late])
    assert (book.text("standard.dibao"), book.used) == ("1200.00", [draft.pk])
    # The nearest area wins, draft or not; a draft that begins later is no rule of the day.
    assert RuleBook(here.town, TODAY, drafts=[county]).text("standard.dibao") == "1085.00"
    assert RuleBook(here.county, TODAY, drafts=[county]).text("standard.dibao") == "9.00"
    assert book.text("min_wage") != "1.00"


def test_a_rule_book_with_drafts_is_one_query(here, django_assert_num_queries):
    draft = drafted(here, "1200.00", MARCH)
    with django_assert_num_queries(1):
        RuleBook(here.town, TODAY, drafts=[draft])


def test_facts_of_many_are_those_of_one_in_a_fixed_number_of_queries(here, django_assert_num_queries):
    made = [household(here, "500.00", ""), household(here, "700.00"), household(here, "", "", "10.00")]
    with django_assert_num_queries(4):
        known = bulk_facts([one.pk for one in made])
    assert {pk: one.facts for pk, one in known.items()} == {one.pk: assessment_facts(one) for one in made}


def test_who_gains_who_enters_and_who_cannot_be_told(here):
    """1085.00 → 1135.00: 585.00 → 635.00; two with 300.00, 1870.00 → 1970.00; 1100.00 of wages, refused,
    enters with 35.00; nobody registered, nobody can tell.
    """
    one, two = receiving(here, "585.00", "500.00"), receiving(here, "1870.00", "300.00", "")
    refused = in_state(draft_application(here.payer.places, member_line(wage="1100.00")), "refused")
    blank = money.benefit(here.payer.villages[0], "50.00", number="OLD-1")
    run = tried(here)
    rows = {row.application_id: row for row in run.rows.all()}
    told = {pk: (row.effect, row.before, row.after) for pk, row in rows.items()}
    assert told == {
        one.application_id: (Effect.GAINS, Decimal("585.00"), Decimal("635.00")),
        two.application_id: (Effect.GAINS, Decimal("1870.00"), Decimal("1970.00")),
        refused.pk: (Effect.ENTERS, Decimal("0.00"), Decimal("35.00")),
        blank.application_id: (Effect.UNKNOWN, Decimal("50.00"), Decimal("50.00")),
    }
    sheet = what_if_sheet(run)
    assert (sheet.total.before, sheet.total.after) == (Decimal("2505.00"), Decimal("2690.00"))
    assert [(t.name, t.difference) for t in sheet.towns] == [("北岙街道", Decimal("185.00"))]
    assert run.finished_at
    assert one.revisions.get().monthly == Decimal("585.00")


def test_who_loses_and_who_leaves(here):
    """1085.00 → 900.00: 585.00 → 400.00; wages of 950.00 are no longer below the line."""
    stays, leaves = receiving(here, "585.00", "500.00"), receiving(here, "135.00", "950.00")
    rows = {row.application_id: row for row in tried(here, "900.00").rows.all()}
    assert (rows[stays.application_id].effect, rows[stays.application_id].after) == (
        "loses",
        Decimal("400.00"),
    )
    assert (rows[leaves.application_id].effect, rows[leaves.application_id].after) == (
        "leaves",
        Decimal("0.00"),
    )
    assert "人均月收入" in rows[leaves.application_id].why


def test_what_the_drafts_do_not_touch_is_unchanged_whatever_is_paid(here):
    benefit = receiving(here, "123.45", "500.00")
    row = tried(here, "1085.00").rows.get(application=benefit.application)
    assert (row.effect, row.before, row.after) == ("same", Decimal("123.45"), Decimal("123.45"))


def test_a_run_goes_on_after_a_crash_with_the_values_it_began_with(here, monkeypatch):
    monkeypatch.setattr(slices, "SIZE", 1)
    for _ in range(3):
        receiving(here, "585.00", "500.00")
    draft = drafted(here, "1135.00", MARCH)
    run = services.start_what_if(area=here.town, drafts=[draft], on=TODAY, actor=here.publisher)
    assert run.slices.count() == 3
    first = run.slices.order_by("pk").first()
    run.slices.exclude(pk=first.pk).update(cases=[2**62])
    services.work_on_what_if(run.pk)
    draft.delete()
    assert run.rows.get().after == Decimal("635.00")
    WhatIfRun.objects.filter(pk=run.pk).update(finished_at=None)
    tasks.run_what_if(run.pk)
    tasks.run_what_if(run.pk)
    run.refresh_from_db()
    assert (run.rows.count(), run.n_done) == (1, 3)
    assert run.finished_at


def test_nothing_of_a_person_is_kept(here):
    receiving(here, "585.00", "500.00")
    run = tried(here)
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(r)::text FROM adjustments_whatifrow r")
        kept = " ".join(row[0] for row in cursor.fetchall())
    assert "林" not in kept
    assert export_what_if(run)[:2] == b"PK"


@pytest.mark.parametrize("case", ["nobody", "early", "published", "reviewer", "no case"])
def test_what_cannot_be_tried(here, case):
    draft, on, actor = drafted(here, "1135.00", MARCH), TODAY, here.writer
    if case != "no case":
        receiving(here, "585.00", "500.00")
    drafts = [] if case == "nobody" else [draft]
    if case == "published":
        drafts = [standard(here, "1100.00", JANUARY)]
    if case == "early":
        on = dt.date(2026, 2, 28)
    if case == "reviewer":
        actor = here.reviewer
    match = {
        "nobody": "请选择",
        "early": "不生效",
        "published": "已经发布",
        "reviewer": "规则起草岗",
        "no case": "没有可以试算",
    }[case]
    with pytest.raises(Refused, match=match):
        services.start_what_if(area=here.town, drafts=drafts, on=on, actor=actor)
