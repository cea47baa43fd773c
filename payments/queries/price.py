"""What the pages of 价格补贴 show: the figures of the cities, and a month of a paying area."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum

from common import clock
from common.errors import Refused
from common.verdict import Verdict
from organisations.enums import AreaLevel
from organisations.models import Area, User
from organisations.scope import Scope
from payments import perms
from payments.enums import OF_PRICE, PaidProgramme
from payments.models import Batch, BenefitCover, Payment, PriceIndex
from payments.price import (
    SubsidyMonth,
    group_labels,
    months_to_judge,
    publication_ends,
    subsidy_month,
)
from payments.queries.words import deadline_words
from payments.terms import PaymentRules, own_payers
from policy.price import Conditions, Trigger

SHOWN = 50


def cities_of(scope: Scope, *posts: str) -> list[Area]:
    """The cities in which, or above which, one of the posts is held."""
    condition = Q(pk__in=())
    for prefix in scope.areas(*posts):
        condition |= Q(prefix__startswith=prefix[:4])
    return list(Area.objects.filter(condition, level=AreaLevel.CITY).order_by("code"))


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure, or (None) a month without any. `trigger` None: not in force, or no rule to judge it by."""

    city: Area
    month: date
    figure: PriceIndex | None
    in_force: bool
    trigger: Trigger | None
    may_confirm: Verdict | None
    is_late: bool

    @property
    def verdict(self) -> str:
        """Whether the month sets the subsidy off."""
        if self.trigger is None:
            return ""
        return f"{self.trigger.words}：{'启动' if self.trigger.is_met else '不启动'}"


def figure_rows(user: User, cities: Iterable[Area]) -> list[FigureRow]:
    """Each city's last months, newest first, with every figure that was entered."""
    cities, today = list(cities), clock.today()
    months = months_to_judge(today)
    figures = PriceIndex.objects.filter(area__in=cities, month__in=months)
    current = set(figures.in_force().values_list("pk", flat=True))
    rows = figures.select_related("area", "entered_by", "confirmed_by", "replaces", "replaced_by")
    entered: dict[tuple[int, date], list[PriceIndex]] = {}
    for figure in rows.order_by("-pk"):
        entered.setdefault((figure.area_id, figure.month), []).append(figure)
    conditions = {city.pk: Conditions(city) for city in cities}
    begun = {area: min(month for other, month in entered if other == area) for area, _ in entered}
    found = []
    for month in months:
        for city in cities:
            here = entered.get((city.pk, month), [])
            known = any(figure.pk in current for figure in here)
            # What lies before the first figure was judged elsewhere.
            wanted = month >= begun.get(city.pk, months[0])
            late = wanted and not known and publication_ends(month) < today
            for figure in here or [None]:
                found.append(_row(user, city, month, figure, current, conditions[city.pk], late))
    return found


def _row(
    user: User,
    city: Area,
    month: date,
    figure: PriceIndex | None,
    current: set[int],
    conditions: Conditions,
    late: bool,
) -> FigureRow:
    in_force = figure is not None and figure.pk in current
    waits = figure is not None and figure.confirmed_at is None and not is_replaced(figure)
    return FigureRow(
        city=city,
        month=month,
        figure=figure,
        in_force=in_force,
        trigger=conditions.judge(month, figure.figures) if in_force else None,
        may_confirm=perms.can_confirm_figure(user, figure) if waits else None,
        is_late=late,
    )


def is_replaced(figure: PriceIndex) -> bool:
    """Has a later figure been entered in its place?"""
    return hasattr(figure, "replaced_by")


def paying_places(within: Iterable[str], month: date) -> list[Area]:
    """The areas that pay the subsidy of a month for the townships below these prefixes."""
    prefixes = tuple(within)
    condition = Q(pk__in=())
    for prefix in prefixes:
        condition |= Q(prefix__startswith=prefix)
    townships = Area.objects.filter(condition, level=AreaLevel.TOWNSHIP).select_related("parent")
    rules = PaymentRules(PaidProgramme.PRICE_SUBSIDY, month)
    payers = rules.payers([(township.parent, township) for township in townships])
    return [area for area in payers if area.prefix.startswith(prefixes)]


def due_covers(found: SubsidyMonth) -> QuerySet[BenefitCover]:
    """Who is covered in the month by one of the groups, as `services.price_lines` inserts them."""
    level = "county" if found.area.level == AreaLevel.COUNTY else "township"
    others = own_payers(found.area, PaidProgramme.PRICE_SUBSIDY, found.month) if level == "county" else []
    return BenefitCover.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gt=found.month),
        starts_on__lte=found.month,
        benefit__programme__in=found.programmes,
        **{f"benefit__{level}": found.area},
    ).exclude(benefit__township__in=others)


@dataclass(frozen=True, slots=True)
class GroupCount:
    """How many people of a group, and what they come to in yuan."""

    label: str
    n: int
    total: Decimal


