"""一事一议 in every stage, walked there by the real services, in the three districts whose rules differ."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from approvals.services import move
from approvals.settling import services
from approvals.settling.declarations import AppraisalEntry, Award, MeetingEntry, Referral, Told
from approvals.settling.enums import Body, Capacity, Circumstance, Way
from approvals.settling.models import Appraisal, CaseByCase, Entry, Filing
from approvals.settling.records import settlement_of
from cases.enums import ApplicationState as State
from cases.enums import Exclusion, Relation
from cases.models import Application
from organisations.enums import Post
from organisations.models import Area, User
from tests.approvals.builders import (
    REASON,
    Office,
    collect,
    draft,
    record_report,
    record_visit,
    submit,
)
from tests.cases.builders import member_line, person_with, photo
from tests.ground import lay_ground

LUCHENG, DONGTOU, SHANGYU = "330302006001", "330305001201", "330604001001"
LEFT_FACTS = {
    "gone": "林大山（配偶）",
    "gone_since": "2020-05-01",
    "attempts": "2026-01-10、2026-02-03 电话均停机；2026-03-02 入户未见到本人。",
    "declared": "yes",
}
SEVERE_FACTS = {"who": "本人一级肢体残疾，长期卧床。"}
URGENT_FACTS = {
    "happened_on": "2026-02-20",
    "what": "房屋突然倒塌。",
    "unclear": "收入略高于标准，现行政策没有对应条款。",
    "plan": "一次性救助，协助修缮。",
}


@dataclass(frozen=True)
class Settling:
    """An office with those who watch over 一事一议, and the circumstance that its rules know."""

    office: Office
    discipline: User
    district: User
    circumstance: str
    facts: dict[str, str]


def _settling(code: str, circumstance: str, facts: dict[str, str]) -> Settling:
    places = lay_ground(demo_villages=True)
    village = Area.objects.select_related("parent__parent").get(code=code)
    township = village.parent
    posts = {
        "helper": person_with(Post.VILLAGE_HELPER, village),
        "handler": person_with(Post.HANDLER, township),
        "reviewer": person_with(Post.REVIEWER, township),
        "approver": person_with(Post.APPROVER, township),
    }
    return Settling(
        Office(places=places, village=village, **posts),
        person_with(Post.DISCIPLINE, township),
        person_with(Post.AUDITOR, township.parent),
        circumstance,
        facts,
    )


def in_lucheng() -> Settling:
    return _settling(LUCHENG, Circumstance.LEFT, LEFT_FACTS)


def in_dongtou() -> Settling:
    return _settling(DONGTOU, Circumstance.SEVERE, SEVERE_FACTS)


def in_shangyu() -> Settling:
    return _settling(SHANGYU, Circumstance.URGENT, URGENT_FACTS)


def asking(place: Settling, **values) -> Application:
    """Registered as the circumstance of the place needs it: not eligible, or only without who left."""
    if values:
        return draft(place.office, **values)
    if place.circumstance == Circumstance.LEFT:
        gone = member_line("林大山", relation=Relation.SPOUSE, excluded=Exclusion.LEFT_3Y)
        return draft(place.office, member_line(wage="500.00"), gone)
    ill = {"disability_kind": "physical", "disability_grade": 1} if place.circumstance == "severe" else {}
    return draft(place.office, member_line(wage="3000.00", **ill))


def visited(place: Settling, application: Application | None = None, *, wage: str = "") -> Application:
    """Investigated, and at the point where the handler sees that the ordinary rules do not help."""
    office, application = place.office, application or asking(place)
    submit(application, office)
    application.refresh_from_db()
    collect(application, office)
    move(application_id=application.pk, transition="accept", actor=office.handler)
    move(application_id=application.pk, transition="entrust_check", actor=office.reviewer)
    known = "500.00" if place.circumstance == Circumstance.LEFT else "3000.00"
    record_report(application, office, wage=wage or known)
    move(application_id=application.pk, transition="record_report", actor=office.handler)
    record_visit(application, office)
    application.refresh_from_db()
    return application


def refer(place: Settling, application: Application, **changes) -> CaseByCase:
    facts = {"circumstance": place.circumstance, "facts": place.facts} | changes
    move(
        application_id=application.pk,
        transition="refer",
        actor=place.office.handler,
        opinion=REASON,
        referral=Referral(**facts),
    )
    application.refresh_from_db()
    return settlement_of(application)


def referred(place: Settling) -> CaseByCase:
    return refer(place, visited(place))


PRESENT = {
    Capacity.STAFF: ["陈一", "陈二", "陈三"],
    Capacity.COMMITTEE: ["李一", "李二", "李三"],
    Capacity.CADRE: ["王一"],
    Capacity.RESIDENT: ["赵一", "赵二", "赵三", "赵四", "赵五"],
    Capacity.OBSERVER: ["周一"],
}


def appraisal_entry(**changes) -> AppraisalEntry:
    """Twelve people of all four capacities and the observer; eleven agree, one abstains."""
    facts = {
        "held_at": timezone.now(),
        "place": "望海村会议室",
        "chair": "李一",
        "present": PRESENT,
        "n_for": 11,
        "n_against": 0,
        "n_abstained": 1,
        "opinions": "困难属实，同意给予救助。",
        "minutes": "逐人发表意见后举手表决。",
        "sheet": photo(),
    }
    return AppraisalEntry(**facts | changes)


def appraise(place: Settling, settlement: CaseByCase, /, **changes) -> Appraisal:
    return services.record_appraisal(
        application=settlement.application, entry=appraisal_entry(**changes), actor=place.office.handler
    )


def meeting(**changes) -> MeetingEntry:
    facts = {
        "held_at": timezone.now(),
        "place": "街道会议室",
        "chair": "郑书记",
        "attendees": "郑书记、吴主任、孙副主任",
        "minutes": "听取情况汇报，集体研究，一致同意。",
    }
    return MeetingEntry(**facts | changes)


def everybody(application: Application) -> tuple[str, ...]:
    members = application.household.members.filter(excluded="", co_living=True)
    return tuple(str(member.pk) for member in members)


def determine(
    place: Settling,
    settlement: CaseByCase,
    *,
    transition: str = "settle_at_once",
    monthly: str | None = "585.00",
    amount: str | None = None,
    held: MeetingEntry | None = None,
    covered: tuple[str, ...] | None = None,
) -> Application:
    application = settlement.application
    return move(
        application_id=application.pk,
        transition=transition,
        actor=place.office.reviewer,
        opinion="经集体研究，情况属实。",
        meeting=held or meeting(),
        award=Award(
            covered=everybody(application) if covered is None else covered,
            monthly=None if monthly is None else Decimal(monthly),
            amount=None if amount is None else Decimal(amount),
        ),
    )


def filed(place: Settling, settlement: CaseByCase, body: Body) -> Filing:
    return services.file(settlement=settlement, body=body, remark="附评议记录。", actor=place.office.handler)


def acknowledged(place: Settling, settlement: CaseByCase, body: Body) -> Filing:
    actor = place.discipline if body == Body.DISCIPLINE else place.district
    return services.acknowledge(
        filing=filed(place, settlement, body), answer="已收到，同意备案。", actor=actor
    )


def told(**changes) -> Told:
    return Told(**{"told_on": timezone.localdate(), "way": Way.IN_PERSON, "note": "无异议。"} | changes)


def approve(place: Settling, application: Application) -> Application:
    return move(
        application_id=application.pk, transition="approve", actor=place.office.approver, opinion=REASON
    )


def actions_of(application: Application) -> list[str]:
    return list(Entry.objects.filter(application=application).values_list("action", flat=True))


def in_force(place: Settling) -> CaseByCase:
    """鹿城: appraised, determined and confirmed at once."""
    settlement = referred(place)
    appraise(place, settlement)
    application = determine(place, settlement)
    assert application.state == State.DECIDING
    approve(place, application)
    settlement.refresh_from_db()
    return settlement
