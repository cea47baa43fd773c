"""The one table of service: which attempt may follow which, what it asks, what proves it (SY-A1.5b).

In person with two staff; refused, then left behind; not found, then by EMS; returned, then by announcement.
A later way needs the earlier one to have failed. Whoever comes for the paper meanwhile gets it at any time.
A row of this table is also a condition in the database, so changing it is a migration.
"""

from __future__ import annotations

from dataclasses import dataclass

from approvals.enums import DocumentKind
from approvals.serving.enums import Event

# Before the first attempt.
NOTHING = ""
# Papers that bind from the day on which they are served; others are handed out without proof.
TO_SERVE = (
    DocumentKind.REFUSAL_NOTICE,
    DocumentKind.CHANGE_PRIOR_NOTICE,
    DocumentKind.CHANGE_DECISION,
    DocumentKind.RECOVERY_NOTICE,
    DocumentKind.RECOVERY_DECISION,
    DocumentKind.RENEWAL_REFUSAL,
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One kind of attempt. `asks`: the columns it fills; `needs`: those that must not be empty.

    `by_two`: two different members of staff go. `serves`: with it the paper is served.
    """

    event: Event
    label: str
    after: frozenset[str]
    asks: tuple[str, ...]
    needs: frozenset[str]
    by_two: bool = False
    serves: bool = False


_STAFF = ("happened_at", "place", "first_server", "second_server")
_IN_PERSON = frozenset({NOTHING, Event.REFUSED, Event.NOT_FOUND, Event.NOT_LEFT})

_TABLE = (
    Attempt(
        Event.HANDED_OVER,
        "登记直接送达",
        _IN_PERSON | {Event.MAILED, Event.MAIL_RETURNED, Event.ANNOUNCED},
        (*_STAFF, "receiver_relation", "receiver_name", "proof"),
        frozenset({"place", "receiver_relation", "receiver_name", "proof"}),
        by_two=True,
        serves=True,
    ),
    Attempt(
        Event.REFUSED,
        "登记拒绝签收",
        _IN_PERSON,
        (*_STAFF, "reason"),
        frozenset({"place", "reason"}),
        by_two=True,
    ),
    Attempt(
        Event.NOT_FOUND,
        "登记找不到人",
        _IN_PERSON,
        (*_STAFF, "reason"),
        frozenset({"place", "reason"}),
        by_two=True,
    ),
    # Proof of it is a picture, or somebody who saw it: `left_behind_is_proved` of the table.
    Attempt(
        Event.LEFT,
        "登记留置送达",
        frozenset({Event.REFUSED}),
        (*_STAFF, "reason", "proof", "witness_1", "witness_2"),
        frozenset({"place", "reason"}),
        by_two=True,
        serves=True,
    ),
    Attempt(
        Event.NOT_LEFT,
        "登记未能留置",
        frozenset({Event.REFUSED}),
        (*_STAFF, "reason"),
        frozenset({"place", "reason"}),
        by_two=True,
    ),
    Attempt(
        Event.MAILED,
        "登记 EMS 寄出",
        frozenset({Event.NOT_FOUND, Event.NOT_LEFT, Event.MAIL_RETURNED}),
        ("happened_at", "mail_number", "place"),
        frozenset({"mail_number", "place"}),
    ),
    Attempt(
        Event.MAIL_DELIVERED,
        "登记邮寄签收",
        frozenset({Event.MAILED}),
        ("happened_at", "receiver_relation", "receiver_name", "proof"),
        frozenset({"receiver_relation", "receiver_name", "proof"}),
        serves=True,
    ),
    Attempt(
        Event.MAIL_RETURNED,
        "登记邮件退回",
        frozenset({Event.MAILED}),
        ("happened_at", "reason", "proof"),
        frozenset({"reason", "proof"}),
    ),
    Attempt(
        Event.ANNOUNCED,
        "登记发布公告",
        frozenset({Event.MAIL_RETURNED}),
        ("happened_at", "place", "proof"),
        frozenset({"place", "proof"}),
    ),
    # Its instant is the end of the announcement, not the hour at which somebody confirms it.
    Attempt(
        Event.ANNOUNCEMENT_OVER,
        "确认公告期满",
        frozenset({Event.ANNOUNCED}),
        (),
        frozenset(),
        serves=True,
    ),
)
ATTEMPTS: dict[str, Attempt] = {attempt.event.value: attempt for attempt in _TABLE}
SERVING = tuple(event for event, attempt in ATTEMPTS.items() if attempt.serves)


def next_after(last: str) -> list[Attempt]:
    """What may be recorded after an event, in the order of the table."""
    return [attempt for attempt in _TABLE if last in attempt.after]
