"""What the services of this room share: refusals, the lock on a batch, its trace and its entries."""

from __future__ import annotations

from decimal import Decimal

from cases.models import Application
from common import clock
from common.errors import Refused
from common.money import to_fen
from common.verdict import Verdict
from organisations.models import User
from payments.enums import BatchAction, EntryKind, LedgerAccount
from payments.models import BankAnswer, BankFile, Batch, BatchEvent, Entry, Leg


def require(verdict: Verdict) -> None:
    """Go on when allowed; otherwise the reason goes to the clerk."""
    if not verdict:
        raise Refused(verdict.reason)


def refuse_without_account(application: Application) -> None:
    """Money needs somebody who gets it."""
    if not application.payee_account or not application.payee_name:
        raise Refused("申请未登记收款人和收款账号，不能发放；请先补登收款信息。", field="payee_account")


def refuse_part_of_fen(amount: object, label: str, field: str) -> None:
    """Amounts that are paid are positive and whole fen."""
    if not isinstance(amount, Decimal) or not amount.is_finite() or amount <= 0 or amount != to_fen(amount):
        raise Refused(f"{label}应为大于 0、精确到分的金额。", field=field)


def lock_batch(pk: int) -> Batch:
    """The batch, held until the end of the transaction. Whatever changes a batch, its files or its answers
    begins here.
    """
    return Batch.objects.select_for_update(of=("self",)).select_related("area").get(pk=pk)


def note(batch: Batch, action: BatchAction, actor: User | None, text: str = "") -> None:
    """Leave a trace of what was done."""
    BatchEvent.objects.create(
        stream=f"batch:{batch.pk}", batch=batch, action=action, by=actor, at=clock.now(), note=text
    )


def book(
    batch: Batch,
    kind: EntryKind,
    legs: dict[LedgerAccount, Decimal],
    actor: User,
    *,
    bank_file: BankFile | None = None,
    answer: BankAnswer | None = None,
) -> Entry:
    """Write one entry of the ledger; legs of 0 are left out, and the others must sum to 0 at commit (the
    database checks).
    """
    entry = Entry.objects.create(
        stream=f"ledger:{batch.area.code}",
        batch=batch,
        kind=kind,
        bank_file=bank_file,
        answer=answer,
        at=clock.now(),
        by=actor,
    )
    Leg.objects.bulk_create(
        Leg(entry=entry, area=batch.area, account=account, amount=amount)
        for account, amount in legs.items()
        if amount
    )
    return entry
