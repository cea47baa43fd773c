"""临时救助: the most that the ordinary rules, or 一事一议, allow for one request, and who decides it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from common.errors import Refused
from common.money import to_fen
from policy.household import LINSHI_KIND_LABELS, Facts, LinshiFacts
from policy.lines import Line, money_line, yuan
from policy.means import circumstances as case_by_case
from policy.means.finding import CASE_BY_CASE, ELIGIBLE, INELIGIBLE, Finding
from policy.means.income import household_income
from policy.means.property import times
from policy.means.terms import authority, clause_of, income_terms, sourced, standard
from policy.rules import NoRuleInForce, RuleBook


@dataclass(frozen=True, slots=True)
class _Limit:
    """A most amount, exact, and the line that explains it."""

    amount: Decimal
    line: Line


def assess_linshi(facts: Facts, book: RuleBook) -> Finding:
    """`one_off_max` is what can be given at most; the request decides on authority and on 一事一议."""
    asked = facts.linshi
    if asked is None:
        raise Refused("请填写临时救助申请情况。", field="linshi")
    lines = [*_request_lines(asked), *_income_lines(facts, asked, book)]
    limits = _limits(facts, asked, book)
    most = min(limit.amount for limit in limits)
    lines += [limit.line for limit in limits]
    decider, decider_lines = _decider(facts, asked, book)
    lines += decider_lines
    beyond = asked.at_stake > most or asked.repeat_same_cause
    if not all(line.passed for line in lines):
        return Finding(tuple(lines), INELIGIBLE, decider)
    if beyond and (clause := case_by_case.linshi_clause(book)):
        return _by_case(facts, asked, book, lines, decider, clause)
    if asked.repeat_same_cause:
        lines.append(_repeat_line(book))
        if not lines[-1].passed:
            return Finding(tuple(lines), INELIGIBLE, decider)
    over = "；申请金额超过上限，最多按上限救助" if asked.requested > most else ""
    lines.append(_total(to_fen(most), f"以上限额中最低者{over}", ""))
    return Finding(tuple(lines), ELIGIBLE, decider, _covered(facts), one_off_max=to_fen(most))


def _covered(facts: Facts) -> tuple[str, ...]:
    return tuple(member.key for member in facts.counted)


def _request_lines(asked: LinshiFacts) -> list[Line]:
    kind = LINSHI_KIND_LABELS[asked.kind]
    lines = [money_line("requested", "申请金额", asked.requested, f"{kind}临时救助")]
    if asked.proposed is not None:
        lines.append(money_line("proposed", "拟救助金额", asked.proposed, "初审提出"))
    return lines


def _total(amount: Decimal, words: str, clause: str) -> Line:
    return money_line("one_off_max", "最高可救助金额", amount, words, clause, is_total=True)


def _income_lines(facts: Facts, asked: LinshiFacts, book: RuleBook) -> list[Line]:
    """支出型: income per head below the local figure. 急难型 is helped first, whatever the income."""
    key = "linshi.income_limit"
    if asked.kind == "emergency" or not book.has(key):
        return []
    income, limit, heads = household_income(facts, income_terms(book)), sourced(book, key), len(facts.counted)
    within = income.assessed < limit.amount * heads
    words = f"{yuan(income.assessed)} ÷ {heads} 人，{'低于' if within else '不低于'} {yuan(limit.amount)}"
    remark = f"（{limit.remark}）" if limit.remark else ""
    return [
        *income.lines,
        money_line(
            "per_capita_income",
            "人均月收入",
            income.assessed / heads,
            words + remark,
            limit.clause,
            passed=within,
        ),
    ]


def _limits(facts: Facts, asked: LinshiFacts, book: RuleBook) -> list[_Limit]:
    """The limits of the kind of aid, those of 急难 before the general ones; NoRuleInForce without any."""
    for room in ["emergency", "linshi"] if asked.kind == "emergency" else ["linshi"]:
        found = [_fixed(book, room), _multiple(facts, book, room)]
        if limits := [limit for limit in found if limit is not None]:
            return limits
    raise NoRuleInForce("linshi.max_multiple", book.area, book.on)


def _fixed(book: RuleBook, room: str) -> _Limit | None:
    key = f"{room}.max_amount"
    if not book.has(key):
        return None
    value = sourced(book, key)
    return _Limit(
        value.amount, money_line("max_amount", "最高金额", value.amount, value.remark, value.clause)
    )


def _multiple(facts: Facts, book: RuleBook, room: str) -> _Limit | None:
    key = f"{room}.max_multiple"
    if not book.has(key):
        return None
    multiple = sourced(book, key)
    amount, words = _times_standard(facts, book, multiple.amount)
    return _Limit(amount, money_line("max_multiple", "按低保标准倍数的上限", amount, words, multiple.clause))


def _times_standard(facts: Facts, book: RuleBook, multiple: Decimal) -> tuple[Decimal, str]:
    """So many times the monthly 低保 standard, for each person or for the case as the rules say."""
    base = standard(book, facts, "dibao")
    heads = len(facts.counted) if book.text("linshi.basis") == "per_person" else 1
    marked = f"（{base.remark}）" if base.remark else ""
    words = f"月低保标准 {yuan(base.amount)}{marked} × {times(multiple)} 倍"
    if heads != 1:
        words += f" × {heads} 人"
    return base.amount * multiple * heads, words


def _decider(facts: Facts, asked: LinshiFacts, book: RuleBook) -> tuple[str, list[Line]]:
    """Up to and including the multiple the township decides, above it the district (SY-2.1); in an emergency
    the township acts at once (SY-4.4b).
    """
    decider, key = authority(book, "linshi"), "authority.linshi.township_multiple"
    if decider != "township" or asked.kind == "emergency" or not book.has(key):
        return decider, []
    multiple = sourced(book, key)
    threshold, words = _times_standard(facts, book, multiple.amount)
    above, what = asked.at_stake > threshold, "申请金额" if asked.proposed is None else "拟救助金额"
    words += f"，{what}超过，由区级审批" if above else f"，{what}未超过，由乡镇（街道）审批"
    line = money_line("township_limit", "乡镇（街道）审批上限", threshold, words, multiple.clause)
    return "district" if above else "township", [line]


def _repeat_line(book: RuleBook) -> Line:
    key = "linshi.repeat_same_cause"
    allowed = not book.has(key) or book.text(key) == "allowed"
    clause = clause_of(book, key) if book.has(key) else ""
    words = "同一事由再次申请，当地规则允许" if allowed else "同一事由再次申请，无正当理由不予救助"
    return Line("repeat_same_cause", "同一事由再次申请", None, words, clause, passed=allowed)


def _by_case(
    facts: Facts, asked: LinshiFacts, book: RuleBook, lines: list[Line], decider: str, clause: str
) -> Finding:
    """LC-3.5: again for the same cause, or above the most."""
    cap, cap_lines = _case_cap(facts, asked, book)
    why = "同一事由再次申请" if asked.repeat_same_cause else "申请金额超过最高救助金额"
    lines = [*lines, *cap_lines, Line("circumstance", "可以一事一议", None, why, clause)]
    lines.append(_total(to_fen(cap), "一事一议各项上限中最低者", clause))
    return Finding(
        tuple(lines),
        CASE_BY_CASE,
        case_by_case.decider_of(book, decider),
        _covered(facts),
        one_off_max=to_fen(cap),
        circumstances=(clause,),
    )


def most_case_by_case(facts: Facts, book: RuleBook) -> tuple[Decimal, list[Line]]:
    """The most that one settlement case by case may give, in yuan: LC-3.5 where the place has it, else the
    limits of 临时救助 itself.
    """
    asked = facts.linshi
    if asked is None:
        raise Refused("请填写临时救助申请情况。", field="linshi")
    if book.has("case_by_case.linshi.max_multiple"):
        return _case_cap(facts, asked, book)
    limits = _limits(facts, asked, book)
    return min(limit.amount for limit in limits), [limit.line for limit in limits]


def _case_cap(facts: Facts, asked: LinshiFacts, book: RuleBook) -> tuple[Decimal, list[Line]]:
    """LC-3.5: 人口 × 月低保标准 × 20, of medical costs 70 %."""
    base, heads = standard(book, facts, "dibao"), len(facts.counted)
    multiple = sourced(book, "case_by_case.linshi.max_multiple")
    cap = base.amount * heads * multiple.amount
    words = f"{heads} 人 × 月低保标准 {yuan(base.amount)} × {times(multiple.amount)} 倍"
    lines = [money_line("case_cap_multiple", "一事一议上限（人口）", cap, words, multiple.clause)]
    if asked.cause == "medical":
        share = sourced(book, "case_by_case.linshi.medical_share")
        if asked.residual_medical is None:
            raise Refused("请填写剩余医疗费用，一事一议的上限由它算出。", field="linshi.residual_medical")
        medical = asked.residual_medical * share.amount
        words = f"剩余医疗费用 {yuan(asked.residual_medical)} × {times(share.amount * 100)}%"
        lines.append(money_line("case_cap_medical", "一事一议上限（医疗费用）", medical, words, share.clause))
        cap = min(cap, medical)
    return cap, lines
