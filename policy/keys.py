"""Every rule key the product knows.

A key that is not here cannot be drafted or loaded, so a slip of the pen is an error and not a missing rule.
"""

from __future__ import annotations

from policy.catalogue import bank, means, oversight, procedure
from policy.key_types import UNITS, Kind, RuleKey

__all__ = ["KEYS", "UNITS", "Kind", "RuleKey", "clean_value"]

KEYS: dict[str, RuleKey] = {
    rule_key.key: rule_key for room in (means, procedure, oversight, bank) for rule_key in room.rule_keys()
}


def clean_value(key: str, value: str, unit: str) -> tuple[str, str]:
    """The canonical (value, unit) of a rule; ValueError with a Chinese sentence otherwise."""
    if key not in KEYS:
        raise ValueError(f"没有名为“{key}”的规则")
    return KEYS[key].clean(value, unit)
