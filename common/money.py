"""Yuan as Decimal: the one rounding rule, display, and the capital form of official papers."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from django.db import models

FEN = Decimal("0.01")
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_UNITS = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "兆")


class YuanField(models.DecimalField):
    """An amount of yuan with two decimals, up to 99,999,999,999.99."""

    def __init__(self, *args, **kwargs) -> None:
        kwargs.setdefault("max_digits", 13)
        kwargs.setdefault("decimal_places", 2)
        super().__init__(*args, **kwargs)


def to_fen(amount: Decimal) -> Decimal:
    """Round half up to the fen: done once, at the end of a calculation, never in between."""
    return amount.quantize(FEN, rounding=ROUND_HALF_UP)


def parse_yuan(text: str) -> Decimal:
    """Read an amount as typed (`1,085.00`); ValueError when it is no finite amount of whole fen."""
    try:
        amount = Decimal(text.strip().replace(",", "").replace("，", ""))
    except InvalidOperation:
        raise ValueError(f"“{text}”不是金额") from None
    # Asked before rounding: quantize itself fails on 1e999.
    if amount.is_finite() and amount.adjusted() > 12:
        raise ValueError(f"“{text}”金额过大")
    if not amount.is_finite() or amount != amount.quantize(FEN):
        raise ValueError(f"“{text}”不是精确到分的金额")
    return amount.quantize(FEN)


def show_yuan(amount: Decimal) -> str:
    """`1085` → `1,085.00`."""
    return f"{to_fen(amount):,.2f}"


def _group_in_capitals(group: int) -> str:
    """Four digits in capitals, with one 零 for a gap inside."""
    text, gap = "", False
    for position in range(3, -1, -1):
        digit = group // 10**position % 10
        if digit:
            text += ("零" if gap and text else "") + _DIGITS[digit] + _UNITS[position]
            gap = False
        else:
            gap = True
    return text


def _integer_in_capitals(whole: int) -> str:
    text, gap = "", False
    for index in range(len(_GROUPS) - 1, -1, -1):
        group = whole // 10 ** (4 * index) % 10_000
        if not group:
            gap = bool(text)
            continue
        if text and (gap or group < 1000):
            text += "零"
        text += _group_in_capitals(group) + _GROUPS[index]
        gap = False
    return text


def in_capitals(amount: Decimal) -> str:
    """The capital form for decisions: `2195.50` → `贰仟壹佰玖拾伍元伍角整`.

    Source: 支付结算办法 附一《正确填写票据和结算凭证的基本规定》; it leaves 整 after 角 free.
    """
    amount = to_fen(amount)
    if amount < 0:
        return "负" + in_capitals(-amount)
    whole, fen = divmod(int(amount * 100), 100)
    text = _integer_in_capitals(whole) + "元" if whole else ""
    jiao, rest = divmod(fen, 10)
    if jiao:
        text += _DIGITS[jiao] + "角"
    elif rest and whole:
        text += "零"
    if rest:
        return text + _DIGITS[rest] + "分"
    return (text or "零元") + "整"
