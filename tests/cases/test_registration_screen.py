"""The registration screen as clerks use it: nothing typed is lost, numbers are read, people are found."""

from datetime import date

import pytest
from django.urls import reverse

from cases.models import Application, DiscardedNumber, Person
from cases.services import prepare_submission
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
HOSTILE = {
    "emoji": "😀👨‍👩‍👧",
    "rare_han": "𠮷𡈽 㐀",
    "sql": "'\";-- DROP TABLE cases_person",
    "markup": "<script>alert(1)</script>{{ 7 }}",
    "ten_thousand": "长" * 10_000,
    "nul": "a\x00b",
    "bidi": "\u202eabc\u200b",
    "lines": "一\r\n二\t三",
}


@pytest.fixture
def places():
    return build_places()


@pytest.fixture
def handler(places):
    return person_with(Post.HANDLER, places.township)


@pytest.fixture
def browser_of(client):
    def log_in(user):
        client.force_login(user)
        return client

    return log_in


def typed(places, *members: dict, **values) -> dict:
    """A filled-in screen; without members, 林小花 alone."""
    rows = members or (
        {"name": "林小花", "id_number": synthetic_id(41), "relation": "self", "co_living": "on"},
    )
    data = {
        "programme": "dibao",
        "channel": "window",
        "village": places.village.pk,
        "received_on": "",
        "address": "望海村 12 号",
        "cause": "illness",
        "statement": "长期患病",
        "deposits": "12,000.00",
        "vehicles": "0",
        "houses": "1",
        "non_residential_houses": "",
        "registered_capital": "",
        "rigid_expenditure_monthly": "",
        "rigid_expenditure_note": "",
        "payee_name": "林小花",
        "payee_bank": "温州银行",
        "payee_account": "6222 0200 0000 0000 008",
        "members-TOTAL_FORMS": len(rows),
        "members-INITIAL_FORMS": 0,
        "save": "yes",
    }
    for index, row in enumerate(rows):
        data |= {f"members-{index}-{name}": value for name, value in row.items()}
    return data | values


def test_a_draft_is_kept_and_the_case_page_follows(browser_of, handler, places):
    browser = browser_of(handler)
    assert browser.get(reverse("cases:register")).status_code == 200
    answer = browser.post(reverse("cases:register"), typed(places))
    application = Application.objects.get()
    assert answer["Location"] == f"/case/{application.number}/?tab=household"
    assert application.household.deposits == 12_000
    assert application.payee_account == "6222020000000000008"
    assert application.household.members.get().person.birth_date == date(1980, 5, 1)


def test_one_row_more_loses_nothing_and_complains_about_nothing(browser_of, handler, places):
    data = typed(
        places,
        {"name": "林小花", "id_number": "3303", "relation": "self", "wage": "五百", "phone": "138"},
        statement="写到一半",
        village="",
    )
    del data["save"]
    page = browser_of(handler).post(reverse("cases:register"), data | {"add_member": "yes"}).content.decode()
    assert 'name="members-1-name"' in page
    assert 'name="members-TOTAL_FORMS" value="2"' in page
    for kept in ("林小花", "3303", "五百", "写到一半", "12,000.00"):
        assert kept in page
    assert "请修改以下内容" not in page
    # The box 共同生活 was not ticked in what was sent, so it is not ticked now.
    assert 'name="members-0-co_living" id="id_members-0-co_living" checked' not in page
    assert not Application.objects.exists()


@pytest.mark.parametrize(
    ("number", "complaint"),
    [
        ("33030519800501008", "应为 18 位，现为 17 位"),
        ("33030519801301008X", "出生日期 19801301 不存在"),
        ("330305198005010821", "校验位不正确"),
        ("3303051980050100AB", "前 17 位应为数字"),
    ],
)
def test_what_is_wrong_with_a_number_stands_beside_it(browser_of, handler, places, number, complaint):
    row = {"name": "林小花", "id_number": number, "relation": "self"}
    page = browser_of(handler).post(reverse("cases:register"), typed(places, row)).content.decode()
    assert complaint in page
    assert "望海村 12 号" in page
    assert not Application.objects.exists()


