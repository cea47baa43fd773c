"""Reads for the rule pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.db.models import Count, Q, QuerySet

from common.errors import Refused
from organisations.enums import AreaLevel, Post
from organisations.models import Area, User
from organisations.scope import Scope, scope_of
from policy.enums import Certainty
from policy.keys import KEYS, UNITS, Kind
from policy.models import Clause, Document, Rule
from policy.rules import rules_in_force

COUNTY_DIGITS = 6
_BADGES = {Certainty.LAW: "done", Certainty.ASSUMPTION: "soon", Certainty.DEMO: "late"}
GROUPS = {
    "standard": ("保障标准", ("standard.", "min_wage")),
    "deadline": ("办理时限", ("deadline.",)),
    "means": ("收入与财产", ("income.", "property.", "household.", "benefit.")),
    "tekun": ("特困供养", ("tekun.", "care.")),
    "linshi": ("临时救助", ("linshi.", "emergency.", "authority.linshi.")),
    "case_by_case": ("一事一议", ("case_by_case.",)),
    "materials": ("申请材料", ("materials.",)),
    "authority": (
        "权限与程序",
        (
            "decision.",
            "procedure.",
            "appraisal.",
            "filing.",
            "reviews.",
            "notice.",
            "publicity.",
            "meeting.",
            "validity.",
            "application.",
        ),
    ),
    "money": (
        "资金与抽查",
        ("payments.", "sampling.", "reserve.", "funds.", "price_subsidy.", "staff.", "alert."),
    ),
}


OTHERS = "其他"


def group_of(key: str) -> str:
    """The heading of a key."""
    return next((label for label, starts in GROUPS.values() if key.startswith(starts)), OTHERS)


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule as a clerk reads it."""

    rule: Rule
    label: str
    value: str
    badge: str

    @property
    def items(self) -> list[str]:
        """The entries of a list (materials, exempt income); empty for a single value."""
        known = KEYS.get(self.rule.key)
        return self.value.split("；") if known and known.kind == Kind.LIST else []

    @property
    def group(self) -> str:
        """Under which heading it is shown."""
        return group_of(self.rule.key)


def row_of(rule: Rule) -> RuleRow:
    """The rule in words."""
    known = KEYS.get(rule.key)
    value = known.show(rule.value, rule.unit) if known else f"{rule.value} {UNITS.get(rule.unit, rule.unit)}"
    return RuleRow(rule, known.label if known else rule.key, value, _BADGES[Certainty(rule.certainty)])


def rule_rows(area: Area, on: date, *, group: str = "", text: str = "") -> list[RuleRow]:
    """The rules in force for the area, by group and by words in label, value or clause (one query)."""
    rows = [row_of(rule) for rule in rules_in_force(area, on)]
    if group:
        rows = [row for row in rows if row.rule.key.startswith(GROUPS[group][1])]
    if text:
        rows = [row for row in rows if text in f"{row.label} {row.value} {row.rule.clause_id or ''}"]
    return rows


def grouped(rows: list[RuleRow]) -> list[tuple[str, list[RuleRow]]]:
    """The rows under their headings, in the order of the headings; inside nearest first."""
    headings = [*(label for label, _ in GROUPS.values()), OTHERS]
    under = {label: [row for row in rows if row.group == label] for label in headings}
    return [(label, members) for label, members in under.items() if members]


def area_of(code: str) -> Area:
    """The area with this code; Refused names the argument."""
    area = Area.objects.filter(code=code).first() if code.isascii() and code.isdigit() else None
    if area is None:
        raise Refused(f"没有代码为“{code}”的区划。", field="area")
    return area


def areas_to_look_at(scope: Scope) -> QuerySet[Area]:
    """The areas of the person's posts; below a county also its townships, above it also the counties."""
    condition = Q(pk__in=())
    for place in scope.places:
        condition |= Q(pk=place.area_id)
        if len(place.prefix) == COUNTY_DIGITS:
            condition |= Q(prefix__startswith=place.prefix, level=AreaLevel.TOWNSHIP)
        elif len(place.prefix) < COUNTY_DIGITS:
            condition |= Q(prefix__startswith=place.prefix, level=AreaLevel.COUNTY)
    return Area.objects.filter(condition).order_by("code_length", "code")


def areas_of_writer(user: User) -> QuerySet[Area]:
    """Where the person may draft rules, down to townships: no document sets a rule for one village."""
    condition = Q(pk__in=())
    for prefix in scope_of(user).areas(Post.RULE_WRITER):
        condition |= Q(prefix__startswith=prefix)
    return Area.objects.filter(condition).exclude(level=AreaLevel.VILLAGE).order_by("code_length", "code")


def rules_citing(clause: Clause) -> list[RuleRow]:
    """Published rules that name the clause, those of today and of the past, newest first."""
    rules = Rule.objects.published().filter(clause=clause).select_related("area", "clause", "document")
    return [row_of(rule) for rule in rules.order_by("area__code", "key", "-valid_from")]


def clauses_by_document(
    *, document: str = "", text: str = "", binding: str = ""
) -> list[tuple[Document, list[Clause]]]:
    """The catalogue under its documents; each clause has `n_rules`, its published rules (one query)."""
    found = Clause.objects.select_related("document").annotate(
        n_rules=Count("rules", filter=Q(rules__published_at__isnull=False))
    )
    if document:
        found = found.filter(document=document)
    if binding:
        found = found.filter(binding=binding == "1")
    if text := text.strip():
        found = found.filter(Q(pk__icontains=text) | Q(text__contains=text))
    rows = groupby(found.order_by("document", "pk"), key=lambda clause: clause.document)
    return [(document, list(clauses)) for document, clauses in rows]
