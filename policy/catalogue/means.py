"""Keys that the means test and the amounts read."""

from __future__ import annotations

from policy.key_types import Kind, RuleKey

_FLAG, _DEC, _INT, _LIST = Kind.FLAG, Kind.DECIMAL, Kind.INTEGER, Kind.LIST
_YUAN_MONTH = "yuan/month"
# Programmes that look at what a household owns.
_WITH_PROPERTY = {"dibao": "低保", "dibian": "低边", "tekun": "特困"}


def rule_keys() -> list[RuleKey]:
    """Standards, household, income, property, and the amounts of each programme."""
    limits = (key for code, name in _WITH_PROPERTY.items() for key in _property(code, name))
    return [*_standards(), *_income(), *limits, *_tekun(), *_linshi(), *_circumstances()]


def _standards() -> list[RuleKey]:
    return [
        RuleKey("standard.dibao", "低保标准", _DEC, _YUAN_MONTH),
        RuleKey("standard.dibian", "低保边缘标准（固定值）", _DEC, _YUAN_MONTH),
        RuleKey("standard.dibian.multiple", "低保边缘标准为低保标准的倍数", _DEC, "times"),
        RuleKey("standard.dibian.capped_by_min_wage", "低保边缘标准不高于最低工资", _FLAG),
        RuleKey("standard.tekun", "特困基本生活标准", _DEC, _YUAN_MONTH),
        RuleKey("min_wage", "最低月工资标准", _DEC, _YUAN_MONTH),
    ]


def _income() -> list[RuleKey]:
    test = (("below_standard", "人均收入低于低保标准"),)
    method = (("difference", "补差"), ("bands", "分档"))
    return [
        RuleKey("household.excluded", "不计入共同生活的人员", _LIST),
        RuleKey("household.single_person", "低边家庭中可按单人户纳入低保的人员", _LIST),
        RuleKey("income.exempt", "不计入家庭收入的项目", _LIST),
        RuleKey("income.employment_cost_deducted", "扣减必要的就业成本", _FLAG),
        RuleKey("income.rigid_expenditure_deducted", "扣减因残疾、患重病等增加的刚性支出", _FLAG),
        RuleKey("income.dibao.test", "低保收入条件", Kind.CHOICE, "", test),
        RuleKey("benefit.dibao.method", "低保金计算方式", Kind.CHOICE, "", method),
        RuleKey("benefit.dibao.from", "低保金起发月", Kind.CHOICE, "", (("next_month", "批准的下月"),)),
        RuleKey("benefit.dibao.phase_out", "低保渐退期", Kind.PERIOD),
    ]


def _property(code: str, name: str) -> list[RuleKey]:
    below = ("人均金融资产限额为年低保标准的倍数", _DEC, "times", (), "须低于")
    return [
        RuleKey(f"property.{code}.deposits_multiple", f"{name}{below[0]}", *below[1:]),
        RuleKey(f"property.{code}.vehicles_max", f"{name}机动车上限", _INT, "count"),
        RuleKey(f"property.{code}.non_residential_houses_max", f"{name}非居住用房上限", _INT, "count"),
        RuleKey(f"property.{code}.registered_capital_below", f"{name}认缴出资额须低于", _DEC, "yuan"),
    ]


def _tekun() -> list[RuleKey]:
    return [
        RuleKey("tekun.no_work_ability", "视为无劳动能力的人员", _LIST),
        RuleKey("tekun.age.old", "特困老年人的年龄", _INT, "age", (), "满此周岁"),
        RuleKey("tekun.age.minor", "特困未成年人的年龄", _INT, "age", (), "未满此周岁"),
        RuleKey("tekun.age.minor_kept", "特困未成年人继续供养至", _INT, "age", (), "定期复核时未满此周岁"),
        RuleKey("tekun.pocket_money.ratio", "集中供养零用钱占基本生活标准的比例", _DEC, "ratio"),
        RuleKey(
            "care.grades",
            "照料护理档次",
            Kind.GRADES,
            "",
            (),
            "六项自理指标中未达标的项数，各档占最低工资的比例",
        ),
        RuleKey("care.home_share", "分散供养照料护理费为机构供养的比例", _DEC, "ratio"),
    ]


def _linshi() -> list[RuleKey]:
    basis = (("per_person", "按人计算"), ("per_case", "按户（次）计算"))
    repeat = (("allowed", "可再次救助"), ("refused", "无正当理由不予救助"))
    return [
        RuleKey("linshi.income_limit", "支出型临时救助人均月可支配收入须低于", _DEC, _YUAN_MONTH),
        RuleKey("linshi.max_multiple", "临时救助最高为月低保标准的倍数", _DEC, "times"),
        RuleKey("linshi.max_amount", "临时救助最高金额", _DEC, "yuan"),
        RuleKey("linshi.basis", "临时救助倍数的计算单位", Kind.CHOICE, "", basis),
        RuleKey("linshi.repeat_same_cause", "同一事由再次申请临时救助", Kind.CHOICE, "", repeat),
        RuleKey("linshi.residence_waived", "临时救助不受户籍和居住地限制（疫情、灾情期间）", _FLAG),
        RuleKey("linshi.while_pending", "低保、特困申请办理期间可先给予临时救助", _FLAG),
        RuleKey("linshi.instalments", "一次审批、分阶段救助", _FLAG),
        RuleKey("emergency.max_amount", "急难先行救助最高金额", _DEC, "yuan"),
        RuleKey("emergency.max_multiple", "急难先行救助最高为月低保标准的倍数", _DEC, "times"),
        RuleKey("authority.linshi.township_multiple", "街镇审批临时救助的倍数上限（含）", _DEC, "times"),
    ]


def _circumstances() -> list[RuleKey]:
    return [
        RuleKey("case_by_case.circumstances", "可以一事一议的情形", _LIST),
        RuleKey("case_by_case.township_circumstances", "街镇确定的一事一议情形", _LIST),
        RuleKey("case_by_case.deposits.above_multiple", "复核时存款超过年低保标准的倍数", _DEC, "times"),
        RuleKey("case_by_case.deposits.below_multiple", "复核时存款低于年低保标准的倍数", _DEC, "times"),
        RuleKey(
            "case_by_case.linshi.max_multiple", "一事一议临时救助最高为人口×月低保标准的倍数", _DEC, "times"
        ),
        RuleKey(
            "case_by_case.linshi.medical_share", "一事一议临时救助占剩余医疗费用的最高比例", _DEC, "ratio"
        ),
    ]
