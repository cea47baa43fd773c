"""The form of 「政策试算」: one household without names, row by row, for the means test."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from common import clock
from policy.forms import AreaForm, day_field
from policy.household import (
    DISABILITY_LABELS,
    EXCLUSION_LABELS,
    INCOME_LABELS,
    LINSHI_CAUSE_LABELS,
    LINSHI_KIND_LABELS,
    RELATION_LABELS,
    SELF_CARE_INDICATORS,
    SUPPORTER_LABELS,
)
from policy.means.income import EXEMPT_LABELS
from policy.means.tekun import PLACEMENT_LABELS
from policy.steps import PROGRAMMES

MOST_ROWS = 20
_STANDARDS = {"dibao": "低保标准", "dibian": "低边标准", "min_wage": "最低工资", "tekun": "特困基本生活标准"}
_ASSETS = ("deposits", "vehicles", "non_residential_houses", "registered_capital")


def _yuan(label: str, help_text: str = "") -> forms.DecimalField:
    field = forms.DecimalField(
        label=label, required=False, min_value=0, max_digits=10, decimal_places=2, help_text=help_text
    )
    field.widget = forms.TextInput(attrs={"inputmode": "decimal", "class": "num", "autocomplete": "off"})
    return field


def _count(label: str, most: int) -> forms.IntegerField:
    field = forms.IntegerField(label=label, required=False, min_value=0, max_value=most)
    field.widget = forms.TextInput(attrs={"inputmode": "numeric", "class": "num", "autocomplete": "off"})
    return field


def _tiles(label: str, choices, *, required: bool = True, initial: str = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=choices, required=required, initial=initial, widget=forms.RadioSelect
    )


class TrialForm(AreaForm):
    """Place, programme, day, what the household owns, and what one programme alone asks for."""

    programme = _tiles(
        "救助项目",
        [(code, name) for code, name in PROGRAMMES.items() if code != "case_by_case"],
        initial="dibao",
    )
    on = day_field("适用规则的日期")
    purpose = _tiles("用途", [("application", "新申请"), ("recheck", "定期复核")], initial="application")
    current_monthly = _yuan("现在每月享受（元）", "定期复核时填写。")
    deposits = _yuan("存款、证券等货币财产（元）")
    vehicles = _count("机动车（辆）", 1000)
    non_residential_houses = _count("非居住用房（处）", 1000)
    registered_capital = _yuan("认缴出资额（元）")
    rigid_expenditure_monthly = _yuan("刚性支出（元/月）")
    linshi_kind = _tiles("救助类型", list(LINSHI_KIND_LABELS.items()), required=False, initial="expenditure")
    linshi_cause = _tiles("事由", list(LINSHI_CAUSE_LABELS.items()), required=False, initial="medical")
    linshi_requested = _yuan("申请金额（元）")
    linshi_residual_medical = _yuan("剩余医疗费用（元）", "报销后个人负担的部分，事由为医疗时填写。")
    linshi_repeat_same_cause = forms.BooleanField(label="同一事由再次申请", required=False)
    tekun_no_work_ability = forms.BooleanField(label="无劳动能力", required=False)
    tekun_no_income = forms.BooleanField(label="无生活来源", required=False)
    tekun_supporter = _tiles("法定义务人", list(SUPPORTER_LABELS.items()), required=False, initial="none")
    tekun_self_care_failed = _count("六项自理指标中不能自主完成的项数", SELF_CARE_INDICATORS)
    tekun_placement = _tiles("供养方式", list(PLACEMENT_LABELS.items()), required=False, initial="home")
    standard_dibao = _yuan(_STANDARDS["dibao"])
    standard_dibian = _yuan(_STANDARDS["dibian"])
    standard_min_wage = _yuan(_STANDARDS["min_wage"])
    standard_tekun = _yuan(_STANDARDS["tekun"])

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = clock.today

    def said(self, members: list[dict]) -> dict[str, Any]:
        """What was typed, in the words of interfaces.md; the reader of that text judges it."""
        typed = self.cleaned_data
        area = self.area_chosen
        data: dict[str, Any] = {
            "area": area.code if area else "",
            "programme": typed["programme"],
            "on": typed["on"].isoformat(),
            "purpose": typed["purpose"],
            "members": members,
            "assets": {name: _plain(typed[name]) for name in _ASSETS if typed[name] is not None},
            "standards": {
                name: _plain(typed[f"standard_{name}"])
                for name in _STANDARDS
                if typed[f"standard_{name}"] is not None
            },
        }
        for name in ("rigid_expenditure_monthly", "current_monthly"):
            if typed[name] is not None:
                data[name] = _plain(typed[name])
        if typed["programme"] in {"linshi", "tekun"}:
            start = f"{typed['programme']}_"
            block = {name.removeprefix(start): typed[name] for name in typed if name.startswith(start)}
            data[typed["programme"]] = {name: _plain(v) for name, v in block.items() if v not in (None, "")}
        return data

    @staticmethod
    def field_of(path: str) -> str:
        """The field that a path of the interface stands for: `linshi.requested` → `linshi_requested`."""
        group, _, name = path.rpartition(".")
        prefix = {"standards": "standard_", "linshi": "linshi_", "tekun": "tekun_"}.get(group, "")
        return f"{prefix}{name}"


class PersonForm(forms.Form):
    """One person of the household: no name, only what the test looks at."""

    relation = forms.ChoiceField(label="与申请人关系", choices=list(RELATION_LABELS.items()))
    birth_date = day_field("出生日期")
    co_living = forms.BooleanField(label="共同生活", required=False, initial=True)
    excluded = forms.ChoiceField(
        label="不计入原因", choices=[("", "计入家庭"), *EXCLUSION_LABELS.items()], required=False
    )
    disability_kind = forms.ChoiceField(
        label="残疾类别", choices=[("", "无"), *DISABILITY_LABELS.items()], required=False
    )
    disability_grade = forms.TypedChoiceField(
        label="残疾等级",
        choices=[("", "—"), (1, "一级"), (2, "二级"), (3, "三级"), (4, "四级")],
        coerce=int,
        empty_value=None,
        required=False,
    )
    severe_illness = forms.BooleanField(label="重特大疾病", required=False)
    wage = _yuan(INCOME_LABELS["wage"])
    employment_cost = _yuan("必要就业成本")
    business = _yuan(INCOME_LABELS["business"])
    property = _yuan(INCOME_LABELS["property"])
    transfer = _yuan(INCOME_LABELS["transfer"])
    other = _yuan(INCOME_LABELS["other"])
    exempt_kind = forms.ChoiceField(
        label="不计入项目", choices=[("", "无"), *EXEMPT_LABELS.items()], required=False
    )
    exempt_amount = _yuan("不计入金额")

    def clean(self) -> dict:
        typed = super().clean()
        if bool(typed.get("disability_kind")) != bool(typed.get("disability_grade")):
            self.add_error("disability_grade", "残疾类别与等级须同时填写。")
        if typed.get("exempt_amount") and not typed.get("exempt_kind"):
            self.add_error("exempt_kind", "请选择是哪一项不计入的收入。")
        return typed

    def said(self, key: str) -> dict[str, Any]:
        """The person in the words of interfaces.md."""
        typed = self.cleaned_data
        exempt, kind = typed["exempt_amount"], typed["disability_kind"]
        return {
            "key": key,
            "relation": typed["relation"],
            "birth_date": typed["birth_date"].isoformat(),
            "co_living": typed["co_living"],
            "excluded": typed["excluded"] or None,
            "disability": {"kind": kind, "grade": typed["disability_grade"]} if kind else None,
            "severe_illness": typed["severe_illness"],
            "income": [
                {"kind": name, "monthly": _plain(typed[name])}
                for name in INCOME_LABELS
                if typed[name] is not None
            ],
            "exempt_income": [{"kind": typed["exempt_kind"], "monthly": _plain(exempt)}] if exempt else [],
            "employment_cost": _plain(typed["employment_cost"] or Decimal("0.00")),
        }


def _plain(value: Any) -> Any:
    """Money as the interface writes it; anything else as it is."""
    return f"{value:.2f}" if isinstance(value, Decimal) else value
