"""The menu at the left: what a person's posts lead to."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from approvals.recovering.perms import READERS as RECOVERY_READERS
from approvals.relief.models import READING as RELIEF_READERS
from approvals.settling.perms import READERS as CONFERRING_READERS
from organisations.enums import Post
from organisations.scope import Scope, scope_of
from payments.perms import BENEFIT_POSTS

_TOWN = (Post.HANDLER, Post.REVIEWER, Post.APPROVER, Post.DISCIPLINE)
_PRINTING = (Post.HANDLER, Post.REVIEWER, Post.APPROVER)
_DISTRICT = (Post.AUDITOR,)
_RULES = (Post.RULE_WRITER, Post.RULE_PUBLISHER, Post.ADMINISTRATOR)
_CHANGING = (Post.REVIEWER, Post.APPROVER, Post.RULE_PUBLISHER, Post.AUDITOR)
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
            Entry("急难先行救助", "relief:list", RELIEF_READERS),
            Entry("公示与异议", "publicity:list", (*_TOWN, *_DISTRICT)),
            Entry("长期公示", "publicity:standing_list", (*_TOWN, *_DISTRICT, Post.VILLAGE_HELPER)),
            Entry("一事一议", "settling:register", (*_TOWN, *_DISTRICT)),
            Entry("联审联批", "conferring:meetings", CONFERRING_READERS),
            Entry("批量打印文书", "approvals:documents_batch", _PRINTING),
        ),
    ),
    (
        "对象与资金",
        (
            Entry("发放准备", "workbench:month", BENEFIT_POSTS),
            Entry("在册对象", "payments:benefits", (*_TOWN, *_DISTRICT, *_MONEY)),
            Entry("待遇变更", "changing:list", (*_TOWN, *_DISTRICT)),
            Entry("追缴", "recovering:list", RECOVERY_READERS),
            Entry("分散供养照料", "payments:care", (*_TOWN, *_DISTRICT)),
            Entry("代领协议", "payments:proxies", BENEFIT_POSTS),
            Entry("救助证", "payments:certificates", (*_TOWN, *_DISTRICT)),
            Entry("临时救助待发", "payments:waiting", (Post.APPROVER, *_DISTRICT, *_MONEY)),
            Entry("现金实物发放", "payments:hand_overs", BENEFIT_POSTS),
            Entry("月度发放", "payments:batches", (Post.APPROVER, *_DISTRICT, *_MONEY)),
            Entry("价格补贴", "payments:price_figures", (Post.APPROVER, *_DISTRICT, *_MONEY)),
            Entry("资金", "payments:funds", (Post.APPROVER, *_DISTRICT, *_MONEY)),
            Entry("标准调整", "adjustments:changes", _CHANGING),
        ),
    ),
    (
        "监督",
        (
            Entry("抽查", "supervision:runs", (*_DISTRICT, Post.DISCIPLINE)),
            Entry("资金核查", "supervision:money", (*_DISTRICT, Post.DISCIPLINE)),
            Entry("问题整改", "supervision:findings", (*_TOWN, *_DISTRICT)),
        ),
    ),
    (
        "工具",
        (
            Entry("规则查询", "policy:rules"),
            Entry("政策试算", "policy:trial"),
            Entry("规则试算", "adjustments:what_ifs", _RULES),
            Entry("统计", "workbench:statistics", (*_TOWN, *_DISTRICT)),
            Entry(
                "规则与人员管理", "admin:index", (Post.RULE_WRITER, Post.RULE_PUBLISHER, Post.ADMINISTRATOR)
            ),
        ),
    ),
)


def _shown(scope: Scope) -> list[tuple[str, list[tuple[str, str]]]]:
    """The groups with (label, address) of what the posts lead to; empty groups are left out."""
    groups = []
    for label, entries in _MENU:
        allowed = [entry for entry in entries if not entry.posts or scope.has(*entry.posts)]
        if allowed:
            groups.append((label, [(entry.label, reverse(entry.url_name)) for entry in allowed]))
    return groups


def navigation(request: HttpRequest) -> dict:
    """`nav` for the layout; nothing before log-in. The longest address that fits is the active one."""
    # A request that is refused before it has a user (a wrong host) still gets a page.
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    groups = _shown(scope_of(user))
    fitting = [url for _, items in groups for _, url in items if _fits(request.path, url)]
    active = max(fitting, key=len, default="")
    return {
        "nav": [
            {
                "label": label,
                "items": [{"label": name, "url": url, "active": url == active} for name, url in items],
            }
            for label, items in groups
        ]
    }


def _fits(path: str, url: str) -> bool:
    return path == url if url == "/" else path.startswith(url)
