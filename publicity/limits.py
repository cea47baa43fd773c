"""How often the public form may be sent: counters in the cache, common to all web processes with Redis."""

from __future__ import annotations

from django.core.cache import cache

from common.fields import lookup_digest

HOUR = 3600
DAY = 24 * HOUR
PER_ADDRESS_AN_HOUR = 5
# Each objection costs a clerk an answer before the household can be paid; more than this is no neighbourhood.
PER_NOTICE_A_DAY = 20


def may_object(*, address: str | None, notice_id: int) -> bool:
    """Count this attempt and say whether it is within bounds. The address is kept as a digest only."""
    caller = lookup_digest(address or "unknown", "objection_address")
    # Counting both each time: one caller who is over the bound must not use up the notice's share.
    return _within(f"objection:from:{caller}", PER_ADDRESS_AN_HOUR, HOUR) and _within(
        f"objection:on:{notice_id}", PER_NOTICE_A_DAY, DAY
    )


def _within(key: str, bound: int, seconds: int) -> bool:
    cache.add(key, 0, seconds)
    try:
        return cache.incr(key) <= bound
    except ValueError:
        # The counter ran out between the two calls: this attempt is the first of a new period.
        cache.set(key, 1, seconds)
        return True
