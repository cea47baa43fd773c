"""代领协议: money goes to the person helped, to the household, or to a proxy whose agreement is filed,
seen by another, and in force on the day of payment.
"""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.errors import Refused
from organisations.enums import Post
from organisations.models import PersonalDataRead
from payments import services
from payments.models import Batch, ProxyAgreement
from payments.queries import tasks_for
from tests.cases.builders import next_id, person_with, photo
from tests.payments import builders, price_builders
from tests.payments.builders import filed_proxy, proxied

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock"), pytest.mark.clause("JZ-6.1")]
STRANGER = "郑外人"


@pytest.fixture
def payer():
    return builders.town()


@pytest.fixture
def held(payer):
    """Bedridden; her money goes to an account of somebody else."""
    return builders.benefit(payer.villages[0], name="林小花", payee_name=STRANGER)


def stages(user) -> list[str]:
    return [todo.stage for todo in tasks_for(user) if todo.matter == "代领协议"]


def test_a_stranger_gets_nothing_until_two_people_have_agreed(payer, held):
    batch = builders.prepared(payer)
    number = held.application.number
    with pytest.raises(Refused, match=f"没有 3 月 10 日有效的代领协议：{number}（收款人 郑\\*人）"):
        services.check_batch(batch=batch, actor=payer.checker)
    agreement = filed_proxy(held, STRANGER)
    with pytest.raises(Refused, match=number):
        services.check_batch(batch=batch, actor=payer.checker)
    services.consent_to_proxy(agreement=agreement, actor=payer.checker)
    assert services.check_batch(batch=batch, actor=payer.checker).state == "checked"
    assert services.seal_batch(batch=batch, actor=payer.clerk).state == "sealed"


def test_an_agreement_is_for_the_day_of_payment_and_for_one_name(payer, held):
    """The list of March is due on the 10th."""
    batch = builders.prepared(payer)
    proxied(held, STRANGER, valid_until=dt.date(2026, 3, 9))
    proxied(held, STRANGER, valid_from=dt.date(2026, 3, 11))
    proxied(held, "郑别人")
    with pytest.raises(Refused, match="代领协议"):
        services.check_batch(batch=batch, actor=payer.checker)
    proxied(held, STRANGER, valid_from=dt.date(2026, 3, 10), valid_until=dt.date(2026, 3, 10))
    assert services.check_batch(batch=batch, actor=payer.checker).state == "checked"


def test_the_household_needs_no_agreement_and_the_claim_alone_is_none(payer):
    """A member's own account, found by the name in the household; that somebody says so is not enough."""
    family = price_builders.household(price_builders.county(), "林甲", "林乙")
    values = {"bank": "温州银行", "account": builders.ACCOUNT, "reason": "更正", "actor": payer.clerk}
    services.correct_payee(benefit=family, name="林乙", relation="member", **values)
    batch = services.prepare_month(
        area=family.township, programme="dibao", month=builders.MARCH, actor=payer.clerk
    )
    assert services.check_batch(batch=batch, actor=payer.checker).state == "checked"
    services.return_batch(batch=batch, reason="更正收款人", actor=payer.clerk)
    services.correct_payee(benefit=family, name="林丙", relation="member", **values)
    with pytest.raises(Refused, match="林\\*"):
        services.check_batch(batch=batch, actor=payer.checker)


def test_carers_have_their_own_agreement(payer):
    builders.tekun(payer.villages[0])
    assert builders.checked(payer, programme="tekun").n_payments == 2


def test_urgent_aid_needs_one_too(payer):
    grant = builders.granted(payer.villages[0], "900.00", payee_name=STRANGER)
    batch = services.prepare_payout(instalments=[grant.instalments.get().pk], actor=payer.clerk)
    with pytest.raises(Refused, match=grant.application.number):
        services.check_batch(batch=batch, actor=payer.checker)
    proxied(grant, STRANGER)
    assert services.check_batch(batch=batch, actor=payer.checker).state == "checked"


def test_what_ends_after_the_check_or_the_seal_still_stops_the_money(payer, held):
    agreement = proxied(held, STRANGER)
    batch, handler = builders.checked(payer), person_with(Post.HANDLER, payer.area)
    with transaction.atomic():
        services.end_proxy(agreement=agreement, reason="代领人迁出", actor=handler)
        with pytest.raises(Refused, match="代领协议"):
            services.seal_batch(batch=batch, actor=payer.clerk)
        transaction.set_rollback(True)
    batch = services.seal_batch(batch=batch, actor=payer.clerk)
    services.end_proxy(agreement=agreement, reason="代领人迁出", actor=handler)
    with pytest.raises(Refused, match="代领协议"):
        services.make_bank_files(batch=batch, actor=payer.clerk)
    proxied(held, STRANGER)
    assert services.make_bank_files(batch=batch, actor=payer.clerk)


