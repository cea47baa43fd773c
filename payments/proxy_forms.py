"""What is typed about agreements by which another receives the money."""

from __future__ import annotations

from django import forms

from cases.forms.fields import DayField, IdNumberField
from payments.forms import ShowFilter
from payments.models import ProxyAgreement


class ProxyFilter(ShowFilter):
    SHOW = [("live", "有效及待同意"), ("waiting", "待同意"), ("due", "30 天内到期"), ("all", "全部")]
    USUAL = "live"


class ProxyForm(forms.Form):
    """One signed agreement."""

    holder_name = forms.CharField(label="代领人姓名", max_length=60)
    holder_id_number = IdNumberField(label="代领人身份证号")
    relation = forms.ChoiceField(
        label="与救助对象关系", choices=ProxyAgreement._meta.get_field("relation").choices
    )
    reason = forms.CharField(
        label="代领原因", max_length=200, help_text="如“长期卧床，本人书面委托儿子代领”。"
    )
    valid_from = DayField(label="生效日期")
    valid_until = DayField(label="有效期至（含）")
    file = forms.FileField(
        label="协议扫描件（JPEG、PNG 或 PDF）",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,.pdf"}),
        error_messages={"required": "请上传协议的扫描件或照片。"},
    )

    def clean_holder_id_number(self) -> str:
        return self.fields["holder_id_number"].read(self.cleaned_data["holder_id_number"])


class ProxyEndForm(forms.Form):
    """Why an agreement ends."""

    reason = forms.CharField(label="终止原因", max_length=200)
