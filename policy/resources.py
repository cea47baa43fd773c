"""Rows of a spreadsheet as drafts of rules and as calendar days."""

from __future__ import annotations

from collections import Counter

from django.core.exceptions import ValidationError
from import_export import fields, widgets

from organisations.models import Area
from policy import services
from policy.admin_import import ServiceResource
from policy.enums import Certainty
from policy.models import CalendarDay, CalendarYear, Clause, Document, Rule

# 元旦 1, 春节 4, 清明 1, 劳动节 2, 端午 1, 中秋 1, 国庆 3 days by law; notices always name more.
FEWEST_DAYS_OFF = 13


class _Named(widgets.ForeignKeyWidget):
    """A key that must exist; the message names it."""

    def __init__(self, model, field: str, what: str) -> None:
        super().__init__(model, field)
        self.what = what

    def clean(self, value, row=None, **kwargs):
        text = str(value or "").strip()
        if not text:
            return None
        found = self.model.objects.filter(**{self.field: text}).first() if "\x00" not in text else None
        if found is None:
            raise ValueError(f"没有{self.what}“{text[:40]}”")
        return found


class _Day(widgets.DateWidget):
    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")

    def clean(self, value, row=None, **kwargs):
        try:
            return super().clean(str(value or "").strip(), row, **kwargs)
        except ValueError:
            raise ValueError(f"“{str(value)[:40]}”不是日期，应写作 2023-01-01") from None


class _Label(widgets.CharWidget):
    """Chinese labels of choices in the sheet, codes in the table."""

    def __init__(self, choices: dict[str, str]) -> None:
        super().__init__()
        self.codes = {label: code for code, label in choices.items()}
        self.labels = choices

    def clean(self, value, row=None, **kwargs):
        text = str(value or "").strip()
        if text not in self.codes:
            raise ValueError(f"应为{'、'.join(self.codes)}之一")
        return self.codes[text]

    def render(self, value, obj=None, **kwargs) -> str:
        return self.labels.get(value, str(value))


def _column(name: str, label: str, widget: widgets.Widget | None = None) -> fields.Field:
    return fields.Field(attribute=name, column_name=label, widget=widget or widgets.CharWidget())


class RuleResource(ServiceResource):
    """Each row becomes a draft; somebody else publishes it."""

    area = _column("area", "区划代码", _Named(Area, "code", "区划"))
    key = _column("key", "规则")
    value = _column("value", "值")
    unit = _column("unit", "单位")
    valid_from = _column("valid_from", "生效日期", _Day())
    valid_to = _column("valid_to", "失效日期（不含）", _Day())
    clause = _column("clause", "条款", _Named(Clause, "pk", "条款"))
    document = _column("document", "文件", _Named(Document, "pk", "文件"))
    certainty = _column("certainty", "性质", _Label(dict(Certainty.choices)))
    note = _column("note", "说明")

    class Meta:
        model = Rule
        fields = (
            "area",
            "key",
            "value",
            "unit",
            "valid_from",
            "valid_to",
            "clause",
            "document",
            "certainty",
            "note",
        )
        import_id_fields = ()
        force_init_instance = True
        skip_unchanged = False
        clean_model_instances = False

    def save_row(self, instance: Rule, user) -> None:
        for name in ("area", "document", "valid_from"):
            if getattr(instance, f"{name}_id" if name in {"area", "document"} else name) is None:
                raise ValidationError({name: "必填。"})
        names = [name for name in self._meta.fields]
        made = services.draft_rule(
            **{name: getattr(instance, name) or _empty(name) for name in names}, actor=user
        )
        instance.pk = made.pk


def _empty(name: str) -> str | None:
    return None if name in {"valid_to", "clause"} else ""


class CalendarDayResource(ServiceResource):
    """A State Council arrangement: holidays and worked weekend days, one year or more, complete."""

    day = _column("day", "日期", _Day())
    is_workday = _column("is_workday", "安排", _Label({False: "放假", True: "上班"}))
    name = _column("name", "名称")

    class Meta:
        model = CalendarDay
        fields = ("day", "is_workday", "name")
        import_id_fields = ("day",)
        clean_model_instances = False

    def before_import(self, dataset, **kwargs) -> None:
        """A year counts as known once it has days, so a half-entered year must not come in."""
        if "日期" not in (dataset.headers or []) or "安排" not in dataset.headers:
            raise ValidationError("表头应为：日期、安排、名称。")
        off = Counter(
            str(day)[:4] for day, kind in zip(dataset["日期"], dataset["安排"], strict=True) if kind == "放假"
        )
        known = {str(year) for year in CalendarYear.objects.values_list("year", flat=True)}
        for year, days in off.items():
            if year not in known and days < FEWEST_DAYS_OFF:
                raise ValidationError(f"{year} 年只有 {days} 天放假，应按国务院通知完整导入。")

    def save_row(self, instance: CalendarDay, user) -> None:
        services.record_calendar_day(
            day=instance.day, is_workday=instance.is_workday, name=instance.name or "", actor=user
        )
        instance.year_id = instance.day.year
