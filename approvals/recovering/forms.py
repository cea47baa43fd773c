"""What people type on the pages of a recovery: parsed and checked field by field."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django import forms

from approvals.enums import EvidenceKind
from approvals.procedure_forms import text_field
from approvals.recovering.declarations import RecoveryEntry
from approvals.recovering.enums import Ground, RecoveryState, Way
from approvals.recovering.instalments import MOST_PARTS
from approvals.recovering.models import Plan, Recovery
from cases.forms.fields import AmountField, DayField
from common.money import show_yuan
from payments.enums import RepaymentWay, WaiverGround
from payments.forms import PlaceFilter
from payments.models import Repayment, Waiver
from payments.models.asking import Asked
from payments.queries import PaidLine


class RecoveryForm(forms.Form):
    """One recovery. Each line that was paid can be ticked, with what the household may keep of it: proposed
    are those of which the register says that they are too much.
    """

    ground = forms.ChoiceField(
        label="追缴事由",
        choices=[("", "请选择"), *Ground.choices],
        error_messages={"required": "请选择追缴事由。"},
    )
    evidence = forms.ChoiceField(
        label="依据种类",
        choices=EvidenceKind.choices,
        initial=EvidenceKind.REPORT,
        help_text="只凭数据比对不能追缴，须另行核实（JZ-12.3）。",
    )
    found_on = DayField(label="核查（出具）日期", error_messages={"required": "请填写日期。"})
    debtor = forms.CharField(
        label="缴款人",
        max_length=Recovery._meta.get_field("debtor").max_length,
        error_messages={"required": "请填写缴款人。"},
        help_text="本人；已死亡的填写家属。",
    )
    way = forms.ChoiceField(label="追缴方式", choices=Way.choices, widget=forms.RadioSelect)
    n_parts = forms.IntegerField(
        label="分期期数",
        min_value=1,
        max_value=MOST_PARTS,
        required=False,
        error_messages={"invalid": "请填写整数。"},
        help_text="分期缴回的填写，每月一期。",
    )
    facts = text_field("事实和理由", Recovery, "facts", rows=5)

    def __init__(self, *args, lines: Sequence[PaidLine], keeps: dict[str, Decimal], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._lines = lines
        for line in lines:
            key, month = line.key, f"{line.month:%Y-%m}"
            self.fields[f"take_{key}"] = forms.BooleanField(
                required=False, initial=key in keeps, label=f"追缴 {month}"
            )
            self.fields[f"due_{key}"] = AmountField(
                label=f"{month} 应发（元）", initial=show_yuan(keeps.get(key, line.due))
            )

    def plain_fields(self) -> list:
        """All but the months, which have a table of their own."""
        return [self[name] for name in self.base_fields]

    def months(self) -> list[dict]:
        """The table of months: each line with its two fields."""
        return [
            {"line": line, "take": self[f"take_{line.key}"], "due": self[f"due_{line.key}"]}
            for line in self._lines
        ]

    def entry(self) -> RecoveryEntry:
        said = self.cleaned_data
        keys = (line.key for line in self._lines)
        months = tuple((key, said[f"due_{key}"]) for key in keys if said[f"take_{key}"])
        named = {name: said[name] for name in self.base_fields if name != "n_parts"}
        return RecoveryEntry(**named, n_parts=said["n_parts"] or 1, months=months)


class RepaymentForm(forms.Form):
    """What the bank sent back or the family paid in."""

    way = forms.ChoiceField(label="收款方式", choices=RepaymentWay.choices, widget=forms.RadioSelect)
    amount = AmountField(
        label="金额（元）", blank=None, required=True, error_messages={"required": "请填写金额。"}
    )
    received_on = DayField(label="到账日期", error_messages={"required": "请填写到账日期。"})
    receipt = forms.CharField(
        label="票据号（流水号）",
        max_length=Repayment._meta.get_field("receipt").max_length,
        error_messages={"required": "请填写票据号或银行流水号。"},
        help_text="家属缴回的填写收款票据号，银行退回的填写流水号；每号只能登记一次。",
    )


class WaiverForm(forms.Form):
    """Ask that money be let go."""

    ground = forms.ChoiceField(label="理由类别", choices=WaiverGround.choices, widget=forms.RadioSelect)
    amount = AmountField(
        label="免追金额（元）", blank=None, required=True, error_messages={"required": "请填写免追金额。"}
    )
    reason = text_field("理由", Waiver, "reason")


class PlanForm(forms.Form):
    """Other dates for what is open."""

    n_parts = forms.IntegerField(
        label="分几期",
        min_value=1,
        max_value=MOST_PARTS,
        error_messages={"required": "请填写期数。", "invalid": "请填写整数。"},
        help_text="自首期起每月一期，未追回的金额平均分摊。",
    )
    first_due_on = DayField(label="首期应缴日期", error_messages={"required": "请填写首期应缴日期。"})
    reason = text_field("理由", Plan, "reason")


class ConsentForm(forms.Form):
    """Yes or no to what another person asks for, and why."""

    granted = forms.ChoiceField(
        label="决定",
        choices=[("yes", "同意"), ("no", "不同意")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择是否同意。"},
    )
    remark = text_field("意见", Asked, "remark")

    def answer(self) -> dict:
        """As the services take it."""
        said = self.cleaned_data
        return {"granted": said["granted"] == "yes", "remark": said["remark"]}


class RecoveryFilter(PlaceFilter):
    """The list of recoveries, narrowed; it stays in the address and holds no personal data."""

    DEFAULTS = {"state": "open"}
    STATES = [("open", "未办结"), ("overdue", "缴款逾期"), ("all", "全部"), *RecoveryState.choices]
    ground = forms.ChoiceField(label="追缴事由", choices=[("", "全部"), *Ground.choices], required=False)
    state = forms.ChoiceField(label="状态", choices=STATES, required=False)

    def chosen(self) -> dict:
        """What the list is narrowed to; a choice that makes no sense narrows nothing."""
        self.is_valid()
        chosen = self.cleaned_data
        return {
            "place": self._places.get(chosen.get("place", "")),
            "ground": chosen.get("ground", ""),
            "state": chosen.get("state", "open"),
        }
