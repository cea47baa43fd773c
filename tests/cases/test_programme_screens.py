"""The screens of 特困, 低边 and 临时救助: one form, whose programme decides what counts."""

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from cases.enums import Programme
from cases.models import Application, CareAgreement, SelfCareAssessment
from cases.services import prepare_submission
from organisations.enums import Post
from tests.cases.builders import (
    build_places,
    draft_application,
    flag_rule,
    in_state,
    linshi_entry,
    member_line,
    person_with,
    photo,
    synthetic_id,
)
from tests.cases.test_registration_screen import HOSTILE, typed

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
TEKUN = {
    "programme": "tekun",
    "tekun_no_work_ability": "yes",
    "tekun_no_income": "yes",
    "tekun_supporter": "unable",
    "tekun_supporter_note": "女儿一级残疾",
    "tekun_placement": "home",
}
LINSHI = {
    "programme": "linshi",
    "linshi_kind": "expenditure",
    "linshi_cause": "education",
    "linshi_requested": "3,000.00",
    "linshi_residual_medical": "",
    "linshi_happened_on": "2026-02-20",
    "linshi_repeat_same_cause": "yes",
    "linshi_note": "学费",
}
STAGES = {
    "instalment_1_day": "2026-04-01",
    "instalment_1_amount": "2000",
    "instalment_2_day": "2026-05-01",
    "instalment_2_amount": "1000",
}


@pytest.fixture(autouse=True)
def still(clock):
    clock.move_to(NOW)


@pytest.fixture
def places():
    return build_places()


@pytest.fixture
def handler(places):
    return person_with(Post.HANDLER, places.township)


@pytest.fixture
def browser(client, handler):
    client.force_login(handler)
    return client


@pytest.fixture
def tekun(places, handler):
    application = draft_application(places, actor=handler, programme=Programme.TEKUN)
    prepare_submission(application=application, actor=handler)
    return in_state(application, "visiting")


def test_all_programmes_are_offered(browser):
    page = browser.get(reverse("cases:register")).content.decode()
    for programme in Programme:
        assert f'name="programme" value="{programme.value}"' in page


@pytest.mark.clause("LY-2.4")
def test_tekun_is_registered_and_comes_back(browser, places):
    assert browser.post(reverse("cases:register"), typed(places, **TEKUN)).status_code == 302
    application = Application.objects.get()
    said = application.tekun_declaration
    assert (said.no_work_ability, said.no_income, said.supporter) == (True, True, "unable")
    page = browser.get(reverse("cases:edit", args=[application.number])).content.decode()
    assert "女儿一级残疾" in page
    assert 'value="home" id="id_tekun_placement_1" checked' in page
    case = browser.get(f"/case/{application.number}/").content.decode()
    assert "有法定义务人，无履行能力：女儿一级残疾" in case
    assert "供养服务协议" in case


@pytest.mark.clause("DT-3.3")
def test_linshi_with_stages_is_registered_and_comes_back(browser, places):
    flag_rule(places.county, "linshi.instalments")
    data = typed(places, **LINSHI, **STAGES)
    assert browser.post(reverse("cases:register"), data).status_code == 302
    application = Application.objects.get()
    asked = application.linshi_request
    assert (asked.requested, asked.repeat_same_cause) == (Decimal("3000.00"), True)
    assert application.cause == "schooling"
    page = browser.get(reverse("cases:edit", args=[application.number])).content.decode()
    assert 'value="2026-05-01"' in page
    assert "1000.00" in page
    case = browser.get(f"/case/{application.number}/").content.decode()
    assert "教育费用（同一事由再次申请）" in case
    assert "2,000.00 元" in case


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"linshi_requested": "0"}, "申请金额须大于 0"),
        ({"linshi_requested": "-5"}, "金额不能为负"),
        ({"linshi_requested": "三千"}, "请填写金额"),
        ({"linshi_happened_on": "2026-03-03"}, "事件发生日期不能晚于今天"),
        ({"linshi_kind": "loan"}, "选择一个有效的选项"),
        ({"instalment_1_day": "2026-04-01"}, "每期的日期与金额须同时填写"),
        ({"instalment_3_amount": "10"}, "每期的日期与金额须同时填写"),
        (STAGES, "没有“一次审批、分阶段救助”的规则"),
    ],
)
def test_errors_stand_beside_the_field_and_nothing_is_lost(browser, places, values, complaint):
    answer = browser.post(reverse("cases:register"), typed(places) | LINSHI | values)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert complaint in page
    assert 'value="学费"' in page
    assert not Application.objects.exists()


