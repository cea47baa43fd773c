"""Making, opening and printing forms in the browser: scope, posts, records of reading, a worker for many."""

import hashlib

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from approvals.documents import batches
from approvals.documents.models import DocumentBatch
from approvals.documents.service import document_bytes, make_document
from approvals.documents.tasks import LOST_AFTER, draw_document_batch, sweep_document_batches
from approvals.enums import DocumentKind as Kind
from approvals.models import Document
from cases.enums import ApplicationState as State
from organisations.enums import Post
from organisations.models import PersonalDataRead
from tests.approvals.builders import case_in
from tests.approvals.test_documents import n_pages, text_of
from tests.cases.builders import person_with

BATCH = "/approvals/documents/batch/"


@pytest.fixture
def case(office, clock):
    return case_in(State.PUBLISHED, office=office, clock=clock)


@pytest.fixture
def paper(case, office) -> Document:
    return make_document(application=case, kind=Kind.VISIT_FORM, actor=office.handler)


def url_of(document: Document) -> str:
    return reverse("approvals:document", args=[document.pk])


def test_a_form_is_made_by_a_plain_post_and_opened_unchanged(client, case, office):
    client.force_login(office.handler)
    address = reverse("approvals:document_make", args=[case.pk])
    response = client.post(address, {"kind": "visit_form"}, follow=True)
    assert "入户调查表已制作" in response.content.decode()
    document = Document.objects.get()
    assert document.sha256[:12] in response.content.decode()
    contents = [b"".join(client.get(url_of(document)).streaming_content) for _ in range(2)]
    assert contents[0] == contents[1]
    assert hashlib.sha256(contents[0]).hexdigest() == document.sha256
    client.post(address, {"kind": "visit_form"})
    assert Document.objects.get() == document


def test_the_answer_is_private_and_its_name_names_nobody(client, paper, office):
    client.force_login(office.handler)
    response = client.get(url_of(paper), {"download": "1"})
    assert response["Content-Type"] == "application/pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]
    assert response["Content-Disposition"].startswith("attachment")
    assert paper.application.applicant_name not in response["Content-Disposition"]


def test_each_opening_of_personal_data_is_on_record(client, case, paper, office):
    client.force_login(office.handler)
    client.get(url_of(paper))
    read = PersonalDataRead.objects.get()
    assert (read.user, read.subject, read.fields) == (
        office.handler,
        f"document:{paper.pk}",
        "文书：入户调查表",
    )
    board = make_document(application=case, kind=Kind.NOTICE_FORM, actor=office.handler)
    assert client.get(url_of(board)).status_code == 200
    assert PersonalDataRead.objects.count() == 1


def test_out_of_reach_is_404_and_the_wrong_post_403(client, case, paper, office):
    make = reverse("approvals:document_make", args=[case.pk])
    client.force_login(person_with(Post.HANDLER, office.places.other_township))
    assert client.get(url_of(paper)).status_code == 404
    assert client.post(make, {"kind": "notice_form"}).status_code == 404
    client.force_login(office.helper)
    assert client.get(url_of(paper)).status_code == 403
    assert client.post(make, {"kind": "notice_form"}).status_code == 403
    assert client.get(BATCH).status_code == 403
    client.force_login(person_with(Post.AUDITOR, office.places.county))
    assert client.get(url_of(paper)).status_code == 200
    assert client.post(make, {"kind": "notice_form"}).status_code == 403
    assert client.get(make).status_code == 405
    assert Document.objects.count() == 1


def test_what_cannot_be_made_is_said(client, case, office):
    client.force_login(office.handler)
    make = reverse("approvals:document_make", args=[case.pk])
    assert "尚未作出审批决定" in client.post(make, {"kind": "decision_form"}, follow=True).content.decode()
    assert "没有这种文书" in client.post(make, {"kind": "x'\x00--"}, follow=True).content.decode()
    assert not Document.objects.exists()


def test_an_altered_file_is_refused_loudly(client, paper, office):
    client.force_login(office.handler)
    default_storage.delete(paper.file.name)
    default_storage.save(paper.file.name, ContentFile(b"%PDF-1.7 forged"))
    response = client.get(url_of(paper))
    assert response.status_code == 409
    assert "已拒绝提供" in response.content.decode()
    assert b"forged" not in response.content
    assert not PersonalDataRead.objects.exists()


def order(client, **fields) -> DocumentBatch:
    response = client.post(BATCH, fields)
    assert response.status_code == 302, response.content.decode()
    return DocumentBatch.objects.get(pk=int(response["Location"].rstrip("/").split("/")[-1]))


