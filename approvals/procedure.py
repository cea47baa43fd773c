"""What procedures beside the application have in common: changes of benefits and recoveries have a table of
moves, guards and three posts of their own, and answer alike who may do what about them now.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from types import ModuleType

from django.db import models

from approvals.enums import Level
from approvals.perms import Standing, may_act, not_the_office
from approvals.workflow import Transition
from common import clock
from common.errors import Refused
from common.verdict import ALLOWED, Verdict, denied
from organisations.models import User
from policy.rules import RuleBook


def not_decider(matter: models.Model, actor: User, word: str) -> str:
    """The office that decides about the programme today decides about its `word` too (SY-7.2)."""
    try:
        rule = RuleBook(matter.township, clock.today()).rule(f"decision.{matter.programme}.authority")
    except Refused as refusal:
        return str(refusal)
    level = Level.TOWNSHIP if rule.value == Level.TOWNSHIP else Level.COUNTY
    what = f"{matter.get_programme_display()}的{word}"
    return not_the_office(matter.village, actor, level, rule.clause_id or "", what)


@dataclass(frozen=True, slots=True)
class Procedure:
    """`word` is what people call the matter, `standing` what a person is to it; both tables by state."""

    word: str
    guards: ModuleType
    standing: Callable[[models.Model, User], Standing]
    from_state: Callable[[str], list[Transition]]
    final: frozenset[str]

    def why_not(
        self,
        matter: models.Model,
        move: Transition,
        actor: User | None,
        now: datetime,
        person: Standing | None = None,
    ) -> Verdict:
        """May the actor make the move now? State first, then post and person, then the guards."""
        if matter.state not in move.sources:
            return denied(f"{self.word}状态为“{matter.get_state_display()}”，不能办理“{move.label}”。")
        if actor is not None:
            verdict = self.may_move(matter, move, actor, person)
            if not verdict:
                return verdict
        elif not move.by_system:
            return denied(f"“{move.label}”须由人员办理。")
        reasons = [reason for name in move.guards if (reason := getattr(self.guards, name)(matter, now))]
        return denied("".join(reasons)) if reasons else ALLOWED

    def may_move(
        self, matter: models.Model, move: Transition, actor: User, person: Standing | None = None
    ) -> Verdict:
        """Does the person hold a post for the move here, and nothing speaks against it?"""
        if not move.posts:
            return denied(f"“{move.label}”随文书送达自动办理。")
        return may_act(matter, move, person or self.standing(matter, actor))

    def legal_actions(
        self, matter: models.Model, actor: User, now: datetime
    ) -> list[tuple[Transition, Verdict]]:
        """The moves that begin here, each with its verdict; empty for whoever only watches."""
        person = self.standing(matter, actor)
        if not person.held or matter.state in self.final:
            return []
        moves = [move for move in self.from_state(matter.state) if self._is_offered(matter, move, now)]
        found = [(move, self.why_not(matter, move, actor, now, person)) for move in moves]
        # To those who never withdraw, a grey button would say nothing.
        return [(move, verdict) for move, verdict in found if verdict or move.name != "withdraw"]

    def _is_offered(self, matter: models.Model, move: Transition, now: datetime) -> bool:
        """Is the move one that people make, and that this matter knows at all?"""
        if not move.posts:
            return False
        return not move.offered_if or getattr(self.guards, move.offered_if)(matter, now) is None
