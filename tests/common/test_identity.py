"""ID numbers: the national standard's own examples, and the ways people mistype."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.identity import age_on, clean_id_number, read_id_number

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def check_digit(first: str) -> str:
    """GB 11643-1999 by hand, independent of the library that the product uses."""
    return "10X98765432"[sum(int(d) * w for d, w in zip(first, WEIGHTS, strict=True)) % 11]


@pytest.mark.parametrize(
    ("typed", "number", "born", "sex"),
    [
        ("11010519491231002X", "11010519491231002X", date(1949, 12, 31), "female"),
        ("330604198512310012", "330604198512310012", date(1985, 12, 31), "male"),
        ("410811197008150021", "410811197008150021", date(1970, 8, 15), "female"),
        ("１１０１０５１９４９１２３１００２ｘ", "11010519491231002X", date(1949, 12, 31), "female"),
        (" 110105 19491231 002x ", "11010519491231002X", date(1949, 12, 31), "female"),
    ],
)
def test_right_numbers_give_birth_date_and_sex(typed, number, born, sex) -> None:
    identity = read_id_number(typed)
    assert (identity.number, identity.birth_date, identity.sex) == (number, born, sex)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "现为 0 位"),
        ("110105491231002", "现为 15 位"),
        ("110105194912310021", "校验位"),
        ("350802199002290011", "19900229 不存在"),
        ("110105194913310020", "不存在"),
        ("11010519491231002Y", "末位"),
        ("1101051949123100XX", "前 17 位"),
        ("①1010519491231002X", "前 17 位"),
        ("٣30604198512310012", "前 17 位"),
        ("1" * 10_000, "现为 10000 位"),
        ("11010519491231002\0", "末位"),
    ],
)
def test_wrong_numbers_are_named(typed, says) -> None:
    with pytest.raises(ValueError, match=says):
        read_id_number(typed)


def test_numbers_with_codes_of_former_counties_are_right() -> None:
    """洞头县 was 330322 before 2015; the number names the place of first registration."""
    first = "33032219800101001"
    assert read_id_number(first + check_digit(first)).birth_date == date(1980, 1, 1)


@given(
    st.dates(date(1900, 1, 1), date(2026, 12, 31)),
    st.integers(0, 999),
    st.sampled_from(["330305", "330604", "810000", "350822"]),
)
def test_every_number_with_the_right_check_digit_is_taken_and_no_other(born, order, area) -> None:
    first = f"{area}{born:%Y%m%d}{order:03}"
    right = check_digit(first)
    assert read_id_number(first + right).sex == ("male" if order % 2 else "female")
    for wrong in set("0123456789X") - {right}:
        with pytest.raises(ValueError, match="校验位"):
            read_id_number(first + wrong)


def test_cleaning_leaves_only_what_counts() -> None:
    assert clean_id_number("３３０\u3000x\n") == "330X"


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(2008, 3, 2), date(2026, 3, 1), 17),
        (date(2008, 3, 2), date(2026, 3, 2), 18),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2008, 2, 29), date(2028, 2, 29), 20),
        (date(2026, 3, 2), date(2026, 3, 2), 0),
    ],
)
def test_a_year_of_age_is_reached_on_the_birthday(born, day, age) -> None:
    assert age_on(born, day) == age
