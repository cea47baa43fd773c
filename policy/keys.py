"""Every rule key the product knows: what it means, in which unit, and which values it takes.

A key that is not here cannot be drafted or loaded, so a slip of the pen is an error and not a missing rule.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.db import models

from policy.steps import PROGRAMMES, STEPS

PERIOD_UNITS = {"wd": "个工作日", "cd": "天", "h": "小时", "mo": "个月"}
UNITS = {
    **PERIOD_UNITS,
    "yuan": "元",
    "yuan/month": "元/月",
    "times": "倍",
    "ratio": "比例",
    "day": "日",
    "count": "个",
    "": "",
}
_MOST = {"wd": 250, "cd": 366, "h": 720, "mo": 24}


class Kind(models.TextChoices):
    DECIMAL = "decimal", "数值"
    INTEGER = "integer", "整数"
    PERIOD = "period", "期限"
    FLAG = "flag", "是/否"
    CHOICE = "choice", "选项"
    LIST = "list", "清单"
    TEXT = "text", "文字"


@dataclass(frozen=True, slots=True)
class RuleKey:
    """One key. `unit` is fixed but for periods, which bring their own (a document's 天 stays 天)."""

    key: str
    label: str
    kind: Kind
    unit: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    description: str = ""

    def clean(self, value: str, unit: str = "") -> tuple[str, str]:
        """The canonical (value, unit); ValueError with a Chinese sentence when it is none."""
        if self.kind != Kind.PERIOD and unit != self.unit:
            raise ValueError(f"“{self.label}”的单位应为“{self.unit or '空'}”")
        return _CLEANERS[self.kind](self, value.strip(), unit)

    def show(self, value: str, unit: str) -> str:
        """The value as a clerk reads it: `20 天`, `township` → `街道（乡镇）`."""
        if self.kind == Kind.CHOICE:
            return dict(self.choices).get(value, value)
        if self.kind == Kind.FLAG:
            return "是" if value == "true" else "否"
        if self.kind == Kind.LIST:
            return "；".join(item["label"] for item in json.loads(value))
        if self.unit == "ratio":
            return f"{(Decimal(value) * 100).normalize():f}%"
        if self.kind == Kind.DECIMAL:
            number = Decimal(value)
            value = f"{number.normalize():f}" if unit == "times" else f"{number:,.2f}"
        return f"{value} {UNITS.get(unit, unit)}".strip()


def _decimal(key: RuleKey, value: str, unit: str) -> tuple[str, str]:
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise ValueError(f"“{value}”不是数值") from None
    if not number.is_finite() or not 0 <= number < Decimal("1e11") or number.as_tuple().exponent < -4:
        raise ValueError(f"“{value}”应为不小于 0、最多四位小数的数")
    if key.unit == "ratio" and number > 1:
        raise ValueError("比例应在 0 与 1 之间，30% 写作 0.30")
    if key.unit in {"yuan", "yuan/month"} and number != number.quantize(Decimal("0.01")):
        raise ValueError("金额应精确到分")
    two = number.quantize(Decimal("0.01"))
    return (f"{two:f}" if number == two else f"{number.normalize():f}"), unit


def _integer(key: RuleKey, value: str, unit: str) -> tuple[str, str]:
    if not (value.isascii() and value.isdigit() and len(value) <= 9):
        raise ValueError(f"“{value}”应为不小于 0 的整数")
    return str(int(value)), unit


def _period(key: RuleKey, value: str, unit: str) -> tuple[str, str]:
    if unit not in PERIOD_UNITS:
        raise ValueError("期限的单位应为 wd（工作日）、cd（天）、h（小时）或 mo（月）")
    amount, _ = _integer(key, value, unit)
    if not 1 <= int(amount) <= _MOST[unit]:
        raise ValueError(f"期限应为 1 至 {_MOST[unit]} {PERIOD_UNITS[unit]}")
    return amount, unit


def _flag(key: RuleKey, value: str, unit: str) -> tuple[str, str]:
    if value not in {"true", "false"}:
        raise ValueError("应为 true 或 false")
    return value, unit


def _choice(key: RuleKey, value: str, unit: str) -> tuple[str, str]:
    if value not in dict(key.choices):
        raise ValueError(f"应为 {'、'.join(code for code, _ in key.choices)} 之一")
    return value, unit


def _list(key: RuleKey, value: str, unit: str) -> tuple[str, str]:
    try:
        items = json.loads(value)
    except (ValueError, RecursionError):
        raise ValueError("清单应为 JSON") from None
    if not isinstance(items, list) or not items or not all(_is_item(item) for item in items):
        raise ValueError("清单的每一项应有 code 和 label，required 为 true 或 false，其余为文字")
    codes = [item["code"] for item in items]
    if len(set(codes)) != len(codes):
        raise ValueError("清单中的 code 重复")
    return json.dumps(items, ensure_ascii=False), unit


def _text(key: RuleKey, value: str, unit: str) -> tuple[str, str]:
    if not value or len(value) > 200 or not value.isprintable():
        raise ValueError("应为 1 至 200 个字的一行文字")
    return value, unit


def _is_item(item: object) -> bool:
    if not isinstance(item, dict) or not item.get("code") or not item.get("label"):
        return False
    texts = {name: text for name, text in item.items() if name != "required"}
    known = set(texts) <= {"code", "label", "condition", "clause"}
    return (
        known
        and all(isinstance(t, str) for t in texts.values())
        and item.get("required", True) in (True, False)
    )


_CLEANERS: dict[Kind, Callable[[RuleKey, str, str], tuple[str, str]]] = {
    Kind.DECIMAL: _decimal,
    Kind.INTEGER: _integer,
    Kind.PERIOD: _period,
    Kind.FLAG: _flag,
    Kind.CHOICE: _choice,
    Kind.LIST: _list,
    Kind.TEXT: _text,
}

_LEVEL = (("township", "街道（乡镇）"), ("county", "县（市、区）"))
_FLAG, _DEC, _INT = Kind.FLAG, Kind.DECIMAL, Kind.INTEGER


def _general() -> list[RuleKey]:
    yuan_month = "yuan/month"
    return [
        RuleKey("standard.dibao", "低保标准", _DEC, yuan_month),
        RuleKey("standard.dibian", "低保边缘标准（固定值）", _DEC, yuan_month),
        RuleKey("standard.dibian.multiple", "低保边缘标准为低保标准的倍数", _DEC, "times"),
        RuleKey("standard.dibian.capped_by_min_wage", "低保边缘标准不高于最低工资", _FLAG),
        RuleKey("standard.tekun", "特困基本生活标准", _DEC, yuan_month),
        RuleKey("min_wage", "最低月工资标准", _DEC, yuan_month),
        RuleKey("household.excluded", "不计入共同生活的人员", Kind.LIST),
        RuleKey("income.exempt", "不计入家庭收入的项目", Kind.LIST),
        RuleKey("income.employment_cost_deducted", "扣减必要的就业成本", _FLAG),
        RuleKey("income.rigid_expenditure_deducted", "扣减因残疾、患重病等增加的刚性支出", _FLAG),
        RuleKey(
            "income.dibao.test",
            "低保收入条件",
            Kind.CHOICE,
            "",
            (("below_standard", "人均收入低于低保标准"),),
        ),
        RuleKey(
            "benefit.dibao.method",
            "低保金计算方式",
            Kind.CHOICE,
            "",
            (("difference", "补差"), ("bands", "分档")),
        ),
        RuleKey("benefit.dibao.from", "低保金起发月", Kind.CHOICE, "", (("next_month", "批准的下月"),)),
        RuleKey(
            "property.dibao.deposits_multiple",
            "人均金融资产限额为年低保标准的倍数",
            _DEC,
            "times",
            (),
            "须低于",
        ),
        RuleKey("property.dibao.vehicles_max", "机动车上限", _INT, "count"),
        RuleKey("property.dibao.non_residential_houses_max", "非居住用房上限", _INT, "count"),
        RuleKey("property.dibao.registered_capital_below", "认缴出资额须低于", _DEC, "yuan"),
        RuleKey("notice.copies_personal_data", "公示含身份证号、银行账号", _FLAG),
        RuleKey("publicity.hotlines", "公示上的监督电话（多个用、分隔）", Kind.TEXT),
        RuleKey("emergency.max_amount", "急难先行救助最高金额", _DEC, "yuan"),
        RuleKey("emergency.max_multiple", "急难先行救助最高为月低保标准的倍数", _DEC, "times"),
        RuleKey("authority.linshi.township_multiple", "街镇审批临时救助的倍数上限（含）", _DEC, "times"),
        RuleKey("reserve.minimum", "临时救助备用金最低留存", _DEC, "yuan"),
        RuleKey("reserve.per_head", "临时救助备用金人均最低额", _DEC, "yuan"),
        RuleKey("appraisal.case_by_case.min_people", "民主评议最少人数", _INT, "count"),
        RuleKey("reviews.case_by_case.per_year", "一事一议每年复核次数", _INT, "count"),
        RuleKey("filing.case_by_case.before_decision", "先备案、后确认", _FLAG),
    ]


def _per_programme(code: str, name: str) -> list[RuleKey]:
    return [
        RuleKey(f"materials.{code}", f"{name}申请材料", Kind.LIST),
        RuleKey(f"decision.{code}.authority", f"{name}审核确认机关", Kind.CHOICE, "", _LEVEL),
        RuleKey(f"appraisal.{code}.required", f"{name}须经民主评议", _FLAG),
        RuleKey(f"payments.{code}.payer", f"{name}发放单位", Kind.CHOICE, "", _LEVEL),
        RuleKey(f"payments.{code}.due_day", f"{name}每月发放截止日", _INT, "day"),
        RuleKey(f"sampling.{code}.ratio", f"{name}每月抽查比例", _DEC, "ratio"),
    ]


def _deadlines(code: str, name: str) -> list[RuleKey]:
    keys = []
    for step, names in STEPS.items():
        key, label = f"deadline.{code}.{step}", f"{name} · {names.label}期限"
        keys += [
            RuleKey(key, label, Kind.PERIOD),
            RuleKey(f"{key}.extended", f"{label}（延长后）", Kind.PERIOD),
            RuleKey(f"{key}.extended.check_days_over", f"{label}：核对超过多少天可延长", _INT, "day"),
        ]
    return keys


KEYS: dict[str, RuleKey] = {
    rule_key.key: rule_key
    for rule_key in [
        *_general(),
        *(key for code, name in PROGRAMMES.items() for key in _per_programme(code, name)),
        *(key for code, name in PROGRAMMES.items() for key in _deadlines(code, name)),
    ]
}


def clean_value(key: str, value: str, unit: str) -> tuple[str, str]:
    """The canonical (value, unit) of a rule; ValueError with a Chinese sentence otherwise."""
    if key not in KEYS:
        raise ValueError(f"没有名为“{key}”的规则")
    return KEYS[key].clean(value, unit)
