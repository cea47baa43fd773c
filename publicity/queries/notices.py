"""Reads for the notice tab of a case, the clerks' list, the public list and the workbench."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet

from cases.enums import AttachmentKind
from cases.models import Application, Attachment
from cases.perms import can_upload
from common import clock
from organisations.enums import AreaLevel
from organisations.models import Area, User
from organisations.scope import Scope, scope_of
from publicity import perms
from publicity.enums import ObjectionOutcome
from publicity.models import Notice, NoticeQuerySet, Objection

PAGE = 30


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
