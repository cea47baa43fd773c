"""The registration screen: one form for the case, one row a member. Stored numbers come back masked."""

from __future__ import annotations

from collections.abc import Collection
from itertools import groupby

from django import forms
from django.db.models import Q
from django.utils import timezone
from stdnum import luhn

from cases.declarations import Declaration
from cases.enums import (
    OPEN_PROGRAMMES,
    Cause,
    Channel,
    Programme,
)
from cases.forms.fields import (
    AmountField,
    CountField,
    DayField,
    QuickSelect,
    account_field,
    yes_no,
)
from cases.forms.members import MembersFormSet, member_initial
from cases.forms.programmes import LinshiPart, TekunPart, initial_parts, part_of
from cases.models import Application
from cases.naming import clean_name
from common import clock
from common.masking import mask_account
from organisations.enums import AreaLevel, Post
from organisations.models import Area
from organisations.scope import Scope

REGISTERING_POSTS = (Post.HANDLER, Post.VILLAGE_HELPER)


def villages_in(scope: Scope, *posts: Post) -> list[Area]:
    """Villages where the person may register, or holds one of the posts named, by township."""
    reach = Q(pk__in=())
    for prefix in scope.areas(*(posts or REGISTERING_POSTS)):
        reach |= Q(prefix__startswith=prefix)
    return list(
        Area.objects.filter(reach, level=AreaLevel.VILLAGE)
        .select_related("parent__parent")
        .order_by("prefix")
    )


def grouped_by_township(villages: Collection[Area]) -> list[tuple]:
    """Choices of a select; the only one there is needs no choosing."""
    groups = groupby(villages, key=lambda village: village.parent.name)
    choices = [(name, [(village.pk, village.name) for village in group]) for name, group in groups]
    return choices if len(villages) == 1 else [("", "请选择"), *choices]


