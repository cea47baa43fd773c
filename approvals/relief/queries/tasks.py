"""What a person should do next about emergency reliefs, soonest first."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from approvals.authority import TOWNSHIP_PREFIX
from approvals.queries.tasks import case_url
from approvals.relief.enums import ReliefState as State
from approvals.relief.models import DistrictNotice, EmergencyRelief, ReliefStep
from approvals.relief.perms import DISTRICT_POSTS
from approvals.relief.queries.limits import limit_view, running_limit
from cases.enums import ApplicationState
from common import clock
from common.todo import Todo
from organisations.enums import Post
from organisations.models import User
from organisations.scope import Scope, scope_of
from policy.calendars import working_calendar
from policy.working_days import Calendar

SHOWN = 100
_REFUSED = Q(application__state=ApplicationState.REFUSED)
# What each post does in which state; the papers wait for the approver once the application was refused.
_WORK = (
    (Post.APPROVER, Q(state=State.REGISTERED), "同意先行救助"),
    (Post.HANDLER, Q(state=State.AGREED), "从备用金支付"),
    (Post.TOWN_PAYMENTS, Q(state=State.AGREED), "从备用金支付"),
    (Post.APPROVER, Q(state=State.PAID) & _REFUSED, "作出不符合的认定"),
    # A nullable relation: without an application it is not refused, and NOT NULL would hide it.
    (Post.HANDLER, Q(state=State.PAID) & (Q(application=None) | ~_REFUSED), "补办手续"),
)


def tasks_for(user: User) -> list[Todo]:
    """Reliefs to agree to, to pay and to complete; reports of the townships to acknowledge."""
    scope = scope_of(user)
    now = clock.now()
    rows = [(relief, action) for condition, action in _mine(user, scope) for relief in condition[:SHOWN]]
    notices = list(_unread(scope)[:SHOWN])
    if not rows and not notices:
        return []
    calendar = working_calendar()
    found = [_todo(relief, action, now, calendar) for relief, action in rows]
    return [*found, *(_report(notice) for notice in notices)]


def _mine(user: User, scope: Scope) -> list[tuple[QuerySet[EmergencyRelief], str]]:
    """One look for each kind of work that a post of the person does."""
    found: dict[str, Q] = {}
    for post, condition, action in _WORK:
        if not (own := _of_the_township(scope, post)).places:
            continue
        elsewhere = ReliefStep.objects.filter(relief=OuterRef("pk"), actor=user).exclude(post=post)
        mine = own.filter(post) & condition & ~Q(Exists(elsewhere)) & ~Q(recused__contains=[user.pk])
        found[action] = found[action] | mine if action in found else mine
    rows = EmergencyRelief.objects.select_related("village", "township", "application")
    rows = rows.prefetch_related("limits").order_by("reported_at", "pk")
    return [(rows.filter(condition), action) for action, condition in found.items()]


def _of_the_township(scope: Scope, post: Post) -> Scope:
    """The postings of that post; of 审批 only those in a township."""
    return Scope(
        tuple(
            place
            for place in scope.places
            if place.post == post and (post != Post.APPROVER or len(place.prefix) >= TOWNSHIP_PREFIX)
        )
    )


def _unread(scope: Scope) -> QuerySet[DistrictNotice]:
    above = Scope(
        tuple(
            place
            for place in scope.places
            if place.post in DISTRICT_POSTS and len(place.prefix) < TOWNSHIP_PREFIX
        )
    )
    unread = DistrictNotice.objects.filter(above.filter(path="relief__"), acknowledged_at__isnull=True)
    return unread.select_related("relief__village", "relief__township").order_by("told_at", "pk")


def _todo(relief: EmergencyRelief, action: str, now: datetime, calendar: Calendar) -> Todo:
    limit = running_limit(relief)
    view = limit_view(limit, now, calendar) if limit else None
    url = reverse("relief:detail", args=[relief.pk])
    if action == "补办手续" and relief.application is not None:
        action, url = "办理补办的申请", case_url(relief.application)
    return Todo(
        number=relief.number,
        name=relief.masked_name,
        place=f"{relief.township.name}{relief.village.name}",
        matter="急难救助",
        stage=relief.get_state_display(),
        action=action,
        url=url,
        due_at=view.due_at if view else None,
        level=view.level if view else "info",
        deadline=f"{view.label}：{view.badge}" if view else "",
        why=view.why if view else (),
    )


def _report(notice: DistrictNotice) -> Todo:
    relief = notice.relief
    return Todo(
        number=relief.number,
        name=relief.masked_name,
        place=f"{relief.township.name}{relief.village.name}",
        matter="急难救助",
        stage="街镇已先行支付并报告",
        action="签收报告",
        url=reverse("relief:detail", args=[relief.pk]),
    )
