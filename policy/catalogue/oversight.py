"""Keys about money and oversight: who pays by when, reserves, samples."""

from __future__ import annotations

from policy.catalogue.procedure import LEVEL
from policy.key_types import Kind, RuleKey
from policy.steps import PROGRAMMES


def rule_keys() -> list[RuleKey]:
    """Payers and due days, funds, and the monthly samples."""
    return [
        RuleKey("reserve.minimum", "临时救助备用金最低留存", Kind.DECIMAL, "yuan"),
        RuleKey("reserve.per_head", "临时救助备用金人均最低额", Kind.DECIMAL, "yuan"),
        RuleKey("payments.tekun.bearer", "特困供养费用承担单位", Kind.CHOICE, "", LEVEL),
        *(key for code, name in PROGRAMMES.items() for key in _per_programme(code, name)),
    ]


def _per_programme(code: str, name: str) -> list[RuleKey]:
    return [
        RuleKey(f"payments.{code}.payer", f"{name}发放单位", Kind.CHOICE, "", LEVEL),
        RuleKey(f"payments.{code}.due_day", f"{name}每月发放截止日", Kind.INTEGER, "day"),
        RuleKey(f"sampling.{code}.ratio", f"{name}每月抽查比例", Kind.DECIMAL, "ratio"),
    ]
