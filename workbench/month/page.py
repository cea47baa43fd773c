"""The readiness page of a month: steps, gaps and, for a county, its townships in one table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from organisations.enums import AreaLevel, Post
from organisations.models import Area
from organisations.scope import Scope
from payments.terms import PAID_MONTHLY
from workbench.month.gaps import Gap, gaps_for
from workbench.month.places import Holders, Look
from workbench.month.rows import GapRow
from workbench.month.steps import Line, Track, lines_of, tracks_of

FIRST = 3
# Posts that sit in the townships: on the page of a county they are not named.
_OF_TOWNSHIPS = (Post.HANDLER, Post.TOWN_PAYMENTS)


@dataclass(frozen=True, slots=True)
class Found:
    """One kind of gap as found: how many by place, the first few, whose it is, where all are listed."""

    gap: Gap
    by_place: Counter[int]
    first: list[GapRow]
    who: str
    url: str

    @property
    def n(self) -> int:
        return self.by_place.total()


@dataclass(frozen=True, slots=True)
class Town:
    """A township in the table of its county. `tracks`: of 低保 and 特困, or the words why there is none."""

    area: Area
    tracks: tuple[tuple[Track | None, str], ...]
    gaps: tuple[tuple[str, int], ...]
    query: str

    @property
    def n(self) -> int:
        return sum(count for _, count in self.gaps)


@dataclass(frozen=True, slots=True)
class MonthPage:
    """All of the page. `due_on`: the first day by which money must be there."""

    look: Look
    lines: list[Line]
    found: list[Found]
    clear: list[Gap]
    towns: list[Town]
    due_on: date | None

    @property
    def n_gaps(self) -> int:
        return sum(each.n for each in self.found)

    @property
    def n_late(self) -> int:
        """Lists whose current step is late, in the townships as well."""
        tracks = [line.track for line in self.lines]
        tracks += [track for town in self.towns for track, _ in town.tracks if track is not None]
        return sum(track.level == "late" for track in tracks)

    @property
    def n_closed(self) -> int:
        return sum(line.track.current is None for line in self.lines)


def month_page(look: Look, scope: Scope) -> MonthPage:
    """Everything that the person may see of the place and month."""
    tracks, townships = tracks_of(look), _townships(look)
    holders = Holders([look.area, *(track.area for track in tracks)])
    level = _payer_level(tracks, look)
    everything = [_found(gap, look, holders, level) for gap in gaps_for(scope, look)]
    shown = [track for track in tracks if not look.is_county or track.area == look.area]
    open_days = [track.steps[-1].due_on for track in tracks if track.current is not None]
    found = [each for each in everything if each.n]
    return MonthPage(
        look=look,
        lines=lines_of(shown, scope, holders),
        found=found,
        clear=[each.gap for each in everything if not each.n],
        towns=[_town(town, tracks, found, look) for town in townships],
        due_on=min(filter(None, open_days), default=None),
    )


def _townships(look: Look) -> Sequence[Area]:
    return look.area.children.filter(level=AreaLevel.TOWNSHIP).order_by("code") if look.is_county else ()


def _payer_level(tracks: Sequence[Track], look: Look) -> AreaLevel:
    """Who pays here: the county if it pays anything of what is due each month."""
    levels = {track.area.level for track in tracks if track.programme in PAID_MONTHLY}
    return AreaLevel(max(levels, key=lambda level: level == AreaLevel.COUNTY, default=look.area.level))


def _found(gap: Gap, look: Look, holders: Holders, level: AreaLevel) -> Found:
    rows = gap.find(look)
    counts = gap.counts(rows)
    return Found(
        gap=gap,
        by_place=counts,
        first=gap.shown(rows[:FIRST]) if counts else [],
        who=_who(gap.mended_by[level], look, holders),
        url=f"{reverse('workbench:month_gap', args=[gap.key])}?{look.query}",
    )


def _who(posts: Sequence[Post], look: Look, holders: Holders) -> str:
    if not look.is_county:
        return holders.who(look.area, posts)
    named = [post for post in posts if post not in _OF_TOWNSHIPS]
    local = "、".join(f"各街道（乡镇）{post.label}" for post in posts if post in _OF_TOWNSHIPS)
    return "；".join(filter(None, (local, holders.who(look.area, named))))


def _town(area: Area, tracks: Sequence[Track], found: Sequence[Found], look: Look) -> Town:
    monthly = [track for track in tracks if track.month == look.month]
    own = {track.programme.value: track for track in monthly if track.area == area}
    above = {track.programme.value for track in monthly if track.area == look.area}
    return Town(
        area=area,
        tracks=tuple(
            (own.get(each.value), "县（市、区）发放" if each.value in above else "无应发对象")
            for each in PAID_MONTHLY
        ),
        gaps=tuple((each.gap.label, each.by_place[area.pk]) for each in found if each.by_place[area.pk]),
        query=Look(area, look.month).query,
    )
