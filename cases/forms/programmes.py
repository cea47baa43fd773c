"""The parts of the registration screen that one programme alone asks; the others' parts do not count."""

from __future__ import annotations

from django import forms

from cases.declarations import LinshiEntry, TekunEntry
from cases.enums import LinshiCause, LinshiKind, Placement, Programme, Supporter
from cases.forms.fields import AmountField, DayField, yes_no
from cases.models import Application
from cases.queries import linshi_request, tekun_declaration
from common import clock

# As many stages as a plan needs: more than half a year ahead is a new request.
MAX_INSTALMENTS = 6
STAGES = range(1, MAX_INSTALMENTS + 1)
_PARTS = {"tekun": Programme.TEKUN, "linshi": Programme.LINSHI, "instalment": Programme.LINSHI}
_TEKUN = ("no_work_ability", "no_income", "supporter", "supporter_note", "placement")
_LINSHI = ("kind", "cause", "requested", "residual_medical", "repeat_same_cause", "happened_on", "note")


class TekunPart(forms.Form):
    """The conditions of 特困 (LY-2.4)."""

    tekun_no_work_ability = yes_no(label="无劳动能力")
    tekun_no_income = yes_no(label="无生活来源")
    tekun_supporter = forms.ChoiceField(
        label="法定赡养、抚养、扶养义务人",
        choices=Supporter.choices,
        required=False,
        widget=forms.RadioSelect,
    )
    tekun_supporter_note = forms.CharField(
        label="义务人情况说明",
        max_length=500,
        required=False,
        help_text="有义务人的，写明是谁、为何无履行能力。",
    )
    tekun_placement = forms.ChoiceField(
        label="供养方式",
        choices=Placement.choices,
        required=False,
        widget=forms.RadioSelect,
        help_text="集中供养由县（市、区）安排入住供养服务机构；分散供养由街道（乡镇）安排照料。",
    )

    def tekun_entry(self) -> TekunEntry:
        """What was declared about 特困; the form is valid."""
        return TekunEntry(**{name: self.cleaned_data[f"tekun_{name}"] for name in _TEKUN})


class LinshiPart(forms.Form):
    """The request for 临时救助, and its stages where there are any."""

    linshi_kind = forms.ChoiceField(
        label="救助类型",
        choices=LinshiKind.choices,
        required=False,
        widget=forms.RadioSelect,
        help_text="急难型先行救助，事后补齐手续；支出型按一般程序办理（DT-3.2）。",
    )
    linshi_cause = forms.ChoiceField(
        label="救助事由", choices=LinshiCause.choices, required=False, widget=forms.RadioSelect
    )
    linshi_requested = AmountField(label="申请金额", blank=None)
    linshi_residual_medical = AmountField(label="报销后自负医疗费用", help_text="各项保险和医疗救助之后")
    linshi_happened_on = DayField(label="事件发生日期", required=False)
    linshi_repeat_same_cause = yes_no(label="同一事由再次申请", initial="no", empty_value=False)
    linshi_note = forms.CharField(label="事由说明", max_length=500, required=False)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for stage in STAGES:
            self.fields[f"instalment_{stage}_day"] = DayField(label=f"第 {stage} 期发放日期", required=False)
            self.fields[f"instalment_{stage}_amount"] = AmountField(label=f"第 {stage} 期金额", blank=None)

    def stages(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Day and amount of each stage."""
        return [(self[f"instalment_{n}_day"], self[f"instalment_{n}_amount"]) for n in STAGES]

    def has_stages(self) -> bool:
        """Is a plan there or being written? It is unfolded then."""
        return any(day.value() or amount.value() for day, amount in self.stages())

    def check_linshi(self, values: dict) -> None:
        """Complaints beside the fields."""
        if values.get("linshi_requested") == 0:
            self.add_error("linshi_requested", "申请金额须大于 0。")
        happened = values.get("linshi_happened_on")
        if happened and happened > clock.today():
            self.add_error("linshi_happened_on", "事件发生日期不能晚于今天。")
        for n in STAGES:
            day, amount = f"instalment_{n}_day", f"instalment_{n}_amount"
            if day in values and amount in values and bool(values[day]) != bool(values[amount]):
                self.add_error(amount if values[day] else day, "每期的日期与金额须同时填写。")

    def linshi_entry(self) -> LinshiEntry:
        """The request; the form is valid."""
        values = self.cleaned_data
        pairs = [(values[f"instalment_{n}_day"], values[f"instalment_{n}_amount"]) for n in STAGES]
        return LinshiEntry(
            **{name: values[f"linshi_{name}"] for name in _LINSHI},
            instalments=tuple((day, amount) for day, amount in pairs if day),
        )


def part_of(name: str) -> str:
    """The programme that alone asks the field, or nothing."""
    return _PARTS.get(name.partition("_")[0], "")


def initial_parts(application: Application) -> dict:
    """What the screen shows of a stored declaration or request."""
    said, asked = tekun_declaration(application), linshi_request(application)
    initial = {}
    if said is not None:
        initial |= {f"tekun_{name}": getattr(said, name) for name in _TEKUN}
    if asked is not None:
        initial |= {f"linshi_{name}": getattr(asked, name) for name in _LINSHI}
        initial["linshi_residual_medical"] = asked.residual_medical or ""
        for n, stage in enumerate(asked.instalments.all(), start=1):
            initial |= {f"instalment_{n}_day": stage.due_on, f"instalment_{n}_amount": stage.amount}
    return {name: _as_answer(value) for name, value in initial.items()}


def _as_answer(value: object) -> object:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value
