"""What an office must enter or confirm before it goes live: demo values, assumptions, missing rules.

Nothing here changes anything. A demo value is not policy; an assumption waits for the office's own word; a
rule that is missing stops the work of its programme on the day it is asked for (`NoRuleInForce`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date

from organisations.enums import AreaLevel
from organisations.models import Area
from policy.calendars import missing_calendar_years
from policy.enums import Certainty, DocumentStatus
from policy.keys import KEYS
from policy.models import Document, Rule
from policy.queries import COUNTY_DIGITS, RuleRow, row_of
from policy.rules import rules_in_force
from policy.steps import PROGRAMMES

GENERAL = "全部"
# Not documents of an authority: what they carry is listed as a demo value already.
_DEMO_DOCUMENT = "DEMO"
# Without one of them no month can be judged or paid (JZ-9.1).
_PRICE_SUBSIDY = (
    *(f"price_subsidy.{name}" for name in ("cpi_from", "food_from", "groups", "index", "rounding", "floor")),
    "price_subsidy.pay_by",
    "payments.price_subsidy.payer",
)


@dataclass(frozen=True, slots=True)
class Needed:
    """A thing that a programme cannot do without: one of `keys`. `GENERAL` is needed by all."""

    programme: str
    keys: tuple[str, ...]

    @property
    def label(self) -> str:
        """`低保标准`, or `… 或 …` where one of several will do."""
        return "或".join(KEYS[key].label for key in self.keys)


@dataclass(frozen=True, slots=True)
class Missing:
    """A need with no rule in force in `area`."""

    area: Area
    need: Needed

    @property
    def programme(self) -> str:
        return PROGRAMMES.get(self.need.programme, GENERAL)


@dataclass(slots=True)
class Readiness:
    """The list for one area on one day. `ready`: nothing missing, nothing made up, nothing to confirm."""

    area: Area
    on: date
    missing: list[Missing] = field(default_factory=list)
    demo: list[RuleRow] = field(default_factory=list)
    assumptions: list[RuleRow] = field(default_factory=list)
    drafts: list[Document] = field(default_factory=list)
    calendar_missing: list[int] = field(default_factory=list)

    @property
    def ready(self) -> bool:
        return not self.count

    @property
    def count(self) -> int:
        """How many entries are open."""
        lists = (self.missing, self.demo, self.assumptions, self.drafts, self.calendar_missing)
        return sum(len(entries) for entries in lists)

    def as_json(self) -> dict:
        """The answer of `manage.py readiness --json`."""
        return {
            "area": self.area.code,
            "on": self.on.isoformat(),
            "ready": self.ready,
            "missing": [
                {
                    "area": item.area.code,
                    "programme": item.need.programme or None,
                    "keys": list(item.need.keys),
                    "label": item.need.label,
                }
                for item in self.missing
            ],
            "demo": [_row_json(row) for row in self.demo],
            "assumptions": [_row_json(row) for row in self.assumptions],
            "drafts": [
                {"document": paper.code, "title": paper.title, "note": paper.note} for paper in self.drafts
            ],
            "calendar_missing": self.calendar_missing,
        }


def needed() -> list[Needed]:
    """What the four programmes read, as the means test, the workflow and the payments ask for it."""
    general = (
        "household.excluded",
        "income.exempt",
        "income.employment_cost_deducted",
        "income.rigid_expenditure_deducted",
        "publicity.hotlines",
    )
    return [
        *(Needed("", (key,)) for key in general),
        *_of(
            "dibao",
            "standard.dibao",
            "income.dibao.test",
            "benefit.dibao.method",
            "benefit.dibao.from",
            *_property("dibao"),
            "deadline.dibao.entrust_check",
            "deadline.dibao.refusal_notice",
        ),
        Needed("dibian", ("standard.dibian", "standard.dibian.multiple")),
        *_of("dibian", *_property("dibian")),
        *_of(
            "tekun",
            "standard.tekun",
            "min_wage",
            "tekun.no_work_ability",
            "tekun.age.old",
            "tekun.age.minor",
            "tekun.age.minor_kept",
            "care.grades",
            "care.home_share",
            "deadline.tekun.refusal_notice",
        ),
        *_of("linshi", "linshi.income_limit", "linshi.basis", "deadline.linshi.payment"),
        Needed("linshi", ("linshi.max_multiple", "linshi.max_amount")),
        Needed("linshi", ("emergency.max_multiple", "emergency.max_amount")),
        Needed("linshi", ("reserve.minimum", "reserve.per_head")),
        *(Needed("", (key,)) for key in _PRICE_SUBSIDY),
        *(need for code in PROGRAMMES if code != "case_by_case" for need in _procedure(code)),
    ]


def _of(programme: str, *keys: str) -> list[Needed]:
    return [Needed(programme, (key,)) for key in keys]


def _property(programme: str) -> list[str]:
    limits = ("deposits_multiple", "vehicles_max", "non_residential_houses_max", "registered_capital_below")
    return [f"property.{programme}.{limit}" for limit in limits]


def _procedure(programme: str) -> list[Needed]:
    keys = [
        f"decision.{programme}.authority",
        f"deadline.{programme}.total",
        f"deadline.{programme}.publicity",
        f"materials.{programme}",
        f"sampling.{programme}.ratio",
    ]
    # 低边 is a status without money; 临时救助 is paid when it is approved and has no day of the month.
    if programme != "dibian":
        keys.append(f"payments.{programme}.payer")
    if programme in {"dibao", "tekun"}:
        keys.append(f"payments.{programme}.due_day")
    # Without it nobody's money can be cut or stopped there (SY-A1.6).
    if programme != "linshi":
        keys.append(f"deadline.{programme}.defence")
    return _of(programme, *keys)


def readiness(area: Area, on: date) -> Readiness:
    """What is open in the area on the day; above a county, in each of its counties."""
    report = Readiness(area, on, calendar_missing=missing_calendar_years(on))
    in_use: dict[int, Rule] = {}
    for place in _places(area):
        rules = rules_in_force(place, on)
        in_use.update((rule.pk, rule) for rule in rules)
        # What a township sets for itself is its county's need already.
        if place.level != AreaLevel.TOWNSHIP or place == area:
            report.missing += _missing(place, {rule.key: rule for rule in rules})
    rows = [row_of(rule) for rule in sorted(in_use.values(), key=lambda rule: (rule.area.code, rule.key))]
    report.demo = [row for row in rows if row.rule.certainty == Certainty.DEMO]
    report.assumptions = [row for row in rows if row.rule.certainty == Certainty.ASSUMPTION]
    drafts = {
        rule.document_id: rule.document
        for rule in in_use.values()
        if rule.document.status == DocumentStatus.DRAFT and rule.document_id != _DEMO_DOCUMENT
    }
    report.drafts = [drafts[code] for code in sorted(drafts)]
    return report


def _places(area: Area) -> list[Area]:
    """The counties of the area, or itself; then the townships below that have rules of their own."""
    below = Area.objects.filter(prefix__startswith=area.prefix)
    counties = [area] if area.code_length >= COUNTY_DIGITS else list(below.filter(level=AreaLevel.COUNTY))
    own = below.filter(level=AreaLevel.TOWNSHIP, rules__published_at__isnull=False).exclude(pk=area.pk)
    return [*counties, *own.distinct().order_by("code")]


def _missing(place: Area, rules: dict[str, Rule]) -> list[Missing]:
    return [
        Missing(place, need) for need in needed() if not any(_usable(rules.get(key)) for key in need.keys)
    ]


def _usable(rule: Rule | None) -> bool:
    """In force; of the care grades each must say its share, or nothing can be computed from it."""
    if rule is None:
        return False
    return rule.key != "care.grades" or all("ratio" in grade for grade in json.loads(rule.value))


def _row_json(row: RuleRow) -> dict:
    rule = row.rule
    return {
        "key": rule.key,
        "label": row.label,
        "value": row.value,
        "area": rule.area.code,
        "clause": rule.clause_id,
        "document": str(rule.document),
        "valid_from": rule.valid_from.isoformat(),
        "valid_to": rule.valid_to.isoformat() if rule.valid_to else None,
        "note": rule.note,
    }
