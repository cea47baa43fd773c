"""How values look on a page: money, Chinese dates, masks. No rules live here."""

from datetime import date, datetime
from decimal import Decimal

from django import template
from django.forms import BoundField
from django.utils import timezone
from django.utils.safestring import SafeString

from common import masking
from common.money import show_yuan

register = template.Library()

ABSENT = "—"


@register.filter
def yuan(amount: Decimal | int | str | None) -> str:
    """`1085` → `1,085.00`. The minus is the keyboard's, so that a copied amount stays a number in a sheet."""
    return ABSENT if amount in (None, "") else show_yuan(Decimal(str(amount)))


@register.filter
def cn_date(value: date | datetime | None) -> str:
    """`2026 年 3 月 8 日`; an instant is shown on its local day."""
    if not value:
        return ABSENT
    day = timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


@register.filter
def cn_datetime(value: datetime | None) -> str:
    """`2026 年 3 月 8 日 09:05` in local time."""
    if not value:
        return ABSENT
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{cn_date(local)} {local:%H:%M}"


@register.filter
def mask_name(value: str | None) -> str:
    """`林小花` → `林*花`."""
    return masking.mask_name(value or "")


@register.filter
def mask_id(value: str | None) -> str:
    """`330305198001010027` → `330305********0027`."""
    return masking.mask_id_number(value or "")


@register.filter
def mask_phone(value: str | None) -> str:
    """`13800001234` → `138****1234`."""
    return masking.mask_phone(value or "")


@register.filter
def mask_account(value: str | None) -> str:
    """All but the last four digits of a bank account."""
    return masking.mask_account(value or "")


@register.filter
def attr(field: BoundField, assignment: str) -> SafeString:
    """`{{ form.amount|attr:"class:num" }}`: one more attribute on the widget; a class joins those it has."""
    name, _, value = assignment.partition(":")
    present = field.field.widget.attrs.get("class", "")
    return field.as_widget(attrs={name: f"{present} {value}".strip() if name == "class" else value})
