"""Where a line of a batch comes from and whose account it goes to, as SQL. `b` is always the benefit or the
grant, whose columns for name, place and account are the same.
"""

from __future__ import annotations

from cases.enums import Programme

_OF_BENEFIT = "JOIN payments_benefit b ON b.id = p.benefit_id"
_OF_GRANT = """
    JOIN payments_instalment i ON i.id = p.instalment_id JOIN payments_grant b ON b.id = i.grant_id
"""
# What a month of revision `r` is paid as. One part costs nothing in the plan of a large list.
_ONE_PART = "(SELECT 'regular' AS kind, r.monthly AS amount) part"
_ONE_CORRECTED = "(SELECT 'regular' AS kind, 'correction' AS fix, r.monthly AS amount) part"
_ALLOWANCE_AND_CARE = """(
    SELECT kind, amount
    FROM (VALUES ('regular', r.monthly - r.care_fee), ('care', r.care_fee)) v (kind, amount)
    WHERE amount > 0) part
"""
# With what falls to 0: that is taken back whole.
_BOTH_CORRECTED = """(
    VALUES ('regular', 'correction', r.monthly - r.care_fee), ('care', 'care_fix', r.care_fee)
) part (kind, fix, amount)
"""


def owner_join(programme: str) -> str:
    """Joins payment `p` to its `b`."""
    return _OF_GRANT if programme == Programme.LINSHI else _OF_BENEFIT


def parts(programme: str) -> str:
    """The lateral item `part (kind, amount)`: 特困 is allowance and care fee, the others one amount."""
    return _ALLOWANCE_AND_CARE if programme == Programme.TEKUN else _ONE_PART


def corrected_parts(programme: str) -> str:
    """The lateral item `part (kind, fix, amount)`: what a month should come to, line by line, and the kind of
    line that corrects it.
    """
    return _BOTH_CORRECTED if programme == Programme.TEKUN else _ONE_CORRECTED


def payee_columns(programme: str) -> str:
    """payee_name, payee_bank, payee_account of payment `p`: the care fee goes to its own account (DT-7.2)."""
    if programme != Programme.TEKUN:
        return "b.payee_name, b.payee_bank, b.payee_account"
    return ", ".join(
        f"CASE WHEN p.kind IN ('care', 'care_fix') THEN b.care_{name} ELSE b.payee_{name} END AS payee_{name}"
        for name in ("name", "bank", "account")
    )
