"""What a clerk types or picks on the pages of money."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django import forms

from cases.enums import Programme
from common import clock
from common.errors import Refused
from organisations.models import Area
from organisations.scope import Scope
from payments.accounts import clean_account
from payments.enums import PaidProgramme, PayeeRelation
from payments.models import Instalment
from payments.queries import months_to_choose, places_to_choose

BIGGEST_KEY = 2**63 - 1


class MonthForm(forms.Form):
    """Which month of which programme; what is missing or makes no sense is this month's 低保."""

    month = forms.ChoiceField(label="月份")
    programme = forms.ChoiceField(label="救助项目", choices=PaidProgramme.choices)

    def __init__(self, data) -> None:
        self._today = clock.today()
        super().__init__({**self._defaults(), **{key: value for key, value in data.items() if value}})
        self.fields["month"].choices = months_to_choose(self._today)

    def _defaults(self) -> dict[str, str]:
        return {"month": f"{self._today:%Y-%m}", "programme": Programme.DIBAO}

    def chosen(self) -> tuple[date, str]:
        """First day of the month, and the programme."""
        chosen = self.cleaned_data if self.is_valid() else self._defaults()
        return date.fromisoformat(f"{chosen['month']}-01"), chosen["programme"]


class PrepareForm(MonthForm):
    """The same with the payer."""

    area = forms.ModelChoiceField(queryset=Area.objects.all())


class SeenForm(forms.Form):
    """The totals that stood on the page when the check was pressed."""

    n = forms.IntegerField(min_value=0, max_value=2**31 - 1)
    total = forms.DecimalField(max_digits=17, decimal_places=2)


class ReturnForm(forms.Form):
    """Why a checked list goes back."""

    reason = forms.CharField(
        label="退回原因", max_length=200, error_messages={"required": "请填写退回原因。"}
    )


class AnswerForm(forms.Form):
    """The bank's answer."""

    file = forms.FileField(
        label="回盘文件",
        help_text="银行返回的 .csv（GB18030 或 UTF-8）或 .xlsx 文件，不超过 10 MB、20,000 行。",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"}),
        error_messages={"required": "请选择银行返回的文件。", "empty": "文件是空的，请重新选择。"},
    )


class SettlementForm(forms.Form):
    """How a row that fitted nothing was cleared up."""

    settlement = forms.CharField(
        label="处理结果", max_length=200, error_messages={"required": "请填写处理结果。"}
    )


class CarePayeeForm(forms.Form):
    """Where the care fee goes from now on. The first time an account is entered that others use, the page
    says so beside it and asks for a tick; it is no refusal.
    """

    name = forms.CharField(label="收款人", max_length=60, error_messages={"required": "请填写收款人。"})
    bank = forms.CharField(label="开户银行", max_length=60, required=False)
    account = forms.CharField(
        label="收款账号",
        max_length=40,
        help_text="社保卡金融账户或存折账号，只填数字；可带空格。",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": "请填写收款账号。"},
    )
    reason = forms.CharField(
        label="更正原因",
        max_length=200,
        help_text="例如：原账户已销户，凭新社保卡更正。",
        error_messages={"required": "请填写更正原因。"},
    )
    shared_seen = forms.BooleanField(label="已核实，仍使用该账号", required=False, widget=forms.HiddenInput())

    def clean_account(self) -> str:
        try:
            return clean_account(self.cleaned_data["account"])
        except Refused as refused:
            raise forms.ValidationError(refused.message) from None

    def payee(self) -> dict[str, str]:
        """What the service takes."""
        return {name: value for name, value in self.cleaned_data.items() if name != "shared_seen"}

    def warn(self, sentence: str) -> None:
        """Say beside the account that others use it; the tick under it is what goes on."""
        self.fields["account"].warning = sentence
        self.fields["shared_seen"].widget = forms.CheckboxInput()


class PayeeForm(CarePayeeForm):
    """The same for the money of a household, with whose account it is."""

    relation = forms.ChoiceField(
        label="收款人与救助对象关系",
        choices=[("", "未登记"), *PayeeRelation.choices],
        required=False,
        help_text="收款人不是本人的请登记；同一账号为多户收款而关系未登记的，会列入资金核查。",
    )
    field_order = ["name", "bank", "account", "shared_seen", "relation", "reason"]


