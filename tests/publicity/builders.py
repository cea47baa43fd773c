"""A village, people with posts and an application on its way, in as few rows as a notice needs."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import count

from django.utils import timezone
from stdnum.iso7064 import mod_11_2

from cases.enums import ApplicationState, Programme, Relation
from cases.models import Application, Household, Member, Person
from common.fields import lookup_digest
from organisations.enums import AreaLevel, Post
from organisations.models import Area, Posting, User
from publicity import services
from publicity.models import Notice

_serial = count(1)

CODES = {
    "330000000000": ("33", "浙江省", AreaLevel.PROVINCE, "000000000000"),
    "330300000000": ("3303", "温州市", AreaLevel.CITY, "330000000000"),
    "330305000000": ("330305", "洞头区", AreaLevel.COUNTY, "330300000000"),
    "330305001000": ("330305001", "北岙街道", AreaLevel.TOWNSHIP, "330305000000"),
    "330305001201": ("330305001201", "三盘村", AreaLevel.VILLAGE, "330305001000"),
    "330305002000": ("330305002", "东屏街道", AreaLevel.TOWNSHIP, "330305000000"),
    "330305002201": ("330305002201", "后坑村", AreaLevel.VILLAGE, "330305002000"),
    "350000000000": ("35", "福建省", AreaLevel.PROVINCE, "000000000000"),
    "350800000000": ("3508", "龙岩市", AreaLevel.CITY, "350000000000"),
    "350802000000": ("350802", "新罗区", AreaLevel.COUNTY, "350800000000"),
    "350802001000": ("350802001", "东城街道", AreaLevel.TOWNSHIP, "350802000000"),
    "350802001201": ("350802001201", "松涛社区", AreaLevel.VILLAGE, "350802001000"),
}
VILLAGE, OTHER_VILLAGE, FUJIAN_VILLAGE = "330305001201", "330305002201", "350802001201"


def areas() -> dict[str, Area]:
    """The tree above, by code; made on first call."""
    Area.objects.get_or_create(
        code="000000000000", defaults={"prefix": "", "name": "全国", "level": AreaLevel.NATION}
    )
    for code, (prefix, name, level, parent) in CODES.items():
        Area.objects.get_or_create(
            code=code,
            defaults={
                "prefix": prefix,
                "name": name,
                "level": level,
                "parent": Area.objects.get(code=parent),
                "abbreviation": "DT" if code == "330305000000" else "",
            },
        )
    return {area.code: area for area in Area.objects.all()}


def user_with(post: Post, area_code: str, name: str = "") -> User:
    """A person who holds one post since 2020."""
    number = next(_serial)
    user = User.objects.create_user(username=f"u{number}", password=None, name=name or f"干部{number}")
    Posting.objects.create(user=user, post=post, area=areas()[area_code], valid_from=dt.date(2020, 1, 1))
    return user


def id_number(birth_date: dt.date, serial: int, area: str = "330305") -> str:
    """A synthetic number with a valid check digit."""
    body = f"{area}{birth_date:%Y%m%d}{serial % 1000:03d}"
    return body + mod_11_2.calc_check_digit(body)


def person(name: str = "林秀英", birth_date: dt.date = dt.date(1956, 5, 1)) -> Person:
    number = id_number(birth_date, next(_serial))
    return Person.objects.create(
        name=name,
        id_number=number,
        id_digest=lookup_digest(number, "id_number"),
        birth_date=birth_date,
        sex="male" if int(number[16]) % 2 else "female",
        phone="13800001234",
    )


def application(
    *,
    village: str = VILLAGE,
    name: str = "林秀英",
    birth_date: dt.date = dt.date(1956, 5, 1),
    others: tuple[Person, ...] = (),
    state: ApplicationState = ApplicationState.PUBLISHED,
    number: str = "",
    **values,
) -> Application:
    """An application in a state, as far as this room looks at it."""
    place = areas()[village]
    household = Household.objects.create(address="三盘村 12 号")
    applicant = person(name, birth_date)
    Member.objects.create(
        household=household, person=applicant, programme=Programme.DIBAO, relation=Relation.SELF
    )
    for other in others:
        Member.objects.create(
            household=household, person=other, programme=Programme.DIBAO, relation=Relation.MINOR_CHILD
        )
    now = timezone.now()
    return Application.objects.create(
        number=number or f"DT-2026-{next(_serial):06d}",
        programme=Programme.DIBAO,
        channel="window",
        state=state,
        village=place,
        township=place.parent,
        county=place.parent.parent,
        household=household,
        applicant_name=name,
        n_members=1 + len(others),
        payee_account="6217000012345678901",
        created_by=User.objects.first() or user_with(Post.HANDLER, place.parent.code),
        created_at=now,
        accepted_at=now,
        **values,
    )


def notice(on: Application | None = None, *, days: int = 7, **values) -> Notice:
    """A notice posted now."""
    on = on or application()
    now = timezone.now()
    values = {
        "n_members": on.n_members,
        "n_covered": on.n_members,
        "monthly": Decimal("585.00"),
        "ends_at": now + dt.timedelta(days=days),
        "hotlines": ["0577-63380000"],
        "at": now,
        "actor": on.created_by,
    } | values
    return services.post_notice(application=on, **values)
