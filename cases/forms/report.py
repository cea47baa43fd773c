"""The check report by hand: one row a member, property below."""

from __future__ import annotations

from django import forms

from cases.declarations import ReportEntry
from cases.enums import IncomeKind
from cases.forms.fields import AmountField, CountField, DayField, IncomeFields
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
        return ReportEntry(income={row.member.pk: row.income() for row in rows}, **self.cleaned_data)


class ReportRow(IncomeFields):
    """What was found for one member: 0 was looked for and not found; an empty field says nothing."""

    def __init__(self, *args, member: Member, **kwargs) -> None:
        super().__init__(*args, prefix=f"member-{member.pk}", **kwargs)
        self.member = member
        for kind in IncomeKind:
            self.fields[kind.value].blank = None


class ReportUploadForm(ReportHeadForm):
    """The same from a spreadsheet, which holds one row a member."""

    file = forms.FileField(label="核对报告表格（XLSX）", widget=forms.FileInput(attrs={"accept": ".xlsx"}))
