"""The months and their draws, and one draw in full."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from common.clock import add_months, month_of
from organisations.enums import AreaLevel
from organisations.models import Area
from organisations.scope import Scope
from policy.models import Rule
from supervision import sampling
from supervision.enums import FindingState, Frame, ReviewState
from supervision.frames import last_day, new_cases_since
from supervision.models import Finding, Review, SamplingRun, county_condition
from supervision.perms import OVERSEERS
from supervision.services.drawing import LOOK_BACK_MONTHS

MONTHS_A_PAGE = 12
# Beyond a handful of counties a line that names all that is quiet would say nothing any more.
QUIET_COUNTIES = 5
_DONE = Count("reviews", filter=Q(reviews__state=ReviewState.DONE))


@dataclass(slots=True)
class MonthSection:
    """One month: its draws, what waits to be drawn, and the programmes that brought nothing new."""

    month: date
    runs: list[SamplingRun] = field(default_factory=list)
    waiting: list[tuple[Area, Frame]] = field(default_factory=list)
    quiet: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class MonthList:
    """One page of months, newest first; `older` and `newer` are the `before` of the neighbouring pages."""

    sections: list[MonthSection]
    older: date | None
    newer: date | None


def month_list(scope: Scope, *, now: datetime, before: date | None = None) -> MonthList:
    """The draws of a year up to (not including) `before`, by default the present month.

    The months that the job still looks at show as well what is not drawn and what brought nothing new.
    """
    this_month = month_of(timezone.localdate(now))
    before = min(before, this_month) if before else this_month
    start = add_months(before, -MONTHS_A_PAGE)
    visible = SamplingRun.objects.visible_to(scope, *OVERSEERS)
    sections = {
        add_months(before, -n): MonthSection(add_months(before, -n)) for n in range(1, MONTHS_A_PAGE + 1)
    }
    for run in _with_progress(visible.filter(month__gte=start, month__lt=before)):
        sections[run.month].runs.append(run)
    if before == this_month:
        _add_undrawn(scope, [sections[add_months(before, -n)] for n in range(1, LOOK_BACK_MONTHS + 1)])
    shown = [section for section in sections.values() if section.runs or section.waiting or section.quiet]
    older = start if visible.filter(month__lt=start).exists() else None
    newer = min(add_months(before, MONTHS_A_PAGE), this_month) if before < this_month else None
    return MonthList(shown, older, newer)


def _with_progress(runs: QuerySet[SamplingRun]) -> list[SamplingRun]:
    """The runs with `n_reviews`, `n_done` and `n_open_findings`, without the long texts."""
    rows = runs.select_related("county").defer("frame", "drawn")
    found = list(rows.annotate(n_reviews=Count("reviews"), n_done=_DONE))
    findings = Finding.objects.filter(review__run__in=[run.pk for run in found])
    counts = (
        findings.exclude(state=FindingState.CLOSED)
        .order_by()
        .values_list("review__run")
        .annotate(Count("pk"))
    )
    waiting = dict(counts)
    for run in found:
        run.n_open_findings = waiting.get(run.pk, 0)
    return found


def _add_undrawn(scope: Scope, sections: list[MonthSection]) -> None:
    """Tell apart, for each county and programme with a ratio, what waits and what brought nothing new."""
    counties = Area.objects.filter(county_condition(scope, *OVERSEERS, path=""), level=AreaLevel.COUNTY)
    reach = {county.pk: county for county in counties}
    rules = _ratio_rules()
    new = new_cases_since(min(section.month for section in sections), reach)
    for section in sections:
        drawn = {(run.county_id, run.programme) for run in section.runs}
        on = last_day(section.month)
        ruled = {
            (county.pk, programme)
            for county in reach.values()
            for prefix, programme, valid_from, valid_to in rules
            if county.prefix.startswith(prefix) and valid_from <= on and (valid_to is None or on < valid_to)
        }
        waiting = {(county, programme) for county, programme, month in new if month == section.month}
        waiting = (waiting & ruled) - drawn
        section.waiting = [(reach[county], Frame(p)) for county, p in sorted(waiting)]
        if len(reach) <= QUIET_COUNTIES:
            quiet = sorted(ruled - waiting - drawn)
            section.quiet = [f"{reach[county].name} {Frame(p).label}" for county, p in quiet]


def _ratio_rules() -> list[tuple[str, str, date, date | None]]:
    """Where, for what and when a ratio is in force: `sampling.<programme>.ratio` of every area."""
    rules = Rule.objects.published().filter(key__startswith="sampling.", key__endswith=".ratio")
    rows = rules.values_list("area__prefix", "key", "valid_from", "valid_to")
    return [
        (prefix, key.split(".")[1], valid_from, valid_to)
        for prefix, key, valid_from, valid_to in rows
        if key.split(".")[1] in Frame.values
    ]


@dataclass(frozen=True, slots=True)
class DrawnCase:
    """One drawn number, with its review where the reader may see it."""

    number: str
    rank: int
    review: Review | None


@dataclass(frozen=True, slots=True)
class StratumSheet:
    """One township of a draw."""

    township: str
    count: int
    cases: list[DrawnCase]
    n_done: int


@dataclass(frozen=True, slots=True)
class RunSheet:
    """One draw in full. `repeats`: hash and sample were computed again just now and agree."""

    run: SamplingRun
    attempts: list[SamplingRun]
    strata: list[StratumSheet]
    n_done: int
    repeats: bool
    ratio: str
    file_name: str

    @property
    def is_latest(self) -> bool:
        return self.attempts[-1].pk == self.run.pk


def run_sheet(run: SamplingRun, scope: Scope) -> RunSheet:
    """What the page of a draw shows. Reviews of drawn cases count from whichever attempt drew them first."""
    attempts = list(SamplingRun.objects.of(run.county, run.programme, run.month).defer("frame", "drawn"))
    reviews = Review.objects.filter(run__in=attempts).select_related(
        "application", "assigned_to", "reviewed_by"
    )
    reviews = reviews.annotate(n_findings=Count("findings"))
    states = dict(reviews.order_by().values_list("application__number", "state"))
    visible = {review.application.number: review for review in reviews.visible_to(scope, *OVERSEERS)}
    strata = [
        _stratum_sheet(township, stratum, states, visible) for township, stratum in sorted(run.drawn.items())
    ]
    return RunSheet(
        run=run,
        attempts=attempts,
        strata=strata,
        n_done=sum(stratum.n_done for stratum in strata),
        repeats=repeats(run),
        ratio=plain(run.ratio),
        file_name=frame_name(run),
    )


def _stratum_sheet(township: str, stratum: dict, states: dict, visible: dict) -> StratumSheet:
    cases = [
        DrawnCase(number, rank, visible.get(number)) for rank, number in enumerate(stratum["drawn"], start=1)
    ]
    n_done = sum(states.get(number) == ReviewState.DONE for number in stratum["drawn"])
    return StratumSheet(township, stratum["count"], cases, n_done)


def frame_name(run: SamplingRun) -> str:
    """The name under which the frame is handed out."""
    return f"frame-{run.county.code}-{run.programme}-{run.month:%Y%m}-{run.attempt}.csv"


def plain(ratio: Decimal) -> str:
    """`0.3000` → `0.3`: how the ratio is typed after `--ratio`."""
    return f"{ratio.normalize():f}"


def repeats(run: SamplingRun) -> bool:
    """Does the frame still have its hash, and does the draw give the same sample again?"""
    content = run.frame.encode()
    if sampling.frame_sha256(content) != run.frame_sha256:
        return False
    again = sampling.draw(run.seed, run.ratio, sampling.read_frame(content, sampling.STRATUM))
    return {name: stratum.as_json() for name, stratum in again.items()} == run.drawn
