"""Accounts of the demo: one for each post of the five districts, colleagues in a second township of two."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from common import clock
from organisations.enums import Post
from organisations.models import Area, Posting, User
from organisations.services import appoint, create_user
from policy.rules import RuleBook
from workbench.demo.people import someone

PASSWORD = "Yanshi-Jiuzhu-2026"  # printed with the accounts; only a demo has it
SINCE = date(2020, 1, 1)


@dataclass(frozen=True, slots=True)
class Account:
    """One account to be: its name, post and place."""

    username: str
    post: Post
    area: str
    department: str = ""


@dataclass(frozen=True, slots=True)
class Town:
    """A township in which demo cases live, with its people; `approver` is who decides on 低保 there."""

    township: Area
    villages: tuple[Area, ...]
    helper_village: Area
    helper: User
    handler: User
    colleague: User
    reviewer: User
    approver: User


def _of_township(prefix: str, code: str, village: str) -> tuple[Account, ...]:
    return (
        Account(f"{prefix}-village", Post.VILLAGE_HELPER, village),
        Account(f"{prefix}-handler", Post.HANDLER, code),
        Account(f"{prefix}-colleague", Post.HANDLER, code),
        Account(f"{prefix}-reviewer", Post.REVIEWER, code),
        Account(f"{prefix}-approver", Post.APPROVER, code),
    )


def _of_district(prefix: str, county: str, township: str) -> tuple[Account, ...]:
    return (
        Account(f"{prefix}-discipline", Post.DISCIPLINE, township),
        Account(f"{prefix}-town-payments", Post.TOWN_PAYMENTS, township),
        Account(f"{prefix}-district-approver", Post.APPROVER, county),
        Account(f"{prefix}-auditor", Post.AUDITOR, county),
        Account(f"{prefix}-payments", Post.DISTRICT_PAYMENTS, county),
        Account(f"{prefix}-finance", Post.DISTRICT_FINANCE, county),
        Account(f"{prefix}-partner", Post.PARTNER, county, "教育局"),
    )


TOWNS = {
    "dt": ("330305001", "330305001201"),
    "dt2": ("330305101", "330305101201"),
    "sy": ("330604001", "330604001001"),
    "sy2": ("330604007", "330604007001"),
    "lc": ("330302006", "330302006001"),
    "ly": ("350802001", "350802001001"),
    "jz": ("410802001", "410802001001"),
}
# The district of each first township; in 龙岩 and 焦作 one county stands for the city.
DISTRICTS = {"dt": "330305", "sy": "330604", "lc": "330302", "ly": "350802", "jz": "410802"}
_NATION = "000000"
ACCOUNTS = (
    *(
        account
        for prefix, county in DISTRICTS.items()
        for account in (
            *_of_township(prefix, *TOWNS[prefix]),
            *_of_district(prefix, county, TOWNS[prefix][0]),
        )
    ),
    Account("rule-writer", Post.RULE_WRITER, _NATION),
    Account("rule-publisher", Post.RULE_PUBLISHER, _NATION),
    Account("admin", Post.ADMINISTRATOR, _NATION),
)
COLLEAGUES = (
    *_of_township("dt2", *TOWNS["dt2"]),
    Account("dt2-town-payments", Post.TOWN_PAYMENTS, TOWNS["dt2"][0]),
    *_of_township("sy2", *TOWNS["sy2"]),
    Account("sy2-town-payments", Post.TOWN_PAYMENTS, TOWNS["sy2"][0]),
)


def make_staff() -> dict[str, User]:
    """All accounts by user name; those that exist are left as they are."""
    areas = {
        area.code: area for area in Area.objects.filter(code__in={a.area for a in (*ACCOUNTS, *COLLEAGUES)})
    }
    return {
        account.username: _make(account, areas[account.area], n)
        for n, account in enumerate((*ACCOUNTS, *COLLEAGUES))
    }


def _make(account: Account, area: Area, n: int) -> User:
    user = User.objects.filter(username=account.username).first()
    if user is None:
        name = f"{someone(n * 53).name}（演示）"
        user = create_user(username=account.username, name=name, password=PASSWORD, actor=None)
    if not Posting.objects.filter(user=user, post=account.post, area=area).exists():
        appoint(
            user=user,
            post=account.post,
            area=area,
            valid_from=SINCE,
            department=account.department,
            actor=None,
        )
        user.refresh_from_db()
    return user


def town(key: str, staff: dict[str, User]) -> Town:
    """The demo township with this key of `TOWNS`, with its people."""
    township = Area.objects.get(code=TOWNS[key][0])
    by_township = RuleBook(township, clock.today()).text("decision.dibao.authority") == "township"
    decider = "approver" if by_township else "district-approver"
    return Town(
        township,
        tuple(township.children.order_by("code")),
        Area.objects.get(code=TOWNS[key][1]),
        *(staff[f"{key}-{post}"] for post in ("village", "handler", "colleague", "reviewer", decider)),
    )