def test_a_number_is_read_and_a_person_elsewhere_is_shown_at_once(browser_of, handler, places):
    number = synthetic_id(42)
    known = draft_application(
        places, member_line("林小花", id_number=number), village=places.other_township_village
    )
    other = person_with(Post.HANDLER, places.other_township)
    prepare_submission(application=known, actor=other)
    in_state(known, "submitted")
    browser = browser_of(handler)
    row = {"name": "林小花", "id_number": number, "relation": "self"}
    data = typed(places, row)
    del data["save"]
    page = browser.post(reverse("cases:register"), data | {"check": "yes"}).content.decode()
    for shown in (
        "女 · 1980 年 5 月 1 日出生",
        known.number,
        "最低生活保障",
        "待受理",
        "灵昆街道",
        "校验通过",
    ):
        assert shown in page
    assert not Application.objects.filter(village=places.village).exists(), "校验 keeps nothing"
    fragment = browser.post(
        reverse("cases:read_id"), {"members-0-id_number": number, "programme": "dibao"}
    ).content.decode()
    assert "1980 年 5 月 1 日" in fragment
    assert known.number in fragment
    saved = browser.post(reverse("cases:register"), typed(places, row), follow=True).content.decode()
    assert known.number in saved, "the draft is kept, and the case page warns"


def test_numbers_come_back_masked_and_stay_what_they_are(browser_of, handler, places):
    draft = draft_application(places, member_line(id_number=synthetic_id(43), wage="500.00"), actor=handler)
    browser = browser_of(handler)
    address = reverse("cases:edit", args=[draft.number])
    page = browser.get(address).content.decode()
    member = draft.household.members.get()
    for secret in (member.person.id_number, "13800001234", "6222020000000000008"):
        assert secret not in page
    assert member.person.masked_id_number in page
    row = {
        "member": member.pk,
        "name": "林小花",
        "id_number": member.person.masked_id_number,
        "phone": member.person.masked_phone,
        "relation": "self",
        "co_living": "on",
        "wage": "650.00",
    }
    data = typed(places, row, payee_account=draft.masked_account) | {"members-INITIAL_FORMS": 1}
    assert browser.post(address, data).status_code == 302
    draft.refresh_from_db()
    member.refresh_from_db()
    assert draft.payee_account == "6222020000000000008"
    assert member.person.id_number == synthetic_id(43)
    assert member.income.get().monthly == 650


def test_a_mask_of_somebody_else_is_no_number(browser_of, handler, places):
    """The hidden key of another household's member opens nothing."""
    stranger = draft_application(places, village=places.other_township_village).household.members.get()
    row = {
        "member": stranger.pk,
        "name": "林小花",
        "id_number": stranger.person.masked_id_number,
        "relation": "self",
    }
    page = browser_of(handler).post(reverse("cases:register"), typed(places, row))
    assert page.status_code == 200
    assert stranger.person.id_number not in page.content.decode()
    assert Application.objects.count() == 1


def test_a_different_name_asks_whether_it_is_meant(browser_of, handler, places):
    draft_application(places, member_line("林小花", id_number=synthetic_id(44)), actor=handler)
    browser = browser_of(handler)
    row = {"name": "林晓花", "id_number": synthetic_id(44), "relation": "self"}
    page = browser.post(reverse("cases:register"), typed(places, row)).content.decode()
    assert "更正姓名" in page
    assert 'name="members-0-correct_name"' in page
    assert "长期患病" in page
    answer = browser.post(reverse("cases:register"), typed(places, row | {"correct_name": "on"}))
    assert answer.status_code == 302
    assert Person.objects.get().name == "林晓花"


def test_a_row_that_was_added_and_not_needed_is_no_error(browser_of, handler, places):
    first = {"name": "林小花", "id_number": synthetic_id(47), "relation": "self"}
    empty = {"name": "", "id_number": "", "relation": "other_supported", "co_living": "on"}
    data = typed(places, first, empty) | {"members-INITIAL_FORMS": 2}
    assert browser_of(handler).post(reverse("cases:register"), data).status_code == 302
    assert Application.objects.get().n_members == 1


def test_emptying_a_stored_member_takes_nobody_out(browser_of, handler, places):
    spouse = member_line("王大海", relation="spouse", id_number=synthetic_id(49))
    draft = draft_application(places, member_line(id_number=synthetic_id(48)), spouse, actor=handler)
    first, second = draft.household.members.all()
    rows = (
        {
            "member": first.pk,
            "name": "林小花",
            "id_number": first.person.masked_id_number,
            "relation": "self",
        },
        {"member": second.pk, "name": "", "id_number": "", "relation": "spouse"},
    )
    address = reverse("cases:edit", args=[draft.number])
    browser = browser_of(handler)
    assert browser.post(address, typed(places, *rows)).status_code == 200
    rows[1]["DELETE"] = "on"
    assert browser.post(address, typed(places, *rows)).status_code == 302
    assert draft.household.members.count() == 1


