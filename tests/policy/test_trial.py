"""「政策试算」: a clerk tries the rules on a household that is only described."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from organisations.enums import Post
from organisations.models import User
from organisations.services import appoint
from policy.models import Rule

pytestmark = pytest.mark.django_db

URL = "/rules/trial/"
ONE = {
    "rows": "1",
    "programme": "dibao",
    "area": "330305001",
    "on": "2023-03-01",
    "purpose": "application",
    "standard_dibao": "1085",
    "deposits": "12000",
    "m0-relation": "self",
    "m0-birth_date": "1980-05-01",
    "m0-co_living": "on",
    "m0-wage": "500",
    "m0-exempt_kind": "bravery_award",
    "m0-exempt_amount": "300",
}


@pytest.fixture
def clerk(area, client: Client) -> Client:
    user = User.objects.create(username="handler", name="演示")
    appoint(user=user, post=Post.HANDLER, area=area("330305001"), valid_from=date(2015, 1, 1), actor=None)
    client.force_login(user)
    return client


def asked(clerk: Client, **changes: str) -> str:
    response = clerk.post(URL, ONE | changes)
    assert response.status_code == 200
    return response.content.decode()


def test_the_example_of_the_interface(clerk: Client) -> None:
    before = Rule.objects.count()
    page = asked(clerk)
    assert "符合条件" in page
    assert "585.00 元" in page
    assert "1,085.00 × 1 人 − 500.00" in page
    assert reverse("policy:clause", args=["L57-23"]) in page
    assert Rule.objects.count() == before


@pytest.mark.clause("DT-7.3")
def test_tekun_shows_what_follows_the_care(clerk: Client) -> None:
    page = asked(
        clerk,
        programme="tekun",
        standard_tekun="1410.50",
        standard_min_wage="2280",
        tekun_no_work_ability="on",
        tekun_no_income="on",
        tekun_supporter="none",
        tekun_self_care_failed="4",
        tekun_placement="institution",
        **{"m0-birth_date": "1950-01-01", "m0-wage": ""},
    )
    assert "3,234.50 元" in page
    assert "1,824.00 元" in page


def test_a_line_that_fails_is_said_in_words(clerk: Client) -> None:
    page = asked(clerk, **{"m0-wage": "1085"})
    assert "不符合条件" in page
    assert "人均月收入：1,085.00 ÷ 1 人，不低于低保标准 1,085.00" in page


def test_rows_come_and_go_and_keep_what_was_typed(clerk: Client) -> None:
    page = asked(clerk, add="yes")
    assert 'name="rows" value="2"' in page
    assert 'name="m1-wage"' in page
    assert 'value="500"' in page
    assert "试算结果" not in page
    second = {"rows": "2", "m1-relation": "spouse", "m1-birth_date": "1981-01-01", "m1-wage": "77"}
    page = asked(clerk, **second, remove="0")
    assert 'name="rows" value="1"' in page
    assert 'value="77"' in page
    assert 'value="500"' not in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"m0-birth_date": "2024-01-01"}, "出生日期晚于测算日期"),
        ({"m0-birth_date": ""}, "这个字段是必填项"),
        ({"m0-wage": "12.345"}, "小数"),
        ({"m0-wage": "-1"}, "大于或等于0"),
        ({"m0-disability_kind": "mental"}, "残疾类别与等级须同时填写"),
        ({"on": "2010-01-01", "standard_dibao": ""}, "没有生效的规则"),
        ({"programme": "linshi", "linshi_kind": "expenditure", "linshi_cause": "medical"}, "requested"),
        ({"programme": "tekun", "tekun_self_care_failed": "7"}, "小于或等于6"),
        ({"deposits": "x" * 5000}, "输入一个数字"),
        ({"rows": "abc"}, "试算结果"),
    ],
)
def test_bad_input_says_what_is_wrong_and_loses_nothing(clerk: Client, changes, sentence: str) -> None:
    page = asked(clerk, **changes)
    if sentence == "requested":
        assert 'id="id_linshi_requested_error"' in page
    else:
        assert sentence in page
    assert 'value="300"' in page


def test_the_day_is_today_until_another_is_chosen(clerk: Client, clock) -> None:
    assert 'name="on" value="2026-03-02"' in clerk.get(URL).content.decode()


def test_an_area_of_somebody_else_is_not_offered(clerk: Client) -> None:
    assert 'value="330604001"' not in clerk.get(URL).content.decode()
    assert "试算结果" not in asked(clerk, area="330604001")
