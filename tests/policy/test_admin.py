"""Rule tables in /admin/: by posts, drafts only, sheets with preview, all or nothing."""

import json
import re
from datetime import date, datetime
from io import BytesIO
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from organisations.enums import Post
from organisations.models import User
from policy.keys import KEYS, Kind
from policy.models import CalendarDay, CalendarYear, Document, Rule
from policy.resources import CalendarDayResource, RuleResource
from tests.policy.test_services import person

pytestmark = pytest.mark.django_db

HEAD = ["区划代码", "规则", "值", "单位", "生效日期", "失效日期（不含）", "条款", "文件", "性质", "说明"]
GOOD_ROW = [
    "330305",
    "standard.dibao",
    "1150",
    "yuan/month",
    "2024-07-01",
    "",
    "",
    "DEMO",
    "演示值",
    "第一行",
]
RULES = "admin:policy_rule_changelist"


def sheet(*rows: list) -> BytesIO:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    file = BytesIO()
    book.save(file)
    file.seek(0)
    file.name = "rules.xlsx"
    return file


@pytest.fixture
def as_post(area, client: Client):
    """`as_post(Post.RULE_WRITER)`: the client of a person with the post at 洞头区."""

    def log_in(*posts: Post, code: str = "330305") -> tuple[Client, User]:
        user = person("_".join(posts) + code, area(code), *posts)
        browser = Client()
        browser.force_login(user)
        return browser, user

    return log_in


def upload(browser: Client, model: str, file: BytesIO):
    return browser.post(reverse(f"admin:policy_{model}_import"), {"import_file": file, "format": "0"})


def confirm(browser: Client, model: str, preview) -> object:
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', preview.content.decode()))
    return browser.post(
        reverse(f"admin:policy_{model}_process_import"),
        {name: fields[name] for name in ("import_file_name", "original_file_name", "format")}
        | {"resource": ""},
    )


def form_of(area, **changes) -> dict:
    return {
        "area": area("330305").pk,
        "key": "standard.dibao",
        "value": "1150",
        "unit": "yuan/month",
        "valid_from": "2024-07-01",
        "valid_to": "",
        "document": "DEMO",
        "clause": "",
        "certainty": "demo",
        "note": "",
    } | changes


@pytest.mark.parametrize(
    ("post", "status"),
    [
        (Post.RULE_WRITER, 200),
        (Post.RULE_PUBLISHER, 200),
        (Post.ADMINISTRATOR, 200),
        (Post.HANDLER, 302),
        (Post.APPROVER, 302),
        (Post.AUDITOR, 302),
    ],
)
@pytest.mark.parametrize("model", ["rule", "document", "clause", "calendarday", "calendaryear"])
def test_the_tables_open_by_post(as_post, post: Post, status: int, model: str) -> None:
    browser, _ = as_post(post)
    assert browser.get(reverse(f"admin:policy_{model}_changelist")).status_code == status


def test_a_writer_drafts_in_the_form(as_post, area) -> None:
    browser, user = as_post(Post.RULE_WRITER)
    assert browser.get(reverse("admin:policy_rule_add")).status_code == 200
    assert browser.post(reverse("admin:policy_rule_add"), form_of(area)).status_code == 302
    rule = Rule.objects.get(drafted_by=user)
    assert (rule.value, rule.published_at) == ("1150.00", None)
    page = browser.get(reverse("admin:policy_rule_change", args=[rule.pk]))
    assert page.status_code == 200
    changed = form_of(area, value="1160")
    assert browser.post(reverse("admin:policy_rule_change", args=[rule.pk]), changed).status_code == 302
    rule.refresh_from_db()
    assert rule.value == "1160.00"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"value": "很多"}, "不是数值"),
        ({"value": "1" * 10_000}, "4000"),
        ({"value": "a\x00b"}, "不允许"),
        ({"value": "𠮷😀'\";--"}, "不是数值"),
        ({"clause": "DT-1.2"}, "条款不属于所选文件"),
        ({"valid_from": "2024-13-01"}, "日期"),
        ({"key": "nonsense"}, "nonsense"),
        ({"note": "长" * 600}, "500"),
        ({"valid_to": "2024-01-01"}, "失效日期应晚于生效日期"),
    ],
)
def test_bad_input_stays_in_the_form_with_a_sentence(as_post, area, changes: dict, words: str) -> None:
    browser, user = as_post(Post.RULE_WRITER)
    page = browser.post(reverse("admin:policy_rule_add"), form_of(area, **changes))
    assert page.status_code == 200
    assert words in page.content.decode()
    assert 'value="2024-07-01"' in page.content.decode() or "valid_from" in changes
    assert not Rule.objects.filter(drafted_by=user).exists()


