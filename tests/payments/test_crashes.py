"""The process is killed with signal 9 before every statement, before and after every commit, of every step
of a month and of a pay-out list. Afterwards the step is begun again by hand, and nothing is double, lost or
unbalanced.
"""

from collections.abc import Callable
from decimal import Decimal
from io import BytesIO

import pytest
from django.utils import timezone

from bench.crash_harness.doom import survives
from common.append_only import broken_links
from common.errors import Refused
from payments import services
from payments.demo_bank import answer_to
from payments.enums import BatchState
from payments.models import BankFile, Batch, BatchEvent, Entry, Leg, Payment, Transfer
from tests.payments import builders

pytestmark = pytest.mark.django_db(transaction=True)
AMOUNTS = ("585.00", "1085.00", "0.01")
TOTAL = Decimal("1670.01")


def audit(state: str) -> None:
    """What must hold at any time, and where the batch stands."""
    assert Payment.objects.count() in (0, len(AMOUNTS))
    paid_for = Payment.objects.values("benefit", "instalment", "month").distinct()
    assert paid_for.count() == Payment.objects.count()
    live = Transfer.objects.exclude(result="failed")
    assert live.values("payment").distinct().count() == live.count()
    for entry in Entry.objects.prefetch_related("legs"):
        assert sum(leg.amount for leg in entry.legs.all()) == 0
    assert broken_links(Entry) == broken_links(BatchEvent) == []
    for file in BankFile.objects.all():
        assert file.total == sum(t.amount for t in file.transfers.all())
        assert file.csv.storage.exists(file.csv.name)
    batch = Batch.objects.first()
    assert (batch.state if batch else "none") == state


def walk(act: Callable[[], object], before: str, after: str, repeat: type[Exception] | None) -> int:
    """Kill the step at each boundary in turn until it survives; how many there were.

    Once it is done, doing it again changes nothing: by the same answer, or refused (`repeat`).
    """
    at = 1
    while not survives(act, at):
        batch = Batch.objects.first()
        audit(after if batch and batch.state == after else before)
        if Batch.objects.filter(state=after).exists():
            break
        at += 1
    audit(after)
    if repeat is None:
        act()
    else:
        with pytest.raises(repeat):
            act()
    audit(after)
    return at


def walk_to_the_bank(payer: builders.Payer) -> int:
    """Check, seal, send and answer the one batch there is."""

    def batch() -> Batch:
        return Batch.objects.get()

    def answer() -> object:
        content = answer_to(BankFile.objects.get(), paid_on=timezone.localdate())
        return services.import_answer(
            bank_file=BankFile.objects.get(), upload=BytesIO(content), actor=payer.clerk
        )

    return (
        walk(lambda: services.check_batch(batch=batch(), actor=payer.checker), "prepared", "checked", Refused)
        + walk(lambda: services.seal_batch(batch=batch(), actor=payer.clerk), "checked", "sealed", Refused)
        + walk(lambda: services.make_bank_files(batch=batch(), actor=payer.clerk), "sealed", "sent", Refused)
        + walk(answer, "sent", "settled", None)
    )


def all_is_paid_once() -> None:
    assert Payment.objects.count() == Transfer.objects.filter(result="paid").count() == len(AMOUNTS)
    paid = sum(leg.amount for leg in Leg.objects.filter(account="paid"))
    assert (paid, sum(leg.amount for leg in Leg.objects.all())) == (TOTAL, 0)


def test_every_boundary_of_a_month_can_be_the_last(clock):
    payer = builders.town()
    builders.benefits(payer, *AMOUNTS)

    def prepare() -> Batch:
        return services.prepare_month(
            area=payer.area, programme="dibao", month=builders.MARCH, actor=payer.clerk
        )

    boundaries = walk(prepare, "none", BatchState.PREPARED, None) + walk_to_the_bank(payer)
    assert boundaries > 60
    all_is_paid_once()


@pytest.mark.clause("DT-8.4")
def test_every_boundary_of_a_pay_out_list_can_be_the_last(clock):
    payer = builders.town()
    parts = [builders.granted(payer.villages[0], amount).instalments.get().pk for amount in AMOUNTS]

    def prepare() -> Batch:
        return services.prepare_payout(instalments=parts, actor=payer.clerk)

    boundaries = walk(prepare, "none", BatchState.PREPARED, Refused) + walk_to_the_bank(payer)
    assert boundaries > 60
    all_is_paid_once()
    assert sorted(Payment.objects.values_list("instalment", flat=True)) == sorted(parts)
