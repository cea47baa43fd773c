"""The steps that time limits are written for (interfaces.md, `manage.py due`)."""

STEPS = {
    "village_relay": "村社上报",
    "entrust_check": "委托确认",
    "investigation": "受理、核对和初审",
    "publicity": "公示",
    "decision": "审批",
    "total": "办结",
    "appraisal": "民主评议",
    "collective_review": "集体审议",
    "feedback": "结果反馈",
    "filing": "备案",
    "emergency_relief": "急难先行救助",
    "payment": "发放",
    "refusal_notice": "书面告知",
    "defence": "陈述申辩",
    "termination_objection": "终止异议处理",
    "alert_city_dispatch": "市级预警下发",
    "alert_county_dispatch": "县级预警下发",
    "alert_visit_initial": "初始数据入户核查",
    "alert_visit_new": "新增数据入户核查",
    "referral_feedback": "转办反馈",
}