def test_the_database_seals_nothing_for_a_stranger(payer, held):
    agreement = proxied(held, STRANGER)
    batch = builders.checked(payer)
    seal = (
        "UPDATE payments_batch SET state = 'sealed', sealed_by_id = checked_by_id, sealed_at = checked_at"
        " WHERE id = %s"
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(seal, [batch.pk])
        transaction.set_rollback(True)
    services.end_proxy(agreement=agreement, reason="迁出", actor=person_with(Post.HANDLER, payer.area))
    with (
        pytest.raises(IntegrityError, match="a proxy in force"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(seal, [batch.pk])
    assert Batch.objects.get().state == "checked"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("consented_by_id = filed_by_id, consented_at = now()", "proxy_is_consented_to_by_another"),
        ("valid_until = valid_until + 900", "kept as filed"),
        ("holder_name = '别人'", "kept as filed"),
        ("ended_by_id = filed_by_id, ended_at = now()", "proxy_end_says_who_and_why"),
    ],
)
def test_the_database_keeps_an_agreement_as_it_was_filed(held, change, why):
    filed_proxy(held, STRANGER)
    with (
        pytest.raises(IntegrityError, match=why),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE payments_proxyagreement SET {change}")  # noqa: S608 - our own text


def test_the_database_begins_without_consent_and_deletes_nothing(held):
    proxied(held, STRANGER)
    copied = (
        "INSERT INTO payments_proxyagreement SELECT (jsonb_populate_record(x, '{\"id\": 999999}')).*"
        " FROM payments_proxyagreement x"
    )
    for statement, why in (
        (copied, "filed first"),
        ("DELETE FROM payments_proxyagreement", "kept as filed"),
        ("UPDATE payments_proxyagreement SET consented_by_id = NULL, consented_at = NULL", "kept as filed"),
    ):
        with (
            pytest.raises(IntegrityError, match=why),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_who_files_does_not_consent_and_who_may_is_said(payer, held):
    both = person_with(Post.HANDLER, payer.area)
    agreement = filed_proxy(held, STRANGER, actor=both)
    with pytest.raises(Refused, match="须由另一人同意"):
        services.consent_to_proxy(agreement=agreement, actor=both)
    with pytest.raises(Refused, match="审核岗或审批岗"):
        services.consent_to_proxy(agreement=agreement, actor=payer.clerk)
    with pytest.raises(Refused, match="经办岗登记"):
        filed_proxy(held, STRANGER, actor=payer.clerk)
    with pytest.raises(Refused, match="本人"):
        filed_proxy(held, "林小花")
    with pytest.raises(Refused, match="有效期至"):
        filed_proxy(held, STRANGER, valid_until=dt.date(2026, 3, 1), valid_from=dt.date(2026, 2, 1))


def test_those_that_run_out_are_told_thirty_days_before(payer, held, clock):
    handler, reviewer = person_with(Post.HANDLER, payer.area), person_with(Post.REVIEWER, payer.area)
    agreement = filed_proxy(held, STRANGER, valid_until=dt.date(2026, 5, 31))
    assert (stages(handler), stages(reviewer)) == ([], ["代领协议待同意"])
    services.consent_to_proxy(agreement=agreement, actor=reviewer)
    clock.move_to(dt.datetime(2026, 4, 30, 9, tzinfo=dt.UTC))
    assert (stages(handler), stages(reviewer)) == ([], [])
    clock.move_to(dt.datetime(2026, 5, 1, 9, tzinfo=dt.UTC))
    assert stages(handler) == ["代领协议即将到期"]
    proxied(held, STRANGER, valid_until=dt.date(2027, 5, 31))
    assert stages(handler) == []


def test_filed_consented_to_and_ended_on_the_pages(payer, held, client):
    handler, reviewer = person_with(Post.HANDLER, payer.area), person_with(Post.REVIEWER, payer.area)
    client.force_login(handler)
    new, number = reverse("payments:proxy_new", args=[held.application_id]), next_id()
    assert new in client.get(reverse("payments:benefit", args=[held.pk])).content.decode()
    typed = {
        "holder_name": STRANGER,
        "holder_id_number": "330305198001010000",
        "relation": "relative",
        "reason": "长期卧床",
        "valid_from": "2026-03-02",
        "valid_until": "2027-03-01",
    }
    wrong = client.post(new, typed | {"file": photo()}).content.decode()
    assert "校验位不正确" in wrong
    assert "长期卧床" in wrong
    client.post(new, typed | {"holder_id_number": number, "file": photo()})
    agreement = ProxyAgreement.objects.get()
    page = client.get(reverse("payments:proxies")).content.decode()
    assert "待同意" in page
    assert STRANGER not in page
    assert number not in page
    client.force_login(reviewer)
    client.post(reverse("payments:proxy_consent", args=[agreement.pk]))
    assert client.get(reverse("payments:proxy_file", args=[agreement.pk]))["Content-Type"] == "image/jpeg"
    assert PersonalDataRead.objects.filter(subject=f"proxy:{agreement.pk}", user=reviewer).exists()
    client.force_login(handler)
    client.post(reverse("payments:proxy_end", args=[agreement.pk]), {"reason": "代领人去世"})
    agreement.refresh_from_db()
    assert (agreement.consented_by, agreement.ended_by, agreement.end_reason) == (
        reviewer,
        handler,
        "代领人去世",
    )


def test_the_list_costs_the_same_for_three_and_for_thirty(payer, held, client):
    client.force_login(payer.clerk)
    costs = []
    for n in (3, 27):
        handler = person_with(Post.HANDLER, payer.area)
        for _ in range(n):
            filed_proxy(held, STRANGER, actor=handler)
        client.get(reverse("payments:proxies"))
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("payments:proxies"))
        costs.append(len(captured))
    assert costs[0] == costs[1]
