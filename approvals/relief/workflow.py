"""The one table of how an emergency relief moves: relief first, the formalities afterwards (DT-4.3, SY-4.4b).

A row is also a condition in the database (`ReliefStep` admits no other move), so changing it is a migration.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from approvals.relief.enums import ReliefState as State
from organisations.enums import Post


@dataclass(frozen=True, slots=True)
class Move:
    """One move. `sources`: the states it begins in, "" before there is a record. No post: the system."""

    name: str
    label: str
    sources: frozenset[str]
    target: State
    posts: tuple[Post, ...]
    needs_opinion: bool = False


_TABLE = (
    Move("register", "登记急难情形", frozenset({""}), State.REGISTERED, (Post.HANDLER,)),
    Move("agree", "同意先行救助", frozenset({State.REGISTERED}), State.AGREED, (Post.APPROVER,)),
    Move(
        "decline",
        "不予先行救助",
        frozenset({State.REGISTERED, State.AGREED}),
        State.DECLINED,
        (Post.APPROVER,),
        needs_opinion=True,
    ),
    Move(
        "pay",
        "从备用金支付",
        frozenset({State.AGREED}),
        State.PAID,
        (Post.HANDLER, Post.TOWN_PAYMENTS),
    ),
    Move("begin_papers", "补办手续", frozenset({State.PAID}), State.PAID, (Post.HANDLER,)),
    Move("complete", "手续补齐", frozenset({State.PAID}), State.COMPLETED, ()),
    Move(
        "close",
        "认定不符合",
        frozenset({State.PAID}),
        State.CLOSED,
        (Post.APPROVER,),
        needs_opinion=True,
    ),
)
MOVES = {move.name: move for move in _TABLE}
# The posts of all moves.
WORKING = tuple(dict.fromkeys(post for move in _TABLE for post in move.posts))


def moves_from(state: str) -> list[Move]:
    """What people may do in a state, in the order of the table."""
    return [move for move in _TABLE if state in move.sources and move.posts]


def allowed_steps() -> Q:
    """The table as a condition on a step: this move, from there, to there, in such a post."""
    allowed = Q()
    for move in _TABLE:
        allowed |= Q(
            transition=move.name,
            from_state__in=sorted(str(state) for state in move.sources),
            to_state=move.target.value,
            post__in=sorted(post.value for post in move.posts) or [""],
        )
    return allowed