@dataclass(frozen=True, slots=True)
class SubsidyPage:
    """All of a month's page but its people. `found` None: `problem` says what is missing."""

    area: Area
    month: date
    found: SubsidyMonth | None
    problem: str
    batches: list[Batch]
    groups: list[GroupCount]
    amounts: list[tuple[str, list]]
    deadline: tuple[str, str] | None

    @property
    def total(self) -> Decimal:
        return sum((group.total for group in self.groups), Decimal("0.00"))

    @property
    def n_people(self) -> int:
        return sum(group.n for group in self.groups)


def subsidy_page(area: Area, month: date) -> SubsidyPage:
    """A month of a paying area: what it was judged by, what each gets, who, how far it has come."""
    lists = Batch.objects.filter(area=area, programme=PaidProgramme.PRICE_SUBSIDY, month=month)
    batches = list(lists.order_by("run"))
    try:
        found = subsidy_month(area, month)
    except Refused as refused:
        return SubsidyPage(area, month, None, str(refused), batches, [], [], None)
    settled = batches and all(batch.settled_at for batch in batches)
    deadline = ("done", "已发放") if settled else deadline_words(found.due_on)
    return SubsidyPage(
        area=area,
        month=month,
        found=found,
        problem="",
        batches=batches,
        groups=_groups(found),
        amounts=_amounts(found),
        deadline=deadline if found.trigger.is_met else None,
    )


def _groups(found: SubsidyMonth) -> list[GroupCount]:
    rows = due_covers(found).values("benefit__programme", "benefit__township").annotate(n=Count("pk"))
    counted = {code: GroupCount(group_labels([code]), 0, Decimal("0.00")) for code in found.programmes}
    for row in rows.order_by():
        before, n = counted[row["benefit__programme"]], row["n"]
        more = found.amounts[row["benefit__township"]].amount * n
        counted[row["benefit__programme"]] = GroupCount(before.label, before.n + n, before.total + more)
    return list(counted.values())


def _amounts(found: SubsidyMonth) -> list[tuple[str, list]]:
    """(whose, the explained lines) of each different amount."""
    each = found.calculations
    if len(each) == 1:
        return [("", list(each[0][0].lines))]
    names = dict(Area.objects.filter(pk__in=found.amounts).values_list("pk", "name"))
    return [("、".join(names[town] for town in towns), list(one.lines)) for one, towns in each]


def subsidy_people(found: SubsidyMonth, after: int | None) -> tuple[list[BenefitCover], int | None]:
    """A page of those who are due, each with the yuan that lists have for the person (`listed`, None: no list
    has) and how far that falls `short` of what is due.
    """
    lines = Payment.objects.filter(kind__in=OF_PRICE, month=found.month, person=OuterRef("person"))
    listed = lines.order_by().values("person").annotate(sum=Sum("amount")).values("sum")
    people = due_covers(found).annotate(listed=Subquery(listed))
    if after is not None:
        people = people.filter(pk__gt=after)
    people = people.select_related("person", "benefit__township", "benefit__village").order_by("pk")
    page = list(people[: SHOWN + 1])
    for cover in page:
        cover.amount = found.amounts[cover.benefit.township_id].amount
        cover.short = cover.amount - (cover.listed or 0)
    return page[:SHOWN], page[SHOWN - 1].pk if len(page) > SHOWN else None


@dataclass(frozen=True, slots=True)
class SubsidyState:
    """How a payer stands with a month, in one sentence, for those who oversee it."""

    area: Area
    words: str
    level: str


def subsidy_states(county: Area, month: date) -> list[SubsidyState]:
    """Each payer of a county with a month's subsidy: set off or not, listed, paid, late."""
    return [_state(subsidy_page(area, month)) for area in paying_places([county.prefix], month)]


def _state(page: SubsidyPage) -> SubsidyState:
    if page.found is None:
        late = publication_ends(page.month) < clock.today()
        return SubsidyState(page.area, page.problem, "late" if late else "soon")
    words = page.found.words
    if not page.found.trigger.is_met:
        return SubsidyState(page.area, words, "muted")
    level, left = page.deadline
    lists = "；".join(f"{batch.title}{batch.get_state_display()}" for batch in page.batches)
    day = f"{page.found.due_on:%Y-%m-%d} 前发放到位"
    return SubsidyState(page.area, f"{words}{day}（{left}）；{lists or '尚未编制名单'}。", level)


def oversight_parameters(county: Area, month: date) -> dict:
    """What the questions about a month's subsidy ask with: each township's amount by the figure now in force
    (none if it sets nothing off), and the groups, once the day has passed by which they are paid.
    """
    known = {"price_judged": False, "price_amounts": {}, "price_programmes": [], "price_due": None}
    for area in paying_places([county.prefix], month):
        try:
            found = subsidy_month(area, month)
        except Refused:
            continue
        known["price_judged"] = True
        if found.trigger.is_met:
            known["price_amounts"] |= found.as_amounts()
            if found.due_on < clock.today():
                known |= {"price_programmes": found.programmes, "price_due": found.due_on}
    return known