def test_what_another_programme_asks_neither_counts_nor_disturbs(browser, places):
    rubbish = {"linshi_requested": "三千", "tekun_supporter": "cousin", "instalment_1_amount": "x"}
    assert browser.post(reverse("cases:register"), typed(places) | rubbish).status_code == 302
    application = Application.objects.get()
    assert not hasattr(application, "linshi_request")
    assert not hasattr(application, "tekun_declaration")


def test_one_row_more_keeps_the_parts_of_the_programme(browser, places):
    data = typed(places) | LINSHI | STAGES | {"hukou_in_county": "no", "add_member": "yes"}
    del data["save"]
    page = browser.post(reverse("cases:register"), data).content.decode()
    assert 'value="no" id="id_hukou_in_county_1" checked' in page
    assert 'value="linshi" id="id_programme_3" required checked' in page
    assert 'value="3,000.00"' in page
    assert 'value="2026-05-01"' in page


def test_an_exclusive_place_is_named_while_the_form_is_filled_in(browser, places, handler):
    line = member_line("林小花", id_number=synthetic_id(41))
    held = draft_application(places, line, actor=handler, programme=Programme.DIBIAN)
    prepare_submission(application=held, actor=handler)
    in_state(held, "approved")
    page = browser.post(reverse("cases:register"), typed(places) | {"check": "yes"}).content.decode()
    assert held.number in page
    assert "须先办理现有待遇的终止" in page


@pytest.mark.parametrize("part", [TEKUN, LINSHI], ids=["tekun", "linshi"])
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_in_the_parts_of_a_programme(browser, places, part, text):
    fields = [*part, "hukou_in_county", "lives_in_county"]
    for field in fields + (list(STAGES) if part is LINSHI else []):
        answer = browser.post(reverse("cases:register"), typed(places) | part | {field: text})
        assert answer.status_code in {200, 302}, field
        assert "<script>alert" not in answer.content.decode()


def visit_data(application, **values) -> dict:
    answers = dict.fromkeys(["can_eat", "can_dress", "can_rise", "can_toilet"], "yes")
    return {
        "visited_at": "2026-03-02T08:30",
        "save": "yes",
        "can_walk": "no",
        "assessed_on": "2026-03-02",
        "assessors": "郑演示",
        "entrusted_to": "",
        **answers,
        **values,
    }


@pytest.mark.clause("DT-2.2")
def test_self_care_is_assessed_on_the_visit_screen(browser, tekun):
    address = reverse("cases:record_visit", args=[tekun.number])
    assert "生活自理能力评估" in browser.get(address).content.decode()
    assert browser.post(address, visit_data(tekun)).status_code == 302
    seen = SelfCareAssessment.objects.get()
    assert (seen.can_walk, seen.can_bathe, seen.failed) == (False, None, 1)
    page = browser.get(address).content.decode()
    assert 'value="no" id="id_can_walk_1" checked' in page
    assert "自主洗澡" in page.split("完成前还缺")[1].split("</p>")[0]
    assert (
        "评估日期不能晚于今天"
        in browser.post(address, visit_data(tekun, assessed_on="2026-03-03")).content.decode()
    )
    case = browser.get(f"/case/{tekun.number}/?tab=visit").content.decode()
    assert "室内自主行走" in case


def test_other_programmes_are_not_asked_about_self_care(browser, places, handler):
    dibao = draft_application(places, actor=handler)
    prepare_submission(application=dibao, actor=handler)
    in_state(dibao, "visiting")
    page = browser.get(reverse("cases:record_visit", args=[dibao.number])).content.decode()
    assert "生活自理能力评估" not in page
    assert browser.get(reverse("cases:record_agreement", args=[dibao.number])).status_code == 403


@pytest.mark.clause("DT-2.2")
def test_the_calculation_says_what_is_missing_instead_of_failing(browser, tekun):
    answer = browser.get(f"/case/{tekun.number}/?tab=assessment")
    assert answer.status_code == 200
    assert "本轮生活自理能力评估尚未完成" in answer.content.decode()


