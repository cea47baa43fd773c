"""What is typed on the pages of funds."""

from __future__ import annotations

from datetime import date

from django import forms

from common import clock
from organisations.models import User
from payments.enums import FundPurpose, FundRequestKind
from payments.queries.funds import areas_to_fund, quarters_to_choose


class FundRequestForm(forms.Form):
    """How much for whom, and why: the quarter's advance or more in between."""

    area = forms.ChoiceField(label="单位")
    purpose = forms.ChoiceField(label="用途", choices=FundPurpose.choices)
    # What a month costs is asked for on the page of its list.
    kind = forms.ChoiceField(
        label="类别",
        choices=[choice for choice in FundRequestKind.choices if choice[0] != FundRequestKind.MONTH],
    )
    quarter = forms.ChoiceField(label="预拨季度", required=False, help_text="季度预拨时选择。")
    amount = forms.DecimalField(
        label="申请金额",
        max_digits=15,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={"required": "请填写申请金额。", "invalid": "请填写金额，如 50000.00。"},
    )
    reason = forms.CharField(
        label="申请理由", max_length=200, error_messages={"required": "请填写申请理由。"}
    )

    def __init__(self, data=None, *, user: User, **kwargs) -> None:
        super().__init__(data, **kwargs)
        self._areas = {area.code: area for area in areas_to_fund(user)}
        self.fields["area"].choices = [(code, area.name) for code, area in self._areas.items()]
        self.fields["quarter"].choices = [("", "不按季度"), *quarters_to_choose(clock.today())]

    def asked(self) -> dict:
        """What `services.ask_for_funds` takes."""
        chosen = dict(self.cleaned_data)
        quarter = chosen.pop("quarter")
        return chosen | {
            "area": self._areas[chosen["area"]],
            "quarter": date.fromisoformat(quarter) if quarter else None,
        }


class FundDecisionForm(forms.Form):
    """What finance says to a request."""

    outcome = forms.ChoiceField(choices=[("allocate", "拨付"), ("refuse", "不予拨付")])
    remark = forms.CharField(label="处理说明", max_length=200, required=False)


class SealForm(forms.Form):
    """Why a seal may leave less than the reserve (DT-8.3, SY-4.4c)."""

    reason = forms.CharField(
        label="低于备用金最低留存的理由",
        max_length=200,
        required=False,
        help_text="仅在提示低于最低留存时填写。",
    )
