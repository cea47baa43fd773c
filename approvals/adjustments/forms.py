"""What is chosen to try rules out, or to start a change of a standard."""

from __future__ import annotations

from django import forms
from django.db.models import Q, QuerySet

from approvals.adjustments.enums import Effect, Outcome
from approvals.adjustments.queries.population import reach
from approvals.adjustments.standards import AMOUNT_KEYS, PAID
from cases.enums import Programme
from organisations.enums import AreaLevel
from organisations.models import Area
from organisations.scope import Scope
from policy.keys import KEYS
from policy.models import Rule

# Published rules offered for a change: the latest, newest first.
LATEST = 100


def _areas(scope: Scope, *posts: str) -> QuerySet[Area]:
    within = reach(scope, *posts, path="")
    return Area.objects.filter(within, level__in=[AreaLevel.COUNTY, AreaLevel.TOWNSHIP]).order_by("code")


def _near(scope: Scope, *posts: str) -> Q:
    """Rules of the areas of the posts, of those above and of those below."""
    condition = Q(pk__in=())
    for prefix in scope.areas(*posts):
        above = [prefix[:length] for length in (0, 2, 4, 6, 9) if length <= len(prefix)]
        condition |= Q(area__prefix__in=above) | Q(area__prefix__startswith=prefix)
    return condition


class RuleLabel:
    """A rule as its keepers know it."""

    def label_from_instance(self, rule: Rule) -> str:
        label = KEYS[rule.key].label if rule.key in KEYS else rule.key
        return f"{rule.area.name} · {label} = {rule.value[:40]} · {rule.valid_from:%Y-%m-%d} 起"


class RuleChoice(RuleLabel, forms.ModelChoiceField):
    """One published rule."""


class DraftChoice(RuleLabel, forms.ModelMultipleChoiceField):
    """Some drafts."""


class WhatIfForm(forms.Form):
    """Draft rules, an area, a day."""

    area = forms.ModelChoiceField(
        label="试算区域", queryset=Area.objects.none(), error_messages={"required": "请选择区域。"}
    )
    on = forms.DateField(
        label="基准日",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="草案在这一天应已生效；在册对象按这一天所在月份取。",
        error_messages={"required": "请填写基准日。", "invalid": "请填写日期，如 2026-04-01。"},
    )
    drafts = DraftChoice(
        label="草案规则",
        queryset=Rule.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "请至少选择一条草案规则。",
            "invalid_choice": "所选草案不存在或已发布。",
            "invalid_pk_value": "所选草案不存在或已发布。",
            "invalid_list": "所选草案不存在或已发布。",
        },
    )

    def __init__(self, *args, scope: Scope, posts: tuple, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].queryset = _areas(scope, *posts)
        drafts = Rule.objects.filter(_near(scope, *posts), published_at__isnull=True)
        self.fields["drafts"].queryset = drafts.select_related("area").order_by("key", "valid_from")


class ChangeForm(forms.Form):
    """A published rule, a programme, an area."""

    area = forms.ModelChoiceField(
        label="区域", queryset=Area.objects.none(), error_messages={"required": "请选择区域。"}
    )
    programme = forms.ChoiceField(label="救助项目", choices=[(p, Programme(p).label) for p in PAID])
    rule = RuleChoice(
        label="已发布的标准",
        queryset=Rule.objects.none(),
        error_messages={"required": "请选择已发布的标准。"},
        help_text="自标准生效的月份起重新测算在册待遇。",
    )

    def __init__(self, *args, scope: Scope, posts: tuple, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].queryset = _areas(scope, *posts)
        keys = {key for names in AMOUNT_KEYS.values() for key in names}
        rules = Rule.objects.published().filter(_near(scope, *posts), key__in=keys)
        self.fields["rule"].queryset = rules.select_related("area").order_by("-valid_from", "key")


class RowFilter(forms.Form):
    """The list of a what-if, narrowed; it stays in the address."""

    effect = forms.ChoiceField(
        label="变化",
        choices=[("", "全部变化"), *(e for e in Effect.choices if e[0] != Effect.SAME)],
        required=False,
    )
    township = forms.ModelChoiceField(
        label="街道（乡镇）",
        queryset=Area.objects.none(),
        to_field_name="code",
        required=False,
        empty_label="全部",
    )

    def __init__(self, *args, towns, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["township"].queryset = towns


class SeenForm(forms.Form):
    """The figures that the page showed when somebody confirmed."""

    n = forms.IntegerField(min_value=0, max_value=10_000_000)
    difference = forms.DecimalField(max_digits=13, decimal_places=2)


def _reason(label: str, **values) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(
        label=label,
        max_length=200,
        widget=widget,
        error_messages={"required": f"请填写{label}。", "max_length": f"{label}不超过 200 字。"},
        **values,
    )


class ReturnForm(forms.Form):
    """Why drafts are sent back."""

    reason = _reason("退回原因", help_text="写明哪些户、什么情况须先核实或更正，重新测算后再提出。")


class SettleForm(forms.Form):
    """What came of a household."""

    outcome = forms.ChoiceField(
        label="处理结果",
        choices=Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择处理结果。", "invalid_choice": "请选择所列的处理结果。"},
    )
    note = _reason("处理说明", help_text="依据、金额、差额怎样结清。")
