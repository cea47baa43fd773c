"""How far each list of the month has come, and for whom it waits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from common import clock
from organisations.models import Area
from organisations.scope import Scope
from payments import perms
from payments.enums import BatchState, PaidProgramme
from payments.models import Batch
from payments.queries.due import payers_for
from payments.queries.milestones import WITH_PEOPLE, Milestone, steps_ahead, steps_of
from payments.queries.words import deadline_words
from payments.terms import PAID_MONTHLY, PaymentRules, say_day, say_month
from policy.models import Rule
from workbench.month.places import Holders, Look

COUNTY = 6  # digits of a county's prefix
MONTHS_BACK = 12


@dataclass(frozen=True, slots=True)
class Track:
    """One list of a payer on its way. `batch` None: not begun."""

    area: Area
    programme: PaidProgramme
    month: date
    batch: Batch | None
    steps: tuple[Milestone, ...]

    @property
    def title(self) -> str:
        """`2026 年 4 月最低生活保障`."""
        run = f"（第 {self.batch.run} 次）" if self.batch and self.batch.run > 1 else ""
        return f"{say_month(self.month)}{self.programme.label}{run}"

    @property
    def current(self) -> Milestone | None:
        """The first step that is not done; None when the month is closed."""
        return next((step for step in self.steps if step.done_at is None), None)

    @property
    def cut_off(self) -> date | None:
        """The last day for the current step: its own, else that of the next one that has a day."""
        left = [step.due_on for step in self.steps if step.done_at is None and step.due_on is not None]
        return left[0] if left else None

    @property
    def level(self) -> str:
        if self.current is None:
            return "done"
        return deadline_words(self.cut_off)[0] if self.cut_off else "info"

    @property
    def words(self) -> str:
        """How many days are left for the current step."""
        return deadline_words(self.cut_off)[1] if self.cut_off else ""

    @property
    def badge(self) -> str:
        return f"待{self.current.label}" if self.current else "已办结"

    @property
    def points(self) -> list[dict]:
        """For the line of steps: what is done when, what is next by when."""
        return [{"label": step.label, "state": self._state(step), "note": _note(step)} for step in self.steps]

    def _state(self, step: Milestone) -> str:
        if step.done_at is not None:
            return "done"
        if step is self.current:
            return "stopped" if self.level == "late" else "current"
        return "todo"

    def url_for(self, scope: Scope) -> str:
        """The list, or where it is made; empty for whoever may not see it."""
        if not scope.covers(self.area, *perms.BATCH_POSTS):
            return ""
        if self.batch is not None:
            return reverse("payments:batch", args=[self.batch.pk])
        return f"{reverse('payments:batches')}?month={self.month:%Y-%m}&programme={self.programme}"


def _note(step: Milestone) -> str:
    if step.done_at is None:
        return f"{say_day(step.due_on)}前" if step.due_on else ""
    name = f" {step.done_by.display_name}" if step.done_by else ""
    late = "，逾期" if step.is_late else ""
    return f"{say_day(timezone.localdate(step.done_at))}{name}{late}"


def tracks_of(look: Look) -> list[Track]:
    """低保 and 特困 of each payer with people in receipt, the price subsidy that falls due in the month, and
    whatever else is not settled.
    """
    batches = list(_batches(look))
    found = []
    for programme in PAID_MONTHLY:
        rules = PaymentRules(programme, look.month)
        there = {
            batch.area_id: batch
            for batch in batches
            if (batch.programme, batch.month) == (programme, look.month)
        }
        areas = {area.pk: area for area in payers_for(look.area, rules)}
        areas |= {pk: batch.area for pk, batch in there.items()}
        for area in sorted(areas.values(), key=lambda area: area.code):
            found.append(_monthly(area, programme, there.get(area.pk), rules))
    return found + _others(batches, look)


def _monthly(area: Area, programme: str, batch: Batch | None, rules: PaymentRules) -> Track:
    terms = rules.terms(area)
    if batch is None:
        steps = steps_ahead(area, terms)
    else:
        steps = steps_of(batch, terms, by_finance=terms.allocate_on is not None)
    return Track(area, PaidProgramme(programme), rules.month, batch, tuple(steps))


def _others(batches: Iterable[Batch], look: Look) -> list[Track]:
    """Lists that no rule makes due on a day of this month."""
    rules = Rule.objects.in_force(look.month).filter(key="payments.allocation_day")
    allocating = tuple(rules.values_list("area__prefix", flat=True))
    found = []
    for batch in batches:
        if batch.programme in PAID_MONTHLY and batch.month == look.month:
            continue
        by_finance = batch.programme != PaidProgramme.LINSHI and batch.area.prefix.startswith(allocating)
        steps = steps_of(batch, None, by_finance=by_finance)
        found.append(Track(batch.area, PaidProgramme(batch.programme), batch.month, batch, tuple(steps)))
    return found


def _batches(look: Look) -> QuerySet[Batch]:
    """Of the place, and of the county above it, which may pay for it."""
    payer = Q(area__prefix=look.area.prefix[:COUNTY]) | look.paid_here()
    # The subsidy of an index is paid in the month after that of the index (JZ-9.1).
    price = Q(programme=PaidProgramme.PRICE_SUBSIDY, month=clock.add_months(look.month, -1))
    monthly = Q(programme__in=PAID_MONTHLY, month=look.month)
    since = clock.add_months(look.month, -MONTHS_BACK)
    unsettled = Q(month__lte=look.month, month__gte=since) & ~Q(state=BatchState.SETTLED)
    return (
        Batch.objects.filter(payer, monthly | price | unsettled)
        .select_related("area", "prepared_by", "checked_by", "sealed_by")
        .prefetch_related(*WITH_PEOPLE)
        .order_by("month", "area__code", "programme", "run")
    )


@dataclass(frozen=True, slots=True)
class Line:
    """A track as the page shows it: with who acts next, and the address for whoever may go there."""

    track: Track
    who: str
    url: str


def lines_of(tracks: Iterable[Track], scope: Scope, holders: Holders) -> list[Line]:
    found = []
    for track in tracks:
        step = track.current
        who = holders.who(track.area, step.posts) or "代发银行" if step else ""
        found.append(Line(track, who, track.url_for(scope)))
    return found