AGREEMENT = {
    "kind": "carer",
    "name": "陈照料",
    "contact": "138 0000 5678",
    "payee_name": "陈照料",
    "payee_bank": "温州银行",
    "payee_account": "6222 0200 0000 0000 099",
    "signed_on": "2026-03-01",
    "signed_by_person": "on",
}


@pytest.mark.clause("SY-A2.1a")
def test_a_service_agreement_is_entered(browser, tekun):
    address = reverse("cases:record_agreement", args=[tekun.number])
    page = browser.get(address).content.decode()
    assert "街道（乡镇）安排照料（DT-7.2）" in page
    assert browser.post(address, AGREEMENT | {"scan": photo()}).status_code == 302
    agreement = CareAgreement.objects.get()
    assert agreement.payee_account == "6222020000000000099"
    case = browser.get(f"/case/{tekun.number}/").content.decode()
    assert "0099" in case
    assert "6222020000000000099" not in case
    assert "13800005678" not in case
    assert "查看扫描件" in case


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"signed_by_person": ""}, "这个字段是必填项"),
        ({"payee_account": "12"}, "收款账号应为 8–30 位数字"),
        ({"signed_on": "2026-03-03"}, "签订日期不能晚于今天"),
        ({"kind": "institution"}, "服务方须是照料服务人"),
        ({"scan": SimpleUploadedFile("a.exe", b"MZ", "application/pdf")}, "PDF"),
    ],
)
def test_a_wrong_agreement_is_refused_beside_the_field(browser, tekun, values, complaint):
    answer = browser.post(reverse("cases:record_agreement", args=[tekun.number]), AGREEMENT | values)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert complaint in page
    assert 'value="温州银行"' in page
    assert not CareAgreement.objects.exists()


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_in_agreement_and_assessment(browser, tekun, text):
    for field in AGREEMENT:
        address = reverse("cases:record_agreement", args=[tekun.number])
        assert browser.post(address, AGREEMENT | {field: text}).status_code in {200, 302}, field
    for field in ("can_eat", "assessed_on", "assessors", "entrusted_to"):
        address = reverse("cases:record_visit", args=[tekun.number])
        assert browser.post(address, visit_data(tekun, **{field: text})).status_code in {200, 302}, field


def test_the_sheet_of_the_list_shows_what_the_programmes_add(browser, places, handler):
    draft_application(places, actor=handler, programme=Programme.TEKUN)
    asked = linshi_entry(kind="emergency")
    draft_application(places, actor=handler, programme=Programme.LINSHI, linshi=asked, hukou_in_county=False)
    draft_application(places, actor=handler)
    answer = browser.get(reverse("cases:export") + "?which=all")
    sheet = load_workbook(BytesIO(b"".join(answer) if answer.streaming else answer.content)).active
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    head = next(row for row in rows if "申请编号" in row)
    by_programme = {
        dict(zip(head, row, strict=True))["救助项目"]: dict(zip(head, row, strict=True))
        for row in rows[rows.index(head) + 1 :]
    }
    linshi = by_programme["临时救助"]
    assert (linshi["临时救助类型"], float(linshi["申请金额（元）"])) == ("急难型", 3000.0)
    assert linshi["户籍不在本县（市、区）"] == "是"
    assert by_programme["特困人员救助供养"]["特困供养方式"] == "分散供养"
    assert not by_programme["最低生活保障"]["申请金额（元）"]


@pytest.mark.parametrize("n", [3, 12])
def test_the_sheet_takes_as_many_queries_for_many_rows(
    browser, places, handler, n, django_assert_max_num_queries
):
    for _ in range(n):
        draft_application(places, actor=handler, programme=Programme.LINSHI)
    with django_assert_max_num_queries(14):
        browser.get(reverse("cases:export") + "?which=all")


def test_days_of_stages_are_days(browser, places):
    flag_rule(places.county, "linshi.instalments")
    data = typed(places) | LINSHI | STAGES | {"instalment_2_amount": "999.99"}
    page = browser.post(reverse("cases:register"), data).content.decode()
    assert "合计 2,999.99 元，与申请金额不一致" in page
    assert not Application.objects.filter(created_at__date__gte=date(2026, 1, 1)).exists()
