"""What a person can do next in this room."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from cases.enums import Programme
from common import clock
from common.todo import Todo
from organisations.enums import Post
from organisations.models import Posting, User
from organisations.scope import Scope, scope_of
from supervision.enums import FindingState, ReviewState
from supervision.models import Finding, Review, county_condition
from supervision.perms import ANSWERERS

# More than anybody works off in a week; the lists of this room have them all.
TASKS_SHOWN = 200
SOON = timedelta(days=3)


def tasks_for(user: User) -> list[Todo]:
    """The auditor reviews and settles, the township answers; each in at most one query."""
    scope = scope_of(user)
    found: list[Todo] = []
    if scope.has(Post.AUDITOR):
        found += _to_review(scope, user) + _to_settle(scope)
    if scope.has(*ANSWERERS):
        found += _to_answer(scope, clock.today())
    return found


def _to_review(scope: Scope, user: User) -> list[Todo]:
    """What was dealt to the person, to nobody, or to somebody who is no auditor any more."""
    condition = county_condition(scope, Post.AUDITOR, path="run__county__")
    auditors = Posting.objects.current().filter(post=Post.AUDITOR, user__is_active=True).values("user")
    mine = Q(assigned_to=user) | Q(assigned_to__isnull=True) | ~Q(assigned_to__in=auditors)
    rows = Review.objects.filter(condition, mine, state=ReviewState.OPEN).with_case()
    return [
        _todo(
            review.application, stage=f"{review.run.month:%Y-%m} 抽查待核查", action="核查", url=_url(review)
        )
        for review in rows.order_by("run", "pk")[:TASKS_SHOWN]
    ]


def _to_settle(scope: Scope) -> list[Todo]:
    rows = Finding.objects.visible_to(scope, Post.AUDITOR).filter(state=FindingState.ANSWERED).with_case()
    return [
        _todo(finding.review.application, stage="整改已答复", action="销号或退回", url=_url(finding))
        for finding in rows.order_by("pk")[:TASKS_SHOWN]
    ]


def _to_answer(scope: Scope, today: date) -> list[Todo]:
    rows = Finding.objects.visible_to(scope, *ANSWERERS).filter(state=FindingState.OPEN).with_case()
    return [
        _todo(
            finding.review.application,
            stage="抽查问题待整改",
            action="答复",
            url=_url(finding),
            due_at=end_of(finding.due_on),
            level=level_of(finding, today),
            deadline=f"{finding.due_on.month} 月 {finding.due_on.day} 日前答复" if finding.due_on else "",
            why=("整改期限由区级监督岗在核查时确定。",) if finding.due_on else (),
        )
        for finding in rows.order_by("due_on", "pk")[:TASKS_SHOWN]
    ]


def end_of(day: date | None) -> datetime | None:
    """The last second of a day."""
    return timezone.make_aware(datetime.combine(day, time(23, 59, 59))) if day else None


def level_of(finding: Finding, today: date) -> str:
    """The badge of a finding: late, soon, info; done when it is closed."""
    if finding.state == FindingState.CLOSED:
        return "done"
    if finding.state == FindingState.ANSWERED or finding.due_on is None:
        return "info"
    if finding.due_on < today:
        return "late"
    return "soon" if finding.due_on - today <= SOON else "info"


def _url(row: Review | Finding) -> str:
    name = "review" if isinstance(row, Review) else "finding"
    return reverse(f"supervision:{name}", args=[row.pk])


def _todo(application, **values) -> Todo:
    return Todo(
        number=application.number,
        name=application.masked_name,
        place=application.village.name,
        matter=Programme(application.programme).short,
        **values,
    )
