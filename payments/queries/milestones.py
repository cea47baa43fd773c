"""The month of a payer as one obligation: what is to be done by when, what is done, who acts next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Prefetch, prefetch_related_objects
from django.utils import timezone

from organisations.enums import AreaLevel, Post
from organisations.models import Area, User
from payments import perms
from payments.enums import FundRequestState
from payments.models import BankFile, Batch, FundRequest
from payments.queries.words import deadline_words
from payments.terms import PAID_MONTHLY, Terms, payment_terms

# What `steps_of` reads of a batch besides its own columns.
WITH_PEOPLE = (
    Prefetch(
        "bank_files", BankFile.objects.filter(sequence=1).select_related("made_by"), to_attr="first_files"
    ),
    Prefetch("fund_requests", FundRequest.objects.select_related("asked_by", "decided_by")),
)


@dataclass(frozen=True, slots=True)
class Milestone:
    """One step of the month. `due_on` None: no day of its own; `done_at` None: still to do.

    `posts` do it at the payer (none: the bank); `done_by` None: the system, the bank, or nobody yet.
    """

    label: str
    posts: tuple[Post, ...]
    due_on: date | None
    done_at: datetime | None
    done_by: User | None = None

    @property
    def who(self) -> str:
        """Whose step it is."""
        return "或".join(post.label for post in self.posts) or "代发银行"

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
    monthly = batch.programme in PAID_MONTHLY
    terms = payment_terms(batch.area, batch.programme, batch.month) if monthly else None
    by_finance = terms.allocate_on is not None if terms else perms.is_allocated_monthly(batch)
    prefetch_related_objects([batch], *(WITH_PEOPLE if by_finance else WITH_PEOPLE[:1]))
    return steps_of(batch, terms, by_finance=by_finance)


def steps_of(batch: Batch, terms: Terms | None, *, by_finance: bool) -> list[Milestone]:
    """The same from what is loaded already. `by_finance`: finance allocates each month's money."""
    paying, checking = _posts(batch.area)
    sent = next(iter(batch.first_files), None)
    return [
        Milestone("编制名册", paying, None, batch.prepared_at, batch.prepared_by),
        Milestone("复核", checking, None, batch.checked_at, batch.checked_by),
        *(_by_finance(batch, paying, terms) if by_finance else ()),
        Milestone("封账", paying + checking, None, batch.sealed_at, batch.sealed_by),
        _sending(paying, sent),
        Milestone("发放到位", (), batch.due_on, batch.settled_at),
    ]


def steps_ahead(area: Area, terms: Terms) -> list[Milestone]:
    """The steps of a payer that has no list of the month yet."""
    paying, checking = _posts(area)
    finance = (
        Milestone("报送名册和用款申请", paying, terms.request_on, None),
        Milestone("财政拨付", (Post.DISTRICT_FINANCE,), terms.allocate_on, None),
    )
    return [
        Milestone("编制名册", paying, None, None),
        Milestone("复核", checking, None, None),
        *(finance if terms.allocate_on else ()),
        Milestone("封账", paying + checking, None, None),
        _sending(paying, None),
        Milestone("发放到位", (), terms.due_on, None),
    ]


def _posts(area: Area) -> tuple[tuple[Post, ...], tuple[Post, ...]]:
    """Who pays and who checks at a payer."""
    level = AreaLevel(area.level)
    return (perms.PAYING[level],), (perms.CHECKING[level],)


def _sending(paying: tuple[Post, ...], sent: BankFile | None) -> Milestone:
    return Milestone("报送银行", paying, None, sent and sent.made_at, sent and sent.made_by)


def _by_finance(batch: Batch, paying: tuple[Post, ...], terms: Terms | None) -> list[Milestone]:
    """Where there was enough in hand no request was needed: then the seal is what closed these steps."""
    asked = _latest_request(batch)
    allocated = asked if asked is not None and asked.state == FundRequestState.ALLOCATED else None
    asked_at = asked.asked_at if asked else batch.sealed_at
    allocated_at = batch.sealed_at if asked is None else allocated and allocated.decided_at
    return [
        Milestone(
            "报送名册和用款申请", paying, terms and terms.request_on, asked_at, asked and asked.asked_by
        ),
        Milestone(
            "财政拨付",
            (Post.DISTRICT_FINANCE,),
            terms and terms.allocate_on,
            allocated_at,
            allocated and allocated.decided_by,
        ),
    ]


def _latest_request(batch: Batch) -> FundRequest | None:
    kept = [each for each in batch.fund_requests.all() if each.state != FundRequestState.WITHDRAWN]
    return max(kept, key=lambda each: each.pk, default=None)
