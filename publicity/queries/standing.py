"""Reads for the boards: the public page, the clerks' list, one board with its photos."""

from __future__ import annotations

from itertools import groupby

from django.db.models import Exists, OuterRef, QuerySet

from common import clock
from organisations.enums import AreaLevel
from organisations.models import Area, User
from organisations.scope import Scope
from publicity import perms
from publicity.enums import StandingKind
from publicity.models import StandingNotice, StandingPhoto
from publicity.queries.notices import Page, page_of

# Lines on one screen of the public page.
LINES = 200


def on_view(code: str) -> StandingNotice | None:
    """What hangs in the area of that code."""
    return StandingNotice.objects.on_view().with_place().filter(area__code=code).first()


def boards_of(county: Area | None) -> list[Area]:
    """Townships of a county whose board hangs now; none before a county is chosen."""
    if county is None:
        return []
    hanging = StandingNotice.objects.on_view().filter(county=county, village__isnull=True)
    return list(Area.objects.filter(pk__in=hanging.values("area")).order_by("code"))


def standing_page(notice: StandingNotice, after: int | None) -> dict:
    """The lists of a board by kind, some hundred lines at a time, and the boards of the villages below."""
    lines = notice.lines.filter(pk__gt=after) if after else notice.lines.all()
    rows = list(lines[: LINES + 1])
    villages: list[Area] = []
    if notice.village_id is None:
        below = StandingNotice.objects.on_view().filter(township=notice.township_id, village__isnull=False)
        villages = list(Area.objects.filter(pk__in=below.values("area")).order_by("code"))
    return {
        "notice": notice,
        "groups": grouped(rows[:LINES]),
        "after": rows[LINES - 1].pk if len(rows) > LINES else None,
        "villages": villages,
    }


def grouped(lines: list) -> list[dict]:
    """Lines under the headings of their lists."""
    return [
        {"label": StandingKind(kind).label, "lines": list(found)}
        for kind, found in groupby(lines, key=lambda line: line.kind)
    ]


def standing_list(scope: Scope, before: int | None, *, area: Area | None = None) -> Page:
    """Boards in reach that hang now, newest first, each with whether this month has its photo."""
    month = clock.month_of(clock.today())
    taken = StandingPhoto.objects.filter(notice__area=OuterRef("area"), taken_on__gte=month)
    boards = StandingNotice.objects.on_view().visible_to(scope).with_place()
    if area is not None:
        boards = boards.filter(**{area.level: area})
    return page_of(boards.annotate(has_photo=Exists(taken)), before)


def standing_record(notice: StandingNotice, user: User) -> dict:
    """One board for clerks: its lists in short, its photos and those of the months before."""
    photos: QuerySet = StandingPhoto.objects.filter(notice__area=notice.area_id)
    return {
        "notice": notice,
        "photos": list(photos.select_related("uploaded_by").order_by("-taken_on", "-pk")[:24]),
        "can_photograph": perms.can_photograph(user, notice),
        "can_refresh": perms.can_refresh_standing(user, notice.area),
        "level": AreaLevel(notice.area.level).label,
    }