def test_a_row_is_taken_out(browser_of, handler, places):
    first = {"name": "林小花", "id_number": synthetic_id(45), "relation": "self"}
    second = {"name": "错录", "id_number": "1", "relation": "spouse", "DELETE": "on"}
    assert (
        browser_of(handler).post(reverse("cases:register"), typed(places, first, second)).status_code == 302
    )
    assert Application.objects.get().n_members == 1


@pytest.mark.clause("SY-A1.1a")
def test_the_village_helper_sees_the_own_village_and_gives_the_day(browser_of, places):
    browser = browser_of(person_with(Post.VILLAGE_HELPER, places.village))
    page = browser.get(reverse("cases:register")).content.decode()
    assert "望海村" in page
    assert "渔岙村" not in page
    assert "村社代办" in page
    assert 'value="window"' not in page
    assert browser.post(reverse("cases:register"), typed(places)).status_code == 200
    missing = browser.post(reverse("cases:register"), typed(places, channel="village")).content.decode()
    assert "村社收到申请的日期" in missing
    strange = typed(places, channel="village", received_on="2026-03-01", village=places.other_village.pk)
    assert browser.post(reverse("cases:register"), strange).status_code == 200
    assert not Application.objects.exists()
    fine = typed(places, channel="village", received_on="2026-03-01")
    assert browser.post(reverse("cases:register"), fine).status_code == 302


FIELDS = (
    "programme channel village received_on address cause statement deposits vehicles rigid_expenditure_note"
    " payee_name payee_bank payee_account members-0-member members-0-name members-0-id_number members-0-phone"
    " members-0-relation members-0-wage members-0-disability_grade members-0-exempt_amount"
    " members-TOTAL_FORMS"
).split()


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_breaks_nothing_and_loses_nothing(browser_of, handler, places, text):
    browser = browser_of(handler)
    for field in FIELDS:
        answer = browser.post(reverse("cases:register"), typed(places) | {field: text})
        assert answer.status_code in {200, 302}, field
        page = answer.content.decode()
        assert "<script>alert" not in page
        if answer.status_code == 200 and field != "members-TOTAL_FORMS":
            for name, kept in (
                ("address", "望海村 12 号"),
                ("members-0-name", "林小花"),
                ("deposits", "12,000.00"),
            ):
                assert field == name or kept in page, field


def test_rare_characters_are_stored_as_typed(browser_of, handler, places):
    row = {"name": "𠮷田·买买提", "id_number": synthetic_id(46), "relation": "self"}
    data = typed(places, row, statement="😀 '\";-- 𡈽", address="㐀村")
    assert browser_of(handler).post(reverse("cases:register"), data).status_code == 302
    application = Application.objects.get()
    assert application.applicant_name == "𠮷田·买买提"
    assert application.statement == "😀 '\";-- 𡈽"
    assert application.household.address == "㐀村"


def test_an_unlikely_account_number_is_a_warning_not_a_refusal(browser_of, handler, places):
    data = typed(places, payee_account="6222020000000000001")
    page = browser_of(handler).post(reverse("cases:register"), data, follow=True).content.decode()
    assert "校验位检查" in page
    assert Application.objects.get().payee_account == "6222020000000000001"


def test_only_who_registers_there_sees_the_screen(browser_of, places):
    draft = draft_application(places)
    assert (
        browser_of(person_with(Post.APPROVER, places.township)).get(reverse("cases:register")).status_code
        == 403
    )
    reviewer = browser_of(person_with(Post.REVIEWER, places.township))
    assert reviewer.get(reverse("cases:edit", args=[draft.number])).status_code == 403
    elsewhere = browser_of(person_with(Post.HANDLER, places.other_township))
    assert elsewhere.get(reverse("cases:edit", args=[draft.number])).status_code == 404


def test_a_draft_is_thrown_away_with_a_reason(browser_of, handler, places):
    draft = draft_application(places, actor=handler)
    browser = browser_of(handler)
    address = reverse("cases:discard", args=[draft.number])
    browser.post(address, {"reason": ""})
    assert Application.objects.exists()
    assert browser.post(address, {"reason": "群众放弃申请"})["Location"] == reverse("cases:list")
    assert DiscardedNumber.objects.get().reason == "群众放弃申请"
    in_state(other := draft_application(places, actor=handler), "submitted")
    assert browser.post(reverse("cases:discard", args=[other.number]), {"reason": "x"}).status_code == 403
