"""Keys about money and oversight: who pays by when, reserves, samples."""

from __future__ import annotations

from policy.catalogue.procedure import LEVEL
from policy.key_types import Kind, RuleKey
from policy.steps import PROGRAMMES


def rule_keys() -> list[RuleKey]:
    """Payers and due days, funds, and the monthly samples."""
    return [
        RuleKey("reserve.minimum", "临时救助备用金最低留存", Kind.DECIMAL, "yuan"),
        RuleKey("reserve.per_head", "临时救助备用金人均最低额", Kind.DECIMAL, "yuan"),
        RuleKey("funds.advance_every", "救助资金预拨周期", Kind.PERIOD),
        RuleKey("payments.request_day", "每月报送名册和用款申请截止日", Kind.INTEGER, "day"),
        RuleKey("payments.allocation_day", "每月财政拨付截止日", Kind.INTEGER, "day"),
        RuleKey("recovery.repayment_period", "追缴款缴回期限（自追缴决定书送达）", Kind.PERIOD),
        RuleKey("recovery.set_off.share", "追缴款每月抵扣至多占当月待遇的比例", Kind.DECIMAL, "ratio"),
        RuleKey("recovery.waiver.limit", "追缴余额不超过此数可以免追", Kind.DECIMAL, "yuan"),
        RuleKey("sampling.includes_refused", "抽查包括未批准的申请", Kind.FLAG),
        RuleKey("sampling.relatives.ratio", "近亲属备案对象抽查比例", Kind.DECIMAL, "ratio"),
        RuleKey("alert.medical_self_paid", "预警：医疗费用个人负担达到", Kind.DECIMAL, "yuan"),
        *_staff(),
        *_price_subsidy(),
        RuleKey("payments.tekun.bearer", "特困供养费用承担单位", Kind.CHOICE, "", LEVEL),
        RuleKey("linshi.hand_over", "临时救助特殊情况可以发放", Kind.LIST, "", HANDED_OVER),
        RuleKey("linshi.hand_over.proxy", "临时救助现金、实物可由他人代领", Kind.FLAG),
        *(key for code, name in PROGRAMMES.items() for key in _per_programme(code, name)),
    ]


# What 临时救助 may be given in beside a payment by bank (SY-5.1); no rule is a no.
HANDED_OVER = (("cash", "现金"), ("goods", "实物"))

# Who gets the price subsidy. Only those of `payments.price.HELD_HERE` are in this system's register.
PRICE_GROUPS = (
    ("dibao", "低保对象"),
    ("tekun", "特困人员"),
    ("dibian", "低保边缘人口"),
    ("unemployed", "领取失业保险金人员"),
    ("unemployed_aid", "领取失业补助金人员"),
    ("preferential", "享受国家定期抚恤补助的优抚对象"),
    ("orphans", "孤儿"),
    ("unsupported", "事实无人抚养儿童"),
    ("hiv", "艾滋病病毒感染儿童"),
)


def _price_subsidy() -> list[RuleKey]:
    """价格补贴联动 (PL-T1, JZ-9.1): what sets it off, who gets how much, by when. The rules of the first day
    of the month that the index is for are those that count.
    """
    index = (
        ("scpi", "低收入居民基本生活费用价格指数，未编制的用居民消费价格指数"),
        ("cpi", "居民消费价格指数"),
        ("trigger", "达到启动条件的指数中涨幅较高者"),
    )
    rounding = (("half_up", "四舍五入到元"), ("up", "不足 1 元的进为 1 元"))
    pay_by = (("publication_month", "指数发布当月"), ("working_days_20", "指数发布后 20 个工作日内"))
    return [
        RuleKey("price_subsidy.cpi_from", "价格补贴启动：居民消费价格同比涨幅", Kind.DECIMAL, "ratio"),
        RuleKey("price_subsidy.food_from", "价格补贴启动：食品价格同比涨幅", Kind.DECIMAL, "ratio"),
        RuleKey("price_subsidy.groups", "价格补贴发放对象", Kind.LIST, "", PRICE_GROUPS),
        RuleKey("price_subsidy.index", "价格补贴测算所用指数", Kind.CHOICE, "", index),
        RuleKey("price_subsidy.rounding", "价格补贴测算额取整", Kind.CHOICE, "", rounding),
        RuleKey("price_subsidy.floor", "价格补贴每人每月最低额", Kind.DECIMAL, "yuan"),
        RuleKey("price_subsidy.pay_by", "价格补贴发放时限", Kind.CHOICE, "", pay_by),
        RuleKey("price_subsidy.paid", "触发时及时足额发放价格临时补贴", Kind.FLAG),
        RuleKey("payments.price_subsidy.payer", "价格补贴发放单位", Kind.CHOICE, "", LEVEL),
    ]


def _staff() -> list[RuleKey]:
    """社会救助协理员 by the hukou population of the township (LY-3.1)."""
    count = (Kind.INTEGER, "count")
    return [
        RuleKey("staff.population.medium", "人口达到此数的乡镇为中等", Kind.INTEGER, "person"),
        RuleKey("staff.population.large_over", "人口超过此数的乡镇为大", Kind.INTEGER, "person"),
        RuleKey("staff.assistants.small", "小乡镇协理员至少", *count),
        RuleKey("staff.assistants.medium", "中等乡镇协理员至少", *count),
        RuleKey("staff.assistants.large", "大乡镇协理员至少", *count),
        RuleKey("staff.village.min", "每村（社区）协理员至少", *count),
        RuleKey("staff.village.max", "每村（社区）协理员至多", *count),
    ]


def _per_programme(code: str, name: str) -> list[RuleKey]:
    return [
        RuleKey(f"payments.{code}.payer", f"{name}发放单位", Kind.CHOICE, "", LEVEL),
        RuleKey(f"payments.{code}.due_day", f"{name}每月发放截止日", Kind.INTEGER, "day"),
        RuleKey(f"sampling.{code}.ratio", f"{name}每月抽查比例", Kind.DECIMAL, "ratio"),
    ]
