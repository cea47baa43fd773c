"""What the spanning pages show: my tasks by day, the figures of my area, and how far a case has come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.db.models import Avg, Count, F, Q, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from approvals.adjustments.queries import tasks_for as adjustment_tasks
from approvals.changing.queries import tasks_for as change_tasks
from approvals.conferring.queries import tasks_for as conferring_tasks
from approvals.models import Decision
from approvals.queries import tasks_for as approval_tasks
from approvals.rechecking.queries import tasks_for as rechecking_tasks
from approvals.recovering.queries import tasks_for as recovery_tasks
from approvals.relief.queries import tasks_for as relief_tasks
from approvals.serving.queries import tasks_for as serving_tasks
from approvals.settling.queries import tasks_for as settling_tasks
from cases.enums import ApplicationState, Programme
from cases.models import Application
from cases.queries import tasks_for as case_tasks
from common.todo import Todo
from organisations.models import User
from organisations.scope import Scope
from payments.queries import tasks_for as payment_tasks
from policy.alarms import tasks_for as rule_tasks
from publicity.queries import tasks_for as publicity_tasks
from supervision.queries import tasks_for as supervision_tasks

_SOURCES = (
    relief_tasks,
    approval_tasks,
    change_tasks,
    recovery_tasks,
    adjustment_tasks,
    serving_tasks,
    settling_tasks,
    conferring_tasks,
    rechecking_tasks,
    publicity_tasks,
    payment_tasks,
    supervision_tasks,
    case_tasks,
    rule_tasks,
)


_NO_DATE = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class TodoGroup:
    """Tasks that fall due in the same span; `level` colours its badge."""

    label: str
    level: str
    todos: tuple[Todo, ...]


def todos_of(user: User) -> list[Todo]:
    """All that the person can do next, soonest first; what has no date comes last."""
    found = [todo for source in _SOURCES for todo in source(user)]
    return sorted(found, key=lambda todo: (todo.due_at is None, todo.due_at or _NO_DATE, todo.number))


def grouped(todos: Iterable[Todo], now: datetime) -> list[TodoGroup]:
    """Overdue, today, the next seven days, later; empty groups are left out."""
    today = timezone.localdate(now)
    spans: dict[str, list[Todo]] = {"late": [], "soon": [], "info": [], "muted": []}
    for todo in todos:
        spans[_span(todo, now, today)].append(todo)
    labels = {"late": "逾期", "soon": "今天到期", "info": "七天内", "muted": "以后及无期限"}
    return [TodoGroup(labels[level], level, tuple(found)) for level, found in spans.items() if found]


def _span(todo: Todo, now: datetime, today: date) -> str:
    if todo.due_at is None:
        return "muted"
    if todo.due_at < now:
        return "late"
    due = timezone.localdate(todo.due_at)
    if due == today:
        return "soon"
    return "info" if due <= today + timedelta(days=7) else "muted"


# The line 受理 → … → 次月发放, and the states in which each of its points is the current one.
_STAGES = (
    ("受理", {"draft", "submitted", "awaiting_materials"}),
    ("核对", {"accepted", "checking"}),
    ("入户调查", {"visiting"}),
    ("初审", {"reviewing", "settling"}),
    ("公示 7 天", {"published"}),
    ("审批", {"deciding"}),
    ("次月发放", {"approved"}),
)


# Moves of 临时救助 and 一事一议 that leave a point of the line out, by a state that belongs to it.
_LEAVING_OUT = {
    "skip_check": {"checking"},
    "agree_at_once": {"published"},
    "settle_at_once": {"published"},
}
# How the line ends for what is not paid from next month.
_ENDS = {Programme.DIBIAN: "次月起认定", Programme.LINSHI: "发放"}


def stepper(application: Application) -> list[dict]:
    """The points of the line with done, current, todo or (refused, withdrawn) stopped."""
    state, stages = application.state, _stages_of(application)
    if state in {ApplicationState.REFUSED, ApplicationState.WITHDRAWN}:
        reached = _place_of(ApplicationState.DECIDING, stages) if state == ApplicationState.REFUSED else 0
        return [
            {"label": label, "state": "done" if n < reached else "stopped" if n == reached else "todo"}
            for n, (label, _) in enumerate(stages)
        ]
    current = _place_of(state, stages)
    return [
        {"label": label, "state": "done" if n < current else "current" if n == current else "todo"}
        for n, (label, _) in enumerate(stages)
    ]


def _place_of(state: str, stages: list[tuple[str, set[str]]]) -> int:
    return next(n for n, (_, states) in enumerate(stages) if state in states)


def _stages_of(application: Application) -> list[tuple[str, set[str]]]:
    """Without what was left out by the trace: nothing shows as done that was not (DT-3.2, LC-4.3a)."""
    last, states = _STAGES[-1]
    stages = [*_STAGES[:-1], (_ENDS.get(application.programme, last), states)]
    made = set(application.steps.filter(transition__in=_LEAVING_OUT).values_list("transition", flat=True))
    gone = {state for transition in made for state in _LEAVING_OUT[transition]}
    return [stage for stage in stages if application.state in stage[1] or not stage[1] & gone]


def state_counts(scope: Scope) -> list[dict]:
    """Open applications by programme and state within reach."""
    rows = Application.objects.visible_to(scope).open().values("programme", "state").annotate(n=Count("id"))
    order = list(ApplicationState.values)
    return [
        {
            "programme": Programme(row["programme"]).label,
            "state": ApplicationState(row["state"]).label,
            "n": row["n"],
        }
        for row in sorted(rows, key=lambda row: (row["programme"], order.index(row["state"])))
    ]


def decided_by_township(scope: Scope, since: datetime) -> list[dict]:
    """Decisions since an instant by township, and the mean days from acceptance to decision."""
    visible = Application.objects.visible_to(scope).filter(decided_at__gte=since, accepted_at__isnull=False)
    rows = (
        visible.values(name=F("township__name"))
        .annotate(
            approved=Count("id", filter=Q(state=ApplicationState.APPROVED)),
            refused=Count("id", filter=Q(state=ApplicationState.REFUSED)),
            took=Avg(F("decided_at") - F("accepted_at"), filter=~Q(state=ApplicationState.WITHDRAWN)),
        )
        .order_by("township__code")
    )
    return [
        {**row, "days": round(row["took"] / timedelta(days=1), 1) if row["took"] else None} for row in rows
    ]


def monthly_approved(scope: Scope, month: date) -> dict:
    """How many households were approved to start in `month`, and the yuan a month they were granted."""
    decisions = Decision.objects.filter(scope.filter(path="application__"), starts_on=month)
    return decisions.aggregate(n=Count("id"), total=Coalesce(Sum("monthly"), Value(Decimal(0))))
