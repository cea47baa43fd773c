"""What the posts of a person can do next on open cases, soonest first: one list for the workbench."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.urls import reverse

from approvals.authority import TOWNSHIP_PREFIX
from approvals.conferring.records import waiting_proposals
from approvals.enums import DeadlineState, Level
from approvals.models import Deadline, Proposal, Step
from approvals.queries.limits import deadline_view
from approvals.queries.notices import run_out_notices
from approvals.settling.models import CaseByCase
from cases.enums import ApplicationState as State
from cases.enums import Programme
from cases.models import Application, CheckReport, HomeVisit, Material
from common import clock
from common.todo import Todo
from organisations.enums import Post
from organisations.models import User
from organisations.scope import Scope, scope_of
from policy.calendars import working_calendar
from policy.working_days import Calendar
from publicity.enums import ObjectionOutcome
from publicity.models import Objection

SHOWN = 200


@dataclass(frozen=True, slots=True)
class Next:
    """What a post does in a state: label and address of the next action, taken from the annotated row."""

    action: Callable[[Application], tuple[str, str]]
    condition: Q = Q()


def _move(label: str, transition: str) -> Callable[[Application], tuple[str, str]]:
    return lambda application: (label, reverse("approvals:move", args=[application.pk, transition]))


def case_url(application: Application, tab: str = "") -> str:
    """The case page, at one of its tabs."""
    address = reverse("workbench:case", kwargs={"number": application.number})
    return f"{address}?tab={tab}" if tab else address


def _accept_or_complete(application: Application) -> tuple[str, str]:
    if application.lacks_material:
        return "登记材料", case_url(application, "household")
    return "受理", reverse("approvals:move", args=[application.pk, "accept"])


def _report(application: Application) -> tuple[str, str]:
    if application.has_report:
        return "核对完成", reverse("approvals:move", args=[application.pk, "record_report"])
    return "录入核对报告", case_url(application, "check")


def _visit(application: Application) -> tuple[str, str]:
    if application.has_visit:
        return "提交初审", reverse("approvals:move", args=[application.pk, "finish_visit"])
    return "记录入户调查", case_url(application, "visit")


def _materials(application: Application) -> tuple[str, str]:
    return "补交材料", case_url(application, "household")


def _settling(application: Application) -> tuple[str, str]:
    label = "登记民主评议" if application.needs_appraisal else "登记认定"
    return label, case_url(application, "settling")


_NEXT: dict[Post, dict[State, Next]] = {
    Post.VILLAGE_HELPER: {State.AWAITING_MATERIALS: Next(_materials, Q(lacks_material=True))},
    Post.HANDLER: {
        State.SUBMITTED: Next(_accept_or_complete),
        State.AWAITING_MATERIALS: Next(_accept_or_complete),
        State.CHECKING: Next(_report),
        State.VISITING: Next(_visit),
        State.SETTLING: Next(_settling, Q(needs_appraisal=True)),
        State.PUBLISHED: Next(_move("结束公示", "close_notice"), Q(notice_over=True)),
    },
    Post.REVIEWER: {
        State.ACCEPTED: Next(_move("委托确认", "entrust_check")),
        State.REVIEWING: Next(_move("初审", "agree")),
        State.SETTLING: Next(_settling, Q(needs_appraisal=False)),
        State.PUBLISHED: Next(_move("重新调查", "reopen"), Q(objection_upheld=True)),
    },
    Post.APPROVER: {State.DECIDING: Next(_move("审批", "approve"), Q(waits_for_meeting=False))},
}


def tasks_for(user: User) -> list[Todo]:
    """At most 200 next actions, earliest limit first, by a constant number of queries."""
    scope = scope_of(user)
    posts = [post for post in _NEXT if scope.has(post)]
    if not posts:
        return []
    now = clock.now()
    rows = list(_waiting(user, scope, posts, now)[:SHOWN])
    if not rows:
        return []
    calendar = working_calendar()
    return [_todo(row, scope, posts, now, calendar) for row in rows]


def _waiting(user: User, scope: Scope, posts: list[Post], now: datetime) -> QuerySet[Application]:
    mine = Q(pk__in=())
    for post in posts:
        here = scope.filter(post) & _nobody_in_two_posts(user, post)
        if post == Post.APPROVER:
            here &= _decided_here(scope)
        for state, step in _NEXT[post].items():
            mine |= here & Q(state=state) & step.condition
    states = {state for post in posts for state in _NEXT[post]}
    running = Deadline.objects.filter(state=DeadlineState.RUNNING).order_by("due_at")
    return (
        _annotated(Application.objects.filter(scope.filter(*posts), state__in=sorted(states)), now)
        .filter(mine)
        .annotate(due_at=Subquery(running.filter(application=OuterRef("pk")).values("due_at")[:1]))
        .select_related("village", "township")
        .prefetch_related(Prefetch("deadlines", queryset=running, to_attr="running_deadlines"))
        .order_by(F("due_at").asc(nulls_last=True), "pk")
    )


def _decided_here(scope: Scope) -> Q:
    """Only what the office of the person decides: a county does not decide what its townships do (SY-2.1)."""
    mine = Q(pk__in=())
    for place in scope.places:
        if place.post == Post.APPROVER:
            own = Level.TOWNSHIP if len(place.prefix) >= TOWNSHIP_PREFIX else Level.COUNTY
            mine |= Scope((place,)).filter(Post.APPROVER) & Q(decided_by_level=own)
    return mine


def _annotated(applications: QuerySet[Application], now: datetime) -> QuerySet[Application]:
    """With the facts on which the next action depends."""
    of_case = {"application": OuterRef("pk")}
    reports = CheckReport.objects.filter(check_entrusted__application=OuterRef("pk"))
    visits = HomeVisit.objects.filter(
        **of_case, investigation_round=OuterRef("investigation_round"), completed_at__isnull=False
    )
    missing = Material.objects.filter(**of_case, required=True, received_on__isnull=True)
    over = run_out_notices(now).filter(**of_case)
    upheld = Objection.objects.filter(
        notice__application=OuterRef("pk"), notice__closed_at=None, outcome=ObjectionOutcome.REINVESTIGATE
    )
    proposals = Proposal.objects.filter(**of_case, investigation_round=OuterRef("investigation_round"))
    settlements = CaseByCase.objects.filter(
        **of_case, investigation_round=OuterRef("investigation_round"), appraisal_required=True, urgent=False
    ).exclude(appraisals__valid=True)
    return applications.annotate(
        needs_appraisal=Exists(settlements),
        waits_for_meeting=Exists(waiting_proposals().filter(**of_case)),
        decided_by_level=Subquery(proposals.values("authority")[:1]),
        has_report=Exists(reports),
        has_visit=Exists(visits),
        lacks_material=Exists(missing),
        notice_over=Exists(over),
        objection_upheld=Exists(upheld),
    )


def _nobody_in_two_posts(user: User, post: Post) -> Q:
    """Leave out what the person may no longer touch in this post (DT-1.1)."""
    elsewhere = Step.objects.filter(application=OuterRef("pk"), actor=user).exclude(post=post)
    condition = ~Q(Exists(elsewhere))
    return condition & ~Q(created_by=user) if post in {Post.REVIEWER, Post.APPROVER} else condition


def _todo(
    application: Application, scope: Scope, posts: list[Post], now: datetime, calendar: Calendar
) -> Todo:
    state = State(application.state)
    post = next(
        post for post in reversed(posts) if state in _NEXT[post] and scope.covers(application.village, post)
    )
    action, url = _NEXT[post][state].action(application)
    limits = application.running_deadlines
    view = deadline_view(limits[0], now, calendar) if limits else None
    return Todo(
        number=application.number,
        name=application.masked_name,
        place=f"{application.township.name}{application.village.name}",
        matter=Programme(application.programme).short,
        stage=application.get_state_display(),
        action=action,
        url=url,
        due_at=view.due_at if view else None,
        level=view.level if view else "info",
        deadline=f"{view.label}：{view.badge}" if view else "",
        why=view.why if view else (),
    )
