"""What is typed when 临时救助 is given in cash or in goods."""

from __future__ import annotations

import re

from django import forms

from cases.forms.fields import DayField
from common import clock
from common.money import parse_yuan
from organisations.models import User
from payments.forms import ShowFilter
from payments.services.hand_overs import Goods, Handing


class HandOverFilter(ShowFilter):
    SHOW = [("open", "待批准、待发放"), ("receipt", "缺签收"), ("given", "已发放"), ("all", "全部")]


class GoodsField(forms.CharField):
    """What is given, a line a thing: name, quantity, worth in yuan."""

    MOST = 30
    _LINE = re.compile(r"(\S+)[\s,，]+(.*\S)[\s,，]+(\S+?)元?")

    def __init__(self, **kwargs) -> None:
        super().__init__(
            **{
                "label": "实物清单",
                "required": False,
                "max_length": 2000,
                "widget": forms.Textarea(attrs={"rows": 4}),
                "help_text": "发放实物时填写，每行一项：名称 数量 价值，如“棉被 2床 300.00”；"
                "各项价值合计须等于本期救助金额。",
                **kwargs,
            }
        )

    def to_python(self, value) -> list[Goods]:
        lines = [line.strip() for line in super().to_python(value).splitlines() if line.strip()]
        if len(lines) > self.MOST:
            raise forms.ValidationError(f"最多填写 {self.MOST} 项。")
        return [self._read(number, line) for number, line in enumerate(lines, start=1)]

    def _read(self, number: int, line: str) -> Goods:
        found = self._LINE.fullmatch(line)
        try:
            return Goods(found[1].strip("，,"), found[2].strip("，,"), parse_yuan(found[3]))
        except (TypeError, ValueError):
            raise forms.ValidationError(
                f"第 {number} 行无法识别，请按“名称 数量 价值”填写，如“棉被 2床 300.00”。"
            ) from None


class AskForm(forms.Form):
    """Why not by bank, and what instead."""

    kind = forms.ChoiceField(label="发放方式", widget=forms.RadioSelect)
    reason = forms.CharField(
        label="特殊情况",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="为什么不能发放到本人账户，如“无银行账户，住院急需生活用品”。",
    )
    goods = GoodsField()

    def __init__(self, *args, kinds: dict[str, str], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = list(kinds.items())


class DecideForm(forms.Form):
    """Agreed or not."""

    approved = forms.TypedChoiceField(
        label="处理",
        choices=[("yes", "批准"), ("no", "不予批准（退回）")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    remark = forms.CharField(label="说明", max_length=200, required=False, help_text="不予批准的必填。")


class HandForm(forms.Form):
    """Who received it, who was there, and that all signed."""

    day = DayField(label="发放日期")
    second = forms.TypedChoiceField(label="另一名在场工作人员", coerce=int)
    received_by = forms.CharField(label="领取人", max_length=60)
    proxy_relation = forms.CharField(
        label="代领人与救助对象的关系",
        max_length=60,
        required=False,
        help_text="本人领取的不填；代领的，填写关系，如“儿子（受书面委托）”。",
    )
    receipt_signed = forms.BooleanField(
        label="领取单已由领取人和两名工作人员签字",
        error_messages={"required": "领取单签字后才能发放。"},
    )
    reason = forms.CharField(
        label="低于备用金最低留存的理由",
        max_length=200,
        required=False,
        help_text="支付后余额不低于最低留存的，不填。",
    )

    def __init__(self, *args, staff: list[User], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._staff = {user.pk: user for user in staff}
        self.fields["day"].initial = clock.today()
        self.fields["second"].choices = [(pk, user.display_name) for pk, user in self._staff.items()]

    def entry(self) -> Handing:
        """What the service takes; the form is valid."""
        return Handing(**self.cleaned_data | {"second": self._staff[self.cleaned_data["second"]]})


class ReceiptForm(forms.Form):
    """The scan of the signed receipt."""

    file = forms.FileField(label="签字的领取单", help_text="扫描件或照片（JPG、PNG、PDF），不超过 10 MB。")
