"""The page of a move: what it shows, what it refuses, and that nothing typed is lost."""

import pytest
from django.test import Client
from django.urls import reverse

from approvals.models import Step
from cases.enums import ApplicationState as State
from organisations.enums import Post
from tests.approvals.builders import case_in, collect, record_report, take
from tests.cases.builders import person_with


def page_of(application, transition: str) -> str:
    return reverse("approvals:move", args=[application.pk, transition])


def case_of(application) -> str:
    return reverse("workbench:case", kwargs={"number": application.number})


def text(response) -> str:
    return response.content.decode()


def test_a_move_by_button(office, clock, client) -> None:
    application = case_in(State.SUBMITTED, office=office)
    collect(application, office)
    client.force_login(office.handler)
    answer = client.post(page_of(application, "accept"), follow=True)
    assert answer.redirect_chain == [(case_of(application), 302)]
    assert f"{application.number} 已办理“受理”。" in text(answer)
    application.refresh_from_db()
    assert application.state == State.ACCEPTED


def test_the_page_proposes_an_opinion_with_the_figures(office, clock, client) -> None:
    application = case_in(State.REVIEWING, office=office)
    client.force_login(office.reviewer)
    page = text(client.get(page_of(application, "agree")))
    assert (
        "经核对和入户调查，该户共同生活 1 人，人均月收入 500.00 元，低于低保标准 1,085.00 元，财产符合规定，"
        "拟同意纳入最低生活保障，每月保障金 585.00 元。"
    ) in page
    assert "月保障金（补差）" in page
    assert "开始计算公示期限：至 2026-03-09（ZJR-T2）。" in page
    assert "林*花" in page
    assert f'<a href="{page_of(application, "send_back")}">退回补充调查</a>' in page
    assert application.household.members.get().person.id_number not in page
    assert Step.objects.filter(application=application).count() == 5


def test_the_opinion_is_asked_for_and_kept(office, clock, client) -> None:
    application = case_in(State.DECIDING, office=office, clock=clock)
    client.force_login(office.approver)
    url = page_of(application, "approve")
    page = text(client.get(url))
    assert "同意初审意见，每月保障金 585.00 元，自批准的下月起发放。" in page
    assert "自 2026-04 起每月发放 585.00 元（SY-A1.5a）。" in page
    refused = text(client.post(url, {"opinion": "同意，𠮷田户确有困难"}))
    assert "请勾选确认" in refused
    assert "同意，𠮷田户确有困难" in refused
    empty = text(client.post(url, {"confirm": "on", "opinion": " "}))
    assert "请填写意见。" in empty
    done = client.post(url, {"confirm": "on", "opinion": "同意，𠮷田户确有困难"})
    assert done.url == case_of(application)
    assert application.decision.reason == "同意，𠮷田户确有困难"


@pytest.mark.parametrize("opinion", ["同意\x00", "长" * 10_000], ids=["nul", "long"])
def test_bad_text_is_answered_beside_the_field(office, clock, client, opinion) -> None:
    application = case_in(State.REVIEWING, office=office)
    client.force_login(office.reviewer)
    answer = client.post(page_of(application, "disagree"), {"opinion": opinion})
    assert answer.status_code == 200
    assert "field--bad" in text(answer)
    application.refresh_from_db()
    assert application.state == State.REVIEWING


def test_a_refused_move_says_why_and_keeps_what_was_typed(office, clock, client) -> None:
    application = case_in(State.DECIDING, office=office, clock=clock)
    application.payee_account = None
    application.save(update_fields=["payee_account"])
    client.force_login(office.approver)
    answer = text(client.post(page_of(application, "approve"), {"opinion": "同意🙂", "confirm": "on"}))
    assert "申请未登记收款人和收款账号" in answer
    assert "同意🙂" in answer


def test_a_page_that_somebody_overtook(office, clock, client) -> None:
    application = case_in(State.REVIEWING, office=office)
    client.force_login(office.reviewer)
    client.get(page_of(application, "agree"))
    take(application, "send_back", office, "reviewer")
    answer = client.post(page_of(application, "agree"), {"opinion": "同意"})
    assert "申请状态为“待入户调查”，不能办理“初审同意，提交公示”。" in text(answer)
    stale = text(client.get(page_of(application, "agree")))
    assert "现在不能办理" in stale
    assert "disabled" in stale


def test_a_household_over_the_line_cannot_be_agreed_to(office, clock, client) -> None:
    application = case_in(State.CHECKING, office=office)
    record_report(application, office, wage="1200.00")
    take_back = reverse("approvals:move", args=[application.pk, "record_report"])
    client.force_login(office.handler)
    client.post(take_back)
    take(application, "finish_visit", office, "handler")
    client.force_login(office.reviewer)
    assert "测算结果不符合条件，不能提出同意的初审意见。" in text(client.get(page_of(application, "agree")))
    page = text(client.get(page_of(application, "disagree")))
    assert "经核对和入户调查，该户不符合条件：人均月收入" in page


def test_scope_first_then_the_post(office, clock, client) -> None:
    application = case_in(State.REVIEWING, office=office)
    url = page_of(application, "agree")
    anonymous = client.get(url)
    assert anonymous.status_code == 302
    assert anonymous.url.startswith("/accounts/")
    client.force_login(person_with(Post.REVIEWER, office.places.other_township))
    assert client.get(url).status_code == client.post(url, {"opinion": "同意"}).status_code == 404
    client.force_login(office.handler)
    refused = client.get(url)
    assert refused.status_code == 403
    assert "“初审同意，提交公示”由北岙街道的审核岗办理。" in text(refused)
    assert client.post(url, {"opinion": "同意"}).status_code == 403
    client.force_login(person_with(Post.AUDITOR, office.places.county))
    assert client.post(url, {"opinion": "同意"}).status_code == 403
    application.refresh_from_db()
    assert application.state == State.REVIEWING


@pytest.mark.parametrize("address", ["/approvals/999999999999999999999/agree/", "/approvals/1/teleport/"])
def test_addresses_that_lead_nowhere(office, client, address) -> None:
    client.force_login(office.reviewer)
    assert client.get(address).status_code == 404


def test_only_get_and_post_and_only_with_the_token(office, clock, client) -> None:
    application = case_in(State.ACCEPTED, office=office)
    client.force_login(office.reviewer)
    assert client.put(page_of(application, "entrust_check")).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(office.reviewer)
    assert strict.post(page_of(application, "entrust_check")).status_code == 403
    application.refresh_from_db()
    assert application.state == State.ACCEPTED


def test_what_is_missing_is_listed_before_it_is_told(office, clock, client) -> None:
    application = case_in(State.SUBMITTED, office=office)
    client.force_login(office.handler)
    page = text(client.get(page_of(application, "request_materials")))
    for material in application.materials.all():
        assert material.label in page
    assert "林*花的核对授权" in page
    client.post(page_of(application, "request_materials"), {"opinion": "请于周五前补齐"})
    assert application.materials_notice.note == "请于周五前补齐"
