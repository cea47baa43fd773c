"""救助证: given out in 上虞, abolished in 洞头; reviewed each year and destroyed at the end (SY-A1.7b)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.errors import Refused
from organisations.enums import Post
from organisations.models import User
from payments import services
from payments.models import Benefit, Certificate
from payments.queries import tasks_for
from tests.cases.builders import person_with
from tests.payments import builders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def payer(clock):
    return builders.district()


@pytest.fixture
def handler(payer):
    return person_with(Post.HANDLER, payer.villages[0].parent)


@pytest.fixture
def held(payer) -> Benefit:
    return builders.benefit(payer.villages[0], number="SY-2026-000001")


def issued(held: Benefit, handler: User) -> Certificate:
    return services.issue_certificate(benefit=held, actor=handler)


def actions(handler: User) -> list[tuple[str, str]]:
    return [(t.action, t.level) for t in tasks_for(User.objects.get(pk=handler.pk))]


@pytest.mark.clause("SY-A1.7b")
def test_numbered_and_given_out_once(held, handler):
    assert issued(held, handler).number == "SY-ZS-2026-000001"
    with pytest.raises(Refused, match="该户已有救助证"):
        issued(held, handler)


@pytest.mark.clause("DT-10.1")
def test_dongtou_gives_none_out(clock):
    payer = builders.town()
    handler = person_with(Post.HANDLER, payer.area)
    with pytest.raises(Refused, match="洞头区不再发放纸质救助证") as refused:
        issued(builders.benefit(payer.villages[0]), handler)
    assert refused.value.clause == "DT-10.1"


def test_only_the_handler_of_the_place(held, payer):
    with pytest.raises(Refused, match="经办岗"):
        issued(held, payer.clerk)


@pytest.mark.clause("SY-A1.7b")
def test_reviewed_once_a_year(held, handler, clock):
    certificate = issued(held, handler)
    services.review_certificate(certificate=certificate, actor=handler)
    with pytest.raises(Refused, match="2026 年度已年审"):
        services.review_certificate(certificate=certificate, actor=handler)
    clock.move_to(dt.datetime(2027, 2, 1, 9, tzinfo=dt.UTC))
    assert services.review_certificate(certificate=certificate, actor=handler).year == 2027


@pytest.mark.clause("SY-A1.7b")
def test_the_workbench_asks_for_the_yearly_review(held, handler, clock):
    """Given out on 2 March 2026: due on 2 March 2027, asked for from 1 January on."""
    certificate = issued(held, handler)
    clock.move_to(dt.datetime(2026, 12, 31, 9, tzinfo=dt.UTC))
    assert actions(handler) == []
    clock.move_to(dt.datetime(2027, 1, 1, 9, tzinfo=dt.UTC))
    assert actions(handler) == [("年审", "soon")]
    clock.move_to(dt.datetime(2027, 3, 3, 9, tzinfo=dt.UTC))
    assert actions(handler) == [("年审", "late")]
    services.review_certificate(certificate=certificate, actor=handler)
    assert actions(handler) == []


@pytest.mark.clause("SY-A1.7b")
def test_taken_back_and_destroyed_when_the_benefit_ends(held, handler, clock):
    certificate = issued(held, handler)
    Benefit.objects.filter(pk=held.pk).update(ends_on=dt.date(2026, 4, 1))
    clock.move_to(dt.datetime(2026, 4, 2, 1, tzinfo=dt.UTC))
    assert actions(handler) == [("收回销毁", "late")]
    with pytest.raises(Refused, match="请收回销毁"):
        services.review_certificate(certificate=certificate, actor=handler)
    with pytest.raises(Refused, match="请填写销毁原因"):
        services.destroy_certificate(certificate=certificate, actor=handler, reason=" ")
    services.destroy_certificate(certificate=certificate, actor=handler, reason="待遇停发，已剪角销毁")
    assert actions(handler) == []
    with pytest.raises(Refused, match="已经销毁"):
        services.destroy_certificate(certificate=certificate, actor=handler, reason="再次")
    with pytest.raises(Refused, match="待遇已停发"):
        issued(held, handler)


def test_a_lost_one_is_replaced(held, handler):
    services.destroy_certificate(certificate=issued(held, handler), actor=handler, reason="遗失作废")
    assert issued(held, handler).number == "SY-ZS-2026-000002"


def test_given_out_reviewed_and_destroyed_through_the_pages(client, held, handler):
    client.force_login(handler)
    text = client.post(reverse("payments:certificates"), {"number": "SY-2026-999999"}).content.decode()
    assert "请核对申请编号" in text
    assert 'value="SY-2026-999999"' in text
    client.post(reverse("payments:certificates"), {"number": "SY-2026-000001"})
    certificate = Certificate.objects.get()
    client.post(reverse("payments:certificate_review", args=[certificate.pk]))
    assert certificate.reviews.count() == 1
    text = client.get(reverse("payments:certificates")).content.decode()
    assert "林*花" in text
    assert "林小花" not in text
    client.post(reverse("payments:certificate_destroy", args=[certificate.pk]), {"reason": "遗失作废"})
    certificate.refresh_from_db()
    assert certificate.destroyed_because == "遗失作废"


def test_the_list_asks_the_same_for_3_and_for_30(client, payer, handler):
    client.force_login(handler)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("payments:certificates")).status_code == 200
        return len(captured)

    def some(n: int) -> None:
        for _ in range(n):
            issued(builders.benefit(payer.villages[0]), handler)

    some(3)
    few = queries()
    some(27)
    assert queries() == few


def broken(sql: str, *values: object, by: str) -> None:
    with pytest.raises(IntegrityError, match=by), transaction.atomic():
        run(sql, *values)


def run(sql: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_what_the_database_refuses(held, handler):
    certificate = issued(held, handler)
    review = services.review_certificate(certificate=certificate, actor=handler)
    table, pk = "payments_certificate", certificate.pk
    again = f"""INSERT INTO {table} (benefit_id, number, issued_on, issued_by_id, destroyed_because)
                SELECT benefit_id, number || %s, issued_on, issued_by_id, '' FROM {table} WHERE id = %s"""
    broken(again, "-2", pk, by="one_live_certificate_a_benefit")
    broken(f"UPDATE {table} SET number = 'x' WHERE id = %s", pk, by="kept as it was given out")
    broken(f"DELETE FROM {table} WHERE id = %s", pk, by="kept as it was given out")
    broken(
        f"UPDATE {table} SET destroyed_on = issued_on WHERE id = %s", pk, by="destroyed_certificate_is_whole"
    )
    reviews = "payments_certificatereview"
    insert = f"""INSERT INTO {reviews} (certificate_id, year, reviewed_on, reviewed_by_id)
                 SELECT certificate_id, %s, %s, reviewed_by_id FROM {reviews} WHERE id = %s"""
    broken(insert, 2026, "2026-05-01", review.pk, by="certificate_reviewed_once_a_year")
    broken(insert, 2027, "2026-05-01", review.pk, by="review_is_of_its_year")
    broken(f"UPDATE {reviews} SET year = 2030 WHERE id = %s", review.pk, by="append-only")
    services.destroy_certificate(certificate=certificate, actor=handler, reason="遗失作废")
    broken(insert, 2027, "2027-05-01", review.pk, by="only the certificate of a benefit in force")
