"""What waits to be done about 价格补贴: figures to enter and confirm, lists to prepare (JZ-9.1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.urls import reverse

from common import clock
from common.errors import Refused
from common.todo import Todo
from organisations.enums import Post
from organisations.models import Area, User
from organisations.scope import scope_of
from payments import perms
from payments.enums import PaidProgramme
from payments.models import Batch, PriceIndex
from payments.price import SubsidyMonth, months_to_judge, publication_ends, subsidy_month
from payments.queries.price import cities_of, due_covers, paying_places
from payments.queries.words import deadline_words, end_of
from payments.terms import say_month
from policy.price import Conditions

_WHY = "价格补贴在指数发布当月发放到位，没有指数不能判断是否启动（JZ-9.1）。"


def price_todos(user: User) -> Iterator[Todo]:
    """The last month's figure that is missing, figures to confirm, months set off without a list."""
    scope = scope_of(user)
    if scope.has(*perms.FIGURE_POSTS):
        cities = cities_of(scope, *perms.FIGURE_POSTS)
        if scope.has(Post.DISTRICT_PAYMENTS):
            yield from _missing(cities)
        yield from _unconfirmed(user, cities)
    if scope.has(*perms.PAYMENT_POSTS):
        yield from _unlisted(user)


def _todo(place: Area, month: date, stage: str, action: str, url: str, due_on: date, why: tuple) -> Todo:
    level, words = deadline_words(due_on)
    return Todo(
        number=f"{month:%Y-%m}",
        name=place.name,
        place=place.name,
        matter=f"{say_month(month)}价格补贴",
        stage=stage,
        action=action,
        url=url,
        due_at=end_of(due_on),
        level=level,
        deadline=words,
        why=why,
    )


def _missing(cities: list[Area]) -> Iterator[Todo]:
    month = months_to_judge(clock.today())[0]
    there = set(PriceIndex.objects.filter(area__in=cities, month=month).values_list("area", flat=True))
    for city in cities:
        if city.pk not in there:
            url = f"{reverse('payments:price_new')}?city={city.code}&month={month:%Y-%m}"
            yield _todo(city, month, "待录入价格指数", "录入指数", url, publication_ends(month), (_WHY,))


def _unconfirmed(user: User, cities: list[Area]) -> Iterator[Todo]:
    waiting = PriceIndex.objects.filter(area__in=cities, confirmed_at__isnull=True, replaced_by__isnull=True)
    for figure in waiting.select_related("area").order_by("month", "pk"):
        if perms.can_confirm_figure(user, figure):
            url, due_on = reverse("payments:price_figures"), publication_ends(figure.month)
            yield _todo(figure.area, figure.month, "价格指数待复核", "复核指数", url, due_on, (_WHY,))


def _unlisted(user: User) -> Iterator[Todo]:
    """Months that were set off, by the payer that has no list of them."""
    for found in unlisted_months(scope_of(user).areas(*perms.PAYMENT_POSTS)):
        area, month = found.area, found.month
        if perms.can_prepare(user, area):
            url = reverse("payments:price_month", args=[area.code, f"{month:%Y-%m}"])
            yield _todo(area, month, "待编制价格补贴名单", "编制名单", url, found.due_on, found.why)


def unlisted_months(prefixes: list[str], only: date | None = None) -> Iterator[SubsidyMonth]:
    """Payers below the prefixes with a month (or `only` this one) that was set off, people who are covered,
    and no list.
    """
    for area, month in months_set_off(prefixes, only):
        lists = Batch.objects.filter(area=area, programme=PaidProgramme.PRICE_SUBSIDY, month=month)
        if lists.exists():
            continue
        try:
            found = subsidy_month(area, month)
        except Refused:
            continue
        if due_covers(found).exists():
            yield found


def months_set_off(prefixes: list[str], only: date | None = None) -> Iterator[tuple[Area, date]]:
    """(payer, month) below the prefixes for each month of the last twelve whose figure meets a condition."""
    months = [month for month in months_to_judge(clock.today()) if only in (None, month)]
    cities = Area.objects.filter(prefix__in={prefix[:4] for prefix in prefixes if len(prefix) >= 4})
    figures = PriceIndex.objects.filter(area__in=cities, month__in=months).in_force().select_related("area")
    conditions: dict[int, Conditions] = {}
    for figure in figures:
        here = conditions.setdefault(figure.area_id, Conditions(figure.area))
        judged = here.judge(figure.month, figure.figures)
        if judged is None or judged.is_met:
            within = [prefix for prefix in prefixes if prefix.startswith(figure.area.prefix)]
            for area in paying_places(within, figure.month):
                yield area, figure.month
