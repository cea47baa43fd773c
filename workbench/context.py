"""The menu at the left: what a person's posts lead to."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from organisations.enums import Post
from organisations.scope import Scope, scope_of

_TOWN = (Post.HANDLER, Post.REVIEWER, Post.APPROVER, Post.DISCIPLINE)
_DISTRICT = (Post.AUDITOR,)
_MONEY = (Post.TOWN_PAYMENTS, Post.DISTRICT_PAYMENTS, Post.DISTRICT_FINANCE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu and the posts that see it; none named means everybody."""

    label: str
    url_name: str
    posts: tuple[Post, ...] = ()


_MENU = (
    ("", (Entry("工作台", "workbench:home"),)),
    (
        "申请办理",
        (
            Entry("申请登记", "cases:register", (Post.HANDLER, Post.VILLAGE_HELPER)),
            Entry("申请列表", "cases:list", (*_TOWN, *_DISTRICT, Post.VILLAGE_HELPER)),
            Entry("公示与异议", "publicity:list", (*_TOWN, *_DISTRICT)),
        ),
    ),
    (
        "对象与资金",
        (
            Entry("在册对象", "payments:benefits", (*_TOWN, *_DISTRICT, *_MONEY)),
            Entry("月度发放", "payments:batches", (Post.APPROVER, *_DISTRICT, *_MONEY)),
        ),
    ),
    (
        "监督",
        (
            Entry("抽查", "supervision:runs", (*_DISTRICT, Post.DISCIPLINE)),
            Entry("问题整改", "supervision:findings", (*_TOWN, *_DISTRICT)),
        ),
    ),
    (
        "工具",
        (
            Entry("规则查询", "policy:rules"),
            Entry("统计", "workbench:statistics", (*_TOWN, *_DISTRICT)),
            Entry(
                "规则与人员管理", "admin:index", (Post.RULE_WRITER, Post.RULE_PUBLISHER, Post.ADMINISTRATOR)
            ),
        ),
    ),
)


def _entries(entries: tuple[Entry, ...], scope: Scope, path: str) -> list[dict]:
    shown = []
    for entry in entries:
        if entry.posts and not scope.has(*entry.posts):
            continue
        url = reverse(entry.url_name)
        shown.append(
            {"label": entry.label, "url": url, "active": path == url or (url != "/" and path.startswith(url))}
        )
    return shown


def navigation(request: HttpRequest) -> dict:
    """`nav` for templates/layout/base.html; nothing before log-in."""
    if not request.user.is_authenticated:
        return {}
    scope = scope_of(request.user)
    groups = [{"label": label, "items": _entries(entries, scope, request.path)} for label, entries in _MENU]
    return {"nav": [group for group in groups if group["items"]]}
