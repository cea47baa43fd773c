"""What a person should do next about what is shown to the public."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from cases.enums import Programme
from common import clock
from common.todo import Todo
from organisations.models import User
from organisations.scope import Scope, scope_of
from policy.calendars import working_calendar
from policy.deadlines import remaining
from publicity import perms
from publicity.models import Objection, StandingNotice, StandingPhoto
from publicity.standing import photo_due

TASKS_SHOWN = 200


def tasks_for(user: User) -> list[Todo]:
    """异议 that wait for an answer, the one whose notice ends first on top; boards to be photographed."""
    scope = scope_of(user)
    return [*_objections(scope), *_photos(scope)]


def _objections(scope: Scope) -> list[Todo]:
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


def _photos(scope: Scope) -> Iterator[Todo]:
    """Boards of this month without a photo (SY-A1.7a): the village's own, for the township its handler."""
    if not scope.has(*perms.PHOTOGRAPHERS):
        return
    month = clock.month_of(clock.today())
    taken = StandingPhoto.objects.filter(notice__area=OuterRef("area"), taken_on__gte=month)
    boards = StandingNotice.objects.on_view().filter(scope.filter(*perms.PHOTOGRAPHERS), ~Exists(taken))
    now, calendar = clock.now(), working_calendar()
    due: dict[int, tuple] = {}
    for board in boards.with_place().order_by("area__code")[:TASKS_SHOWN]:
        if board.township_id not in due:
            due[board.township_id] = photo_due(board.township, month)
        found = due[board.township_id]
        if found is None:
            continue
        day, why = found
        due_at = timezone.make_aware(datetime.combine(day, time(23, 59, 59)))
        level, words = remaining(calendar, due_at, now)
        yield Todo(
            number=f"{month:%Y-%m}",
            name=board.area.name,
            place=board.township.name + (board.village.name if board.village else ""),
            matter="长期公示",
            stage="本月公示栏尚未拍照",
            action="上传公示照片",
            url=reverse("publicity:standing_photo", args=[board.pk]),
            due_at=due_at,
            level=level,
            deadline=words,
            why=why,
        )
