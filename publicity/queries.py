"""Reads for the notice tab of a case, the clerks' list, the public list and the workbench."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet
from django.urls import reverse

from cases.enums import AttachmentKind, Programme
from cases.models import Application, Attachment
from cases.perms import can_upload
from common import clock
from common.todo import Todo
from organisations.enums import AreaLevel
from organisations.models import Area, User
from organisations.scope import Scope, scope_of
from publicity import perms
from publicity.enums import ObjectionOutcome
from publicity.models import Notice, NoticeQuerySet, Objection

PAGE = 30
TASKS_SHOWN = 200


def running_notice(application: Application) -> Notice | None:
    """The notice that has not been taken down (it may be past its time), or None."""
    return Notice.objects.filter(application=application, closed_at__isnull=True).first()


def open_objections(notice: Notice) -> QuerySet[Objection]:
    """Those that nobody has handled yet: the case cannot go on."""
    return notice.objections.filter(outcome="")


def wants_reinvestigation(notice: Notice) -> bool:
    """Was an objection upheld? Then the only way on is a new investigation (SY-A1.4b)."""
    return notice.objections.filter(outcome=ObjectionOutcome.REINVESTIGATE).exists()


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list in falling order of key; `before` continues it."""

    rows: list
    before: int | None


def page_of(queryset: QuerySet, before: int | None, size: int = PAGE) -> Page:
    """The next `size` rows below the key `before`: as quick on page 1,000 as on page 1."""
    if before is not None:
        queryset = queryset.filter(pk__lt=before)
    rows = list(queryset.order_by("-pk")[: size + 1])
    return Page(rows[:size], rows[size - 1].pk if len(rows) > size else None)


def notice_list(scope: Scope, *, status: str, area: Area | None, at: datetime) -> NoticeQuerySet:
    """The clerk's list. `status`: running, due (past its time, not taken down), objection, ended or empty."""
    notices = Notice.objects.visible_to(scope).with_place().select_related("application")
    if area is not None:
        notices = notices.filter(**{area.level: area})
    by_status = {
        "running": Q(closed_at__isnull=True, ends_at__gt=at),
        "due": Q(closed_at__isnull=True, ends_at__lte=at),
        "objection": Q(pk__in=Objection.objects.filter(outcome="").values("notice")),
        "ended": Q(closed_at__isnull=False),
    }
    outcomes = Prefetch("objections", Objection.objects.only("pk", "notice", "outcome"))
    return notices.filter(by_status.get(status, Q())).prefetch_related(outcomes)


def areas_to_choose(scope: Scope) -> QuerySet[Area]:
    """Townships below a county posting, villages below a township posting: what the list is narrowed to."""
    condition = Q(pk__in=())
    for prefix in scope.areas():
        level = AreaLevel.VILLAGE if len(prefix) >= 9 else AreaLevel.TOWNSHIP
        condition |= Q(prefix__startswith=prefix, level=level)
    return Area.objects.filter(condition).order_by("code")


def notice_panel(application: Application, user: User) -> dict:
    """All that the 公示 tab of a case shows; its template is publicity/_notice.html."""
    now = clock.now()
    notices = list(
        Notice.objects.filter(application=application)
        .with_place()
        .select_related("posted_by")
        .prefetch_related("objections__recorded_by", "objections__handled_by")
        .order_by("-pk")
    )
    latest = notices[0] if notices else None
    photos = Attachment.objects.filter(application=application, kind=AttachmentKind.BOARD_PHOTO).order_by(
        "pk"
    )
    panel = {
        "notice": latest,
        "on_view": latest is not None and latest.is_running(now),
        "earlier": notices[1:],
        "number": application.number,
        "photos": list(photos),
        "can_record": latest is not None
        and latest.closed_at is None
        and bool(perms.can_record_objection(user, latest)),
        "can_upload": latest is not None and bool(can_upload(scope_of(user), application)),
        "can_handle": latest is not None and scope_of(user).covers(latest.village, *perms.HANDLERS),
    }
    return {"notice_panel": panel}


def tasks_for(user: User) -> list[Todo]:
    """异议 that wait for an answer, the one whose notice ends first on top."""
    scope = scope_of(user)
    if not scope.has(*perms.HANDLERS):
        return []
    waiting = (
        Objection.objects.filter(scope.filter(*perms.HANDLERS, path="notice__"), outcome="")
        .select_related("notice__application", "notice__village", "notice__township")
        .order_by("notice__ends_at", "pk")[:TASKS_SHOWN]
    )
    now = clock.now()
    return [_todo(objection, now) for objection in waiting]


def _todo(objection: Objection, now: datetime) -> Todo:
    notice = objection.notice
    late = notice.ends_at <= now
    return Todo(
        number=notice.application.number,
        name=notice.masked_name,
        place=f"{notice.township.name}{notice.village.name}",
        matter=Programme(notice.application.programme).short,
        stage="公示异议待处理",
        action="处理异议",
        url=reverse("publicity:objection_handle", args=[objection.pk]),
        due_at=notice.ends_at,
        level="late" if late else "soon",
        deadline="公示期已满" if late else "公示期满前处理",
        why=("公示期间有异议的，处理完毕前不得进入审批（SY-A1.4b）。",),
    )
