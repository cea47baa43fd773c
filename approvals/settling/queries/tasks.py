"""What 一事一议 asks people to do beside the moves of the application, soonest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from approvals.enums import DeadlineState, Outcome
from approvals.models import Deadline
from approvals.queries.limits import deadline_view
from approvals.settling import perms
from approvals.settling.enums import Body
from approvals.settling.models import CaseByCase, Feedback, Filing, Recheck
from approvals.settling.validity import REMIND_DAYS
from cases.enums import ApplicationState as State
from cases.enums import Programme
from common import clock
from common.todo import Todo
from organisations.enums import Post
from organisations.models import User
from organisations.scope import Scope, scope_of
from policy.calendars import working_calendar
from policy.models import Rule
from policy.rules import RuleBook

SHOWN = 200
_STEPS = {
    "appraisal": ("补办民主评议", "settling:appraise"),
    "feedback": ("反馈申请人", "settling:feed_back"),
    "filing": ("报送备案", "workbench:case"),
}


def tasks_for(user: User) -> list[Todo]:
    """Feedback, filings, appraisals left for later, validity that runs out, re-checks; filings to receive."""
    scope = scope_of(user)
    found: list[Todo] = []
    if scope.has(Post.HANDLER):
        found += [*_limits(scope), *_running_out(scope), *_rechecks(scope)]
    return [*found, *_to_receive(scope)]


def _todo(settlement: CaseByCase, stage: str, action: str, url: str, **more) -> Todo:
    application = settlement.application
    return Todo(
        number=application.number,
        name=application.masked_name,
        place=f"{application.township.name}{application.village.name}",
        matter=f"{Programme(application.programme).short}（一事一议）",
        stage=stage,
        action=action,
        url=url,
        **more,
    )


def _tab(settlement: CaseByCase) -> str:
    return f"{reverse('workbench:case', args=[settlement.application.number])}?tab=settling"


def _within(scope: Scope) -> QuerySet[CaseByCase]:
    rows = CaseByCase.objects.filter(scope.filter(Post.HANDLER, path="application__"))
    return rows.select_related("application__village", "application__township").order_by("pk")


def _limits(scope: Scope) -> Iterator[Todo]:
    """Running limits that begin with a settlement; of a case under way the appraisal is its next move."""
    limits = Deadline.objects.filter(state=DeadlineState.RUNNING, step__in=_STEPS).order_by("due_at")
    mine = limits.filter(
        application=OuterRef("application"), investigation_round=OuterRef("investigation_round")
    )
    running = Prefetch("application__deadlines", queryset=limits, to_attr="settling_limits")
    told = Feedback.objects.filter(settlement=OuterRef("pk"), renewal=0)
    rows = _within(scope).filter(Exists(mine)).annotate(told=Exists(told)).prefetch_related(running)
    now, calendar = clock.now(), working_calendar()
    for settlement in rows[:SHOWN]:
        for limit in settlement.application.settling_limits:
            if limit.step == "appraisal" and settlement.application.state == State.SETTLING:
                continue
            action, name = _STEPS[limit.step]
            view = deadline_view(limit, now, calendar)
            yield _todo(
                settlement,
                settlement.application.get_state_display(),
                action,
                _address(settlement, name),
                due_at=view.due_at,
                level=view.level,
                deadline=f"{view.label}：{view.badge}",
                why=view.why,
            )


def _address(settlement: CaseByCase, name: str) -> str:
    """The page of the deed; that of a renewal stands on the tab beside its re-check."""
    if name == "workbench:case" or (name == "settling:feed_back" and settlement.told):
        return _tab(settlement)
    key = settlement.application_id if name == "settling:appraise" else settlement.pk
    return reverse(name, args=[key])


def _end_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.max))


def _running_out(scope: Scope) -> Iterator[Todo]:
    """LC-4.4b: reminded from 60 days before the end, urgently from 30."""
    today = clock.today()
    first, second = REMIND_DAYS
    ending = _within(scope).in_force().with_end().filter(until__lte=today + timedelta(days=first))
    for settlement in ending.annotate(refused=_renewal_refused()).order_by("until", "pk")[:SHOWN]:
        left = (settlement.until - today).days
        since = f"{settlement.confirmed_on} 确认，有效期一年"
        if settlement.renewed_until:
            since = f"{settlement.confirmed_on} 确认，已续期"
        yield _todo(
            settlement,
            "有效期将满",
            "告知期满失效" if settlement.refused else "办理续期",
            _tab(settlement),
            due_at=_end_of(settlement.until),
            level="soon" if left <= second else "info",
            deadline=f"还剩 {left} 天失效",
            why=[
                f"{since}，至 {settlement.until}（LC-4.4b）",
                "期满前重新认定的续期；没有续期的期满失效，自有效期满的下月起停发，继续救助须重新申请",
            ],
        )


def _renewal_refused() -> Exists:
    """A refused renewal is the last word on the settlement; `rechecking` keeps it."""
    return Exists(
        CaseByCase.objects.filter(pk=OuterRef("pk"), renewal_checks__keeping__outcome=Outcome.REFUSED)
    )


@dataclass(frozen=True, slots=True)
class _Due:
    """The part of a year in which one re-check falls due."""

    since: date
    until: date


def current_part(confirmed_on: date, per_year: int, today: date) -> _Due:
    """The year since the confirmation is cut into as many parts as visits are due in it (DT-4.4)."""
    months = 12 // per_year
    since, n = confirmed_on, 0
    while (until := _months_later(confirmed_on, (n + 1) * months)) <= today:
        since, n = until, n + 1
    return _Due(since, until)


def _months_later(day: date, months: int) -> date:
    """The same day so many months later, at most the last of its month."""
    first = clock.add_months(day, months)
    last = clock.next_month(first) - timedelta(days=1)
    return first.replace(day=min(day.day, last.day))


def _rechecks(scope: Scope) -> Iterator[Todo]:
    """DT-4.4: so many visits a year, each in its part of the year."""
    rules = Rule.objects.in_force(clock.today()).filter(key="reviews.case_by_case.per_year")
    if not rules.exists():
        return
    visits = Prefetch("rechecks", queryset=Recheck.objects.order_by("checked_on"))
    rows = _within(scope).in_force().exclude(application__programme=Programme.LINSHI)
    yield from _due_visits(rows.prefetch_related(visits)[:SHOWN], clock.today())


def _due_visits(rows: Iterable[CaseByCase], today: date) -> Iterator[Todo]:
    per_town: dict[int, tuple[int, str]] = {}
    for settlement in rows:
        town = settlement.application.township
        if town.pk not in per_town:
            per_town[town.pk] = _visits_a_year(RuleBook(town, today))
        per_year, clause = per_town[town.pk]
        if not per_year:
            continue
        part = current_part(settlement.confirmed_on, per_year, today)
        if any(part.since <= visit.checked_on < part.until for visit in settlement.rechecks.all()):
            continue
        yield _todo(
            settlement,
            "待复核走访",
            "登记复核走访",
            reverse("settling:recheck", args=[settlement.pk]),
            due_at=_end_of(part.until - timedelta(days=1)),
            deadline=f"{part.until - timedelta(days=1)} 前走访一次",
            why=[
                f"一事一议对象每年至少复核走访 {per_year} 次（{clause}）",
                f"自 {settlement.confirmed_on} 确认起计",
            ],
        )


def _visits_a_year(book: RuleBook) -> tuple[int, str]:
    key = "reviews.case_by_case.per_year"
    return (book.integer(key), book.rule(key).clause_id or "") if book.has(key) else (0, "")


def _to_receive(scope: Scope) -> Iterator[Todo]:
    """Filings that wait for the body that the person sits in; nobody receives what the own office sent."""
    waiting = Q(pk__in=())
    for body, posts in perms.ACKNOWLEDGING.items():
        for place in scope.places:
            if place.post in posts and (body == Body.DISCIPLINE or len(place.prefix) <= _COUNTY):
                here = Scope((place,)).filter(path="settlement__application__")
                waiting |= here & Q(body=body)
    filings = Filing.objects.filter(waiting, acknowledged_at__isnull=True).select_related(
        "settlement__application__village", "settlement__application__township"
    )
    for filing in filings.order_by("filed_at")[:SHOWN]:
        yield _todo(
            filing.settlement,
            "待备案",
            "接收备案",
            reverse("settling:acknowledge", args=[filing.pk]),
            deadline=f"{timezone.localdate(filing.filed_at)} 报送",
        )


# The prefix of a county is so long.
_COUNTY = 6
