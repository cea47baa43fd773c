"""What is typed about the care of people in 分散供养."""

from __future__ import annotations

from django import forms

from cases.forms.fields import DayField, phone_field
from payments.enums import CareFinding


class LaterAgreementForm(forms.Form):
    """An agreement signed after the decision."""

    carer = forms.CharField(label="照料服务人", max_length=100)
    contact = phone_field(label="联系电话")
    visitor = forms.CharField(
        label="走访人", max_length=60, help_text="由谁定期走访，如村（社区）干部、社工的姓名。"
    )
    signed_on = DayField(label="协议签订日期")
    reason = forms.CharField(label="补签或改签原因", max_length=200)
    scan = forms.FileField(
        label="签字的协议（照片或 PDF）",
        error_messages={"required": "请上传签字的协议。"},
        help_text="提交有误时须重新选择文件。",
    )

    def clean_contact(self) -> str:
        return self.fields["contact"].read(self.cleaned_data["contact"])


class CareVisitForm(forms.Form):
    """One visit."""

    visited_on = DayField(label="走访日期")
    visitor = forms.CharField(label="走访人", max_length=60)
    finding = forms.ChoiceField(label="照料情况", choices=CareFinding.choices)
    note = forms.CharField(
        label="情况说明",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="照料不到位或已终止的必填。",
    )
