"""The short form of an emergency, made for a phone, and what the moves ask."""

from __future__ import annotations

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from approvals.relief.entries import PaymentEntry, ReliefEntry
from approvals.relief.enums import Finding, PaidIn, ReliefState
from approvals.relief.models import EmergencyRelief
from approvals.relief.workflow import WORKING
from cases.enums import LinshiCause
from cases.forms.fields import AmountField, IdNumberField, QuickSelect, phone_field, yes_no
from cases.forms.registration import grouped_by_township, villages_in
from common import clock
from organisations.enums import Post
from organisations.models import Posting, User
from organisations.scope import Scope

MINUTE = "%Y-%m-%dT%H:%M"


def working_on_reliefs(scope: Scope) -> QuerySet[User]:
    """Who may come to move a relief in the townships where the person registers them, by name."""
    here = Q(pk__in=())
    for prefix in scope.areas(Post.HANDLER):
        here |= Q(area__prefix__startswith=prefix)
    postings = Posting.objects.current().filter(here, user=OuterRef("pk"), post__in=WORKING)
    return User.objects.filter(Exists(postings), is_active=True).order_by("name", "pk")


class ReliefForm(forms.Form):
    """Who, where, what happened, how much."""

    name = forms.CharField(label="姓名", max_length=60)
    id_number = IdNumberField(required=False)
    id_missing_reason = forms.CharField(
        label="身份证号暂缺原因",
        max_length=200,
        required=False,
        help_text="没有身份证号时填写，如“证件烧毁”。",
    )
    phone = phone_field(label="联系电话")
    village = forms.TypedChoiceField(label="发生在哪个村（社区）", coerce=int, widget=QuickSelect)
    place = forms.CharField(label="发生地", max_length=200, required=False, help_text="门牌、地点。")
    local = yes_no(
        label="户籍或居住地在本县（市、区）",
        initial="yes",
        empty_value=True,
        help_text="不在的，仅在疫情、灾情期间规则放开时可以先行救助（JZ-4.1）。",
    )
    cause = forms.ChoiceField(label="救助事由", choices=LinshiCause.choices, widget=forms.RadioSelect)
    happened = forms.CharField(
        label="急难情形",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="发生了什么，缺什么。",
    )
    n_people = forms.IntegerField(label="受困人数", min_value=1, max_value=99, initial=1)
    amount = AmountField(label="先行救助金额（元）", required=True)
    paid_in = forms.ChoiceField(
        label="支付方式", choices=PaidIn.choices, widget=forms.RadioSelect, initial=PaidIn.CASH
    )
    goods = forms.CharField(
        label="实物名称和数量",
        max_length=200,
        required=False,
        help_text="支付实物时填写，如“棉被 2 床、大米 20 斤”。",
    )
    recused = forms.TypedMultipleChoiceField(
        label="须回避的近亲属",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="本街道（乡镇）工作人员中救助对象的近亲属，不参与同意、支付和认定（JZ-12.1）；没有的不选。",
    )
    reported_at = forms.DateTimeField(
        label="发现时间",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MINUTE),
        input_formats=[MINUTE, "%Y-%m-%d %H:%M"],
        help_text="24 小时从这时起连续计算，夜间和节假日不扣除。",
        error_messages={"invalid": "请填写日期和时间，如 2026-03-08 09:05。"},
    )

    def __init__(self, *args, scope: Scope, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.villages = {village.pk: village for village in villages_in(scope, Post.HANDLER)}
        self.fields["village"].choices = grouped_by_township(self.villages.values())
        self.staff = {user.pk: user for user in working_on_reliefs(scope)}
        self.fields["recused"].choices = [(pk, user.display_name) for pk, user in self.staff.items()]
        self.fields["reported_at"].initial = timezone.localtime(clock.now()).replace(second=0, microsecond=0)

    def clean_id_number(self) -> str:
        text = self.cleaned_data["id_number"]
        return self.fields["id_number"].read(text) if text else ""

    def clean_phone(self) -> str:
        return self.fields["phone"].read(self.cleaned_data["phone"])

    def entry(self) -> ReliefEntry:
        """What the service takes; the form is valid."""
        values = self.cleaned_data
        recused = tuple(self.staff[pk] for pk in values["recused"])
        return ReliefEntry(**values | {"village": self.villages[values["village"]], "recused": recused})


class ReasonForm(forms.Form):
    """不予先行救助: why."""

    opinion = forms.CharField(label="理由", max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))


class PayForm(forms.Form):
    """The receipt: who received it, who else was there, and that all signed."""

    received_by = forms.CharField(label="领取人", max_length=60)
    second_name = forms.CharField(label="另一名在场工作人员", max_length=60)
    receipt_signed = forms.BooleanField(
        label="收据已由领取人和两名工作人员签字",
        error_messages={"required": "收据签字后才能支付。"},
    )
    reason = forms.CharField(
        label="低于备用金最低留存的理由",
        max_length=200,
        required=False,
        help_text="支付后余额不低于最低留存的，不填。",
    )

    def entry(self) -> PaymentEntry:
        return PaymentEntry(**self.cleaned_data)


class PapersForm(forms.Form):
    """补办手续: the identity number where it was missing."""

    id_number = IdNumberField()

    def __init__(self, *args, relief: EmergencyRelief, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if relief.id_number:
            del self.fields["id_number"]

    def clean_id_number(self) -> str:
        return self.fields["id_number"].read(self.cleaned_data["id_number"])


class CloseForm(ReasonForm):
    """认定不符合: what happens to the money, and why."""

    finding = forms.ChoiceField(label="认定", choices=Finding.choices, widget=forms.RadioSelect)
    field_order = ["finding", "opinion"]


class StateFilter(forms.Form):
    """The list, narrowed; it stays in the address."""

    state = forms.ChoiceField(label="状态", choices=[("", "全部"), *ReliefState.choices], required=False)
