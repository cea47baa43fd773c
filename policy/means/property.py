"""What a household owns, against the limits of the programme: one line a limit."""

from __future__ import annotations

from decimal import Decimal

from policy.household import Assets
from policy.lines import Line, money_line, yuan
from policy.means.terms import PropertyLimits, Sourced

MONTHS = 12


def annual(standard: Sourced) -> Decimal:
    """The year's 低保 standard, of which limits are multiples."""
    return MONTHS * standard.amount


def property_lines(
    declared: Assets | None, heads: int, limits: PropertyLimits, standard: Sourced
) -> list[Line]:
    """One line a limit; the one that is passed over says so. `standard`: that of 低保, whatever is tested."""
    assets = declared or Assets()
    note = "" if declared is not None else "未填报财产，按无财产测算；"
    lines = []
    if limits.deposits_multiple is not None:
        lines += _deposits(assets, heads, limits.deposits_multiple, standard, note)
    if limits.vehicles_max is not None:
        lines.append(_count_line("vehicles", "机动车", assets.vehicles, "辆", limits.vehicles_max))
    if limits.houses_max is not None:
        houses = assets.non_residential_houses
        lines.append(_count_line("non_residential_houses", "非居住用房", houses, "处", limits.houses_max))
    if limits.capital_below is not None:
        lines.append(_capital(assets, limits.capital_below))
    return lines


def _deposits(assets: Assets, heads: int, multiple: Sourced, standard: Sourced, note: str) -> list[Line]:
    limit = multiple.amount * annual(standard)
    within = assets.deposits < limit * heads
    words = f"年低保标准 {yuan(annual(standard))} × {times(multiple.amount)} 倍" + _remark(multiple)
    compared = f"{note}{yuan(assets.deposits)} ÷ {heads} 人，{'低于限额' if within else '达到或超过限额'}"
    per_head = assets.deposits / heads
    return [
        money_line("deposits_limit", "人均金融资产限额", limit, words, multiple.clause),
        money_line("deposits_per_head", "人均金融资产", per_head, compared, multiple.clause, passed=within),
    ]


def _capital(assets: Assets, below: Sourced) -> Line:
    within = assets.registered_capital < below.amount
    words = f"限额 {yuan(below.amount)}，{'低于' if within else '达到或超过'}限额" + _remark(below)
    label = "市场主体认缴出资额"
    return money_line(
        "registered_capital", label, assets.registered_capital, words, below.clause, passed=within
    )


def _count_line(code: str, label: str, count: int, measure: str, most: Sourced) -> Line:
    passed = count <= most.amount
    allowed = f"最多 {most.amount} {measure}" if most.amount else "不得拥有"
    words = f"{count} {measure}，{allowed}，{'符合' if passed else '超过限额'}" + _remark(most)
    return Line(code, label, None, words, most.clause, passed=passed)


def times(multiple: Decimal) -> str:
    """`4`, `1.5`: a multiple in words."""
    return f"{multiple.normalize():f}"


def _remark(value: Sourced) -> str:
    return f"（{value.remark}）" if value.remark else ""
