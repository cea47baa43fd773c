"""Made-up people: the same for the same index, with valid check digits, and none of them real.

The first six digits of an identity number name a division; the numbers here use a code that was never given
out (330399), so no living person can have one of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from stdnum.iso7064 import mod_11_2

_SURNAMES = "陈林黄张李王吴刘蔡杨许郑谢郭洪邱曾廖赖徐周叶苏庄吕江何萧罗高潘简朱钟彭游詹胡施沈余赵卢梁颜"
_FIRST = "志家俊建文明美淑惠秀玉雅丽春金国永正德忠信荣华成庆祥安宁仁义礼"
_SECOND = "豪伟杰宏雄强辉龙芬娟玲珍英芳兰梅花香云霞妹娥燕平生财旺发根木水火土山河海洋波涛"
_OLDEST = date(1936, 1, 1)
_N_DAYS = 25_000


@dataclass(frozen=True, slots=True)
class Someone:
    """A made-up person."""

    name: str
    id_number: str
    birth_date: date
    sex: str
    phone: str
    account: str


def someone(index: int, *, region: str = "330399", born: date | None = None) -> Someone:
    """The made-up person with this index (below 25 million); `born` asks for a birth date."""
    birth_date = born or _OLDEST + timedelta(days=index * 7919 % _N_DAYS)
    serial = index // _N_DAYS % 1000 if born is None else index % 1000
    body = f"{region}{birth_date:%Y%m%d}{serial:03d}"
    return Someone(
        name=_name(index),
        id_number=body + mod_11_2.calc_check_digit(body),
        birth_date=birth_date,
        sex="male" if serial % 2 else "female",
        phone=f"199{index % 100_000_000:08d}",
        account=_account(index),
    )


def _name(index: int) -> str:
    # Multiplying by a large prime spreads neighbouring indexes over all names.
    spread = index * 2_654_435_761 >> 7
    surname = _SURNAMES[spread % len(_SURNAMES)]
    first = _FIRST[spread // 61 % len(_FIRST)]
    return surname + first + (_SECOND[spread // 4093 % len(_SECOND)] if spread % 8 else "")


def _account(index: int) -> str:
    """A 19-digit card number with its Luhn digit; the issuer code is one that no bank has."""
    body = f"620000{index:012d}"
    return body + _luhn_digit(body)


def _luhn_digit(body: str) -> str:
    doubled = [int(d) * 2 if n % 2 == 0 else int(d) for n, d in enumerate(reversed(body))]
    return str(-sum(d - 9 if d > 9 else d for d in doubled) % 10)
