"""What would keep money from somebody in the month, or make it wrong: one entry for each kind of gap.

Each finds its rows as one query set, so that counting, the first few and the whole list cost the same for
three rows and for thirty thousand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Count, Model, QuerySet

from organisations.enums import AreaLevel, Post
from organisations.scope import Scope
from payments.perms import BATCH_POSTS
from workbench.month import money_gaps, people_gaps
from workbench.month.places import READERS, Look
from workbench.month.rows import GapRow

_HANDLER = {level: (Post.HANDLER,) for level in (AreaLevel.TOWNSHIP, AreaLevel.COUNTY)}
_PAYER = {AreaLevel.TOWNSHIP: (Post.TOWN_PAYMENTS,), AreaLevel.COUNTY: (Post.DISTRICT_PAYMENTS,)}
_TOWN = {level: (Post.TOWN_PAYMENTS,) for level in (AreaLevel.TOWNSHIP, AreaLevel.COUNTY)}
_CHANGERS = {level: (Post.HANDLER, Post.APPROVER) for level in (AreaLevel.TOWNSHIP, AreaLevel.COUNTY)}
_FIGURES = {level: (Post.DISTRICT_PAYMENTS,) for level in (AreaLevel.TOWNSHIP, AreaLevel.COUNTY)}


@dataclass(frozen=True, slots=True)
class Gap:
    """One kind of gap. `why` says what it does to the money; `mended_by` whose it is, by the level that pays;
    `town` leads from a row to the key of its township or payer.
    """

    key: str
    label: str
    why: str
    mended_by: dict[AreaLevel, tuple[Post, ...]]
    find: Callable[[Look], QuerySet]
    show: Callable[[Model], GapRow]
    town: str = "township"
    readers: tuple[Post, ...] = READERS

    def is_shown_to(self, scope: Scope, look: Look) -> bool:
        return scope.covers(look.area, *self.readers)

    def counts(self, rows: QuerySet) -> Counter[int]:
        """How many of what was found by township or payer."""
        return Counter(dict(rows.order_by().values_list(self.town).annotate(n=Count("pk"))))

    def shown(self, rows: QuerySet) -> list[GapRow]:
        return [self.show(row) for row in rows]


GAPS = (
    Gap(
        "change",
        "变更停发已决定未生效",
        "本月应按新金额发放或停发，名册仍按原金额；须尽快送达、办结，名册封账前重新编制。",
        _CHANGERS,
        people_gaps.changes,
        people_gaps.show_change,
        readers=people_gaps.CHANGE_READERS,
    ),
    Gap(
        "no-account",
        "价格补贴对象没有收款账号",
        "补登收款信息之前，价格补贴名单不能复核（JZ-9.1）。",
        _HANDLER,
        people_gaps.without_account,
        people_gaps.show_benefit,
    ),
    Gap(
        "application-account",
        "待批申请没有收款账号",
        "未登记收款人和收款账号的，审批同意不能办理，次月不能发放。",
        _HANDLER,
        people_gaps.applications_without_account,
        people_gaps.show_application,
    ),
    Gap(
        "holder",
        "收款人没有代领协议",
        "收款人不是救助对象或其家庭成员，又没有有效的代领协议，名册不能复核、封账。",
        _HANDLER,
        people_gaps.led_to_strangers,
        people_gaps.show_holder,
    ),
    Gap(
        "bad-card",
        "收款账号银行不受理",
        "账号未通过银行卡校验位检查，名册不能复核；按月待遇及照料护理费。",
        _HANDLER,
        people_gaps.miswritten,
        people_gaps.show_benefit,
    ),
    Gap(
        "bad-card-aid",
        "临时救助收款账号银行不受理",
        "账号未通过银行卡校验位检查，发放清单不能复核。",
        _HANDLER,
        people_gaps.miswritten_grants,
        people_gaps.show_grant,
    ),
    Gap(
        "care",
        "没有有效的照料协议",
        "分散供养须有照料协议和照料服务人，照料护理费才有收款依据（JZ-3.1）。",
        _HANDLER,
        people_gaps.without_care,
        people_gaps.show_care,
    ),
    Gap(
        "pocket-money",
        "零用钱没有本人账户",
        "集中供养人员的基本生活费与照料护理费进入同一账户，零用钱不能发到本人手中（DT-7.1）。",
        _HANDLER,
        people_gaps.without_pocket_money,
        people_gaps.show_benefit,
    ),
    Gap(
        "aid",
        "临时救助尚未列入清单",
        "已批准、本月到日的期次还不在任何发放清单中。",
        _TOWN,
        people_gaps.unlisted_aid,
        people_gaps.show_instalment,
        town="grant__township",
    ),
    Gap(
        "failed",
        "发放失败未补发",
        "银行退回的款项还没有补发到人。",
        {level: (Post.HANDLER, *posts) for level, posts in _PAYER.items()},
        people_gaps.failed,
        people_gaps.show_failed,
        town="place",
        readers=BATCH_POSTS,
    ),
    Gap(
        "differs",
        "名册与在册待遇不一致",
        "名册编制后在册对象、金额或应补应扣有变动，须重新编制才能复核、封账。",
        _PAYER,
        money_gaps.lists_that_differ,
        money_gaps.show_batch,
        town="area",
        readers=BATCH_POSTS,
    ),
    Gap(
        "fund",
        "在手资金不足",
        "余额低于名册合计，封账会被拒绝；须申请拨付。",
        _PAYER,
        money_gaps.funds_too_small,
        money_gaps.show_uncovered,
        town="area",
        readers=BATCH_POSTS,
    ),
    Gap(
        "reserve",
        "备用金低于最低留存",
        "低于当地最低留存，须申请追加。",
        _TOWN,
        money_gaps.reserves_too_small,
        money_gaps.show_fund,
        town="area",
        readers=BATCH_POSTS,
    ),
    Gap(
        "answer",
        "银行没有回盘",
        "代发文件还有明细没有结果，是否到账无从确认。",
        _PAYER,
        money_gaps.unanswered,
        money_gaps.show_file,
        town="batch__area",
        readers=BATCH_POSTS,
    ),
    Gap(
        "unknown",
        "回盘挂账未处理",
        "回盘中有对不上任何明细的行，须查明去向。",
        _PAYER,
        money_gaps.unknown_answers,
        money_gaps.show_unknown,
        town="answer__bank_file__batch__area",
        readers=BATCH_POSTS,
    ),
    Gap(
        "figure",
        "价格指数没有录入或复核",
        "没有复核的指数不能判断是否启动价格补贴，不按 0 处理（JZ-9.1）。",
        _FIGURES,
        money_gaps.cities_without_figure,
        money_gaps.show_city,
        town="pk",
        readers=BATCH_POSTS,
    ),
    Gap(
        "subsidy",
        "价格补贴没有编制名单",
        "指数达到启动条件，当月应当发放（JZ-9.1）。",
        _PAYER,
        money_gaps.without_subsidy_list,
        money_gaps.show_unlisted_place,
        town="pk",
        readers=BATCH_POSTS,
    ),
)
BY_KEY = {gap.key: gap for gap in GAPS}


def gaps_for(scope: Scope, look: Look) -> list[Gap]:
    """The kinds that the person may see in the place."""
    return [gap for gap in GAPS if gap.is_shown_to(scope, look)]