def test_a_village_month_is_printed_in_one_file(client, office, clock, monkeypatch):
    monkeypatch.setattr(batches, "SLICE", 1)
    cases = [case_in(State.PUBLISHED, office=office, clock=clock) for _ in range(2)]
    client.force_login(office.handler)
    batch = order(client, kind="notice_form", area=office.village.code, month="2026-03")
    assert sorted(batch.applications) == sorted(case.pk for case in cases)
    address = reverse("approvals:documents_progress", args=[batch.pk])
    waiting = client.get(address)
    assert waiting["Refresh"] == "3"
    assert "0 / 2" in waiting.content.decode()
    assert client.get(f"{address}file/").status_code == 404
    draw_document_batch(batch.pk)
    done = client.get(address)
    assert "Refresh" not in done
    assert "打开 PDF" in done.content.decode()
    content = b"".join(client.get(f"{address}file/").streaming_content)
    assert n_pages(content) == 2
    assert text_of(content).count("浙江省最低生活保障对象办理公示表") == 2
    made = Document.objects.filter(kind="notice_form")
    assert sorted(document.application_id for document in made) == sorted(batch.applications)
    assert [n_pages(document_bytes(document)) for document in made] == [1, 1]


def test_chosen_applications_keep_their_order_and_the_rest_is_explained(client, office, clock):
    finished, unfinished = (
        case_in(state, office=office, clock=clock) for state in (State.REVIEWING, State.VISITING)
    )
    client.force_login(office.reviewer)
    batch = order(client, kind="visit_form", applications=[unfinished.pk, finished.pk])
    assert batch.applications == [unfinished.pk, finished.pk]
    draw_document_batch(batch.pk)
    page = client.get(reverse("approvals:documents_progress", args=[batch.pk])).content.decode()
    assert unfinished.number in page
    assert "本轮入户调查尚未完成" in page
    assert "打开 PDF" in page


def test_an_application_out_of_reach_is_404(client, case, office):
    client.force_login(person_with(Post.HANDLER, office.places.other_township))
    for chosen in ([case.pk], ["x"], ["-1"], ["9" * 30], [case.pk, "１"]):
        response = client.post(BATCH, {"kind": "visit_form", "applications": chosen})
        assert response.status_code == 404
    assert not DocumentBatch.objects.exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "notice_form", "month": "2026-13"}, "请填写年和月"),
        ({"kind": "notice_form", "month": "三月"}, "请填写年和月"),
        ({"kind": "notice_form", "month": "2026-03", "area": "999"}, "选择"),
        ({"kind": "x", "month": "2026-03"}, "选择"),
        ({"kind": "notice_form", "month": "2025-03"}, "没有符合条件的申请"),
    ],
)
def test_bad_choices_are_named(client, case, office, fields, said):
    client.force_login(office.handler)
    response = client.post(BATCH, fields)
    assert response.status_code == 200
    assert said in response.content.decode()
    assert not DocumentBatch.objects.exists()


def test_more_than_fit_are_asked_to_be_split(client, case, office, monkeypatch):
    monkeypatch.setattr(batches, "MOST", 0)
    client.force_login(office.handler)
    response = client.post(BATCH, {"kind": "notice_form", "month": "2026-03"})
    assert "请按村（社区）分批" in response.content.decode()


def test_an_order_is_its_owners(client, case, office):
    batch = DocumentBatch.objects.create(
        kind="visit_form", applications=[case.pk], ordered_by=office.handler, ordered_at=timezone.now()
    )
    draw_document_batch(batch.pk)
    address = reverse("approvals:documents_progress", args=[batch.pk])
    client.force_login(office.reviewer)
    assert [client.get(a).status_code for a in (address, f"{address}file/")] == [404, 404]
    client.force_login(office.handler)
    assert [client.get(a).status_code for a in (address, f"{address}file/")] == [200, 200]


def test_drawing_twice_changes_nothing_and_a_lost_order_is_found(case, office, clock):
    batch = DocumentBatch.objects.create(
        kind="visit_form", applications=[case.pk], ordered_by=office.handler, ordered_at=timezone.now()
    )
    assert sweep_document_batches() == 0
    clock.shift(LOST_AFTER * 2)
    assert sweep_document_batches() == 1
    batch.refresh_from_db()
    first = (batch.file.name, batch.sha256, batch.finished_at)
    clock.shift(60)
    draw_document_batch(batch.pk)
    assert sweep_document_batches() == 0
    batch.refresh_from_db()
    assert (batch.file.name, batch.sha256, batch.finished_at) == first
    assert Document.objects.count() == 1
    assert document_bytes(Document.objects.get())


def test_a_finished_order_has_its_file_in_the_database_too(case, office):
    batch = DocumentBatch.objects.create(
        kind="visit_form", applications=[case.pk], ordered_by=office.handler, ordered_at=timezone.now()
    )
    with (
        pytest.raises(IntegrityError, match="finished_batch_has_its_file"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE approvals_documentbatch SET sha256 = 'x' WHERE id = %s", [batch.pk])
