"""What the database refuses by itself, broken by raw SQL one by one."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from cases.enums import Relation
from cases.models import (
    Attachment,
    CheckReport,
    DiscardedNumber,
    EconomicCheck,
    HomeVisit,
    IncomeItem,
    MaterialsNotice,
    PersonCorrection,
    VisitFinding,
)
from cases.services import prepare_submission, remember_person
from common.append_only import broken_links
from organisations.enums import Post
from tests.cases.builders import (
    build_places,
    draft_application,
    in_state,
    member_line,
    person_with,
    synthetic_id,
)

pytestmark = pytest.mark.django_db
FINDING = "INSERT INTO cases_visitfinding (visit_id, dimension, choice, note)"


def refused_by(name: str, sql: str, *params) -> None:
    """The statement fails, and for the reason named."""
    with pytest.raises(IntegrityError, match=name), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)


@pytest.fixture
def places():
    return build_places()


@pytest.fixture
def handler(places):
    return person_with(Post.HANDLER, places.township)


@pytest.fixture
def application(places, handler):
    spouse = member_line("王大海", relation=Relation.SPOUSE, id_number=synthetic_id(31))
    found = draft_application(
        places, member_line(id_number=synthetic_id(30), wage="500.00"), spouse, actor=handler
    )
    prepare_submission(application=found, actor=handler)
    return found


def visit_of(application, handler, **values) -> HomeVisit:
    return HomeVisit.objects.create(
        **{
            "application": application,
            "visited_at": timezone.now(),
            "first_visitor": handler,
            "second_visitor_name": "郑演示",
            "present_member": application.household.members.first(),
            "signed": True,
            "conclusion": "属实",
            "recorded_by": handler,
            "recorded_at": timezone.now(),
        }
        | values
    )


def report_of(application, handler, **values) -> CheckReport:
    check = EconomicCheck.objects.create(
        application=application, entrusted_by=handler, entrusted_at=timezone.now()
    )
    return CheckReport.objects.create(
        **{
            "check_entrusted": check,
            "number": "HD-1",
            "issued_on": date(2026, 3, 2),
            "data_as_of": date(2026, 3, 1),
            "conclusion": "相符",
            "source": "hand",
            "recorded_by": handler,
            "recorded_at": timezone.now(),
        }
        | values
    )


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("application_state_is_known", "state = 'paid', accepted_at = now()"),
        ("decided_when_final", "decided_at = now()"),
        ("decided_when_final", "state = 'refused', accepted_at = now()"),
        ("accepted_before_check", "state = 'checking'"),
    ],
)
def test_states_and_their_instants_agree(application, name, change):
    refused_by(name, f"UPDATE cases_application SET {change} WHERE id = %s", application.pk)


@pytest.mark.parametrize(
    ("name", "table", "change"),
    [
        ("household_amounts_are_not_negative", "household", "deposits = -1"),
        ("household_amounts_are_not_negative", "household", "rigid_expenditure_monthly = -0.01"),
        ("employment_cost_is_not_negative", "member", "employment_cost = -1"),
        ("disability_has_kind_and_grade", "member", "disability_kind = 'mental'"),
        ("disability_has_kind_and_grade", "member", "disability_grade = 2"),
        ("disability_has_kind_and_grade", "member", "disability_kind = 'mental', disability_grade = 5"),
        ("one_applicant_in_a_household", "member", "relation = 'self'"),
        ("income_is_not_negative", "incomeitem", "monthly = -1"),
        ("checked_income_has_its_report", "incomeitem", "origin = 'checked'"),
        ("person_sex_is_known", "person", "sex = 'x'"),
    ],
)
def test_declared_facts_are_in_range(application, name, table, change):
    refused_by(name, f"UPDATE cases_{table} SET {change}")


def test_a_person_stands_once_in_a_household(application):
    member = application.household.members.first()
    refused_by(
        "person_once_in_a_household",
        "UPDATE cases_member SET person_id = %s WHERE household_id = %s AND id <> %s",
        member.person_id,
        application.household_id,
        member.pk,
    )


def test_a_person_takes_one_place_in_a_programme(application, places):
    other = draft_application(
        places, member_line(id_number=synthetic_id(30)), village=places.other_township_village
    )
    refused_by(
        "person_in_one_case_of_a_programme",
        "UPDATE cases_member SET occupies = true WHERE household_id = %s",
        other.household_id,
    )


def test_a_number_is_given_once(application, places):
    other = draft_application(places)
    refused_by(
        "number", "UPDATE cases_application SET number = %s WHERE id = %s", application.number, other.pk
    )


def test_declared_facts_are_frozen_after_acceptance(application):
    in_state(application, "accepted")
    refused_by("frozen after acceptance", "UPDATE cases_household SET deposits = 0")
    refused_by("frozen after acceptance", "UPDATE cases_member SET severe_illness = true")
    refused_by("frozen after acceptance", "UPDATE cases_member SET authorised_on = '2026-01-01'")
    refused_by("frozen", "DELETE FROM cases_member")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cases_member SET occupies = false")
    refused_by("frozen", "UPDATE cases_incomeitem SET monthly = 0")
    refused_by("frozen", "DELETE FROM cases_incomeitem")


def test_a_report_and_its_income_are_never_altered(application, handler):
    report = report_of(application, handler)
    IncomeItem.objects.create(
        member=application.household.members.first(), origin="checked", report=report, kind="wage", monthly=1
    )
    refused_by("append-only", "UPDATE cases_checkreport SET deposits = 1")
    refused_by("append-only", "DELETE FROM cases_checkreport")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    refused_by("append-only", "TRUNCATE cases_checkreport CASCADE")
    refused_by("frozen", "UPDATE cases_incomeitem SET monthly = 0 WHERE report_id IS NOT NULL")


def test_one_check_a_round_and_one_report_a_check(application, handler):
    report = report_of(application, handler)
    refused_by(
        "one_check_a_round",
        "INSERT INTO cases_economiccheck (application_id, investigation_round, entrusted_by_id, entrusted_at)"
        " SELECT application_id, investigation_round, entrusted_by_id, now() FROM cases_economiccheck",
    )
    columns = "number, issued_on, data_as_of, deposits, vehicles, houses, non_residential_houses,"
    columns += " registered_capital, conclusion, source, recorded_by_id, recorded_at, check_entrusted_id"
    refused_by(
        "check_entrusted_id",
        f"INSERT INTO cases_checkreport ({columns}) SELECT {columns} FROM cases_checkreport",
    )
    assert CheckReport.objects.get() == report


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("report_amounts_are_not_negative", {"deposits": -1}),
        ("report_data_is_not_later_than_the_report", {"data_as_of": date(2026, 3, 3)}),
    ],
)
def test_a_report_is_in_range(application, handler, name, values):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        report_of(application, handler, **values)


def test_a_visit_is_by_two_different_people(application, handler):
    visit = visit_of(application, handler)
    refused_by(
        "visit_by_two_people",
        "UPDATE cases_homevisit SET second_visitor_id = first_visitor_id, second_visitor_name = ''",
    )
    refused_by("visit_by_two_people", "UPDATE cases_homevisit SET second_visitor_id = first_visitor_id")
    refused_by(
        "visit_by_two_people", "UPDATE cases_homevisit SET second_visitor_name = '', completed_at = now()"
    )
    refused_by("completed_visit_is_signed", "UPDATE cases_homevisit SET signed = false, completed_at = now()")
    refused_by(
        "completed_visit_is_signed",
        "UPDATE cases_homevisit SET present_member_id = NULL, completed_at = now()",
    )
    refused_by(
        "completed_visit_is_signed", "UPDATE cases_homevisit SET conclusion = '', completed_at = now()"
    )
    refused_by(
        "one_visit_a_round",
        "INSERT INTO cases_homevisit (application_id, investigation_round, visited_at, first_visitor_id,"
        " second_visitor_name, signed, neighbours, conclusion, recorded_by_id, recorded_at)"
        " SELECT application_id, investigation_round, visited_at, first_visitor_id, second_visitor_name,"
        " signed, neighbours, conclusion, recorded_by_id, recorded_at FROM cases_homevisit WHERE id = %s",
        visit.pk,
    )


@pytest.mark.clause("SY-A1.3")
def test_a_completed_visit_is_not_corrected_by_hand(application, handler):
    visit = visit_of(application, handler)
    VisitFinding.objects.create(visit=visit, dimension="housing", choice="自有")
    refused_by(
        "one_finding_a_dimension",
        FINDING + " VALUES (%s, 'housing', '租住', '')",
        visit.pk,
    )
    HomeVisit.objects.filter(pk=visit.pk).update(completed_at=timezone.now())
    refused_by("no corrections", "UPDATE cases_homevisit SET conclusion = '改'")
    refused_by("no corrections", "DELETE FROM cases_homevisit")
    refused_by("no corrections", "UPDATE cases_visitfinding SET choice = '租住'")
    refused_by("no corrections", "DELETE FROM cases_visitfinding")
    refused_by(
        "no corrections",
        FINDING + " VALUES (%s, 'health', '健康', '')",
        visit.pk,
    )


def test_a_notice_is_told_once_and_not_altered(application, handler):
    MaterialsNotice.objects.create(
        application=application, items=["身份证明"], issued_by=handler, issued_at=timezone.now()
    )
    refused_by(
        "application_id",
        "INSERT INTO cases_materialsnotice (application_id, items, note, issued_by_id, issued_at)"
        " SELECT application_id, items, note, issued_by_id, issued_at FROM cases_materialsnotice",
    )
    refused_by("never altered", "UPDATE cases_materialsnotice SET items = '[]'")
    refused_by("never altered", "DELETE FROM cases_materialsnotice")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cases_materialsnotice SET completed_at = now()")
    refused_by("never altered", "UPDATE cases_materialsnotice SET completed_at = NULL")


def test_a_material_stands_once_on_the_list(application):
    refused_by("material_once_an_application", "UPDATE cases_material SET code = 'id'")


def test_an_attachment_is_kept_as_it_was_uploaded(application, handler):
    Attachment.objects.create(
        application=application,
        kind="material",
        file="x.jpg",
        content_type="image/jpeg",
        size=1,
        sha256="0" * 64,
        uploaded_by=handler,
        uploaded_at=timezone.now(),
    )
    refused_by("kept as it was", "UPDATE cases_attachment SET sha256 = 'f'")
    in_state(application, "submitted")
    refused_by("kept as it was", "DELETE FROM cases_attachment")


def test_discarded_numbers_and_corrections_are_append_only(application, places, handler):
    DiscardedNumber.objects.create(
        number="DT-2026-999999",
        township=places.township,
        reason="重复",
        discarded_by=handler,
        discarded_at=timezone.now(),
    )
    refused_by("append-only", "UPDATE cases_discardednumber SET reason = ''")
    refused_by("append-only", "DELETE FROM cases_discardednumber")
    remember_person(name="林晓花", id_number=synthetic_id(30), actor=handler, correct_name=True)
    refused_by("append-only", "UPDATE cases_personcorrection SET before = ''")
    assert broken_links(PersonCorrection) == []