def test_another_districts_area_cannot_be_picked(as_post, area) -> None:
    browser, user = as_post(Post.RULE_WRITER)
    page = browser.post(reverse("admin:policy_rule_add"), form_of(area) | {"area": area("330604").pk})
    assert page.status_code == 200
    assert not Rule.objects.filter(drafted_by=user).exists()


def test_only_another_person_publishes_by_the_action(as_post, area) -> None:
    writer, user = as_post(Post.RULE_WRITER, Post.RULE_PUBLISHER)
    writer.post(reverse("admin:policy_rule_add"), form_of(area))
    rule = Rule.objects.get(drafted_by=user)
    action = {"action": "publish", "_selected_action": [rule.pk]}
    assert "发布人不能是起草人" in writer.post(reverse(RULES), action, follow=True).content.decode()
    publisher, _ = as_post(Post.RULE_PUBLISHER)
    shown = publisher.post(reverse(RULES), action, follow=True)
    assert "1,085.00 元/月" in shown.content.decode(), "the value that is replaced stands beside the new one"
    rule.refresh_from_db()
    assert rule.published_at is None, "looking is not publishing"
    done = publisher.post(reverse("policy:drafts"), {"rule": [rule.pk]}, follow=True)
    assert "已发布 1 条规则" in done.content.decode()
    rule.refresh_from_db()
    assert rule.published_at is not None


def test_a_writer_has_no_publish_action(as_post, area) -> None:
    browser, user = as_post(Post.RULE_WRITER)
    browser.post(reverse("admin:policy_rule_add"), form_of(area))
    rule = Rule.objects.get(drafted_by=user)
    browser.post(reverse(RULES), {"action": "publish", "_selected_action": [rule.pk]})
    rule.refresh_from_db()
    assert rule.published_at is None


@pytest.mark.parametrize("post", [Post.RULE_WRITER, Post.RULE_PUBLISHER, Post.ADMINISTRATOR])
def test_published_rules_cannot_be_changed_or_deleted_here(as_post, area, post: Post) -> None:
    browser, _ = as_post(post)
    rule = Rule.objects.get(area=area("330305"), key="standard.dibao")
    assert browser.get(reverse("admin:policy_rule_change", args=[rule.pk])).status_code == 200
    assert browser.post(reverse("admin:policy_rule_change", args=[rule.pk]), form_of(area)).status_code == 403
    assert (
        browser.post(reverse("admin:policy_rule_delete", args=[rule.pk]), {"post": "yes"}).status_code == 403
    )


def test_a_cited_document_is_no_longer_changed(as_post) -> None:
    browser, _ = as_post(Post.RULE_WRITER)
    data = {"title": "x", "number": "", "status": "in_force", "note": ""}
    assert browser.post(reverse("admin:policy_document_change", args=["SY"]), data).status_code == 403
    assert browser.post(reverse("admin:policy_document_add"), data | {"code": "NEW"}).status_code == 302
    assert browser.post(reverse("admin:policy_document_change", args=["NEW"]), data).status_code == 302


@pytest.mark.parametrize(("post", "status"), [(Post.RULE_WRITER, 200), (Post.RULE_PUBLISHER, 403)])
def test_who_may_import(as_post, post: Post, status: int) -> None:
    browser, _ = as_post(post)
    assert browser.get(reverse("admin:policy_rule_import")).status_code == status
    assert upload(browser, "rule", sheet(HEAD, GOOD_ROW)).status_code == status


