"""The check report by hand: one row a member, property below."""

from __future__ import annotations

from django import forms

from cases.declarations import IncomeLine, ReportEntry
from cases.enums import ExemptKind, IncomeKind
from cases.forms.fields import AmountField, CountField, DayField
from cases.models import Member
from common import clock


class ReportHeadForm(forms.Form):
    """What stands at the head and the foot of the report."""

    number = forms.CharField(label="报告编号", max_length=60)
    issued_on = DayField(label="出具日期")
    data_as_of = DayField(label="数据截止日期")
    conclusion = forms.CharField(label="核对结论", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def clean_issued_on(self):
        day = self.cleaned_data["issued_on"]
        if day > clock.today():
            raise forms.ValidationError("出具日期不能晚于今天。")
        return day

    def clean(self) -> dict:
        values = super().clean()
        issued, as_of = values.get("issued_on"), values.get("data_as_of")
        if issued and as_of and as_of > issued:
            self.add_error("data_as_of", "数据截止日期不能晚于出具日期。")
        return values


class ReportForm(ReportHeadForm):
    """The whole report."""

    deposits = AmountField(label="存款、证券等货币财产")
    vehicles = CountField(label="机动车辆（辆）")
    houses = CountField(label="住房（套）")
    non_residential_houses = CountField(label="非居住用房（套）")
    registered_capital = AmountField(label="工商登记认缴出资额")

    def entry(self, rows: list[ReportRow]) -> ReportEntry:
        """The report as the service takes it."""
        return ReportEntry(income={row.member.pk: row.lines() for row in rows}, **self.cleaned_data)


class ReportRow(forms.Form):
    """What was found for one member."""

    wage = AmountField(label="工资性收入", blank=None)
    business = AmountField(label="经营净收入", blank=None)
    property = AmountField(label="财产净收入", blank=None)
    transfer = AmountField(label="转移净收入", blank=None)
    other = AmountField(label="其他收入", blank=None)
    exempt_kind = forms.ChoiceField(
        label="不计入项目", choices=[("", "无"), *ExemptKind.choices], required=False
    )
    exempt_amount = AmountField(label="不计入金额")

    def __init__(self, *args, member: Member, **kwargs) -> None:
        super().__init__(*args, prefix=f"member-{member.pk}", **kwargs)
        self.member = member

    def clean(self) -> dict:
        values = super().clean()
        if bool(values.get("exempt_kind")) != bool(values.get("exempt_amount")):
            self.add_error("exempt_amount", "不计入收入的项目与金额须同时填写。")
        return values

    def lines(self) -> tuple[IncomeLine, ...]:
        """Income found. A 0 was looked for and not found, and replaces; an empty field says nothing."""
        values = self.cleaned_data
        lines = [
            IncomeLine(kind, values[kind.value]) for kind in IncomeKind if values[kind.value] is not None
        ]
        if values["exempt_amount"]:
            lines.append(
                IncomeLine(IncomeKind.TRANSFER, values["exempt_amount"], exempt=values["exempt_kind"])
            )
        return tuple(lines)


class ReportUploadForm(ReportHeadForm):
    """The same from a spreadsheet, which holds one row a member."""

    file = forms.FileField(label="核对报告表格（XLSX）", widget=forms.FileInput(attrs={"accept": ".xlsx"}))
