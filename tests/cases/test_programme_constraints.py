"""What the database refuses by itself about 特困, 临时救助 and exclusivity, broken by raw SQL one by one."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from cases.enums import AttachmentKind, Programme
from cases.models import LinshiRequest, Member
from cases.services import (
    add_attachment,
    complete_visit,
    prepare_submission,
    record_care_agreement,
    record_visit,
)
from organisations.enums import Post
from tests.cases.builders import (
    build_places,
    care_entry,
    draft_application,
    flag_rule,
    in_state,
    linshi_entry,
    member_line,
    person_with,
    photo,
    self_care_entry,
    synthetic_id,
    visit_entry,
)
from tests.cases.test_constraints import refused_by

pytestmark = pytest.mark.django_db
STAGES = ((date(2026, 4, 1), Decimal("2000.00")), (date(2026, 5, 1), Decimal("1000.00")))


@pytest.fixture
def places():
    return build_places()


@pytest.fixture
def handler(places):
    return person_with(Post.HANDLER, places.township)


@pytest.fixture
def drafted(places, handler):
    def make(programme, n=70, **values):
        line = member_line("林小花", id_number=synthetic_id(n))
        return draft_application(places, line, actor=handler, programme=programme, **values)

    return make


@pytest.fixture
def tekun(drafted, handler):
    application = drafted(Programme.TEKUN)
    prepare_submission(application=application, actor=handler)
    return in_state(application, "visiting")


@pytest.mark.parametrize("other", [Programme.DIBIAN, Programme.TEKUN])
def test_a_person_takes_one_place_in_the_three_programmes(drafted, handler, other):
    prepare_submission(application=drafted(Programme.DIBAO), actor=handler)
    second = drafted(other).household_id
    sql = "UPDATE cases_member SET occupies = true WHERE household_id = %s"
    refused_by("person_in_one_standing_programme", sql, second)
    beside = drafted(Programme.LINSHI).household_id
    assert Member.objects.filter(household=beside).update(occupies=True) == 1
    refused_by("person_in_one_case_of_a_programme", sql, drafted(Programme.LINSHI).household_id)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("linshi_kind_is_known", "kind = 'loan'"),
        ("linshi_cause_is_known", "cause = 'luck'"),
        ("linshi_request_is_positive", "requested = 0"),
        ("residual_medical_is_not_negative", "residual_medical = -0.01"),
    ],
)
def test_a_request_holds_what_can_be(drafted, name, change):
    application = drafted(Programme.LINSHI)
    refused_by(name, f"UPDATE cases_linshirequest SET {change} WHERE application_id = %s", application.pk)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("tekun_supporter_is_known", "supporter = 'cousin'"),
        ("tekun_placement_is_known", "placement = 'hotel'"),
    ],
)
def test_a_declaration_holds_what_can_be(drafted, name, change):
    application = drafted(Programme.TEKUN)
    refused_by(name, f"UPDATE cases_tekundeclaration SET {change} WHERE application_id = %s", application.pk)


@pytest.fixture
def staged(places, drafted):
    flag_rule(places.county, "linshi.instalments")
    return drafted(Programme.LINSHI, linshi=linshi_entry(instalments=STAGES))


@pytest.mark.clause("DT-3.3")
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE cases_linshiinstalment SET amount = amount + 0.01 WHERE request_id = %s",
        "DELETE FROM cases_linshiinstalment WHERE due_on = '2026-05-01' AND request_id = %s",
        "INSERT INTO cases_linshiinstalment (request_id, due_on, amount) VALUES (%s, '2026-06-01', 1)",
    ],
)
def test_a_plan_that_does_not_sum_to_the_request_is_not_committed(staged, sql):
    request = LinshiRequest.objects.get().pk
    refused_by("does not sum to the request", f"SET CONSTRAINTS ALL IMMEDIATE; {sql}", request)


@pytest.mark.clause("DT-3.3")
def test_stages_are_positive_and_on_days_of_their_own(staged):
    request = LinshiRequest.objects.get().pk
    one = "INSERT INTO cases_linshiinstalment (request_id, due_on, amount)"
    refused_by("one_instalment_a_day", f"{one} VALUES (%s, '2026-04-01', 1)", request)
    refused_by("instalment_is_positive", f"{one} VALUES (%s, '2026-07-01', 0)", request)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE cases_linshirequest SET requested = 9000",
        "DELETE FROM cases_linshirequest",
        "UPDATE cases_linshiinstalment SET due_on = due_on + 1",
        "DELETE FROM cases_linshiinstalment",
        "INSERT INTO cases_linshiinstalment (request_id, due_on, amount)"
        " SELECT id, '2026-09-01', 1 FROM cases_linshirequest",
    ],
)
def test_a_request_is_frozen_with_acceptance(staged, sql):
    in_state(staged, "accepted")
    refused_by("declared facts are frozen", sql)


@pytest.mark.parametrize(
    "sql",
    ["UPDATE cases_tekundeclaration SET placement = 'institution'", "DELETE FROM cases_tekundeclaration"],
)
def test_a_declaration_is_frozen_with_acceptance(tekun, sql):
    refused_by("declared facts are frozen", sql)


@pytest.mark.clause("DT-2.2")
def test_an_assessment_is_frozen_with_the_visit(tekun, handler):
    seen = visit_entry(tekun, self_care=self_care_entry())
    add_attachment(application=tekun, kind=AttachmentKind.VISIT_PHOTO, upload=photo(), actor=handler)
    record_visit(application=tekun, entry=seen, actor=handler)
    refused_by(
        "one_self_care_assessment_a_round",
        "INSERT INTO cases_selfcareassessment (application_id, investigation_round, assessors, entrusted_to,"
        " recorded_by_id, recorded_at) SELECT application_id, investigation_round, '', '', recorded_by_id,"
        " now() FROM cases_selfcareassessment",
    )
    complete_visit(application=tekun, actor=handler)
    for sql in (
        "UPDATE cases_selfcareassessment SET can_bathe = true",
        "DELETE FROM cases_selfcareassessment",
    ):
        refused_by("no corrections after the visit", sql)


@pytest.fixture
def agreement(tekun, handler):
    return record_care_agreement(application=tekun, entry=care_entry(), actor=handler)


@pytest.mark.clause("SY-A2.1a")
def test_an_agreement_is_never_altered(agreement):
    refused_by("append-only", "UPDATE cases_careagreement SET payee_name = '别人'")
    refused_by("append-only", "DELETE FROM cases_careagreement")
    refused_by("append-only", "SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE cases_careagreement")


_COLUMNS = (
    "application_id, placement, kind, name, payee_name, payee_bank, payee_account, signed_on,"
    " signed_by_person, recorded_by_id, recorded_at"
)


@pytest.mark.clause("SY-A2.1a")
@pytest.mark.parametrize(
    ("name", "column", "value"),
    [
        ("care_agreement_is_signed", "signed_by_person", "false"),
        ("carer_matches_the_placement", "kind", "'institution'"),
        ("care_agreement_names_its_payee", "payee_name", "''"),
    ],
)
def test_an_agreement_is_signed_and_names_who_is_paid(agreement, name, column, value):
    wrong = _COLUMNS.replace(column, value)
    refused_by(name, f"INSERT INTO cases_careagreement ({_COLUMNS}) SELECT {wrong} FROM cases_careagreement")


def test_no_agreement_is_slipped_in_after_the_decision_or_elsewhere(agreement, drafted, tekun, handler):
    copy = f"INSERT INTO cases_careagreement ({_COLUMNS}) SELECT {_COLUMNS} FROM cases_careagreement"
    in_state(tekun, "approved")
    refused_by("only for a 特困 application", copy)
    dibao = drafted(Programme.DIBAO, 71)
    prepare_submission(application=dibao, actor=handler)
    refused_by("only for a 特困 application", copy.replace("SELECT application_id", f"SELECT {dibao.pk}"))


def test_accounts_and_telephones_of_carers_are_encrypted(agreement):
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(a)::text FROM cases_careagreement a")
        stored = cursor.fetchone()[0]
    assert "陈照料" in stored
    assert "6222020000000000099" not in stored
    assert "13800005678" not in stored