def test_preview_writes_nothing_and_confirmation_makes_drafts(as_post) -> None:
    browser, user = as_post(Post.RULE_WRITER)
    second = ["330305", "deadline.dibao.decision", "3", "wd", "2024-07-01", "", "DT-1.1", "DT", "推定", ""]
    preview = upload(browser, "rule", sheet(HEAD, GOOD_ROW, second))
    assert preview.status_code == 200
    assert "deadline.dibao.decision" in preview.content.decode()
    assert "style=" not in re.sub(r"<link[^>]*>", "", preview.content.decode()).split("</head>")[1]
    assert not Rule.objects.filter(drafted_by=user).exists()
    assert confirm(browser, "rule", preview).status_code == 302
    drafts = Rule.objects.filter(drafted_by=user, published_at=None)
    assert sorted(drafts.values_list("key", "value")) == [
        ("deadline.dibao.decision", "3"),
        ("standard.dibao", "1150.00"),
    ]


@pytest.mark.parametrize(
    ("column", "value", "words", "place"),
    [
        ("区划代码", "999999", "没有区划", ""),
        ("区划代码", "330604", "规则起草岗起草", "整行"),
        ("规则", "nonsense", "没有名为", "值"),
        ("值", "很多", "不是数值", ""),
        ("单位", "天", "单位应为", "值"),
        ("生效日期", "明天", "不是日期", ""),
        ("生效日期", "", "必填", ""),
        ("条款", "XX-1", "没有条款", ""),
        ("文件", "", "必填", ""),
        ("性质", "大概", "应为", ""),
        ("说明", "长" * 600, "500", ""),
    ],
)
def test_a_bad_row_is_shown_and_nothing_can_be_confirmed(
    as_post, column: str, value: str, words: str, place: str
) -> None:
    """`place`: the column under which the sentence stands, where it is not the bad one."""
    browser, user = as_post(Post.RULE_WRITER)
    bad = [value if name == column else cell for name, cell in zip(HEAD, GOOD_ROW, strict=True)]
    preview = upload(browser, "rule", sheet(HEAD, GOOD_ROW, bad))
    assert preview.status_code == 200
    text = preview.content.decode()
    # Listed by row and column, not only shown to who points at the row.
    listed = re.findall(
        r"<tr><td>第 (\d+) 行</td><td>([^<]*)</td><td>(.*?)</td></tr>", text.split("有错误的行")[0]
    )
    assert [(row, where) for row, where, _ in listed] == [("2", place or column)]
    assert words in listed[0][2]
    assert "import_file_name" not in text
    assert not Rule.objects.filter(drafted_by=user).exists()


def test_a_row_that_went_bad_after_the_preview_stops_the_whole_file(as_post, area) -> None:
    browser, user = as_post(Post.RULE_WRITER)
    extra = ["330305", "min_wage", "2600", "yuan/month", "2030-01-01", "", "", "NEW", "有据", ""]
    new = Document.objects.create(code="NEW", title="x", status="in_force")
    preview = upload(browser, "rule", sheet(HEAD, GOOD_ROW, extra))
    new.delete()
    answer = confirm(browser, "rule", preview)
    assert answer.status_code == 302
    assert not Rule.objects.filter(drafted_by=user).exists()


def test_a_file_is_confirmed_once_and_only_by_who_uploaded_it(as_post) -> None:
    browser, user = as_post(Post.RULE_WRITER)
    preview = upload(browser, "rule", sheet(HEAD, GOOD_ROW))
    other, _ = as_post(Post.RULE_WRITER, Post.AUDITOR)
    confirm(other, "rule", preview)
    assert not Rule.objects.filter(drafted_by__isnull=False).exists()
    confirm(browser, "rule", preview)
    assert Rule.objects.filter(drafted_by=user).count() == 1
    confirm(browser, "rule", preview)
    assert Rule.objects.filter(drafted_by=user).count() == 1


@pytest.mark.parametrize("content", [b"", b"not a sheet", b"PK\x03\x04broken", b"<html><script>"])
def test_a_file_that_is_no_sheet_is_refused_with_a_sentence(as_post, content: bytes) -> None:
    browser, _ = as_post(Post.RULE_WRITER)
    file = BytesIO(content)
    file.name = "rules.xlsx"
    page = upload(browser, "rule", file)
    assert page.status_code == 200
    assert "errorlist" in page.content.decode()


