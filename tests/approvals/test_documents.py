"""The forms: right words, rare characters, made once, kept encrypted, handed out byte for byte."""

import json
import re
import subprocess
from hashlib import sha256

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction

from approvals.documents import service
from approvals.documents.panel import documents_panel
from approvals.documents.service import document_bytes, make_document, make_documents
from approvals.enums import DocumentKind as Kind
from approvals.models import Document
from cases.enums import ApplicationState as State
from cases.enums import Relation
from cases.models import Person
from common.errors import Refused
from organisations.enums import AreaLevel, Post
from organisations.models import Area
from tests.approvals.builders import Office, case_in, record_visit, take
from tests.cases.builders import member_line, person_with

RARE = "张𠮷𬱖䶮"
FAMILY = (
    member_line(RARE, wage="500.00"),
    member_line("林龘", relation=Relation.SPOUSE, disability_kind="physical", disability_grade=2),
)


def text_of(pdf: bytes) -> str:
    """What a reader sees, without the spaces and line ends that the layout puts in."""
    found = subprocess.run(
        ["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()
    return re.sub(r"\s+", "", found)


def n_pages(pdf: bytes) -> int:
    found = subprocess.run(["pdfinfo", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    return int(re.search(r"Pages:\s+(\d+)", found)[1])


def made(application, kind: Kind, office: Office) -> tuple[Document, str]:
    document = make_document(application=application, kind=kind, actor=office.handler)
    return document, text_of(document_bytes(document))


@pytest.mark.clause("SY-A1.5a")
def test_the_approval_form(office, clock):
    case = case_in(State.APPROVED, office=office, clock=clock, members=FAMILY)
    document, text = made(case, Kind.DECISION_FORM, office)
    assert "浙江省最低生活保障对象办理审批表" in text
    for words in (
        RARE,
        "林龘",
        "肢体残疾二级",
        case.applicant.person.id_number,
        "初审意见",
        "公示情况",
        "无异议",
        "审批意见",
    ):
        assert words in text
    decision = case.decision
    assert f"小写{decision.monthly:,.2f}元" in text
    assert "自2026年4月起" in text
    for line in decision.lines:
        assert re.sub(r"\s+", "", line["label"]) in text
    assert case.payee_account not in text
    assert document.number == "洞头区北岙街道社救审〔2026〕1号"
    assert n_pages(document_bytes(document)) <= 2


@pytest.mark.clause("SY-A1.5a")
def test_the_amount_stands_in_capitals(office, clock):
    case = case_in(State.APPROVED, office=office, clock=clock)
    # 林小花 alone, 500 yuan of wages found; standard and difference are in the lines of the decision.
    standard = next(line for line in case.decision.lines if line["code"] == "standard")
    assert (standard["amount"], f"{case.decision.monthly}") == ("1085.00", "585.00")
    _, text = made(case, Kind.DECISION_FORM, office)
    assert "伍佰捌拾伍元整" in text


@pytest.mark.clause("SY-A1.3")
def test_the_visit_form_says_what_is_on_record(office, clock):
    case = case_in(State.REVIEWING, office=office, clock=clock, members=FAMILY)
    document, text = made(case, Kind.VISIT_FORM, office)
    for words in (
        "浙江省最低生活保障对象入户调查表", "经济状况", "健康状况", "教育状况", "居住状况", "就业状况",
        "社会参与", RARE, "郑同志", "情况属实。", "工资性收入", "500.00", "6,000.00", "在场家庭成员",
    ):  # fmt: skip
        assert words in text
    assert document.number.endswith("社救调〔2026〕1号")
    assert "＿" not in text


@pytest.mark.clause("SY-A1.4a")
@pytest.mark.clause("SY-A1.7a")
def test_the_board_form_shows_the_published_copy_only(office, clock):
    case = case_in(State.PUBLISHED, office=office, clock=clock, members=FAMILY)
    document, text = made(case, Kind.NOTICE_FORM, office)
    for words in (
        "浙江省最低生活保障对象办理公示表",
        RARE,
        office.village.name,
        "公示期：2026年3月2日至2026年3月9日",
    ):
        assert words in text
    assert n_pages(document_bytes(document)) == 1
    numbers = [member.person.id_number for member in case.household.members.select_related("person")]
    for secret in (*numbers, case.payee_account, "13800001234", "残疾", "林龘", case.household.address):
        assert secret not in text


@pytest.mark.clause("SY-A1.5b")
@pytest.mark.clause("JZ-12.5")
def test_the_refusal_gives_reason_basis_remedies_and_room_for_the_receipt(office, clock):
    case = case_in(State.REFUSED, office=office, clock=clock, members=FAMILY)
    _, text = made(case, Kind.REFUSAL_NOTICE, office)
    for words in (
        "不符合最低生活保障告知书", RARE, "经核对和入户调查", "60日内向洞头区人民政府申请行政复议", "6个月内",
        "行政诉讼", "民发〔2021〕57号", "收件人签名", "送达人签名", "北岙街道（盖章）",
    ):  # fmt: skip
        assert words in text


@pytest.mark.clause("SY-A2.1b")
def test_the_one_time_notice_lists_everything_once(office, clock):
    case = case_in(State.AWAITING_MATERIALS, office=office, clock=clock)
    document, text = made(case, Kind.MATERIALS_NOTICE, office)
    for item in case.materials_notice.items:
        assert re.sub(r"\s+", "", item) in text
    assert "不再要求补充其他材料" in text
    assert make_document(application=case, kind=Kind.MATERIALS_NOTICE, actor=office.handler) == document


def test_the_title_names_the_province_of_the_village(office, clock):
    case = case_in(State.REVIEWING, office=office, clock=clock)
    Area.objects.filter(level=AreaLevel.PROVINCE, prefix="33").update(name="福建省")
    _, text = made(case, Kind.VISIT_FORM, office)
    assert "福建省最低生活保障对象入户调查表" in text
    assert "浙江省" not in text


def test_a_form_is_made_once_and_stays_as_it_was(office, clock):
    case = case_in(State.REVIEWING, office=office, clock=clock)
    first, _ = made(case, Kind.VISIT_FORM, office)
    content = document_bytes(first)
    Person.objects.update(name="改名")
    again = make_document(application=case, kind=Kind.VISIT_FORM, actor=office.reviewer)
    assert again == first
    assert document_bytes(again) == content
    assert first.sha256 == sha256(content).hexdigest()
    whole, refused = make_documents(applications=[case], kind=Kind.VISIT_FORM, actor=office.handler)
    assert (whole, refused) == (content, [])
    assert Document.objects.count() == 1


def test_numbers_have_no_gap(office, clock, monkeypatch):
    cases = [case_in(State.REVIEWING, office=office, clock=clock) for _ in range(2)]
    draw = service.render_one

    def broken(data):
        raise RuntimeError("out of paper")

    monkeypatch.setattr(service, "render_one", broken)
    with pytest.raises(RuntimeError), transaction.atomic():
        make_document(application=cases[0], kind=Kind.VISIT_FORM, actor=office.handler)
    monkeypatch.setattr(service, "render_one", draw)
    numbers = [make_document(application=c, kind=Kind.VISIT_FORM, actor=office.handler).number for c in cases]
    assert [number[-2] for number in numbers] == ["1", "2"]


def test_nothing_to_print_yet(office, clock):
    case = case_in(State.VISITING, office=office, clock=clock)
    for kind in (Kind.VISIT_FORM, Kind.NOTICE_FORM, Kind.DECISION_FORM, Kind.REFUSAL_NOTICE):
        with pytest.raises(Refused, match="尚未|未作出"):
            make_document(application=case, kind=kind, actor=office.handler)
    content, refused = make_documents(applications=[case], kind=Kind.VISIT_FORM, actor=office.handler)
    assert (content, refused) == (b"", [(case, "本轮入户调查尚未完成。")])
    assert not Document.objects.exists()


def test_only_the_township_makes_its_papers(office, clock):
    case = case_in(State.REVIEWING, office=office, clock=clock)
    for stranger in (
        person_with(Post.HANDLER, office.places.other_township),
        person_with(Post.AUDITOR, office.places.county),
        office.helper,
    ):
        with pytest.raises(Refused, match="本街道"):
            make_document(application=case, kind=Kind.VISIT_FORM, actor=stranger)


def test_a_new_round_has_its_own_form_and_keeps_the_old_one(office, clock):
    case = case_in(State.REVIEWING, office=office, clock=clock)
    first, _ = made(case, Kind.VISIT_FORM, office)
    take(case, "send_back", office, "reviewer")
    case = take(case, "finish_visit", office, "handler")
    second, _ = made(case, Kind.VISIT_FORM, office)
    assert (first.investigation_round, second.investigation_round) == (1, 2)
    panel = documents_panel(case, office.handler)["documents_panel"]
    assert [row["document"] for row in panel["rows"] if row["kind"] == "visit_form"] == [second]
    assert panel["earlier"] == [first]


@pytest.mark.clause("LC-5.2")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE approvals_document SET sha256 = repeat('0', 64) WHERE id = %s",
        "UPDATE approvals_document SET file = 'other.pdf' WHERE id = %s",
        "DELETE FROM approvals_document WHERE id = %s",
    ],
)
def test_a_document_on_record_is_not_altered(office, clock, statement):
    document, _ = made(case_in(State.REVIEWING, office=office, clock=clock), Kind.VISIT_FORM, office)
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, [document.pk])


def test_file_and_data_are_encrypted_at_rest(office, clock):
    case = case_in(State.REVIEWING, office=office, clock=clock, members=FAMILY)
    document, _ = made(case, Kind.VISIT_FORM, office)
    with open(default_storage.path(document.file.name), "rb") as stored:
        raw = stored.read()
    assert not raw.startswith(b"%PDF")
    assert b"FandolFang" not in raw
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM approvals_document WHERE id = %s", [document.pk])
        data = bytes(cursor.fetchone()[0])
    assert case.applicant.person.id_number.encode() not in data
    assert json.loads(document.data)["applicant"]["name"] == RARE
    assert case.applicant.person.name not in document.file.name


@pytest.mark.parametrize("damage", ["altered", "another file", "missing"])
def test_an_altered_file_is_not_handed_out(office, clock, damage, caplog):
    document, _ = made(case_in(State.REVIEWING, office=office, clock=clock), Kind.VISIT_FORM, office)
    path = default_storage.path(document.file.name)
    if damage == "altered":
        with open(path, "r+b") as stored:
            stored.seek(40)
            stored.write(b"xxxx")
    elif damage == "another file":
        default_storage.delete(document.file.name)
        default_storage.save(document.file.name, ContentFile(b"%PDF-1.7 forged"))
    else:
        default_storage.delete(document.file.name)
    with pytest.raises(service.DocumentAltered):
        document_bytes(document)
    assert f"document {document.pk}" in caplog.text


def test_hostile_text_stays_text(office, clock):
    name = '<img src="http://127.0.0.1:9/x">'
    note = '"><script>alert(1)</script><link rel=attachment href=file:///etc/hostname>😀'
    case = case_in(State.CHECKING, office=office, clock=clock, members=(member_line(name, wage="500.00"),))
    case = take(case, "record_report", office, "handler")
    record_visit(case, office, conclusion=note, neighbours="字" * 500)
    case = take(case, "finish_visit", office, "handler")
    document, text = made(case, Kind.VISIT_FORM, office)
    assert re.sub(r"\s+", "", name) in text
    assert "<script>alert(1)</script>" in text
    assert b"EmbeddedFile" not in document_bytes(document)
