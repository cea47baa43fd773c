"""Fields that read what people really type: full-width digits, thousands separators, spaced card numbers."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from django import forms
from django.core.validators import RegexValidator
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from cases.declarations import IncomeLine
from cases.enums import ExemptKind, IncomeKind
from common.identity import clean_id_number, read_id_number
from common.money import parse_yuan

_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，－＋　", "0123456789.,-+ ")
_AMOUNT = re.compile(r"[0-9][0-9,]*(\.[0-9]{1,2})?")
ZERO = Decimal("0.00")
MAX_YUAN = Decimal("99999999999.99")


class QuickSelect(forms.Select):
    """A select in one go: Django renders a template an option, which for 300 villages outlasts the page."""

    def render(self, name, value, attrs=None, renderer=None) -> SafeString:
        chosen = set(self.format_value(value))
        parts = []
        for key, label in self.choices:
            if isinstance(label, list | tuple):
                options = _options(label, chosen)
                parts.append(format_html('<optgroup label="{}">{}</optgroup>', key, options))
            else:
                parts.append(_options([(key, label)], chosen))
        final = self.build_attrs(self.attrs, {"name": name, **(attrs or {})})
        return format_html("<select{}>{}</select>", flatatt(final), SafeString("".join(parts)))


def _options(pairs, chosen: set[str]) -> SafeString:
    rows = ((key, SafeString(" selected") if str(key) in chosen else "", label) for key, label in pairs)
    return format_html_join("", '<option value="{}"{}>{}</option>', rows)


class AmountField(forms.CharField):
    """Yuan, not negative, to the fen; empty is `blank` (0, or None where silence is not zero)."""

    def __init__(self, *args, blank: Decimal | None = ZERO, **kwargs) -> None:
        self.blank = blank
        kwargs = {"required": False, "max_length": 20, **kwargs}
        super().__init__(*args, **kwargs)
        self.widget.attrs.update({"inputmode": "decimal", "class": "num", "autocomplete": "off"})

    def to_python(self, value) -> Decimal | None:
        text = super().to_python(value).translate(_FULL_WIDTH).removesuffix("元").strip()
        if not text:
            return self.blank
        if text.startswith("-"):
            raise forms.ValidationError("金额不能为负。")
        if not _AMOUNT.fullmatch(text):
            raise forms.ValidationError("请填写金额，精确到分，如 1,085.00。")
        amount = parse_yuan(text)
        if amount > MAX_YUAN:
            raise forms.ValidationError("金额过大，请核对。")
        return amount

    def run_validators(self, value) -> None:
        """The length was that of the text, which is a number by now."""

    def clean(self, value):
        if value is not None and len(str(value)) > 20:
            raise forms.ValidationError("金额过长，请核对。")
        return super().clean(value)

    def has_changed(self, initial, data) -> bool:
        """A row with nothing but an empty amount is still an empty row."""
        return bool((data or "").strip()) and super().has_changed(initial, data)


class CountField(forms.IntegerField):
    """A small count; empty is 0."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **{"required": False, "min_value": 0, "max_value": 999, **kwargs})
        self.widget.attrs.update({"class": "num"})

    def clean(self, value):
        return super().clean(value) or 0


class IdNumberField(forms.CharField):
    """An identity number, checked to the last digit; the error says what is wrong."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **{"label": "身份证号", "max_length": 40, **kwargs})
        self.widget.attrs.update({"autocomplete": "off", "spellcheck": "false", "class": "mono"})

    def read(self, text: str) -> str:
        """The number in its stored form."""
        try:
            return read_id_number(text).number
        except ValueError as error:
            raise forms.ValidationError(f"{error}。") from None


class DayField(forms.DateField):
    """A day that can have been: a slip such as 0026-03-01 is named at once."""

    def __init__(self, *args, **kwargs) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(*args, **{"widget": widget, **kwargs})

    def to_python(self, value) -> date | None:
        day = super().to_python(value)
        if day and not 1950 <= day.year <= 2100:
            raise forms.ValidationError("请核对年份。")
        return day


class DigitsField(forms.CharField):
    """A telephone or account number: digits only in the end, whatever spaces were typed."""

    def __init__(self, *args, pattern: str, complaint: str, **kwargs) -> None:
        super().__init__(*args, **{"required": False, "max_length": 40, **kwargs})
        self.widget.attrs.update({"autocomplete": "off", "inputmode": "numeric"})
        self.check = RegexValidator(pattern, complaint)

    def read(self, text: str) -> str:
        """The number without spaces; ValidationError when it is none."""
        digits = "".join(text.translate(_FULL_WIDTH).split())
        if digits:
            self.check(digits)
        return digits


def phone_field(**kwargs) -> DigitsField:
    return DigitsField(pattern=r"^\+?[0-9-]{7,20}\Z", complaint="联系电话应为 7–20 位数字。", **kwargs)


def account_field(**kwargs) -> DigitsField:
    return DigitsField(pattern=r"^[0-9]{8,30}\Z", complaint="收款账号应为 8–30 位数字。", **kwargs)


def id_number_or_none(text: str) -> str | None:
    """The number if it is a valid one, for showing what it says while the form is still being filled in."""
    try:
        return read_id_number(clean_id_number(text or "")).number
    except ValueError:
        return None


def yes_no(*, yes: str = "是", no: str = "否", **kwargs) -> forms.TypedChoiceField:
    """Two tiles. Unlike a tick, no answer is not a no: `empty_value` (None) says what silence is."""
    return forms.TypedChoiceField(
        choices=[("yes", yes), ("no", no)],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        **{"required": False, "empty_value": None, **kwargs},
    )


class IncomeFields(forms.Form):
    """One amount a kind of income, and one stream that is not counted."""

    wage = AmountField(label="工资性收入")
    business = AmountField(label="经营净收入")
    property = AmountField(label="财产净收入")
    transfer = AmountField(label="转移净收入")
    other = AmountField(label="其他收入")
    exempt_kind = forms.ChoiceField(
        label="不计入项目", choices=[("", "无"), *ExemptKind.choices], required=False
    )
    exempt_amount = AmountField(label="不计入金额")

    def clean(self) -> dict:
        values = super().clean()
        if bool(values.get("exempt_kind")) != bool(values.get("exempt_amount")):
            self.add_error("exempt_amount", "不计入收入的项目与金额须同时填写。")
        return values

    def income(self) -> tuple[IncomeLine, ...]:
        """The streams given; a field that was left empty gives none unless empty means 0 there."""
        values = self.cleaned_data
        empty = {kind: self.fields[kind.value].blank for kind in IncomeKind}
        lines = [IncomeLine(k, values[k.value]) for k in IncomeKind if values[k.value] != empty[k]]
        if values["exempt_amount"]:
            lines.append(
                IncomeLine(IncomeKind.TRANSFER, values["exempt_amount"], exempt=values["exempt_kind"])
            )
        return tuple(lines)
