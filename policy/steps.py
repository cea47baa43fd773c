"""The programmes and steps that time limits are written for (interfaces.md, `manage.py due`)."""

from __future__ import annotations

from dataclasses import dataclass

PROGRAMMES = {
    "dibao": "低保",
    "dibian": "低边",
    "tekun": "特困",
    "linshi": "临时救助",
    "case_by_case": "一事一议",
}


@dataclass(frozen=True, slots=True)
class Step:
    """`event`: what sets the time limit running, as the screen words it (2 月 16 日受理，当日不计)."""

    label: str
    event: str


STEPS = {
    "village_relay": Step("村社上报", "村（社区）收到申请"),
    "entrust_check": Step("委托确认", "受理"),
    "investigation": Step("受理、核对和初审", "受理"),
    "publicity": Step("公示", "张贴公示"),
    "decision": Step("审批", "公示期满"),
    "total": Step("办结", "受理"),
    "appraisal": Step("民主评议", "启动一事一议"),
    "collective_review": Step("集体审议", "完成民主评议"),
    "feedback": Step("结果反馈", "作出认定"),
    "filing": Step("备案", "作出认定"),
    "emergency_relief": Step("急难先行救助", "发现急难情形"),
    "relief_completion": Step("急难救助补办手续", "先行支付"),
    "payment": Step("发放", "审批"),
    "hand_over_receipt": Step("领取签收补交", "现金（实物）发放"),
    "refusal_notice": Step("书面告知", "作出决定"),
    "announcement": Step("公告送达", "发布公告"),
    "defence": Step("陈述申辩", "送达事先告知书"),
    "recovery_defence": Step("追缴陈述申辩", "送达追缴事先告知书"),
    "termination_objection": Step("终止异议处理", "提出异议"),
    "alert_city_dispatch": Step("市级预警下发", "收到预警数据"),
    "alert_county_dispatch": Step("县级预警下发", "收到预警数据"),
    "alert_visit_initial": Step("初始数据入户核查", "收到初始数据"),
    "alert_visit_new": Step("新增数据入户核查", "收到新增数据"),
    "referral_feedback": Step("转办反馈", "联办事项办结"),
}
