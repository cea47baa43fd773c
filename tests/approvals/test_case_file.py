"""卷宗: cover, index and every paper of a case in one file; what cannot be read is named, never an error."""

import re
import subprocess
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pypdf import PdfWriter

from approvals.documents import casefile
from approvals.documents.models import CaseFile
from approvals.documents.service import make_document, stored_bytes
from approvals.documents.tasks import bind_case_file, sweep_case_files
from approvals.enums import DocumentKind as Kind
from cases.enums import ApplicationState as State
from cases.enums import AttachmentKind
from cases.services import add_attachment
from common.errors import Refused
from common.pdf_join import UNREADABLE, join_apart
from organisations.enums import Post
from organisations.models import PersonalDataRead
from tests.approvals.builders import case_in
from tests.approvals.test_documents import n_pages
from tests.cases.builders import person_with

BROKEN = b"%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\n%%EOF"


def locked_pdf() -> bytes:
    """A PDF that asks for a password."""
    writer, buffer = PdfWriter(), BytesIO()
    writer.add_blank_page(200, 200)
    writer.encrypt("secret")
    writer.write(buffer)
    return buffer.getvalue() + b"\n%%EOF"


def pages_of(pdf: bytes) -> list[str]:
    shown = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return [re.sub(r"\s+", "", page) for page in shown.stdout.decode().split("\f")[:-1]]


@pytest.fixture
def case(office, clock):
    """About to be visited, with two scans that nobody can read."""
    case = case_in(State.VISITING, office=office, clock=clock)
    for content in (BROKEN, locked_pdf()):
        upload = SimpleUploadedFile("a.pdf", content, content_type="application/pdf")
        add_attachment(
            application=case,
            kind=AttachmentKind.REPORT,
            upload=upload,
            actor=office.handler,
            title="扫描件",
        )
    return case


def bound(case, office) -> tuple[CaseFile, bytes]:
    order = casefile.order_case_file(application=case, actor=office.handler)
    bind_case_file(order.pk)
    order.refresh_from_db()
    return order, stored_bytes(order.file.name, order.sha256, "test")


def test_everything_is_in_it_in_the_order_of_the_procedure(office, clock):
    case = case_in(State.REVIEWING, office=office, clock=clock)
    paper = make_document(application=case, kind=Kind.VISIT_FORM, actor=office.handler)
    order, content = bound(case, office)
    cover, index, form, photo = pages_of(content)
    for words in ("社会救助档案", case.number, "最低生活保障", "保管期限30年", "2件，2页", "洞头区北岙街道"):
        assert words in cover
    assert re.search(rf"1入户调查表{re.escape(paper.number)}.*2026-03-021", index)
    assert re.search(r"2入户照片.*2026-03-022", index)
    # The page numbers of the index stand on the pages.
    assert form.startswith("1浙江省最低生活保障对象入户调查表")
    assert photo == "2"
    assert (order.n_done, order.n_total, order.left_out) == (2, 2, [])


def test_what_cannot_be_read_is_named_and_stops_nothing(case, office):
    order, content = bound(case, office)
    index = pages_of(content)[1]
    assert index.count("（未能并入：文件损坏或者加密，") == 2
    assert [reason for _, reason in order.left_out] == [UNREADABLE] * 2
    assert n_pages(content) == 2


def test_a_file_that_is_not_the_one_on_record_is_named(office, clock):
    case = case_in(State.REVIEWING, office=office, clock=clock)
    paper = make_document(application=case, kind=Kind.VISIT_FORM, actor=office.handler)
    default_storage.delete(paper.file.name)
    default_storage.save(paper.file.name, ContentFile(b"%PDF-1.7 forged"))
    order, content = bound(case, office)
    assert [reason for _, reason in order.left_out] == [casefile.ALTERED]
    assert b"forged" not in content


def test_more_than_fits_is_named(office, clock, monkeypatch):
    case = case_in(State.REVIEWING, office=office, clock=clock)
    make_document(application=case, kind=Kind.VISIT_FORM, actor=office.handler)
    monkeypatch.setattr(casefile, "MOST_BYTES", 10)
    order, _ = bound(case, office)
    assert [reason for _, reason in order.left_out] == [casefile.TOO_MUCH] * 2


def test_nothing_to_bind(office, clock):
    with pytest.raises(Refused, match="提交后才有卷宗"):
        casefile.order_case_file(application=case_in(State.DRAFT, office=office), actor=office.handler)
    with pytest.raises(Refused, match="无可装订"):
        casefile.order_case_file(application=case_in(State.SUBMITTED, office=office), actor=office.handler)


def test_twice_is_harmless_and_a_lost_order_is_found(office, clock):
    case = case_in(State.REVIEWING, office=office, clock=clock)
    order = casefile.order_case_file(application=case, actor=office.handler)
    assert sweep_case_files() == 0
    clock.shift(3600)
    assert sweep_case_files() == 1
    order.refresh_from_db()
    first = order.sha256
    bind_case_file(order.pk)
    order.refresh_from_db()
    assert order.sha256 == first != ""


@pytest.mark.clause("LC-4.5")
def test_it_is_ordered_and_read_in_the_browser_and_the_reading_is_on_record(client, office, clock):
    case = case_in(State.REVIEWING, office=office, clock=clock)
    auditor = person_with(Post.AUDITOR, office.places.county)
    client.force_login(auditor)
    response = client.post(reverse("approvals:case_file_order", args=[case.pk]))
    order = CaseFile.objects.get()
    assert response["Location"] == reverse("approvals:case_file", args=[order.pk])
    waiting = client.get(response["Location"])
    assert waiting["Refresh"] == "3"
    assert client.get(reverse("approvals:case_file_pdf", args=[order.pk])).status_code == 404
    bind_case_file(order.pk)
    assert "打开 PDF" in client.get(response["Location"]).content.decode()
    assert not PersonalDataRead.objects.exists()
    answer = client.get(reverse("approvals:case_file_pdf", args=[order.pk]))
    assert b"".join(answer.streaming_content).startswith(b"%PDF")
    assert PersonalDataRead.objects.get().subject == f"case_file:{order.pk}"
    client.force_login(person_with(Post.HANDLER, office.places.other_township))
    assert client.get(response["Location"]).status_code == 404


def test_hostile_files_beside_good_ones():
    good = BytesIO()
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    writer.write(good)
    files = [good.getvalue(), BROKEN, locked_pdf(), b"\xff\xd8\xff nonsense", b"", good.getvalue()]
    content, told = join_apart(files)
    assert told == [1, UNREADABLE, UNREADABLE, UNREADABLE, UNREADABLE, 1]
    assert n_pages(content) == 2


def test_pages_are_numbered_however_they_lie():
    """Upright, turned by 90 degrees, and small: each has its number, and none is lost."""
    writer, file = PdfWriter(), BytesIO()
    for width, height, turned in ((595, 842, 0), (842, 595, 90), (200, 200, 0)):
        writer.add_blank_page(width, height).rotate(turned)
    writer.write(file)
    content, told = join_apart([file.getvalue()])
    assert told == [3]
    assert pages_of(content) == ["1", "2", "3"]
