"""特困: no ability to work, no income, nobody able to support (LY-2.4); allowance and care fee (DT-7.3)."""

from __future__ import annotations

from decimal import Decimal

from common.errors import Refused
from common.money import to_fen
from policy.household import SELF_CARE_INDICATORS, SUPPORTER_LABELS, Facts, MemberFacts, TekunFacts
from policy.lines import Line, money_line, yuan
from policy.means import circumstances as case_by_case
from policy.means.finding import ELIGIBLE, Finding, Tested
from policy.means.income import member_income
from policy.means.people import age, applicant, group_of
from policy.means.property import property_lines, times
from policy.means.terms import Sourced, authority, clause_of, income_terms, property_limits, sourced, standard
from policy.rules import NoRuleInForce, RuleBook

PLACEMENT_LABELS = {"institution": "集中供养", "home": "分散供养"}


def assess_tekun(facts: Facts, book: RuleBook) -> Finding:
    """The conditions, and what the person is given a month: basic living allowance and care fee together."""
    said = facts.tekun
    if said is None:
        raise Refused("请填写特困认定情况。", field="tekun")
    person = applicant(facts)
    tested = _conditions(facts, said, person, book)
    base = standard(book, facts, "dibao")
    tested = case_by_case.deposits_at_recheck(facts, book, tested, base)
    decider = authority(book, "tekun")
    if not tested.passed:
        return case_by_case.refer(facts, book, tested, decider)
    basic = _basic(facts, book)
    care, care_line = care_allowance(facts, said, book)
    monthly = basic.amount + care
    words = f"基本生活费 {yuan(basic.amount)} + 照料护理费 {yuan(care)}"
    pocket, pocket_lines = _pocket_money(said, basic, book)
    allowance = money_line("basic_allowance", "特困基本生活费", basic.amount, basic.remark, basic.clause)
    total = money_line("monthly", "月供养金", monthly, words, is_total=True)
    return Finding(
        (*tested.lines, allowance, care_line, *pocket_lines, total),
        ELIGIBLE,
        decider,
        covered=(person.key,),
        monthly=to_fen(monthly),
        care_fee=care,
        pocket_money=pocket,
    )


def _conditions(facts: Facts, said: TekunFacts, person: MemberFacts, book: RuleBook) -> Tested:
    """老年人、残疾人或未成年人；无劳动能力；无生活来源；义务人无能力 — one line each."""
    base = standard(book, facts, "dibao")
    own, own_lines = member_income(person, income_terms(book))
    poor = own < base.amount
    limits = property_limits(book, "tekun", optional=True)
    source_words = f"本人月收入 {yuan(own)}，{'低于' if poor else '不低于'}低保标准 {yuan(base.amount)}"
    if not said.no_income:
        source_words += "；调查认为有生活来源"
    clause = clause_of(book, "tekun.no_work_ability")
    supported = said.supporter == "able"
    lines = (
        *own_lines,
        _target_line(facts, person, book),
        _ability_line(facts, said, person, book),
        Line("no_income", "无生活来源", None, source_words, clause, passed=said.no_income and poor),
        Line("supporter", "法定义务人", None, SUPPORTER_LABELS[said.supporter], clause, passed=not supported),
        *property_lines(facts.assets, 1, limits, base),
    )
    return Tested(lines, own)


def _target_line(facts: Facts, person: MemberFacts, book: RuleBook) -> Line:
    years = age(person, facts)
    old = book.integer("tekun.age.old")
    young = book.integer("tekun.age.minor_kept" if facts.purpose == "recheck" else "tekun.age.minor")
    groups = {"老年人": years >= old, "未成年人": years < young, "残疾人": person.disability is not None}
    found = [name for name, holds in groups.items() if holds]
    words = f"{years} 周岁，{'、'.join(found)}" if found else f"{years} 周岁，不属于老年人、残疾人或未成年人"
    return Line(
        "target_group",
        "老年人、残疾人或未成年人",
        None,
        words,
        clause_of(book, "tekun.age.old"),
        passed=bool(found),
    )


def _ability_line(facts: Facts, said: TekunFacts, person: MemberFacts, book: RuleBook) -> Line:
    """What was established decides; whether the law's own list says so too is remarked for who decides."""
    years = age(person, facts)
    by_age = years >= book.integer("tekun.age.old") or years < book.integer("tekun.age.minor")
    listed = by_age or group_of(person, book.items("tekun.no_work_ability")) is not None
    words = "调查认为无劳动能力" if said.no_work_ability else "调查认为有劳动能力"
    if said.no_work_ability and not listed:
        words += "；年龄、残疾类别和等级不在规则所列，须另有依据"
    clause = clause_of(book, "tekun.no_work_ability")
    return Line("no_work_ability", "无劳动能力", None, words, clause, passed=said.no_work_ability)


def _basic(facts: Facts, book: RuleBook) -> Sourced:
    return standard(book, facts, "tekun")


def grade_of(book: RuleBook, failed: int) -> dict:
    """The self-care grade for so many indicators failed (of six), by the table of the place (DT-2.2)."""
    return next(item for item in reversed(book.items("care.grades")) if failed >= int(item["from"]))


def care_allowance(facts: Facts, said: TekunFacts, book: RuleBook) -> tuple[Decimal, Line]:
    """A share of the minimum wage by grade; at home a part of that (DT-7.3)."""
    grade = grade_of(book, said.self_care_failed)
    if "ratio" not in grade:
        raise NoRuleInForce(f"care.grades（{grade['label']}的比例）", book.area, book.on)
    wage, share = standard(book, facts, "min_wage"), Decimal(grade["ratio"])
    words = (
        f"{SELF_CARE_INDICATORS} 项指标中 {said.self_care_failed} 项不能自主完成，{grade['label']}；"
        f"最低工资 {yuan(wage.amount)} × {times(share * 100)}%"
    )
    if said.placement == "home":
        part = sourced(book, "care.home_share").amount
        share *= part
        words += f" × 分散供养 {times(part * 100)}%"
    care = to_fen(wage.amount * share)
    return care, money_line(
        "care_fee",
        f"照料护理费（{PLACEMENT_LABELS[said.placement]}）",
        care,
        words,
        clause_of(book, "care.grades"),
    )


def _pocket_money(said: TekunFacts, basic: Sourced, book: RuleBook) -> tuple[Decimal | None, list[Line]]:
    """The least that an institution hands over to the person, out of the allowance (DT-7.1)."""
    key = "tekun.pocket_money.ratio"
    if said.placement != "institution" or not book.has(key):
        return None, []
    ratio = sourced(book, key)
    amount = to_fen(basic.amount * ratio.amount)
    words = f"其中：基本生活费 {yuan(basic.amount)} × {times(ratio.amount * 100)}%，不低于此数"
    return amount, [money_line("pocket_money", "零用钱", amount, words, ratio.clause)]
