"""The check and the visit: once a round, whole, and unalterable afterwards."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from cases.declarations import IncomeLine, ReportEntry, VisitEntry
from cases.enums import VISIT_CHOICES, AttachmentKind, ExemptKind, IncomeKind, Relation
from cases.queries import assessment_facts, current_report, current_visit
from cases.services import (
    add_attachment,
    complete_visit,
    entrust_check,
    prepare_submission,
    record_report,
    record_visit,
    sign_authorisation,
)
from common.errors import Refused
from organisations.enums import Post
from tests.cases.builders import build_places, draft_application, in_state, member_line, person_with

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def still(clock):
    return clock


@pytest.fixture
def places():
    return build_places()


@pytest.fixture
def handler(places):
    return person_with(Post.HANDLER, places.township)


@pytest.fixture
def application(places, handler):
    """Two adults, signed, being checked."""
    spouse = member_line("王大海", relation=Relation.SPOUSE, wage="800.00")
    found = draft_application(places, member_line(wage="500.00"), spouse, actor=handler)
    prepare_submission(application=found, actor=handler)
    for member in found.household.members.all():
        sign_authorisation(member=member, signed_on=DAY, actor=handler)
    return in_state(found, "checking")


@pytest.fixture
def checked(application, places):
    entrust_check(application=application, actor=person_with(Post.REVIEWER, places.township))
    return application


def photo(name="a.jpg") -> SimpleUploadedFile:
    buffer = BytesIO()
    Image.new("RGB", (20, 10), "green").save(buffer, "JPEG")
    return SimpleUploadedFile(name, buffer.getvalue(), "image/jpeg")


def entry(**values) -> ReportEntry:
    return ReportEntry(
        **{
            "number": "HD-2026-1",
            "issued_on": DAY,
            "data_as_of": DAY - timedelta(days=3),
            "conclusion": "相符",
        }
        | values
    )


def visit_entry(application, **values) -> VisitEntry:
    return VisitEntry(
        **{
            "visited_at": timezone.now() - timedelta(hours=1),
            "second_visitor_name": "郑演示",
            "present_member_id": application.household.members.first().pk,
            "signed": True,
            "conclusion": "情况属实。",
            "findings": {dimension: (choices[0], "") for dimension, choices in VISIT_CHOICES.items()},
        }
        | values
    )


@pytest.mark.clause("SY-A1.2")
def test_the_check_needs_every_signature_and_is_entrusted_once(places, handler):
    application = draft_application(places, actor=handler)
    prepare_submission(application=application, actor=handler)
    in_state(application, "accepted")
    reviewer = person_with(Post.REVIEWER, places.township)
    with pytest.raises(Refused, match="林\\*花尚未签署"):
        entrust_check(application=application, actor=reviewer)
    in_state(application, "submitted")
    sign_authorisation(member=application.household.members.get(), signed_on=DAY, actor=handler)
    in_state(application, "accepted")
    assert entrust_check(application=application, actor=reviewer).entrusted_by == reviewer
    with pytest.raises(Refused, match="已经委托"):
        entrust_check(application=application, actor=reviewer)


def test_a_report_comes_once_and_only_after_the_check_was_entrusted(application, places, handler):
    with pytest.raises(Refused, match="尚未委托"):
        record_report(application=application, entry=entry(), source="hand", actor=handler)
    entrust_check(application=application, actor=person_with(Post.REVIEWER, places.township))
    with pytest.raises(Refused, match="经办岗"):
        record_report(
            application=application,
            entry=entry(),
            source="hand",
            actor=person_with(Post.APPROVER, places.township),
        )
    record_report(application=application, entry=entry(), source="hand", actor=handler)
    with pytest.raises(Refused, match="不能重复录入"):
        record_report(application=application, entry=entry(number="HD-2"), source="hand", actor=handler)
    assert current_report(application).number == "HD-2026-1"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"issued_on": DAY + timedelta(days=1)}, "issued_on"),
        ({"data_as_of": DAY + timedelta(days=1)}, "data_as_of"),
    ],
)
def test_dates_of_a_report_are_in_order(checked, handler, values, field):
    with pytest.raises(Refused) as refusal:
        record_report(application=checked, entry=entry(**values), source="hand", actor=handler)
    assert refusal.value.field == field


def test_somebody_elses_income_is_refused(checked, handler, places):
    stranger = draft_application(places).household.members.get()
    income = {stranger.pk: (IncomeLine(IncomeKind.WAGE, Decimal("1.00")),)}
    with pytest.raises(Refused, match="不是本户成员"):
        record_report(application=checked, entry=entry(income=income), source="hand", actor=handler)


def test_the_report_replaces_what_it_speaks_of_and_the_greater_property_counts(checked, handler):
    """She declared 500, he 800; found are 620 and a pension of 150 for her, transfers of 90 for him."""
    her, him = checked.household.members.all()
    income = {
        her.pk: (
            IncomeLine(IncomeKind.WAGE, Decimal("620.00")),
            IncomeLine(IncomeKind.TRANSFER, Decimal("150.00"), exempt=ExemptKind.BASIC_PENSION),
        ),
        him.pk: (IncomeLine(IncomeKind.TRANSFER, Decimal("90.00")),),
    }
    before = assessment_facts(checked)
    assert [[(i.kind, i.monthly) for i in m.income] for m in before.members] == [
        [("wage", Decimal("500.00"))],
        [("wage", Decimal("800.00"))],
    ]
    record_report(
        application=checked,
        entry=entry(income=income, deposits=Decimal("9000.00"), vehicles=1),
        source="hand",
        actor=handler,
    )
    after = assessment_facts(checked)
    assert [(i.kind, i.monthly) for i in after.members[0].income] == [("wage", Decimal("620.00"))]
    assert [(i.kind, i.monthly) for i in after.members[0].exempt_income] == [
        ("basic_pension", Decimal("150.00"))
    ]
    assert [(i.kind, i.monthly) for i in after.members[1].income] == [
        ("wage", Decimal("800.00")),
        ("transfer", Decimal("90.00")),
    ]
    assert after.assets.deposits == Decimal("12000.00"), "declared 12,000 is more than the 9,000 found"
    assert after.assets.vehicles == 1
    assert after.on == DAY


def test_a_kind_looked_for_and_not_found_replaces_what_was_declared(checked, handler):
    him = checked.household.members.get(person__name="王大海")
    income = {him.pk: (IncomeLine(IncomeKind.WAGE, Decimal("0.00")),)}
    record_report(application=checked, entry=entry(income=income), source="hand", actor=handler)
    assert [i.monthly for i in assessment_facts(checked).members[1].income] == [Decimal("0.00")]


@pytest.mark.clause("LC-2.1")
def test_a_visit_is_complete_with_two_people_six_dimensions_photo_and_signatures(application, handler):
    record_visit(
        application=application,
        entry=VisitEntry(visited_at=timezone.now(), findings={"housing": ("自有", "")}),
        actor=handler,
    )
    with pytest.raises(Refused) as refusal:
        complete_visit(application=application, actor=handler)
    for gap in (
        "调查人二",
        "经济状况",
        "健康状况",
        "教育状况",
        "就业状况",
        "社会参与",
        "在场成员",
        "照片",
        "签字",
    ):
        assert gap in refusal.value.message
    assert "居住状况" not in refusal.value.message
    record_visit(application=application, entry=visit_entry(application), actor=handler)
    with pytest.raises(Refused, match="入户照片"):
        complete_visit(application=application, actor=handler)
    add_attachment(application=application, kind=AttachmentKind.VISIT_PHOTO, upload=photo(), actor=handler)
    assert complete_visit(application=application, actor=handler).completed_at is not None
    with pytest.raises(Refused, match="不能更改"):
        record_visit(application=application, entry=visit_entry(application, conclusion="改"), actor=handler)
    assert current_visit(application).conclusion == "情况属实。"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"second_visitor_name": " 演示甲 "}, "second_visitor_name"),
        ({"visited_at": datetime(2026, 3, 2, 1, 1, tzinfo=UTC)}, "visited_at"),
        ({"present_member_id": -1}, "present_member"),
    ],
)
def test_a_visit_names_another_person_a_past_time_and_a_member(application, places, change, field):
    actor = person_with(Post.HANDLER, places.township, name="演示甲")
    with pytest.raises(Refused) as refusal:
        record_visit(application=application, entry=visit_entry(application, **change), actor=actor)
    assert refusal.value.field == field


def test_the_second_visitor_is_not_the_first(application, handler):
    with pytest.raises(Refused, match="另一名"):
        record_visit(
            application=application,
            entry=visit_entry(application, second_visitor_id=handler.pk, second_visitor_name=""),
            actor=handler,
        )


def test_a_new_round_visits_again_and_may_check_again(checked, handler, places):
    """After an objection the report stays until a new check is entrusted; then only its own report counts."""
    record_report(application=checked, entry=entry(), source="hand", actor=handler)
    record_visit(application=checked, entry=visit_entry(checked), actor=handler)
    type(checked).objects.filter(pk=checked.pk).update(investigation_round=2)
    checked.refresh_from_db()
    assert current_report(checked).number == "HD-2026-1"
    assert current_visit(checked) is None
    entrust_check(application=checked, actor=person_with(Post.REVIEWER, places.township))
    assert current_report(checked) is None
    record_report(application=checked, entry=entry(number="HD-9"), source="hand", actor=handler)
    assert current_report(checked).number == "HD-9"
