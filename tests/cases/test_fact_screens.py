"""Papers, signatures, scans, the report and the visit as clerks use them."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from cases.enums import VISIT_CHOICES, Relation
from cases.models import Attachment, CheckReport, HomeVisit
from cases.queries import current_visit
from cases.services import entrust_check, prepare_submission
from organisations.enums import Post
from organisations.models import PersonalDataRead
from tests.cases.builders import (
    build_places,
    draft_application,
    in_state,
    member_line,
    person_with,
    synthetic_id,
)
from tests.cases.test_registration_screen import HOSTILE

pytestmark = pytest.mark.django_db


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
    child = member_line(
        "林小宝",
        relation=Relation.MINOR_CHILD,
        birth_date=date(2015, 1, 1),
        id_number=synthetic_id(51, date(2015, 1, 1)),
    )
    found = draft_application(
        places, member_line(wage="500.00", id_number=synthetic_id(50)), child, actor=handler
    )
    prepare_submission(application=found, actor=handler)
    return in_state(found, "submitted")


@pytest.fixture
def checking(application, places):
    application.household.members.update(authorised_on=date(2026, 3, 1))
    in_state(application, "checking")
    entrust_check(application=application, actor=person_with(Post.REVIEWER, places.township))
    return application


@pytest.fixture
def browser(client, handler):
    client.force_login(handler)
    return client


def address(name: str, application, *more) -> str:
    return reverse(f"cases:{name}", args=[application.number, *more])


def picture(kind: str = "JPEG", name: str = "a.jpg") -> SimpleUploadedFile:
    buffer = BytesIO()
    Image.new("RGB", (20, 10), "green").save(buffer, kind)
    return SimpleUploadedFile(name, buffer.getvalue())


def test_papers_are_ticked_and_unticked(browser, application):
    page = browser.get(address("receive_materials", application)).content.decode()
    assert "未成年人户口簿" in page
    first, second, _ = application.materials.all()
    data = {"received_on": "2026-03-01", "material": [first.pk, second.pk]}
    answer = browser.post(address("receive_materials", application), data)
    assert answer["Location"] == f"/case/{application.number}/?tab=household"
    assert [m.received_on for m in application.materials.all()] == [date(2026, 3, 1), date(2026, 3, 1), None]
    browser.post(address("receive_materials", application), data | {"material": [second.pk]})
    assert [m.received_on for m in application.materials.all()] == [None, date(2026, 3, 1), None]


def test_a_guardian_missing_is_said_beside_the_field(browser, application):
    mother, child = application.household.members.all()
    data = {"signed_on": "2026-03-02", f"signed_{mother.pk}": "on", f"signed_{child.pk}": "on"}
    page = browser.post(address("sign_authorisations", application), data).content.decode()
    assert "林小宝未满 18 周岁，请填写代签监护人姓名" in page
    assert not application.household.members.filter(authorised_on__isnull=False).exists()
    data[f"guardian_{child.pk}"] = "林小花"
    assert browser.post(address("sign_authorisations", application), data).status_code == 302
    child.refresh_from_db()
    assert (child.authorised_on, child.authorised_by_guardian) == (date(2026, 3, 2), "林小花")


def test_a_scan_goes_in_and_comes_out_to_those_in_reach_only(browser, client, application, places):
    data = {
        "kind": "material",
        "material": application.materials.first().pk,
        "title": "身份证",
        "file": picture(),
    }
    assert browser.post(address("upload", application), data).status_code == 302
    attachment = Attachment.objects.get()
    answer = browser.get(address("attachment", application, attachment.pk))
    content = b"".join(answer.streaming_content)
    assert Image.open(BytesIO(content)).size == (20, 10)
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    with open(attachment.file.path, "rb") as stored:
        assert content not in stored.read(), "encrypted at rest"
    other = draft_application(places)
    assert browser.get(address("attachment", other, attachment.pk)).status_code == 404
    client.force_login(person_with(Post.HANDLER, places.other_township))
    assert client.get(address("attachment", application, attachment.pk)).status_code == 404
    client.force_login(person_with(Post.RULE_WRITER, places.county))
    assert client.get(address("attachment", application, attachment.pk)).status_code == 403
    client.logout()
    assert client.get(address("attachment", application, attachment.pk)).status_code == 302


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "空"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "只能上传"),
        (b"MZ\x90\x00", "只能上传"),
        (b"\xff\xd8\xff\xe0broken", "损坏"),
        (b"%PDF-1.7 cut off", "不完整"),
    ],
)
def test_what_is_no_scan_is_refused_beside_the_field(browser, application, content, complaint):
    data = {"kind": "material", "title": "保留的说明", "file": SimpleUploadedFile("a.jpg", content)}
    page = browser.post(address("upload", application), data)
    assert page.status_code == 200
    assert complaint in page.content.decode()
    assert "保留的说明" in page.content.decode()
    assert not Attachment.objects.exists()


def test_a_scan_is_taken_out_of_a_draft_only(browser, handler, places, application):
    draft = draft_application(places, actor=handler)
    for case in (draft, application):
        browser.post(address("upload", case), {"kind": "material", "file": picture()})
    kept = application.attachments.get()
    assert browser.post(address("withdraw", application, kept.pk)).status_code == 403
    assert browser.post(address("withdraw", draft, draft.attachments.get().pk)).status_code == 302
    assert Attachment.objects.get() == kept


def test_full_numbers_are_shown_with_a_reason_and_on_record(browser, client, application, places):
    member = application.household.members.first()
    page = browser.post(address("unmask", application), {"member": member.pk, "reason": " "})
    assert member.person.id_number not in page.content.decode()
    assert not PersonalDataRead.objects.exists()
    page = browser.post(
        address("unmask", application), {"member": member.pk, "reason": "核对银行卡"}
    ).content.decode()
    for shown in (member.person.id_number, "13800001234", "6222020000000000008"):
        assert shown in page
    read = PersonalDataRead.objects.get()
    assert (read.subject, read.reason, read.ip) == (f"person:{member.person_id}", "核对银行卡", "127.0.0.1")
    assert member.person.id_number not in browser.get(f"/case/{application.number}/").content.decode()
    stranger = draft_application(places, village=places.other_township_village).household.members.get()
    page = browser.post(address("unmask", application), {"member": stranger.pk, "reason": "好奇"})
    assert stranger.person.id_number not in page.content.decode()
    client.force_login(person_with(Post.DISTRICT_FINANCE, places.county))
    assert (
        client.post(address("unmask", application), {"member": member.pk, "reason": "x"}).status_code == 403
    )
    assert PersonalDataRead.objects.count() == 1


HEAD = {
    "number": "HD-1",
    "issued_on": "2026-03-02",
    "data_as_of": "2026-02-28",
    "conclusion": "与申报基本一致",
}


def test_the_report_by_hand(browser, checking):
    assert browser.get(address("record_report", checking)).status_code == 200
    mother, child = checking.household.members.all()
    data = HEAD | {
        f"member-{mother.pk}-wage": "六百",
        f"member-{child.pk}-transfer": "150",
        "deposits": "1,000",
    }
    page = browser.post(address("record_report", checking), data).content.decode()
    assert "请填写金额" in page
    assert "六百" in page
    assert "与申报基本一致" in page
    data[f"member-{mother.pk}-wage"] = "600"
    assert browser.post(address("record_report", checking), data).status_code == 302
    report = CheckReport.objects.get()
    assert (report.deposits, report.source) == (Decimal("1000.00"), "hand")
    assert [(i.member_id, i.kind, i.monthly) for i in report.income.all()] == [
        (mother.pk, "wage", Decimal("600.00")),
        (child.pk, "transfer", Decimal("150.00")),
    ]
    assert browser.post(address("record_report", checking), data).status_code == 200, "once a check"


def sheet(application, *rows: dict) -> SimpleUploadedFile:
    """The template filled in with the rows, by column label."""
    from cases.report_sheet import template_of

    book = openpyxl.load_workbook(BytesIO(template_of(application)))
    page = book.active
    labels = [cell.value for cell in page[2]]
    for number, row in enumerate(rows, start=3):
        for place, label in enumerate(labels, start=1):
            page.cell(number, place).value = row.get(label)
    buffer = BytesIO()
    book.save(buffer)
    return SimpleUploadedFile("report.xlsx", buffer.getvalue())


def rows_of(application) -> list[dict]:
    return [
        {"姓名": member.person.name, "身份证号": member.person.id_number}
        for member in application.household.members.all()
    ]


def upload_of(application, *rows: dict) -> dict:
    return {f"sheet-{name}": value for name, value in HEAD.items()} | {
        "sheet-file": sheet(application, *rows)
    }


def test_the_sheet_carries_names_and_no_numbers(browser, checking):
    answer = browser.get(address("report_template", checking))
    book = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content)))
    values = [cell for row in book.active.iter_rows(values_only=True) for cell in row if cell]
    assert "林小花" in values
    assert synthetic_id(50) not in values


def test_a_sheet_is_previewed_and_kept_as_previewed(browser, client, checking, places):
    mother, child = rows_of(checking)
    mother |= {"工资性收入": 620.5, "存款等货币财产": 9000, "机动车辆": 1}
    child |= {"不计入项目": "奖学金、助学金", "不计入金额": 100, "存款等货币财产": 500}
    answer = browser.post(address("preview_report", checking), upload_of(checking, mother, child))
    page = answer.content.decode()
    assert "620.50" in page
    assert "9,500.00" in page
    assert synthetic_id(50) not in page
    assert not CheckReport.objects.exists()
    token = answer.context["token"]
    client.force_login(person_with(Post.HANDLER, places.township))
    client.post(address("confirm_report", checking), {"token": token})
    assert not CheckReport.objects.exists(), "somebody else's preview"
    client.force_login(checking.created_by)
    client.post(address("confirm_report", checking), {"token": token + "x"})
    assert not CheckReport.objects.exists()
    client.post(address("confirm_report", checking), {"token": token})
    report = CheckReport.objects.get()
    assert (report.source, report.deposits, report.vehicles) == ("xlsx", Decimal("9500.00"), 1)
    assert [(i.kind, i.exempt, i.monthly) for i in report.income.order_by("pk")] == [
        ("wage", "", Decimal("620.50")),
        ("transfer", "scholarship", Decimal("100.00")),
    ]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({0: {"身份证号": synthetic_id(99)}}, "第 3 行 身份证号 列：不是本户成员的身份证号"),
        ({1: {"姓名": "林大宝"}}, "第 4 行 姓名 列：姓名与该身份证号登记的姓名不一致"),
        ({1: {"身份证号": synthetic_id(50), "姓名": "林小花"}}, "第 4 行 身份证号 列：同一成员出现两次"),
        ({0: {"工资性收入": -1}}, "第 3 行 工资性收入 列：不能为负"),
        ({0: {"工资性收入": "很多"}}, "工资性收入"),
        ({0: {"不计入项目": "彩票"}}, "第 3 行 不计入项目 列：应为以下之一"),
        ({0: {"不计入项目": "奖学金、助学金"}}, "第 3 行 不计入金额 列：不计入项目与金额须同时填写"),
        ({0: {"身份证号": None}}, "第 3 行"),
        ({0: {"身份证号": 330305198005010822}}, "第 3 行"),
    ],
)
def test_errors_of_a_sheet_name_row_and_column_and_nothing_is_kept(browser, checking, change, complaint):
    rows = rows_of(checking)
    for index, values in change.items():
        rows[index] |= values
    page = browser.post(address("preview_report", checking), upload_of(checking, *rows))
    assert page.status_code == 200
    assert complaint in page.content.decode()
    assert "与申报基本一致" in page.content.decode(), "what was typed stays"
    assert not CheckReport.objects.exists()


def test_a_member_without_a_row_is_named(browser, checking):
    page = browser.post(address("preview_report", checking), upload_of(checking, rows_of(checking)[0], {}))
    assert "表中缺少成员：林小宝" in page.content.decode()


def visit_data(application, **values) -> dict:
    data = {
        "visited_at": "2026-03-02T08:30",
        "second_visitor_name": "郑演示",
        "present_member": application.household.members.first().pk,
        "conclusion": "瓦房两间，情况属实。",
        "neighbours": "",
    }
    data |= {f"{dimension}_choice": choices[0] for dimension, choices in VISIT_CHOICES.items()}
    return data | values


@pytest.mark.clause("JZ-12.3")
def test_a_visit_is_kept_as_a_draft_and_then_completed(browser, checking):
    page = browser.get(address("record_visit", checking)).content.decode()
    assert 'capture="environment"' in page
    draft = {"visited_at": "2026-03-02T08:30", "housing_choice": "自有", "save": "yes"}
    assert browser.post(address("record_visit", checking), draft).status_code == 302
    assert (
        'value="自有" id="id_housing_choice_0" checked'
        in browser.get(address("record_visit", checking)).content.decode()
    )
    page = browser.post(
        address("record_visit", checking), visit_data(checking, complete="yes")
    ).content.decode()
    assert "入户照片（至少一张）" in page
    assert "签字确认" in page
    data = visit_data(checking, complete="yes", signed="on", photos=[picture(), picture("PNG", "b.png")])
    answer = browser.post(address("record_visit", checking), data)
    assert answer["Location"] == f"/case/{checking.number}/?tab=visit"
    assert current_visit(checking).completed_at is not None
    assert checking.attachments.filter(kind="visit_photo").count() == 2
    assert browser.get(address("record_visit", checking)).status_code == 302
    assert "瓦房两间" in browser.get(f"/case/{checking.number}/?tab=visit").content.decode()


def test_photos_stay_when_something_else_is_wrong(browser, checking):
    data = visit_data(checking, visited_at="昨天", photos=[picture()], save="yes")
    page = browser.post(address("record_visit", checking), data).content.decode()
    assert "瓦房两间，情况属实。" in page
    assert checking.attachments.get().kind == "visit_photo"
    assert not HomeVisit.objects.exists()


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_in_every_field_of_every_form(browser, checking, application, text):
    visits = [
        "visited_at",
        "second_visitor",
        "second_visitor_name",
        "present_member",
        "neighbours",
        "conclusion",
    ]
    visits += ["housing_choice", "housing_note"]
    for field in visits:
        answer = browser.post(address("record_visit", checking), visit_data(checking, **{field: text}))
        assert answer.status_code in {200, 302}, field
        if answer.status_code == 200 and field != "conclusion":
            assert "瓦房两间，情况属实。" in answer.content.decode(), field
    member = checking.household.members.first()
    for field in [
        *HEAD,
        "deposits",
        "vehicles",
        f"member-{member.pk}-wage",
        f"member-{member.pk}-exempt_kind",
    ]:
        data = HEAD | {"issued_on": "2027-01-01"} | {field: text}
        answer = browser.post(address("record_report", checking), data)
        assert answer.status_code == 200, field
        assert field == "conclusion" or "与申报基本一致" in answer.content.decode(), field
    for name, field in (("unmask", "reason"), ("unmask", "member"), ("upload", "title"), ("upload", "kind")):
        data = {"member": member.pk, "reason": "", "kind": "material"} | {field: text}
        assert browser.post(address(name, checking), data).status_code == 200, field
    assert browser.post(address("confirm_report", checking), {"token": text}).status_code == 302
    in_state(application, "submitted")
    for name, field in (("receive_materials", "material"), ("sign_authorisations", "signed_on")):
        assert browser.post(address(name, application), {field: text}).status_code == 200
    filters = {"state": text, "village": text, "accepted_from": text}
    assert browser.get(reverse("cases:list"), filters).status_code == 200


PAGES = "edit receive_materials sign_authorisations upload unmask".split()
PAGES += "record_report report_template record_visit".split()
POSTS = "discard preview_report confirm_report".split()


def test_another_township_sees_nothing_of_it(client, places, application):
    client.force_login(person_with(Post.HANDLER, places.other_township))
    for name in PAGES:
        assert client.get(address(name, application)).status_code == 404, name
    for name in [*PAGES, *POSTS]:
        assert client.post(address(name, application)).status_code in {404, 405}, name
    assert client.get(reverse("workbench:case", args=[application.number])).status_code == 404


def test_posts_that_only_watch_change_nothing(client, places, application):
    """The auditor reads the case; every form of it answers 403 with the reason."""
    client.force_login(person_with(Post.AUDITOR, places.county))
    assert client.get(reverse("workbench:case", args=[application.number])).status_code == 200
    for name in PAGES:
        expected = 200 if name == "unmask" else 403
        assert client.get(address(name, application)).status_code == expected, name
