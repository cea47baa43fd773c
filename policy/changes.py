"""Reads of how rules change: what a draft would replace, all values of one rule, two days compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from common.verdict import Verdict
from organisations.models import Area, User
from organisations.scope import scope_of
from policy import perms
from policy.models import Rule, RuleQuerySet
from policy.queries import RuleRow, row_of
from policy.rules import rules_in_force

_BESIDE = ("area", "clause", "document", "drafted_by", "published_by")


@dataclass(frozen=True, slots=True)
class Change:
    """A draft and the published value that answers on its first day without it (None: nothing does).

    `inherited` says that this value is that of an area above, which stays in force elsewhere.
    """

    before: RuleRow | None
    after: RuleRow
    verdict: Verdict

    @property
    def inherited(self) -> bool:
        return self.before is not None and self.before.rule.area_id != self.after.rule.area_id

    @property
    def same_value(self) -> bool:
        """Would a clerk read the same value as before? Then only source or dates change."""
        return self.before is not None and self.before.value == self.after.value


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry of the time line of a rule, in the form of components/_timeline.html."""

    sentence: str
    at: datetime | None
    actor: str = ""
    opinion: str = ""
    level: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """One key whose rule differs between two days; either side may be missing."""

    label: str
    group: str
    before: RuleRow | None
    after: RuleRow | None


def visible_drafts(user: User) -> RuleQuerySet:
    """The drafts in the areas where the person keeps rules."""
    condition = Q(pk__in=())
    for prefix in scope_of(user).areas(*perms.RULE_POSTS):
        condition |= Q(area__prefix__startswith=prefix)
    return Rule.objects.filter(condition, published_at__isnull=True)


def visible_rules(user: User) -> RuleQuerySet:
    """Published or not, the rules of the areas where the person keeps rules."""
    condition = Q(pk__in=())
    for prefix in scope_of(user).areas(*perms.RULE_POSTS):
        condition |= Q(area__prefix__startswith=prefix)
    return Rule.objects.filter(condition).select_related(*_BESIDE)


def changes_of(drafts: QuerySet[Rule], user: User) -> list[Change]:
    """Each draft beside what answers today in its place (two queries, however many drafts)."""
    drafts = list(drafts.select_related(*_BESIDE).order_by("area__code", "key", "valid_from"))
    rivals: dict[str, list[Rule]] = {}
    known = Rule.objects.published().filter(key__in={draft.key for draft in drafts})
    for rule in known.select_related(*_BESIDE):
        rivals.setdefault(rule.key, []).append(rule)
    return [
        Change(
            before=_answering(rivals.get(draft.key, ()), draft.area, draft.valid_from),
            after=row_of(draft),
            verdict=perms.can_publish(user, draft),
        )
        for draft in drafts
    ]


def _answering(rules: Iterable[Rule], area: Area, on: date) -> RuleRow | None:
    """The nearest of the rules of one key that is in force in the area on the day."""
    fitting = [
        rule
        for rule in rules
        if area.prefix.startswith(rule.area.prefix)
        and rule.valid_from <= on
        and (rule.valid_to is None or rule.valid_to > on)
    ]
    nearest = max(fitting, key=lambda rule: len(rule.area.prefix), default=None)
    return row_of(nearest) if nearest else None


def values_of(area: Area, key: str) -> list[RuleRow]:
    """Every published value of the key in the area itself, the newest first."""
    rules = Rule.objects.published().filter(area=area, key=key).select_related(*_BESIDE)
    return [row_of(rule) for rule in rules.order_by("-valid_from")]


def areas_with(area: Area, key: str) -> list[Area]:
    """The areas above that have a value of their own for the key, nearest first."""
    above = Area.objects.chain_of(area).exclude(pk=area.pk)
    return list(above.filter(rules__key=key, rules__published_at__isnull=False).distinct())


def timeline_of(area: Area, key: str) -> list[Moment]:
    """What people did to the key in the area, the latest first: published, succeeded, retired."""
    rules = Rule.objects.published().filter(area=area, key=key)
    found: list[Moment] = []
    beside = (*_BESIDE, "closure__closed_by", "closure__successor")
    for rule in rules.select_related(*beside).order_by("-valid_from"):
        row = row_of(rule)
        found.append(
            Moment(
                sentence=f"发布“{row.value}”，自 {rule.valid_from:%Y-%m-%d} 起生效",
                at=rule.published_at,
                actor=_people(rule),
                opinion=rule.note,
                level="done",
            )
        )
        closure = getattr(rule, "closure", None)
        if closure and closure.successor_id is None:
            found.append(
                Moment(
                    sentence=f"停用“{row.value}”，自 {closure.closes_on:%Y-%m-%d} 起失效",
                    at=closure.closed_at,
                    actor=f"停用 {closure.closed_by.display_name}",
                    opinion=closure.reason,
                    level="late",
                )
            )
    return sorted(found, key=lambda moment: moment.at, reverse=True)


def _people(rule: Rule) -> str:
    if rule.published_by is None:
        return f"随规则包“{rule.loaded_from}”装入"
    drafted = f"起草 {rule.drafted_by.display_name}，" if rule.drafted_by else ""
    return f"{drafted}发布 {rule.published_by.display_name}"


def differences(area: Area, first: date, second: date) -> list[Difference]:
    """The keys whose answer in the area is another one on the second day than on the first (two queries)."""
    before = {rule.key: rule for rule in rules_in_force(area, first)}
    after = {rule.key: rule for rule in rules_in_force(area, second)}
    found = []
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key), after.get(key)
        if old and new and (old.pk == new.pk or _same(old, new)):
            continue
        rows = [row_of(rule) if rule else None for rule in (old, new)]
        shown = rows[1] or rows[0]
        found.append(Difference(shown.label, shown.group, *rows))
    return found


def _same(old: Rule, new: Rule) -> bool:
    """Value and source alike: only the period was written anew."""
    names = ("value", "unit", "clause_id", "document_id", "certainty", "area_id")
    return all(getattr(old, name) == getattr(new, name) for name in names)
