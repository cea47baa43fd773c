"""Keys that the procedure reads: papers, who decides, how long, and case-by-case review."""

from __future__ import annotations

from policy.key_types import Kind, RuleKey
from policy.steps import PROGRAMMES, STEPS

# Programmes with an application of their own; 一事一议 begins inside one of theirs.
_APPLIED_FOR = ("dibao", "dibian", "tekun", "linshi")
_STANDING = ("dibao", "dibian", "tekun")
LEVEL = (("township", "街道（乡镇）"), ("county", "县（市、区）"))
MEETINGS = (("leadership", "街镇领导班子会议"), ("collective", "街镇集体审议"), ("joint", "街镇联席会议"))


def rule_keys() -> list[RuleKey]:
    """Papers, authority and time limits of each programme, and what case-by-case review asks."""
    return [
        RuleKey("notice.copies_personal_data", "公示含身份证号、银行账号", Kind.FLAG),
        RuleKey("application.at_residence", "可在居住地申请低保、低边、特困", Kind.FLAG),
        RuleKey("archive.retention", "社会救助档案保管期限", Kind.TEXT),
        RuleKey("publicity.hotlines", "公示上的监督电话（多个用、分隔）", Kind.TEXT),
        RuleKey("appraisal.case_by_case.min_people", "民主评议最少人数", Kind.INTEGER, "count"),
        RuleKey("appraisal.case_by_case.observer", "民主评议须有纪（工）委代表到场", Kind.FLAG),
        RuleKey("meeting.joint.required", "乡镇（街道）联席会议集体研究", Kind.FLAG),
        RuleKey("meeting.joint.min_people", "联席会议最少表决人数", Kind.INTEGER, "count"),
        RuleKey("validity.case_by_case", "一事一议有效期", Kind.PERIOD),
        RuleKey("notice.case_by_case.standing", "一事一议结果长期公示", Kind.FLAG),
        RuleKey("notice.standing.policy", "长期公示的救助政策", Kind.LIST),
        RuleKey("notice.standing.procedure", "长期公示的申请程序", Kind.LIST),
        RuleKey("notice.standing.photo_day", "公示栏照片每月几日前上传", Kind.INTEGER, "day"),
        RuleKey("care.agreement_required", "分散供养须签订照料服务协议", Kind.FLAG),
        RuleKey("care.visit_days", "分散供养照料走访间隔", Kind.INTEGER, "cd"),
        RuleKey("reviews.case_by_case.per_year", "一事一议每年复核次数", Kind.INTEGER, "count"),
        RuleKey("filing.case_by_case.before_decision", "先备案、后确认", Kind.FLAG),
        *(
            RuleKey(f"certificate.{code}.issued", f"{PROGRAMMES[code]}发放纸质救助证", Kind.FLAG)
            for code in _STANDING
        ),
        RuleKey(
            "filing.case_by_case.bodies",
            "一事一议向谁备案（discipline 街镇纪工委，district 区民政局）",
            Kind.LIST,
        ),
        RuleKey("meeting.case_by_case", "一事一议由何种会议认定", Kind.CHOICE, "", MEETINGS),
        RuleKey("appraisal.case_by_case.emergency_later", "急难型一事一议可事后补民主评议", Kind.FLAG),
        *(key for code in _APPLIED_FOR for key in _steps(code, PROGRAMMES[code])),
        RuleKey(
            "procedure.linshi.emergency.skips_check_and_publicity", "急难型临时救助可免核对和公示", Kind.FLAG
        ),
        *(key for code, name in PROGRAMMES.items() for key in _per_programme(code, name)),
        *(key for code, name in PROGRAMMES.items() for key in _deadlines(code, name)),
    ]


def _steps(code: str, name: str) -> list[RuleKey]:
    return [
        RuleKey(f"procedure.{code}.economic_check", f"{name}须经家庭经济状况核对", Kind.FLAG),
        RuleKey(f"procedure.{code}.publicity", f"{name}须经公示", Kind.FLAG),
    ]


def _per_programme(code: str, name: str) -> list[RuleKey]:
    return [
        RuleKey(f"materials.{code}", f"{name}申请材料", Kind.LIST),
        RuleKey(f"decision.{code}.authority", f"{name}审核确认机关", Kind.CHOICE, "", LEVEL),
        RuleKey(f"appraisal.{code}.required", f"{name}须经民主评议", Kind.FLAG),
    ]


def _deadlines(code: str, name: str) -> list[RuleKey]:
    keys = []
    for step, names in STEPS.items():
        key, label = f"deadline.{code}.{step}", f"{name} · {names.label}期限"
        keys += [
            RuleKey(key, label, Kind.PERIOD),
            RuleKey(f"{key}.extended", f"{label}（延长后）", Kind.PERIOD),
            RuleKey(f"{key}.extended.check_days_over", f"{label}：核对超过多少天可延长", Kind.INTEGER, "day"),
        ]
    return keys