class ReasonForm(forms.Form):
    """Why somebody looks at an account in full."""

    reason = forms.CharField(
        label="查看事由",
        max_length=200,
        error_messages={"required": "请填写查看事由，查看完整信息会留下记录。"},
    )


class PlaceFilter(forms.Form):
    """A list narrowed by place, within reach; what is not asked for falls back to `DEFAULTS`."""

    DEFAULTS: dict[str, str] = {}
    place = forms.ChoiceField(label="区域", required=False)

    def __init__(self, data, *, scope: Scope) -> None:
        super().__init__({**self.DEFAULTS, **{key: value for key, value in data.items() if value}})
        self._places = {area.code: area for area in places_to_choose(scope)}
        names = [(code, area.name) for code, area in self._places.items()]
        self.fields["place"].choices = [("", "全部"), *names]


class BenefitFilter(PlaceFilter):
    """在册对象, narrowed; it stays in the address and holds no personal data."""

    DEFAULTS = {"status": "active"}
    STATUS = [("active", "在册"), ("ended", "已停发"), ("all", "全部")]
    programme = forms.ChoiceField(
        label="救助项目", choices=[("", "全部"), *Programme.choices], required=False
    )
    status = forms.ChoiceField(label="状态", choices=STATUS, required=False)

    def chosen(self) -> dict:
        """What the list is narrowed to; a choice that makes no sense narrows nothing."""
        self.is_valid()
        chosen = self.cleaned_data
        return {
            "place": self._places.get(chosen.get("place", "")),
            "programme": chosen.get("programme", ""),
            "status": chosen.get("status", "active"),
        }


class WaitingFilter(PlaceFilter):
    """临时救助待发, narrowed by place and by whether it can be paid now."""

    DEFAULTS = {"show": "ready"}
    SHOW = [("ready", "现在可发"), ("later", "以后到期"), ("all", "全部")]
    show = forms.ChoiceField(label="范围", choices=SHOW, required=False)

    def chosen(self) -> dict:
        """What the list is narrowed to; a choice that makes no sense narrows nothing."""
        self.is_valid()
        chosen = self.cleaned_data
        return {"place": self._places.get(chosen.get("place", "")), "show": chosen.get("show", "ready")}


class PayoutForm(forms.Form):
    """The instalments that were ticked, of those within reach."""

    instalments = forms.ModelMultipleChoiceField(
        queryset=Instalment.objects.none(),
        error_messages={
            "required": "请先勾选要发放的期次。",
            "invalid_choice": "所选期次已列入发放清单或不在您的辖区，请刷新后重新勾选。",
            "invalid_pk_value": "所选期次无法识别，请刷新后重新勾选。",
        },
    )

    def __init__(self, data, *, rows) -> None:
        super().__init__(data)
        self.fields["instalments"].queryset = rows


class ShowFilter(forms.Form):
    """Which part of a list is shown; it stays in the address. What makes no sense is `USUAL`."""

    SHOW: ClassVar[list[tuple[str, str]]] = []
    USUAL = "all"
    show = forms.ChoiceField(label="范围", required=False)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["show"].choices = self.SHOW

    def chosen(self) -> str:
        self.is_valid()
        return self.cleaned_data.get("show") or self.USUAL


class PageKey(forms.Form):
    """Where a list goes on."""

    after = forms.IntegerField(required=False, min_value=1, max_value=BIGGEST_KEY)
    before = forms.IntegerField(required=False, min_value=1, max_value=BIGGEST_KEY)
    show = forms.ChoiceField(required=False, choices=[("failed", "失败"), ("pending", "未发放")])


def page_key(data, name: str):
    """A key in the address, or None for the first page; nonsense counts as none."""
    form = PageKey(data)
    form.is_valid()
    return form.cleaned_data.get(name) or None


class CertificateForm(forms.Form):
    """Whose certificate: the number of the application."""

    number = forms.CharField(label="申请编号", max_length=30, help_text="如 SY-2026-000012，见在册对象。")


class CertificateFilter(forms.Form):
    """The list, narrowed; it stays in the address."""

    show = forms.ChoiceField(
        label="范围", choices=[("live", "在用"), ("due", "待年审或收回"), ("all", "全部")], required=False
    )


class DestroyForm(forms.Form):
    """Why a certificate is destroyed."""

    reason = forms.CharField(
        label="销毁原因", max_length=200, help_text="如“待遇停发，已收回剪角销毁”“遗失作废”。"
    )
