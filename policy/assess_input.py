"""Reads the JSON of `manage.py assess` and the API into facts; every error names the field it is about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from common.errors import Refused
from policy.household import (
    DISABILITY_KINDS,
    EXCLUSION_LABELS,
    INCOME_LABELS,
    LINSHI_CAUSES,
    LINSHI_KINDS,
    PLACEMENTS,
    PURPOSES,
    RELATIONS,
    SELF_CARE_INDICATORS,
    SUPPORTERS,
    Assets,
    Disability,
    Facts,
    IncomeFact,
    LinshiFacts,
    MemberFacts,
    TekunFacts,
)
from policy.json_fields import as_object, count_in, date_in, flag_in, list_in, one_of, text_in, yuan_in
from policy.steps import PROGRAMMES

MOST_MEMBERS = 50
TESTED_PROGRAMMES = tuple(name for name in PROGRAMMES if name != "case_by_case")
STANDARDS = ("dibao", "dibian", "min_wage", "tekun")
# The block that a programme cannot be tested without.
OWN_BLOCK = {"linshi": "linshi", "tekun": "tekun"}
_TOP = (
    "area programme on purpose standards members assets rigid_expenditure_monthly "
    "linshi tekun current_monthly"
).split()
_MEMBER = (
    "key relation birth_date co_living excluded disability severe_illness "
    "income exempt_income employment_cost"
).split()
_ASSETS = ("deposits", "vehicles", "non_residential_houses", "registered_capital")
_LINSHI = ("kind", "cause", "requested", "residual_medical", "repeat_same_cause")
_TEKUN = ("no_work_ability", "no_income", "supporter", "self_care_failed", "placement")


def read_facts(data: Any) -> tuple[str, Facts]:
    """(area code, facts). Unknown fields are refused; a block that another programme needs may be absent."""
    top = as_object(data, "", _TOP)
    on = date_in(top, "on", "on")
    programme = one_of(top, "programme", "programme", TESTED_PROGRAMMES)
    own = OWN_BLOCK.get(programme, "members")
    if top.get(own) is None:
        raise Refused(f"测算该项目必须填写 {own}。", field=own)
    current = top.get("current_monthly")
    return text_in(top, "area", "area"), Facts(
        programme=programme,
        on=on,
        members=_members(top, on),
        assets=None if top.get("assets") is None else _assets(top["assets"]),
        rigid_expenditure_monthly=yuan_in(top, "rigid_expenditure_monthly", "rigid_expenditure_monthly"),
        purpose=one_of(top, "purpose", "purpose", PURPOSES) if "purpose" in top else PURPOSES[0],
        standards=_standards(top.get("standards")),
        linshi=None if top.get("linshi") is None else _linshi(top["linshi"]),
        tekun=None if top.get("tekun") is None else _tekun(top["tekun"]),
        current_monthly=None if current is None else yuan_in(top, "current_monthly", "current_monthly"),
    )


def _members(top: dict, on: date) -> tuple[MemberFacts, ...]:
    members = list_in(top, "members", "members")
    if not 1 <= len(members) <= MOST_MEMBERS:
        raise Refused(f"应有 1 至 {MOST_MEMBERS} 名成员。", field="members")
    people = tuple(_member(item, f"members[{n}]", on) for n, item in enumerate(members))
    if len({person.key for person in people}) != len(people):
        raise Refused("成员的 key 重复。", field="members")
    return people


def _member(data: Any, path: str, on: date) -> MemberFacts:
    row = as_object(data, path, _MEMBER)
    birth_date = date_in(row, "birth_date", f"{path}.birth_date")
    if birth_date > on:
        raise Refused("出生日期晚于测算日期。", field=f"{path}.birth_date")
    excluded = row.get("excluded")
    return MemberFacts(
        key=text_in(row, "key", f"{path}.key"),
        relation=one_of(row, "relation", f"{path}.relation", RELATIONS),
        birth_date=birth_date,
        co_living=flag_in(row, "co_living", f"{path}.co_living", default=True),
        excluded=one_of(row, "excluded", f"{path}.excluded", EXCLUSION_LABELS)
        if excluded is not None
        else "",
        disability=_disability(row.get("disability"), f"{path}.disability"),
        severe_illness=flag_in(row, "severe_illness", f"{path}.severe_illness", default=False),
        income=_incomes(row, "income", path, INCOME_LABELS),
        exempt_income=_incomes(row, "exempt_income", path, None),
        employment_cost=yuan_in(row, "employment_cost", f"{path}.employment_cost"),
    )


def _disability(data: Any, path: str) -> Disability | None:
    if data is None:
        return None
    row = as_object(data, path, ["kind", "grade"])
    kind = one_of(row, "kind", f"{path}.kind", DISABILITY_KINDS)
    return Disability(kind, count_in(row, "grade", f"{path}.grade", low=1, high=4, required=True))


def _incomes(row: dict, name: str, path: str, kinds: Iterable[str] | None) -> tuple[IncomeFact, ...]:
    items = list_in(row, name, f"{path}.{name}") if name in row else []
    facts = []
    for n, item in enumerate(items):
        at = f"{path}.{name}[{n}]"
        source = as_object(item, at, ["kind", "monthly"])
        kind = text_in(source, "kind", f"{at}.kind")
        if kinds is not None:
            one_of(source, "kind", f"{at}.kind", kinds)
        facts.append(IncomeFact(kind, yuan_in(source, "monthly", f"{at}.monthly", required=True)))
    return tuple(facts)


def _assets(data: Any) -> Assets:
    row = as_object(data, "assets", _ASSETS)
    return Assets(
        deposits=yuan_in(row, "deposits", "assets.deposits"),
        vehicles=count_in(row, "vehicles", "assets.vehicles"),
        non_residential_houses=count_in(row, "non_residential_houses", "assets.non_residential_houses"),
        registered_capital=yuan_in(row, "registered_capital", "assets.registered_capital"),
    )


def _linshi(data: Any) -> LinshiFacts:
    """One request; what medical costs remain may be left out where no limit depends on it."""
    row = as_object(data, "linshi", _LINSHI)
    residual = row.get("residual_medical")
    return LinshiFacts(
        kind=one_of(row, "kind", "linshi.kind", LINSHI_KINDS),
        cause=one_of(row, "cause", "linshi.cause", LINSHI_CAUSES),
        requested=yuan_in(row, "requested", "linshi.requested", required=True),
        residual_medical=None
        if residual is None
        else yuan_in(row, "residual_medical", "linshi.residual_medical"),
        repeat_same_cause=flag_in(row, "repeat_same_cause", "linshi.repeat_same_cause", default=False),
    )


def _tekun(data: Any) -> TekunFacts:
    """What was established about the person; nothing of it may be assumed."""
    row = as_object(data, "tekun", _TEKUN)
    return TekunFacts(
        no_work_ability=flag_in(row, "no_work_ability", "tekun.no_work_ability"),
        no_income=flag_in(row, "no_income", "tekun.no_income"),
        supporter=one_of(row, "supporter", "tekun.supporter", SUPPORTERS),
        self_care_failed=count_in(
            row, "self_care_failed", "tekun.self_care_failed", high=SELF_CARE_INDICATORS, required=True
        ),
        placement=one_of(row, "placement", "tekun.placement", PLACEMENTS),
    )


def _standards(data: Any) -> dict[str, Decimal]:
    if data is None:
        return {}
    row = as_object(data, "standards", STANDARDS)
    return {name: yuan_in(row, name, f"standards.{name}", required=True) for name in row}
