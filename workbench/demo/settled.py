"""The demo's 一事一议 in each of the three variants: referred, appraised, determined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from django.utils import timezone

from approvals.services import move
from approvals.settling import services as settling
from approvals.settling.declarations import AppraisalEntry, Award, MeetingEntry, Referral
from approvals.settling.enums import Capacity, Circumstance
from approvals.settling.records import settlement_of
from cases.declarations import IncomeLine, MemberLine
from cases.enums import Exclusion, IncomeKind, Relation
from cases.models import Application
from common import clock
from organisations.models import User
from policy.working_days import Calendar
from workbench.demo import declared
from workbench.demo.hard import FIRST_INDEX, Desk, morning
from workbench.demo.people import someone
from workbench.demo.staff import Town
from workbench.demo.story import Story

_FACTS = {
    Circumstance.LEFT: {
        "gone": "配偶", "gone_since": "2020-05-01", "declared": "yes",
        "attempts": "三次电话均停机；入户未见到本人。",
    },
    Circumstance.SEVERE: {"who": "本人一级肢体残疾，长期卧床。"},
    Circumstance.URGENT: {
        "what": "房屋突然倒塌。", "plan": "一次性救助，协助修缮。",
        "unclear": "收入略高于标准，现行政策没有对应条款。",
    },
}  # fmt: skip
_PEOPLE = {
    Capacity.STAFF: ["陈一", "陈二", "陈三"],
    Capacity.COMMITTEE: ["李一", "李二", "李三"],
    Capacity.CADRE: ["王一"],
    Capacity.RESIDENT: ["赵一", "赵二", "赵三", "赵四", "赵五"],
    Capacity.OBSERVER: ["周一"],
}
# (township, circumstance, how far): each variant waits at the stages that its rules have.
_PLAN = (
    ("lc", Circumstance.LEFT, "referred"),
    ("lc", Circumstance.LEFT, "appraised"),
    ("lc", Circumstance.LEFT, "determined"),
    ("dt", Circumstance.SEVERE, "referred"),
    ("dt", Circumstance.SEVERE, "appraised"),
    ("dt", Circumstance.SEVERE, "published"),
    ("sy", Circumstance.URGENT, "referred"),
)
# Somebody with so much a month is helped by no ordinary rule.
_TOO_MUCH = Decimal(3000)


@dataclass(frozen=True, slots=True)
class HardCase:
    """One of the plan, with its people."""

    index: int
    circumstance: str
    stage: str

    @property
    def family(self) -> tuple[MemberLine, ...]:
        """Whom the circumstance is about."""
        head, spouse = someone(self.index * 101 + 7), someone(self.index * 101 + 23)
        left = self.circumstance == Circumstance.LEFT
        line = MemberLine(
            name=head.name,
            id_number=head.id_number,
            relation=Relation.SELF,
            phone=head.phone,
            income=(IncomeLine(IncomeKind.WAGE, Decimal(500) if left else _TOO_MUCH),),
        )
        if self.circumstance == Circumstance.SEVERE:
            return (replace(line, disability_kind="physical", disability_grade=1),)
        gone = MemberLine(
            name=spouse.name,
            id_number=spouse.id_number,
            relation=Relation.SPOUSE,
            excluded=Exclusion.LEFT_3Y,
        )
        return (line, gone) if left else (line,)


def settle_cases(towns: dict[str, Town], staff: dict[str, User], now: datetime, calendar: Calendar) -> None:
    """Each from registration to its stage, begun three weeks ago."""
    for key, case in _cases():
        story = Story(case.index, towns[key], morning(now, calendar, 21), "visited", now, family=case.family)
        _settle(Desk(towns[key], staff, story.clock), story.tell(), case)


def _cases() -> Iterator[tuple[str, HardCase]]:
    for n, (key, circumstance, stage) in enumerate(_PLAN):
        yield key, HardCase(FIRST_INDEX + n, circumstance, stage)


def _settle(desk: Desk, application: Application, case: HardCase) -> None:
    step = partial(move, application_id=application.pk)
    facts = dict(_FACTS[case.circumstance])
    if case.circumstance == Circumstance.URGENT:
        facts["happened_on"] = (timezone.localdate(application.created_at) - timedelta(days=2)).isoformat()
    referral = Referral(circumstance=case.circumstance, facts=facts)
    refer = partial(step, transition="refer", opinion="现行政策难以解决，提请一事一议。", referral=referral)
    desk.do(partial(refer, actor=desk.town.handler), days=1)
    if case.stage == "referred":
        return
    desk.do(partial(_appraise, application, desk.town.handler), days=1)
    if case.stage == "appraised":
        return
    ways = {"determined": "settle_at_once", "published": "settle"}
    desk.do(partial(_determine, application, desk.town.reviewer, ways[case.stage]), days=1)


def _appraise(application: Application, actor: User) -> None:
    entry = AppraisalEntry(
        held_at=clock.now(),
        place="村（社区）会议室",
        chair="李一",
        present=_PEOPLE,
        n_for=11,
        n_against=0,
        n_abstained=1,
        opinions="困难属实，同意给予救助。",
        minutes="逐人发表意见后举手表决。",
        sheet=declared.photo(application.pk),
    )
    settling.record_appraisal(application=application, entry=entry, actor=actor)


def _determine(application: Application, actor: User, transition: str) -> None:
    covered = settlement_of(application).application.household.members.filter(excluded="", co_living=True)
    met = MeetingEntry(
        held_at=clock.now(),
        place="街道会议室",
        chair="郑书记",
        attendees="郑书记、吴主任、孙副主任",
        minutes="听取情况汇报，集体研究，一致同意。",
    )
    award = Award(covered=tuple(str(member.pk) for member in covered), monthly=Decimal("585.00"), amount=None)
    move(
        application_id=application.pk,
        transition=transition,
        actor=actor,
        opinion="经集体研究，情况属实。",
        meeting=met,
        award=award,
    )
