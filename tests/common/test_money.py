"""Yuan: parsing what people type, the one rounding, the capital form of official papers."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.money import YuanField, in_capitals, parse_yuan, show_yuan, to_fen


def test_a_column_of_yuan_holds_fen_up_to_a_hundred_thousand_million() -> None:
    assert (YuanField().max_digits, YuanField().decimal_places) == (13, 2)
    assert (YuanField(max_digits=15).max_digits, YuanField(decimal_places=4).decimal_places) == (15, 4)


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [
        ("2255.005", "2255.01"),
        ("2255.0049999", "2255.00"),
        ("0.005", "0.01"),
        ("-0.005", "-0.01"),
        ("585", "585.00"),
        ("1.675", "1.68"),
    ],
)
def test_half_a_fen_goes_up_and_away_from_zero(exact, rounded) -> None:
    assert str(to_fen(Decimal(exact))) == rounded


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1,085.00", "1085.00"),
        ("1，085", "1085.00"),
        (" 12.5 ", "12.50"),
        ("-3", "-3.00"),
        ("１０８５.５", "1085.50"),
        ("0", "0.00"),
        ("1085.50000", "1085.50"),
        ("99999999999.99", "99999999999.99"),
        ("9999999999999.99", "9999999999999.99"),
    ],
)
def test_amounts_as_people_type_them(typed, amount) -> None:
    assert str(parse_yuan(typed)) == amount


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "十元",
        "1.005",
        "NaN",
        "sNaN",
        "Infinity",
        "-inf",
        "1e400",
        "10000000000000",
        "1E+30",
        "9" * 10_000,
        "0x10",
        "1 000",
        "a\0",
    ],
)
def test_what_is_no_amount_of_whole_fen_is_an_error_in_words(typed) -> None:
    with pytest.raises(ValueError, match="金额"):
        parse_yuan(typed)


@given(st.decimals(min_value=-(10**10), max_value=10**10, places=2))
def test_what_is_shown_can_be_typed_again(amount) -> None:
    assert parse_yuan(show_yuan(amount)) == amount


@given(st.text(max_size=40))
def test_no_text_breaks_the_parser(text) -> None:
    try:
        amount = parse_yuan(text)
    except ValueError:
        return
    assert amount == amount.quantize(Decimal("0.01"))


# The first six are examples of the rules for filling in bills; where those leave a choice, ours is given.
CAPITALS = [
    ("1409.50", "壹仟肆佰零玖元伍角整"),
    ("6007.14", "陆仟零柒元壹角肆分"),
    ("1680.32", "壹仟陆佰捌拾元叁角贰分"),
    ("107000.53", "壹拾万柒仟元伍角叁分"),
    ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
    ("325.04", "叁佰贰拾伍元零肆分"),
    ("2195.50", "贰仟壹佰玖拾伍元伍角整"),
    ("0", "零元整"),
    ("0.05", "伍分"),
    ("0.50", "伍角整"),
    ("10", "壹拾元整"),
    ("101", "壹佰零壹元整"),
    ("110", "壹佰壹拾元整"),
    ("10001", "壹万零壹元整"),
    ("10010", "壹万零壹拾元整"),
    ("20500", "贰万零伍佰元整"),
    ("10999", "壹万零玖佰玖拾玖元整"),
    ("11000", "壹万壹仟元整"),
    ("1000500", "壹佰万零伍佰元整"),
    ("100000000", "壹亿元整"),
    ("100010001", "壹亿零壹万零壹元整"),
    ("100000001", "壹亿零壹元整"),
    ("99999999999.99", "玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
    ("1000000000000", "壹兆元整"),
    ("-585.10", "负伍佰捌拾伍元壹角整"),
    ("-0.50", "负伍角整"),
    ("0.004", "零元整"),
]


@pytest.mark.parametrize(("amount", "capitals"), CAPITALS)
def test_the_capital_form(amount, capitals) -> None:
    assert in_capitals(Decimal(amount)) == capitals


_DIGITS = {digit: value for value, digit in enumerate("零壹贰叁肆伍陆柒捌玖")}
_UNITS = {"拾": 10, "佰": 100, "仟": 1000}


def read_capitals(text: str) -> Decimal:
    """An independent reader of the capital form."""
    total = section = digit = Decimal(0)
    for letter in text.removeprefix("负").rstrip("整"):
        if letter in _DIGITS:
            digit = Decimal(_DIGITS[letter])
        elif letter in _UNITS:
            section, digit = section + digit * _UNITS[letter], Decimal(0)
        elif letter in "亿万":
            total, section, digit = (
                total + (section + digit) * (10**8 if letter == "亿" else 10**4),
                Decimal(0),
                Decimal(0),
            )
        elif letter == "元":
            total, section, digit = total + section + digit, Decimal(0), Decimal(0)
        else:
            total, digit = total + digit * (Decimal("0.1") if letter == "角" else Decimal("0.01")), Decimal(0)
    return -total if text.startswith("负") else total


@given(st.decimals(min_value=-(10**11) + 1, max_value=10**11 - 1, places=2))
def test_the_capital_form_says_the_amount_and_nothing_else(amount) -> None:
    capitals = in_capitals(amount)
    assert read_capitals(capitals) == amount
    assert "零零" not in capitals
