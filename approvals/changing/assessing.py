"""The means test of a benefit in force on what an inquiry found, by the rules of the day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from approvals.changing.declarations import ChangeEntry
from approvals.changing.enums import ChangeKind, Reason
from cases.enums import Programme
from cases.queries import assessment_facts
from common.errors import Refused
from common.money import show_yuan
from payments.models import Benefit, BenefitRevision
from policy.assess import assess
from policy.household import Facts, IncomeFact, MemberFacts
from policy.lines import Assessment
from policy.rules import RuleBook

_PHASE_OUT = "phase_out"


@dataclass(frozen=True, slots=True)
class Outcome:
    """New amounts in yuan a month (None for an end), months of 渐退期, and the calculation."""

    monthly: Decimal | None = None
    care_fee: Decimal | None = None
    phase_out_months: int = 0
    lines: tuple[dict, ...] = ()
    rule_ids: tuple[int, ...] = ()


def outcome_of(benefit: Benefit, current: BenefitRevision | None, entry: ChangeEntry, on: date) -> Outcome:
    """Compute where the inquiry says something, take the typed amount where it does not.

    Refused, beside the field, where the calculation speaks against the kind of change.
    """
    if entry.found_otherwise:
        assessment = assess_found(benefit, current, entry, on)
        if entry.kind == ChangeKind.ADJUST:
            return _adjusted(assessment, current, entry)
        return _ended(benefit, assessment, on)
    if entry.kind != ChangeKind.ADJUST:
        return Outcome()
    return _typed(benefit, current, entry)


def assess_found(
    benefit: Benefit, current: BenefitRevision | None, entry: ChangeEntry, on: date
) -> Assessment:
    """The means test on what was found, with purpose “recheck”."""
    return assess(facts_found(benefit, current, entry, on), RuleBook(benefit.township, on))


def facts_found(benefit: Benefit, current: BenefitRevision | None, entry: ChangeEntry, on: date) -> Facts:
    """What is on record of the household, with what was found in its place, as of the day."""
    return replace(
        _found(assessment_facts(benefit.application), entry),
        on=on,
        purpose="recheck",
        current_monthly=current.monthly if current else None,
    )


def _found(facts: Facts, entry: ChangeEntry) -> Facts:
    """The facts on record with what was found in their place."""
    key = str(entry.member) if entry.member is not None else ""
    members = tuple(_member(member, entry) if member.key == key else member for member in facts.members)
    assets = facts.assets if entry.deposits is None else replace(facts.assets, deposits=entry.deposits)
    return replace(facts, members=members, assets=assets)


def _member(member: MemberFacts, entry: ChangeEntry) -> MemberFacts:
    if entry.member_gone:
        return replace(member, co_living=False)
    if entry.income is None:
        return member
    others = tuple(item for item in member.income if item.kind != entry.income_kind)
    return replace(member, income=(*others, IncomeFact(entry.income_kind, entry.income)))


def _phases_out(assessment: Assessment) -> bool:
    return any(line.code == _PHASE_OUT for line in assessment.lines)


def _adjusted(assessment: Assessment, current: BenefitRevision, entry: ChangeEntry) -> Outcome:
    if not assessment.eligible:
        raise Refused(
            f"按核实情况测算已不符合条件（{'；'.join(assessment.reasons)}），请选择停发。", field="kind"
        )
    if _phases_out(assessment):
        raise Refused(
            "按核实情况处于渐退期，请选择停发：渐退期内按原金额发放，期满停发。",
            field="kind",
            clause="JZ-2.2",
        )
    if assessment.monthly == current.monthly:
        raise Refused(f"按核实情况测算仍为每月 {show_yuan(current.monthly)} 元，金额没有变化。", field="kind")
    if entry.monthly is not None and entry.monthly != assessment.monthly:
        raise Refused(
            f"按核实情况测算为每月 {show_yuan(assessment.monthly)} 元，与填写的不一致；请留空，以测算为准。",
            field="monthly",
        )
    return _with_lines(
        assessment, monthly=assessment.monthly, care_fee=assessment.care_fee or Decimal("0.00")
    )


def _ended(benefit: Benefit, assessment: Assessment, on: date) -> Outcome:
    if assessment.eligible and not _phases_out(assessment):
        raise Refused("按核实情况测算仍符合条件，不能停发；金额变化的请选择调整。", field="kind")
    months = 0
    if assessment.eligible:
        months = RuleBook(benefit.township, on).period("benefit.dibao.phase_out").amount
    return _with_lines(assessment, phase_out_months=months)


def _with_lines(assessment: Assessment, **given) -> Outcome:
    lines = tuple(line.as_json() for line in assessment.lines)
    return Outcome(lines=lines, rule_ids=assessment.rule_ids, **given)


def _typed(benefit: Benefit, current: BenefitRevision, entry: ChangeEntry) -> Outcome:
    """An amount that people set, with one line that says so."""
    if entry.monthly is None:
        raise Refused("请填写涉及成员、收入或财产的核实情况由系统测算，或填写新的月金额。", field="monthly")
    if entry.monthly <= 0:
        raise Refused("新的月金额须大于 0；不再发放的请选择停发。", field="monthly")
    if entry.monthly == current.monthly:
        raise Refused("新的月金额与现在相同，没有变化。", field="monthly")
    care = current.care_fee if entry.care_fee is None else entry.care_fee
    if care >= entry.monthly or (care and benefit.programme != Programme.TEKUN):
        raise Refused("照料护理费只随特困发放，并小于月金额。", field="care_fee")
    words = f"人工核定：原每月 {show_yuan(current.monthly)} 元；{Reason(entry.reason).label}"
    line = {
        "code": "set_by_hand",
        "label": "月保障金（人工核定）",
        "amount": f"{entry.monthly:.2f}",
        "clause": "",
        "formula": words,
        "passed": True,
        "is_total": True,
    }
    return Outcome(monthly=entry.monthly, care_fee=care, lines=(line,))
