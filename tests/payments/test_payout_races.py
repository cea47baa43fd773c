"""Two at once over the pay-out lists of 临时救助: nothing is paid twice, nothing drops out unseen."""

import datetime as dt

import pytest
from django.db import IntegrityError

from common.errors import Refused
from payments import services
from payments.enums import BatchState
from payments.models import Batch, Entry, Payment
from payments.services import batches, payouts, price_lines
from tests.payments import builders
from tests.payments import price_builders as price
from tests.payments.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def payer(clock):
    return builders.town()


@pytest.fixture
def parts(payer) -> list[int]:
    """Two instalments that can be paid now."""
    grants = [builders.granted(payer.villages[0], amount) for amount in ("600.00", "400.01")]
    return [grant.instalments.get().pk for grant in grants]


def prepare(parts, actor):
    return services.prepare_payout(instalments=parts, actor=actor)


def test_two_clerks_list_the_same_instalments_at_once(payer, parts):
    first, second = at_once(lambda: prepare(parts, payer.clerk), lambda: prepare(parts, payer.other))
    assert (first.n_payments, str(first.total)) == (2, "1000.01")
    assert str(second) == "所选有 2 期已列入发放清单，请刷新后重新勾选。"
    assert Batch.objects.count() == 1
    assert sorted(Payment.objects.values_list("instalment", flat=True)) == sorted(parts)


def test_two_clerks_list_different_instalments_at_once(payer, parts):
    first, second = at_once(lambda: prepare(parts[:1], payer.clerk), lambda: prepare(parts[1:], payer.other))
    assert [first.run, second.run] == [1, 2]
    assert Payment.objects.count() == 2


def test_without_the_lock_the_database_still_lists_once(payer, parts, monkeypatch):
    """The negative control: both find the instalments free, and the second breaks on a constraint."""
    monkeypatch.setattr(payouts, "lock_payer", lambda area: area)
    first, second = at_once(lambda: prepare(parts, payer.clerk), lambda: prepare(parts, payer.other))
    assert isinstance(first, Batch)
    assert isinstance(second, IntegrityError)
    assert Payment.objects.count() == 2


def test_a_list_is_checked_while_an_instalment_is_taken_out(payer, parts):
    """Whoever checked saw two lines; what has been checked does not shrink behind the checker's back."""
    batch = prepare(parts, payer.clerk)
    payment = batch.payments.first()
    first, second = at_once(
        lambda: services.check_batch(batch=batch, actor=payer.checker, n_seen=2, total_seen=batch.total),
        lambda: services.take_out(payment=payment, actor=payer.clerk),
    )
    assert first.state == BatchState.CHECKED
    assert str(second) == "批次已复核，不能移出期次。"
    assert Payment.objects.count() == 2


def test_an_instalment_is_taken_out_while_the_list_is_checked(payer, parts):
    batch = prepare(parts, payer.clerk)
    payment = batch.payments.get(instalment=parts[0])
    first, second = at_once(
        lambda: services.take_out(payment=payment, actor=payer.clerk),
        lambda: services.check_batch(batch=batch, actor=payer.checker, n_seen=2, total_seen=batch.total),
    )
    assert (first.n_payments, str(first.total)) == (1, "400.01")
    assert "名册在您查看之后有变动，现为 1 笔 400.01 元" in str(second)
    assert Batch.objects.get().state == BatchState.PREPARED


def test_without_the_lock_the_database_keeps_a_checked_list_whole(payer, parts, monkeypatch):
    """The negative control: both find the list prepared; the totals that are sealed are still the lines."""
    batch = prepare(parts, payer.clerk)
    payment = batch.payments.first()
    services.check_batch(batch=batch, actor=payer.checker)
    monkeypatch.setattr(payouts, "lock_batch", lambda pk: batch)
    monkeypatch.setattr(batches, "lock_batch", lambda pk: Batch.objects.select_related("area").get(pk=pk))
    first, second = at_once(
        lambda: services.seal_batch(batch=batch, actor=payer.clerk),
        lambda: services.take_out(payment=payment, actor=payer.clerk),
    )
    assert first.state == BatchState.SEALED
    assert isinstance(second, IntegrityError)
    assert (Payment.objects.count(), Entry.objects.count()) == (2, 1)


def test_two_take_the_same_instalment_out_at_once(payer, parts):
    payment = prepare(parts, payer.clerk).payments.get(instalment=parts[0])
    first, second = at_once(
        lambda: services.take_out(payment=payment, actor=payer.clerk),
        lambda: services.take_out(payment=payment, actor=payer.other),
    )
    assert first.n_payments == 1
    assert isinstance(second, Refused)
    assert "该期已移出清单" in str(second)


def test_two_clerks_list_the_same_price_subsidy_at_once(payer, clock):
    """The second finds the first one's list, and everybody in it."""
    clock.move_to(dt.datetime(2026, 4, 20, 1, tzinfo=dt.UTC))
    county = price.county()
    price.household(county, "林大", "林二")
    price.confirmed(county, "3.6")
    month = builders.MARCH

    def prepare_by(actor):
        return services.prepare_subsidy(area=county.area, month=month, actor=actor)

    first, second = at_once(lambda: prepare_by(county.clerk), lambda: prepare_by(county.other))
    assert first.pk == second.pk
    # What each of them did, and the keys that are there, tell where a line was lost, if one ever is again.
    told = list(first.events.values_list("by", "note")), list(Payment.objects.values_list("pk", "person"))
    assert not price_lines.difference(first), told
    assert Payment.objects.filter(kind="price").count() == 2
