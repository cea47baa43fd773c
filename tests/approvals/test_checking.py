"""The code on a paper leads to a page that confirms number and date, and tells nothing about anybody."""

import json

import pytest
from django.db import IntegrityError, connection, transaction

from approvals.documents.checking import CHECKABLE, qr_code
from approvals.documents.service import make_document
from approvals.enums import DocumentKind as Kind
from cases.enums import ApplicationState as State
from tests.approvals.builders import case_in


@pytest.fixture
def paper(office, clock):
    case = case_in(State.REFUSED, office=office, clock=clock)
    return make_document(application=case, kind=Kind.REFUSAL_NOTICE, actor=office.handler)


def test_the_page_confirms_number_kind_office_and_date(client, paper):
    address = json.loads(paper.data)["check_url"]
    assert address == f"https://assistance.example/public/papers/{paper.token}/"
    page = client.get(f"/public/papers/{paper.token}/")
    text = page.content.decode()
    for words in (paper.number, "不符合条件告知书", "洞头区北岙街道", "2026 年 3 月 10 日"):
        assert words in text
    person = paper.application.applicant.person
    for secret in (person.name, person.id_number, paper.application.number, "经核对和入户调查"):
        assert secret not in text
    assert "noindex" in page["X-Robots-Tag"]
    assert page["Cache-Control"] == "no-store"


@pytest.mark.parametrize("token", ["x", "a%00b", "A" * 3000, "%ED%A0%80"])
def test_another_word_confirms_nothing(client, paper, token):
    assert client.get(f"/public/papers/{token}/").status_code == 404


def test_there_is_no_list(client, paper):
    assert client.get("/public/papers/").status_code == 404


def test_papers_that_stay_in_the_office_bear_none(office, clock):
    case = case_in(State.REVIEWING, office=office, clock=clock)
    visit = make_document(application=case, kind=Kind.VISIT_FORM, actor=office.handler)
    assert visit.token is None
    assert json.loads(visit.data)["check_url"] == ""
    assert Kind.SERVICE_RECEIPT not in CHECKABLE


def test_two_papers_never_share_a_word(paper):
    with (
        pytest.raises(IntegrityError, match="token"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO approvals_document SELECT (jsonb_populate_record(d, jsonb_build_object("
            "'id', d.id + 1000, 'number', 'x', 'matter', 'x'))).* FROM approvals_document d"
        )


def test_the_code_is_the_address():
    """Read back the modules: three finders where they belong, and the same text gives the same picture."""
    code = qr_code("https://assistance.example/public/papers/abcdefghijklmnop/")
    assert code == qr_code("https://assistance.example/public/papers/abcdefghijklmnop/")
    assert code["path"].startswith("M0 0h7v1h-7z")
    assert f"M{code['size'] - 7} 0h7v1h-7z" in code["path"]
    assert f"M0 {code['size'] - 7}h7v1h-7z" in code["path"]
    assert qr_code("") is None
