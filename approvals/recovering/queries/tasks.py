"""What the posts of a person can do next on recoveries: one list for the workbench."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from approvals.enums import TAKEN_UP, DeadlineState
from approvals.models import Deadline
from approvals.queries.limits import deadline_view
from approvals.recovering.enums import RecoveryState as State
from approvals.recovering.models import Defence, Plan, Recovery, RecoveryQuerySet, RecoveryStep
from approvals.recovering.perms import POSTS
from approvals.recovering.queries.lists import overdue_parts
from approvals.recovering.workflow import DEFENCE
from approvals.relief.enums import Finding
from approvals.relief.models import EmergencyRelief
from cases.enums import Programme
from common import clock
from common.masking import mask_name
from common.todo import Todo
from organisations.enums import Post
from organisations.models import User
from organisations.scope import Scope, scope_of
from payments.models import Waiver
from policy.calendars import working_calendar
from policy.working_days import Calendar

SHOWN = 200
# What a post does, by the state and what the annotated row says. Papers that wait to be served are listed by
# `approvals.serving`.
_NEXT = (
    (Post.HANDLER, Q(state=State.DRAFT), "完善并提出追缴"),
    (Post.HANDLER, Q(state=State.HEARING, unanswered=False, taken_up=False), "登记陈述申辩"),
    (Post.HANDLER, Q(state=State.REPAYING, is_overdue=True), "催缴逾期款项"),
    (Post.REVIEWER, Q(state=State.HEARING, unanswered=True), "复核陈述申辩"),
    (Post.APPROVER, Q(state=State.PROPOSED), "审批追缴"),
    (Post.APPROVER, Q(state=State.HEARING, unanswered=False, taken_up=True), "处理采纳的申辩"),
    (Post.APPROVER, Q(state=State.DECIDING), "作出追缴决定"),
    (Post.APPROVER, Q(state=State.REPAYING, plan_asked=True), "决定缴款计划调整"),
    (Post.APPROVER, Q(state=State.REPAYING, waiver_asked=True), "决定免追申请"),
)


def tasks_for(user: User) -> list[Todo]:
    """At most 200 next actions a kind, by a constant number of queries."""
    scope = scope_of(user)
    posts = [post for post in POSTS if scope.has(post)]
    if not posts:
        return []
    reliefs = list(_reliefs_to_recover(scope)) if Post.HANDLER in posts else []
    found: dict[int, tuple[Recovery, str]] = {}
    for post, condition, label in _NEXT:
        if post in posts:
            mine = Recovery.objects.filter(scope.filter(post) & _nobody_in_two_posts(user, post))
            rows = _annotated(mine).filter(condition).select_related("application", "village", "township")
            found |= {row.pk: (row, label) for row in rows.order_by("pk")[:SHOWN]}
    if not found:
        return reliefs
    limits, calendar = _limits([row for row, _ in found.values()]), working_calendar()
    rows = [_todo(row, label, limits.get(row.application_id), calendar) for row, label in found.values()]
    return reliefs + rows


def _reliefs_to_recover(scope: Scope) -> Iterator[Todo]:
    """Reliefs that were found not due and shall come back, as long as nobody has written that up."""
    written_up = Recovery.objects.filter(relief=OuterRef("pk")).exclude(state=State.WITHDRAWN)
    due = EmergencyRelief.objects.filter(
        scope.filter(Post.HANDLER), ~Exists(written_up), finding=Finding.RECOVER
    )
    due = due.filter(application__isnull=False).select_related("application", "township", "village")
    for relief in due.order_by("pk")[:SHOWN]:
        yield Todo(
            number=relief.number,
            name=mask_name(relief.name),
            place=f"{relief.township.name}{relief.village.name}",
            matter="急难先行救助追缴",
            stage=relief.get_finding_display(),
            action="提出追缴",
            url=reverse("recovering:new", args=[relief.application_id]),
        )


def _annotated(recoveries: RecoveryQuerySet) -> RecoveryQuerySet:
    """With the facts on which the next action depends."""
    said = Defence.objects.filter(recovery=OuterRef("pk"), round=OuterRef("round"))
    return recoveries.annotate(
        unanswered=Exists(said.filter(outcome="")),
        taken_up=Exists(said.filter(outcome__in=TAKEN_UP)),
        plan_asked=Exists(Plan.objects.filter(recovery=OuterRef("pk"), granted__isnull=True)),
        waiver_asked=Exists(Waiver.objects.filter(debt=OuterRef("debt"), granted__isnull=True)),
        is_overdue=Exists(overdue_parts(clock.today()).filter(recovery=OuterRef("pk"))),
    )


def _nobody_in_two_posts(user: User, post: Post) -> Q:
    """Leave out what the person may no longer touch in this post (DT-1.1)."""
    elsewhere = RecoveryStep.objects.filter(recovery=OuterRef("pk"), actor=user).exclude(post=post)
    condition = ~Q(Exists(elsewhere))
    return condition if post == Post.HANDLER else condition & ~Q(created_by=user)


def _limits(rows: list[Recovery]) -> dict[int, Deadline]:
    """The period for statement and defence that runs on each case."""
    cases = [row.application_id for row in rows]
    running = Deadline.objects.filter(application__in=cases, step=DEFENCE.step, state=DeadlineState.RUNNING)
    return {limit.application_id: limit for limit in running}


def _todo(recovery: Recovery, label: str, limit: Deadline | None, calendar: Calendar) -> Todo:
    view = deadline_view(limit, clock.now(), calendar) if limit else None
    late = recovery.is_overdue
    return Todo(
        number=recovery.application.number,
        name=recovery.masked_name,
        place=f"{recovery.township.name}{recovery.village.name}",
        matter=f"{Programme(recovery.programme).short}追缴",
        stage="缴款逾期" if late else recovery.get_state_display(),
        action=label,
        url=reverse("recovering:recovery", args=[recovery.pk]),
        due_at=view.due_at if view else None,
        level=view.level if view else "late" if late else "info",
        deadline=f"{view.label}：{view.badge}" if view else "",
        why=view.why if view else (),
    )
