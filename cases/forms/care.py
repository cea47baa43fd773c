"""The service agreement of a person in 特困."""

from __future__ import annotations

from django import forms

from cases.declarations import CareEntry
from cases.enums import CarerKind, Placement
from cases.forms.fields import DayField, account_field, phone_field
from cases.models import Application
from cases.naming import clean_name
from cases.queries import tekun_declaration
from common import clock


class CareForm(forms.Form):
    """Who cares, where the care fee goes, and that the person signed (SY-A2.1a)."""

    kind = forms.ChoiceField(label="服务方", choices=CarerKind.choices, widget=forms.RadioSelect)
    name = forms.CharField(label="服务方名称（机构名称或照料人姓名）", max_length=100)
    contact = phone_field(label="联系电话")
    payee_name = forms.CharField(label="照料护理费收款户名", max_length=100)
    payee_bank = forms.CharField(label="开户银行", max_length=60)
    payee_account = account_field(label="收款账号", required=True)
    signed_on = DayField(label="协议签订日期")
    signed_by_person = forms.BooleanField(label="本人（或监护人）已在服务协议上签字")
    scan = forms.FileField(
        label="协议扫描件",
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,application/pdf"}),
    )

    def __init__(self, *args, application: Application, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        said = tekun_declaration(application)
        institution = said is not None and said.placement == Placement.INSTITUTION
        self.fields["kind"].initial = CarerKind.INSTITUTION if institution else CarerKind.CARER
        if said is not None and said.placement:
            who = "县（市、区）安排入住机构（DT-7.1）" if institution else "街道（乡镇）安排照料（DT-7.2）"
            self.fields["kind"].help_text = f"登记的供养方式为{said.get_placement_display()}：{who}。"

    def clean_name(self) -> str:
        return clean_name(self.cleaned_data["name"])

    def clean_payee_name(self) -> str:
        return clean_name(self.cleaned_data["payee_name"])

    def clean_contact(self) -> str:
        return self.fields["contact"].read(self.cleaned_data["contact"])

    def clean_payee_account(self) -> str:
        return self.fields["payee_account"].read(self.cleaned_data["payee_account"])

    def clean_signed_on(self):
        day = self.cleaned_data["signed_on"]
        if day > clock.today():
            raise forms.ValidationError("签订日期不能晚于今天。")
        return day

    def entry(self) -> CareEntry:
        """The agreement as the service takes it."""
        return CareEntry(**{name: value for name, value in self.cleaned_data.items() if name != "scan"})
