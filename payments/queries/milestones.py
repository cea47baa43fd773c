"""The month of a payer as one obligation: what is to be done by when, what is done, who acts next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from organisations.enums import AreaLevel, Post
from payments import perms
from payments.enums import FundRequestState
from payments.models import Batch, FundRequest
from payments.queries.words import deadline_words
from payments.terms import PAID_MONTHLY, payment_terms


@dataclass(frozen=True, slots=True)
class Milestone:
    """One step of the month. `due_on` None: no day of its own; `done_at` None: still to do."""

    label: str
    who: str
    due_on: date | None
    done_at: datetime | None

    @property
    def is_late(self) -> bool:
        """Done after its day, or not done and its day is over."""
        if self.due_on is None:
            return False
        if self.done_at is None:
            return deadline_words(self.due_on)[0] == "late"
        return timezone.localdate(self.done_at) > self.due_on

    @property
    def words(self) -> str:
        return deadline_words(self.due_on)[1] if self.due_on and self.done_at is None else ""


def milestones(batch: Batch) -> list[Milestone]:
    """List → check → request → allocation → seal → bank → answer, with the days of the rules (JZ-6.1)."""
    level = AreaLevel(batch.area.level)
    paying, checking = perms.PAYING[level].label, perms.CHECKING[level].label
    sent = batch.bank_files.order_by("made_at").values_list("made_at", flat=True).first()
    return [
        Milestone("编制名册", paying, None, batch.prepared_at),
        Milestone("复核", checking, None, batch.checked_at),
        *(_by_finance(batch, paying) if perms.is_allocated_monthly(batch) else ()),
        Milestone("封账", f"{paying}或{checking}", None, batch.sealed_at),
        Milestone("报送银行", paying, None, sent),
        Milestone("发放到位", "代发银行", batch.due_on, batch.settled_at),
    ]


def _by_finance(batch: Batch, paying: str) -> list[Milestone]:
    """Where there was enough in hand no request was needed: then the seal is what closed these steps."""
    monthly = batch.programme in PAID_MONTHLY
    terms = payment_terms(batch.area, batch.programme, batch.month) if monthly else None
    asked = _latest_request(batch)
    if asked is None:
        asked_at = allocated_at = batch.sealed_at
    else:
        asked_at = asked.asked_at
        allocated_at = asked.decided_at if asked.state == FundRequestState.ALLOCATED else None
    return [
        Milestone("报送名册和用款申请", paying, terms and terms.request_on, asked_at),
        Milestone("财政拨付", Post.DISTRICT_FINANCE.label, terms and terms.allocate_on, allocated_at),
    ]


def _latest_request(batch: Batch) -> FundRequest | None:
    kept = batch.fund_requests.exclude(state=FundRequestState.WITHDRAWN)
    return kept.order_by("-pk").first()
