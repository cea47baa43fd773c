"""Meetings within reach, one with its cases, and what waits for the next."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Count, OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone

from approvals.conferring.models import JointItem, JointMeeting
from approvals.conferring.records import waiting_proposals
from approvals.enums import DeadlineState
from approvals.models import Deadline
from approvals.settling.perms import READERS
from cases.enums import Programme
from cases.models import Application
from common.todo import Todo
from organisations.enums import Post
from organisations.models import User
from organisations.scope import Scope, scope_of

SHOWN = 50
TODOS = 200


def meetings(scope: Scope, asked: Mapping[str, str]) -> dict:
    """Newest first, and the address of the next page."""
    rows = JointMeeting.objects.filter(scope.filter(*READERS)).select_related("township")
    before = asked.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    page = list(rows.annotate(n_items=Count("items")).order_by("-pk")[: SHOWN + 1])
    more = len(page) > SHOWN
    return {"rows": page[:SHOWN], "next_url": f"?before={page[SHOWN - 1].pk}" if more else ""}


def items_of(meeting: JointMeeting) -> list[JointItem]:
    """Its cases with what a row shows."""
    rows = meeting.items.select_related("application__village", "application__township", "proposal")
    return list(rows.order_by("pk"))


def conferring_panel(application: Application, user: User) -> dict:
    """Context of `conferring/_panel.html`: what meetings said to a case, without names."""
    rows = JointItem.objects.filter(application=application).select_related("meeting").order_by("pk")
    return {"joint_items": list(rows)}


def tasks_for(user: User) -> list[Todo]:
    """Each case that waits for the joint meeting, for those who bring it there."""
    scope = scope_of(user)
    if not scope.has(Post.HANDLER):
        return []
    running = Deadline.objects.filter(state=DeadlineState.RUNNING, application=OuterRef("application"))
    rows = (
        waiting_proposals()
        .filter(scope.filter(Post.HANDLER, path="application__"))
        .annotate(due_at=Subquery(running.order_by("due_at").values("due_at")[:1]))
        .select_related("application__village", "application__township")
        .order_by("pk")
    )
    return [_todo(proposal) for proposal in rows[:TODOS]]


def _todo(proposal) -> Todo:
    application = proposal.application
    due = f"审批期限 {timezone.localdate(proposal.due_at)}" if proposal.due_at else ""
    return Todo(
        number=application.number,
        name=application.masked_name,
        place=f"{application.township.name}{application.village.name}",
        matter=Programme(application.programme).short,
        stage="待联审联批",
        action="登记会议",
        url=f"{reverse('conferring:record')}?township={application.township.code}",
        due_at=proposal.due_at,
        deadline=due,
    )
