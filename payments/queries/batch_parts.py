"""What a batch gathers as it goes on: files, entries, trace. A million households are a hundred files and
twice as many entries; its page shows the first of each and leads to the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, Count, F, Prefetch, Q, QuerySet, Sum, When
from django.db.models.functions import Coalesce

from payments.enums import LedgerAccount
from payments.models import BankAnswer, BankFile, Batch, BatchEvent, Entry, Leg

SHOWN_FIRST, SHOWN_A_PAGE = 10, 50


def files_of(batch: Batch) -> QuerySet[BankFile]:
    """The files with what came of them, those that wait for the bank before the others: counted when each
    answer was booked, not anew line by line.
    """

    def told(column: str) -> Coalesce:
        booked = Q(answers__confirmed_at__isnull=False)
        return Coalesce(Sum(f"answers__{column}", filter=booked), 0)

    files = batch.bank_files.select_related("made_by", "batch__area")
    files = files.annotate(n_paid=told("n_paid"), n_failed=told("n_failed"))
    files = files.annotate(n_pending=F("n_transfers") - F("n_paid") - F("n_failed"))
    answers = BankAnswer.objects.select_related("uploaded_by", "confirmed_by")
    files = files.prefetch_related(Prefetch("answers", answers))
    return files.order_by(Case(When(n_pending__gt=0, then=0), default=1), "sequence")


def entries_of(batch: Batch) -> QuerySet[Entry]:
    """The entries with their legs, the newest first."""
    return batch.entries.prefetch_related("legs").order_by("-pk")


def events_of(batch: Batch) -> QuerySet[BatchEvent]:
    """The trace, the newest first."""
    return batch.events.select_related("by").order_by("-pk")


def sentence(event: BatchEvent) -> dict:
    """An event as the timeline shows it."""
    entry = {"sentence": event.get_action_display(), "at": event.at, "actor": event.by or "系统"}
    if event.note:
        entry["opinion"] = event.note
    return entry


def balances_of(batch: Batch) -> list[tuple[str, Decimal]]:
    """What stands on each account after all entries, in yuan; together 0."""
    sums = dict(
        Leg.objects.filter(entry__batch=batch).order_by().values_list("account").annotate(total=Sum("amount"))
    )
    return [(account.label, sums[account]) for account in LedgerAccount if account in sums]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many files there are and are written, and how many lines their answers told as failed or left
    unmatched, whatever became of those.
    """

    files: int
    written: int
    failed: int
    unknown: int


def tally_of(batch: Batch) -> Tally:
    counts = batch.bank_files.aggregate(
        files=Count("pk", distinct=True),
        written=Count("pk", Q(written_at__isnull=False), distinct=True),
        failed=Coalesce(Sum("answers__n_failed"), 0),
        unknown=Coalesce(Sum("answers__n_unknown"), 0),
    )
    return Tally(**counts)


PARTS = {"files": ("代发文件", files_of), "entries": ("分录", entries_of), "events": ("痕迹", events_of)}
