"""Places, posts, people and applications for tests of every room; all people are synthetic."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

from django.contrib.auth.hashers import make_password
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone
from PIL import Image

from cases.declarations import (
    CareEntry,
    Declaration,
    IncomeLine,
    LinshiEntry,
    MemberLine,
    SelfCareEntry,
    TekunEntry,
    VisitEntry,
)
from cases.enums import SELF_CARE_INDICATORS, VISIT_CHOICES, Channel, IncomeKind, Programme, Relation
from cases.models import Application
from cases.services import register_application
from organisations.enums import AreaLevel, Post
from organisations.models import Area, Posting, User
from policy.models import Document, Rule

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_numbers = itertools.count(1)
MATERIALS = [
    {"code": "id", "label": "全体成员身份证明", "required": True, "condition": "", "clause": "SY-A1.1b"},
    {"code": "form", "label": "救助联办申请表", "required": True, "condition": "", "clause": "SY-A1.1b"},
    {
        "code": "hukou",
        "label": "未成年人户口簿",
        "required": True,
        "condition": "minor",
        "clause": "SY-A1.1b",
    },
]


@dataclass(frozen=True)
class Places:
    """洞头区 with two townships of two villages each, and 上虞区 with one of one."""

    nation: Area
    county: Area
    township: Area
    village: Area
    other_village: Area
    other_township: Area
    other_township_village: Area
    other_township_other_village: Area
    other_county: Area
    other_county_township: Area
    other_county_village: Area


# Code, significant digits, name, level, the place above, what case numbers begin with.
_PLACES = (
    ("000000", "", "全国", AreaLevel.NATION, "", ""),
    ("330000", "33", "浙江省", AreaLevel.PROVINCE, "000000", ""),
    ("330300", "3303", "温州市", AreaLevel.CITY, "330000", ""),
    ("330305", "330305", "洞头区", AreaLevel.COUNTY, "330300", "DT"),
    ("330305001", "330305001", "北岙街道", AreaLevel.TOWNSHIP, "330305", ""),
    ("330305002", "330305002", "灵昆街道", AreaLevel.TOWNSHIP, "330305", ""),
    ("330600", "3306", "绍兴市", AreaLevel.CITY, "330000", ""),
    ("330604", "330604", "上虞区", AreaLevel.COUNTY, "330600", "SY"),
    ("330604001", "330604001", "百官街道", AreaLevel.TOWNSHIP, "330604", ""),
    ("330305001201", "330305001201", "望海村", AreaLevel.VILLAGE, "330305001", ""),
    ("330305001202", "330305001202", "渔岙村", AreaLevel.VILLAGE, "330305001", ""),
    ("330305002201", "330305002201", "海思村", AreaLevel.VILLAGE, "330305002", ""),
    ("330305002202", "330305002202", "叶先村", AreaLevel.VILLAGE, "330305002", ""),
    ("330604001201", "330604001201", "舜江村", AreaLevel.VILLAGE, "330604001", ""),
)


def build_places(*, materials: bool = True) -> Places:
    """The places, once each; with `materials`, a checklist for every programme unless rules are loaded."""
    here = Area.objects.in_bulk([code for code, *_ in _PLACES], field_name="code")
    for code, prefix, name, level, above, abbreviation in _PLACES:
        if code not in here:
            here[code] = Area.objects.create(
                code=code,
                prefix=prefix,
                name=name,
                level=level,
                parent=here.get(above),
                abbreviation=abbreviation,
            )
    if materials and not Rule.objects.filter(key__startswith="materials.").exists():
        _material_rules(here["000000"])
    return Places(
        nation=here["000000"],
        county=here["330305"],
        township=here["330305001"],
        village=here["330305001201"],
        other_village=here["330305001202"],
        other_township=here["330305002"],
        other_township_village=here["330305002201"],
        other_township_other_village=here["330305002202"],
        other_county=here["330604"],
        other_county_township=here["330604001"],
        other_county_village=here["330604001201"],
    )


def _material_rules(nation: Area) -> None:
    document, _ = Document.objects.get_or_create(
        code="TEST", defaults={"title": "测试用规则", "status": "in_force"}
    )
    for programme in Programme.values:
        Rule.objects.create(
            area=nation,
            key=f"materials.{programme}",
            value=json.dumps(MATERIALS, ensure_ascii=False),
            valid_from=date(2000, 1, 1),
            document=document,
            loaded_from="tests",
            published_at=timezone.now(),
        )


def flag_rule(area: Area, key: str, *, start: date = date(2020, 1, 1), end: date | None = None) -> Rule:
    """A published rule that says yes in the area, from `start` until before `end`."""
    return _published_rule(area, key, value="true", valid_from=start, valid_to=end)


def count_rule(area: Area, key: str, number: int) -> Rule:
    """A published number in the area, since 2020."""
    return _published_rule(area, key, value=str(number), unit="count", valid_from=date(2020, 1, 1))


def months_rule(area: Area, key: str, months: int) -> Rule:
    """A published period of months in the area, since 2020."""
    return _published_rule(area, key, value=str(months), unit="mo", valid_from=date(2020, 1, 1))


def _published_rule(area: Area, key: str, **values) -> Rule:
    document, _ = Document.objects.get_or_create(
        code="TEST", defaults={"title": "测试用规则", "status": "in_force"}
    )
    return Rule.objects.create(
        area=area,
        key=key,
        **values,
        document=document,
        loaded_from="tests",
        published_at=timezone.now(),
    )


def self_care_entry(**values) -> SelfCareEntry:
    """A whole assessment of somebody who needs help with bathing only; `can_walk=False` for more."""
    facts = {"assessed_on": date(2026, 3, 2), "assessors": "郑演示、陈演示"}
    answers = dict.fromkeys(SELF_CARE_INDICATORS, True) | {"can_bathe": False}
    answers |= {name: values.pop(name) for name in list(values) if name in answers}
    return SelfCareEntry(**{"answers": answers} | facts | values)


def care_entry(**values) -> CareEntry:
    """A neighbour who looks after the person at home."""
    facts = {
        "kind": "carer",
        "name": "陈照料",
        "contact": "13800005678",
        "payee_name": "陈照料",
        "payee_bank": "温州银行",
        "payee_account": "6222020000000000099",
        "signed_on": date(2026, 3, 1),
        "signed_by_person": True,
    }
    return CareEntry(**facts | values)


def photo() -> SimpleUploadedFile:
    """A small clean picture."""
    buffer = BytesIO()
    Image.new("RGB", (20, 10), "green").save(buffer, "JPEG")
    return SimpleUploadedFile("a.jpg", buffer.getvalue(), "image/jpeg")


def visit_entry(application: Application, **values) -> VisitEntry:
    """A whole visit an hour ago, but for the photo."""
    facts = {
        "visited_at": timezone.now() - timedelta(hours=1),
        "second_visitor_name": "郑演示",
        "present_member_id": application.household.members.first().pk,
        "signed": True,
        "conclusion": "情况属实。",
        "findings": {dimension: (choices[0], "") for dimension, choices in VISIT_CHOICES.items()},
    }
    return VisitEntry(**facts | values)


def synthetic_id(n: int, birth_date: date = date(1980, 5, 1), sex: str = "female") -> str:
    """A number of nobody with a valid check digit: area 330305, sequence from `n` (0–499), odd for men."""
    body = f"330305{birth_date:%Y%m%d}{2 * n + (sex == 'male'):03d}"
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, _WEIGHTS, strict=True)) % 11]


def next_id(birth_date: date = date(1980, 5, 1), sex: str = "female") -> str:
    """A synthetic number that no earlier call of this run returned for the same day and sex."""
    return synthetic_id(next(_numbers) % 500, birth_date, sex)


def person_with(post: Post, area: Area, *, name: str = "", username: str = "") -> User:
    """An account that holds the post in the area since 2015; it can be logged in by `client.force_login`.

    As rows: what appointing asks and records is proven in `tests/organisations`, and half a dozen people
    stand in most tests.
    """
    n = next(_numbers)
    user = User.objects.create(
        username=username or f"user{n}", name=name or f"演示{n}", password=make_password(None)
    )
    Posting.objects.create(user=user, post=post, area=area, valid_from=date(2015, 1, 1))
    return user


def member_line(
    name: str = "林小花",
    *,
    id_number: str = "",
    relation: Relation = Relation.SELF,
    birth_date: date = date(1980, 5, 1),
    wage: str = "",
    **values,
) -> MemberLine:
    """One member; `wage` is a monthly amount."""
    income = (IncomeLine(IncomeKind.WAGE, Decimal(wage)),) if wage else ()
    return MemberLine(
        name=name,
        id_number=id_number or next_id(birth_date),
        relation=relation,
        **{"income": income, "phone": "13800001234" if relation == Relation.SELF else "", **values},
    )


def tekun_entry(**values) -> TekunEntry:
    """Somebody without work, income or family, to be provided for at home."""
    facts = {"no_work_ability": True, "no_income": True, "supporter": "none", "placement": "home"}
    return TekunEntry(**facts | values)


def linshi_entry(**values) -> LinshiEntry:
    """支出型 for medical costs: 3,000 yuan asked for, 8,000 left after all insurance."""
    facts = {
        "kind": "expenditure",
        "cause": "medical",
        "requested": Decimal("3000.00"),
        "residual_medical": Decimal("8000.00"),
        "happened_on": date(2026, 1, 5),
    }
    return LinshiEntry(**facts | values)


def declaration(village: Area, *members: MemberLine, **values) -> Declaration:
    """A complete declaration of 低保 by the window; without members, 林小花 alone with 500 yuan of wages.

    For 特困 and 临时救助 with what these ask besides.
    """
    if values.get("programme") == Programme.TEKUN:
        values = {"tekun": tekun_entry()} | values
    if values.get("programme") == Programme.LINSHI:
        values = {"linshi": linshi_entry()} | values
    members = members or (member_line(wage="500.00"),)
    return Declaration(
        **{
            "programme": Programme.DIBAO,
            "channel": Channel.WINDOW,
            "village": village,
            "members": members,
            "address": "望海村 12 号",
            "cause": "illness",
            "statement": "长期患病，收入微薄。",
            "deposits": Decimal("12000.00"),
            "payee_name": members[0].name,
            "payee_bank": "温州银行洞头支行",
            "payee_account": "6222020000000000008",
            **values,
        }
    )


def draft_application(
    places: Places, *members: MemberLine, actor: User | None = None, village: Area | None = None, **values
) -> Application:
    """A draft as the services make it, registered by `actor` or a new handler of the village's township."""
    village = village or places.village
    actor = actor or person_with(Post.HANDLER, village.parent)
    return register_application(declaration=declaration(village, *members, **values), actor=actor)


def in_state(application: Application, state: str) -> Application:
    """Put an application into a state past every trigger, for tests of one room only."""
    accepted = state not in {"draft", "submitted", "awaiting_materials"}
    final = state in {"approved", "refused", "withdrawn"}
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        Application.objects.filter(pk=application.pk).update(
            state=state, accepted_at=now if accepted else None, decided_at=now if final else None
        )
        cursor.execute("SET session_replication_role = DEFAULT")
    application.refresh_from_db()
    return application