def test_export_gives_back_what_can_be_imported(as_post, rule_tables) -> None:
    data = RuleResource().export(Rule.objects.filter(area__code="330305002"))
    assert data.headers == HEAD
    assert data[0][:4] == ("330305002", "min_wage", "2010.00", "yuan/month")
    assert data[0][8] == "有据"
    assert CalendarDayResource().export(CalendarDay.objects.filter(day="2026-10-10"))[0] == (
        "2026-10-10",
        "上班",
        "调休上班",
    )


def _year_2027() -> list[list[str]]:
    days = [("2027-01-01", "元旦")]
    days += [(f"2027-02-{day:02}", "春节") for day in range(5, 13)]
    days += [("2027-04-05", "清明节"), ("2027-05-01", "劳动节"), ("2027-06-09", "端午节")]
    days += [(f"2027-10-{day:02}", "国庆节") for day in range(1, 8)]
    return [
        ["日期", "安排", "名称"],
        *[[day, "放假", name] for day, name in days],
        ["2027-02-20", "上班", "调休上班"],
    ]


def test_the_administrator_imports_a_new_year(as_post) -> None:
    browser, _ = as_post(Post.ADMINISTRATOR)
    preview = upload(browser, "calendarday", sheet(*_year_2027()))
    assert confirm(browser, "calendarday", preview).status_code == 302
    assert CalendarYear.objects.filter(year=2027).exists()
    assert CalendarDay.objects.get(day=date(2027, 2, 20)).is_workday
    assert CalendarDay.objects.filter(year=2027).count() == 20


def test_a_half_entered_year_does_not_come_in(as_post) -> None:
    browser, _ = as_post(Post.ADMINISTRATOR)
    page = upload(browser, "calendarday", sheet(*_year_2027()[:5]))
    assert "应按国务院通知完整导入" in page.content.decode()
    assert not CalendarYear.objects.filter(year=2027).exists()


def test_the_calendar_pages_say_which_years_are_there_and_which_is_missing(as_post, clock) -> None:
    clock.move_to(datetime(2026, 11, 2, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai")))
    browser, _ = as_post(Post.ADMINISTRATOR)
    for page in ("changelist", "import"):
        text = browser.get(reverse(f"admin:policy_calendarday_{page}")).content.decode()
        assert "缺 2027 年" in text
        assert "已导入：2026" in text
    confirm(browser, "calendarday", upload(browser, "calendarday", sheet(*_year_2027())))
    text = browser.get(reverse("admin:policy_calendarday_import")).content.decode()
    assert "缺 2027 年" not in text
    assert "已导入：2027 2026" in text


def test_grades_come_in_and_go_out_by_sheet(as_post, area) -> None:
    """A table of grades as lines in one cell; what goes out is understood again."""
    key = next(known for known in KEYS.values() if known.kind == Kind.GRADES)
    row = [*GOOD_ROW]
    row[1:4] = [key.key, "none｜完全自理｜0\nhalf｜部分丧失｜1｜0.20", key.unit]
    browser, user = as_post(Post.RULE_WRITER)
    preview = upload(browser, "rule", sheet(HEAD, row))
    assert "部分丧失" in preview.content.decode()
    assert confirm(browser, "rule", preview).status_code == 302
    rule = Rule.objects.get(drafted_by=user)
    assert json.loads(rule.value)[1] == {"code": "half", "label": "部分丧失", "from": "1", "ratio": "0.20"}
    out = [str(cell or "") for cell in RuleResource().export(Rule.objects.filter(pk=rule.pk))[0]]
    assert confirm(browser, "rule", upload(browser, "rule", sheet(HEAD, out))).status_code == 302
    assert Rule.objects.filter(drafted_by=user, value=rule.value).count() == 2
    wrong = [*row]
    wrong[2] = "none｜完全自理｜0\nhalf"
    assert "第 2 行应有编码和名称" in upload(browser, "rule", sheet(HEAD, wrong)).content.decode()
