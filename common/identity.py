"""Resident identity numbers (GB 11643-1999): check, and what can be read from them."""

from dataclasses import dataclass
from datetime import date

from stdnum.exceptions import ValidationError as NumberError
from stdnum.iso7064 import mod_11_2

_FULL_WIDTH = str.maketrans("０１２３４５６７８９Ｘｘ", "0123456789XX")


@dataclass(frozen=True, slots=True)
class Identity:
    """A checked number with the birth date and sex it carries."""

    number: str
    birth_date: date
    sex: str


def clean_id_number(text: str) -> str:
    """Full-width digits, spaces and a small x are what people type; the stored form has none of them."""
    return "".join(text.translate(_FULL_WIDTH).split()).upper()


def read_id_number(text: str) -> Identity:
    """The checked number; ValueError with a Chinese sentence that names what is wrong.

    The first six digits name the place of first registration, so old area codes are right as they are
    and are not compared with today's table.
    """
    number = clean_id_number(text)
    if len(number) != 18:
        raise ValueError(f"身份证号应为 18 位，现为 {len(number)} 位")
    if not (number[:17].isascii() and number[:17].isdigit() and number[17] in "0123456789X"):
        raise ValueError("身份证号前 17 位应为数字，末位为数字或 X")
    try:
        birth_date = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise ValueError(f"身份证号中的出生日期 {number[6:14]} 不存在") from None
    try:
        mod_11_2.validate(number)
    except NumberError:
        raise ValueError("身份证号校验位不正确，请核对是否输错") from None
    return Identity(number, birth_date, "male" if int(number[16]) % 2 else "female")


def age_on(birth_date: date, day: date) -> int:
    """Full years on `day`; a 29 February birthday is reached on 1 March of a common year."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))