class RegistrationForm(TekunPart, LinshiPart, forms.Form):
    """Everything but the members. What only another programme asks is neither checked nor kept."""

    programme = forms.ChoiceField(label="救助项目", widget=forms.RadioSelect, initial=Programme.DIBAO)
    channel = forms.ChoiceField(label="申请渠道", choices=Channel.choices, widget=forms.RadioSelect)
    village = forms.TypedChoiceField(label="村（社区）", coerce=int, widget=QuickSelect)
    received_on = DayField(
        label="收到申请日期", required=False, help_text="村社代办填村社收到申请之日；留空按提交之日。"
    )
    hukou_in_county = yes_no(
        label="户籍", yes="在本县（市、区）", no="不在本县（市、区）", initial="yes", empty_value=True
    )
    lives_in_county = yes_no(
        label="居住地", yes="在本县（市、区）", no="不在本县（市、区）", initial="yes", empty_value=True
    )
    address = forms.CharField(label="居住地址", max_length=200, required=False)
    cause = forms.ChoiceField(
        label="致困原因", choices=Cause.choices, widget=forms.RadioSelect, required=False
    )
    statement = forms.CharField(
        label="申请理由", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    deposits = AmountField(label="存款、证券等货币财产", help_text="全家合计")
    vehicles = CountField(label="机动车辆（辆）")
    houses = CountField(label="住房（套）", initial=1)
    non_residential_houses = CountField(label="非居住用房（套）")
    registered_capital = AmountField(label="工商登记认缴出资额")
    rigid_expenditure_monthly = AmountField(label="刚性支出（每月）")
    rigid_expenditure_note = forms.CharField(label="刚性支出说明", max_length=200, required=False)
    payee_name = forms.CharField(label="收款人", max_length=60, required=False)
    payee_bank = forms.CharField(label="开户银行", max_length=60, required=False)
    payee_account = account_field(
        label="收款账号", help_text="社会保障卡或本人银行卡；已登记的账号以掩码显示，不改则不动。"
    )

    def __init__(self, *args, scope: Scope, application: Application | None = None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.scope, self.application = scope, application
        self.fields["programme"].choices = [(p.value, p.label) for p in OPEN_PROGRAMMES]
        self.villages = {village.pk: village for village in villages_in(scope)}
        self.fields["village"].choices = grouped_by_township(self.villages.values())
        self.fields["channel"].initial = Channel.WINDOW
        if not scope.has(Post.HANDLER):
            self.fields["channel"].choices = [(Channel.VILLAGE.value, Channel.VILLAGE.label)]
            self.fields["channel"].initial = Channel.VILLAGE
        if application is not None and application.state != "draft":
            self.fields["programme"].choices = [(application.programme, application.get_programme_display())]

    def clean_payee_name(self) -> str:
        return clean_name(self.cleaned_data["payee_name"])

    def clean_payee_account(self) -> str:
        text = self.cleaned_data["payee_account"]
        stored = self.application.payee_account if self.application else ""
        if stored and text == mask_account(stored):
            return stored
        return self.fields["payee_account"].read(text)

    def clean_received_on(self):
        day = self.cleaned_data["received_on"]
        if day and day > clock.today():
            raise forms.ValidationError("收到申请的日期不能晚于今天。")
        return day

    def clean(self) -> dict:
        values = super().clean()
        village = self.villages.get(values.get("village"))
        if (
            village
            and values.get("channel") != Channel.VILLAGE
            and not self.scope.covers(village, Post.HANDLER)
        ):
            self.add_error("channel", "村社协理岗登记的申请，渠道为村社代办。")
        if values.get("channel") == Channel.VILLAGE and "received_on" in values and not values["received_on"]:
            self.add_error("received_on", "村社代办须填写村社收到申请的日期（3 个工作日内上报，SY-A1.1a）。")
        for name in [name for name in self.errors if part_of(name) not in {"", values.get("programme")}]:
            del self.errors[name]
        if values.get("programme") == Programme.LINSHI:
            self.check_linshi(values)
        return values

    @property
    def account_warning(self) -> str:
        """Card numbers carry a Luhn digit, pass-book numbers need not: a warning, not a refusal."""
        account = self.cleaned_data.get("payee_account", "") if self.is_bound else ""
        if account and not luhn.is_valid(account):
            return "收款账号未通过银行卡校验位检查，请与卡面核对；存折账号可忽略本提示。"
        return ""


def declaration_of(form: RegistrationForm, rows: MembersFormSet) -> Declaration:
    """The declaration of two valid forms."""
    values = dict(form.cleaned_data)
    values["programme"] = Programme(values["programme"])
    values["channel"] = Channel(values["channel"])
    values["village"] = form.villages[values["village"]]
    values = {name: value for name, value in values.items() if not part_of(name)}
    if values["programme"] == Programme.TEKUN:
        values["tekun"] = form.tekun_entry()
    elif values["programme"] == Programme.LINSHI:
        values["linshi"] = form.linshi_entry()
    return Declaration(members=tuple(row.line() for row in rows.filled()), **values)


def initial_of(application: Application) -> tuple[dict, list[dict]]:
    """What the screen shows of a stored registration; numbers as masks."""
    household = application.household
    form = {
        name: getattr(application, name)
        for name in ("programme", "channel", "cause", "statement", "payee_name", "payee_bank")
    }
    form |= {
        "village": application.village_id,
        "received_on": application.received_at and timezone.localdate(application.received_at),
        "payee_account": application.masked_account,
        "address": household.address,
        "rigid_expenditure_note": household.rigid_expenditure_note,
    }
    for name in ("deposits", "registered_capital", "rigid_expenditure_monthly"):
        form[name] = getattr(household, name) or ""
    for name in ("vehicles", "houses", "non_residential_houses"):
        form[name] = getattr(household, name)
    for name in ("hukou_in_county", "lives_in_county"):
        form[name] = "yes" if getattr(application, name) else "no"
    form |= initial_parts(application)
    members = household.members.select_related("person").prefetch_related("income")
    return form, [member_initial(member) for member in members]
