"""What is known about the service of papers: when, how far, and what waits."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Prefetch, QuerySet, Subquery
from django.urls import reverse

from approvals.documents.perms import MAKERS
from approvals.enums import DeadlineState, DocumentKind
from approvals.models import Deadline, Document
from approvals.queries.limits import deadline_view
from approvals.serving.chain import ATTEMPTS, SERVING, TO_SERVE
from approvals.serving.enums import Event
from approvals.serving.models import ServiceAttempt
from approvals.serving.perms import can_serve, why_not
from approvals.workflow import REFUSAL_NOTICE
from cases.enums import Programme
from common import clock
from common.todo import Todo
from organisations.models import User
from organisations.scope import scope_of
from policy.calendars import working_calendar

SHOWN = 200


def served_at(document: Document) -> datetime | None:
    """The instant from which the paper counts as served; None while it does not."""
    serving = ServiceAttempt.objects.filter(document=document, event__in=SERVING)
    return serving.values_list("happened_at", flat=True).first()


def service_label(document: Document) -> str:
    """What the button beside a paper says; empty for papers that are handed out without proof."""
    if document.kind not in TO_SERVE:
        return ""
    return "已送达" if served_at(document) is not None else "送达"


def last_attempt(document: Document) -> ServiceAttempt | None:
    """The attempt that the next one follows."""
    return ServiceAttempt.objects.filter(document=document).order_by("-sequence").first()


def attempts_of(document: Document) -> QuerySet[ServiceAttempt]:
    """The whole chain, first attempt first."""
    people = ("first_server", "second_server", "recorded_by")
    return ServiceAttempt.objects.filter(document=document).select_related(*people).order_by("sequence")


def service_panel(document: Document, user: User, now: datetime) -> dict:
    """Context of `serving/service.html`: the chain, and every way with the reason why not yet."""
    attempts = list(attempts_of(document))
    last = attempts[-1] if attempts else None
    return {
        "attempts": attempts,
        "may_serve": bool(can_serve(user, document)),
        "served_at": last.happened_at if last is not None and last.serves else None,
        "actions": [
            {
                "label": attempt.label,
                "url": reverse("serving:attempt", args=[document.pk, attempt.event]),
                "is_link": True,
                "style": "primary" if attempt.serves else "",
                "why_not": why_not(document, attempt, last, user, now).reason,
            }
            for attempt in ATTEMPTS.values()
        ],
    }


# What the next attempt is, by the last event; what is on its way waits for its answer.
_NEXT = {
    "": ("待送达", "送达"),
    Event.REFUSED: ("拒绝签收", "留置送达"),
    Event.NOT_FOUND: ("找不到人", "邮寄送达"),
    Event.NOT_LEFT: ("未能留置", "邮寄送达"),
    Event.MAILED: ("邮寄中", "登记回执"),
    Event.MAIL_RETURNED: ("邮件退回", "公告送达"),
    Event.ANNOUNCED: ("公告期满", "确认公告期满"),
}


def tasks_for(user: User) -> list[Todo]:
    """Papers that wait to be served, and refusals that are not on paper yet, for the township's posts."""
    scope = scope_of(user)
    if not scope.has(*MAKERS):
        return []
    now = clock.now()
    reach = scope.filter(*MAKERS, path="application__")
    papers = list(_waiting(now).filter(reach)[:SHOWN])
    unwritten = list(_unwritten().filter(reach)[:SHOWN])
    if not papers and not unwritten:
        return []
    calendar = working_calendar()
    views = {limit.application_id: deadline_view(limit, now, calendar) for limit in unwritten}
    found = [_unwritten_todo(limit, views[limit.application_id]) for limit in unwritten]
    for document in papers:
        limits = document.application.running_notice
        concerns = limits and document.kind == DocumentKind.REFUSAL_NOTICE
        found.append(_todo(document, deadline_view(limits[0], now, calendar) if concerns else None))
    return found


def _waiting(now: datetime) -> QuerySet[Document]:
    """Papers to serve that are not served; an announcement only when its period has run out."""
    attempts = ServiceAttempt.objects.filter(document=OuterRef("pk"))
    last = attempts.order_by("-sequence")
    running = Deadline.objects.filter(state=DeadlineState.RUNNING, step=REFUSAL_NOTICE.step)
    limits = Prefetch("application__deadlines", queryset=running, to_attr="running_notice")
    return (
        Document.objects.filter(~Exists(attempts.filter(event__in=SERVING)), kind__in=TO_SERVE)
        .annotate(last_event=Subquery(last.values("event")[:1]))
        .exclude(Exists(attempts.filter(event=Event.ANNOUNCED, ends_at__gt=now)))
        .select_related("application__village", "application__township")
        .prefetch_related(limits)
        .order_by("made_at", "pk")
    )


def _unwritten() -> QuerySet[Deadline]:
    """Refusals whose notice has not been made, by the limit that runs on them."""
    notices = Document.objects.filter(application=OuterRef("application"), kind=DocumentKind.REFUSAL_NOTICE)
    return (
        Deadline.objects.filter(~Exists(notices), state=DeadlineState.RUNNING, step=REFUSAL_NOTICE.step)
        .select_related("application__village", "application__township")
        .order_by("due_at", "pk")
    )


def _unwritten_todo(limit: Deadline, view) -> Todo:
    address = reverse("workbench:case", kwargs={"number": limit.application.number})
    return _line(limit.application, "未批准", "制作并送达告知书", f"{address}?tab=documents", view)


def _todo(document: Document, view) -> Todo:
    stage, action = _NEXT[document.last_event or ""]
    url = reverse("serving:service", args=[document.pk])
    return _line(document.application, f"{document.get_kind_display()}{stage}", action, url, view)


def _line(application, stage: str, action: str, url: str, view) -> Todo:
    return Todo(
        number=application.number,
        name=application.masked_name,
        place=f"{application.township.name}{application.village.name}",
        matter=Programme(application.programme).short,
        stage=stage,
        action=action,
        url=url,
        due_at=view.due_at if view else None,
        level=view.level if view else "info",
        deadline=f"{view.label}：{view.badge}" if view else "",
        why=view.why if view else (),
    )
