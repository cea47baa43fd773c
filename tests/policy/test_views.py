"""The rule pages: what is in force beside its clause, in the person's own areas only."""

from datetime import date

import pytest
from django import forms
from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.db import connection
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.errors import Refused
from organisations.enums import Post
from organisations.models import User
from organisations.services import appoint

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(area, client: Client) -> Client:
    """A handler of 北岙街道, logged in."""
    client.force_login(person("handler", Post.HANDLER, area("330305001")))
    return client


def person(username: str, post: Post, place) -> User:
    user = User.objects.create(username=username, name="演示")
    appoint(user=user, post=post, area=place, valid_from=date(2015, 1, 1), actor=None)
    return user


def test_rules_page_shows_value_clause_and_certainty(clerk: Client) -> None:
    page = clerk.get(reverse("policy:rules"), {"on": "2023-03-01"}).content.decode()
    assert "1,085.00 元/月" in page
    assert "演示值" in page
    assert "DT-1.2" in page
    assert "20 天" in page
    assert "20 个工作日" not in page, "上虞's limit does not belong to 洞头"


def test_rules_page_follows_the_day_and_keeps_the_filter(clerk: Client) -> None:
    before = clerk.get(reverse("policy:rules"), {"on": "2021-08-31", "text": "低保标准（"}).content.decode()
    assert "DT-1.2" not in before
    assert 'value="2021-08-31"' in before


def test_another_district_cannot_be_chosen(clerk: Client) -> None:
    page = clerk.get(reverse("policy:rules"), {"area": "330604", "on": "2023-03-01"})
    assert page.status_code == 200
    assert "SY-4.2b" not in page.content.decode()
    assert "请先改正筛选条件" in page.content.decode()


def test_a_county_post_may_choose_its_townships(area, client: Client) -> None:
    client.force_login(person("auditor", Post.AUDITOR, area("330305")))
    day = {"area": "330305002", "on": "2020-01-01"}
    assert "2,010.00 元/月" in client.get(reverse("policy:rules"), day).content.decode()
    assert "1,800.00 元/月" in client.get(reverse("policy:rules"), day | {"area": "330305"}).content.decode()


@pytest.mark.parametrize(
    "query",
    [
        {"on": "not a date"},
        {"on": "2023-02-30"},
        {"text": "字" * 10_000},
        {"text": "a\x00b"},
        {"text": "𠮷😀'\";--"},
        {"group": "nonsense"},
        {"area": "\x00"},
        {"on": "99999-01-01"},
    ],
)
def test_hostile_filters_never_break_the_page(clerk: Client, query: dict[str, str]) -> None:
    assert clerk.get(reverse("policy:rules"), query).status_code == 200


def test_a_person_without_posts_is_told_so(rule_tables, client: Client) -> None:
    client.force_login(User.objects.create(username="nobody", name="无岗"))
    assert "您目前没有岗位" in client.get(reverse("policy:rules")).content.decode()


@pytest.mark.clause("DT-1.2")
def test_clause_page_lists_the_rules_that_cite_it(clerk: Client) -> None:
    page = clerk.get(reverse("policy:clause", args=["DT-1.2"])).content.decode()
    assert "20 天" in page
    assert "30 天" in page
    assert "征求意见稿" in page


CITED = '<a class="cite" href="/rules/clauses/DT-1.2/"'


@pytest.mark.parametrize(
    ("text", "n_links", "n_queries"),
    [
        ("材料不齐（DT-1.2）。", 1, 1),
        ("依据DT-1.2、L57-13。", 2, 1),
        ("DT-1.2", 1, 1),
        ("XX-9.9", 0, 1),
        ("DT-2026-000001 已办理“受理”，2026-03-02 起算。", 0, 0),
        ("<b>DT-1.2</b>", 1, 1),
        ("没有条款", 0, 0),
    ],
)
def test_clauses_in_a_sentence_become_links(
    rule_tables, django_assert_num_queries, text: str, n_links: int, n_queries: int
) -> None:
    with django_assert_num_queries(n_queries):
        html = Template("{% load clauses %}{% cite text %}").render(Context({"text": text}))
    assert html.count('<a class="cite" href="/rules/clauses/') == n_links
    assert "<b>" not in html


def test_refusals_lead_to_the_clause(rule_tables) -> None:
    """Beside the field, on top of the form, in a message, and beside a grey button."""

    class OneField(forms.Form):
        amount = forms.CharField()

    form = OneField({"amount": "1"})
    Refused("超过上限。", field="amount", clause="DT-1.2").add_to(form)
    Refused("不能办理。", clause="DT-1.2").add_to(form)
    said = Message(messages.ERROR, str(Refused("不能办理。", clause="DT-1.2")))
    grey = {"label": "审批同意", "why_not": "须先公示（DT-1.2）。"}
    for template, context in (
        ("_field.html", {"field": form["amount"]}),
        ("_errors.html", {"form": form}),
        ("_messages.html", {"messages": [said]}),
        ("_actions.html", {"actions": [grey], "stack": True, "csrf_token": ""}),
    ):
        assert CITED in render_to_string(f"components/{template}", context), template


def test_an_unknown_clause_is_not_found(clerk: Client) -> None:
    assert clerk.get(reverse("policy:clause", args=["XX-9"])).status_code == 404
    assert clerk.get("/rules/clauses/a%00b/").status_code == 404


def test_pages_ask_for_a_log_in(rule_tables, client: Client) -> None:
    for url in (reverse("policy:rules"), reverse("policy:clause", args=["DT-1.2"])):
        assert client.get(url).status_code == 302


def test_the_number_of_queries_does_not_grow_with_the_rules(clerk: Client) -> None:
    def queries(text: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            clerk.get(reverse("policy:rules"), {"on": "2023-03-01", "text": text})
        return len(captured)

    assert queries("") == queries("低保标准")
