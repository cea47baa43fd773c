"""The demo's changes of benefits: noticed, in defence, decided, stopped (SY-A1.6)."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from approvals.changing import services as changing
from approvals.changing.declarations import ChangeEntry, EvidenceEntry
from approvals.changing.enums import ChangeKind, Reason
from approvals.changing.models import BenefitChange
from approvals.enums import DefenceForm, DefenceOutcome, DocumentKind, EvidenceKind
from approvals.hearing import DefenceEntry
from approvals.models import Document
from cases.enums import Programme
from common import clock
from organisations.models import User
from payments.models import Benefit
from policy.working_days import Calendar
from workbench.demo.delivery import deliver
from workbench.demo.hard import Desk, morning
from workbench.demo.staff import Town

# How far each change has come, and how many days ago it began.
_PLAN = (("noticed", 4), ("hearing", 6), ("decided", 17), ("stopped", 20), ("draft", 2))


def change_benefits(town: Town, staff: dict[str, User], now: datetime, calendar: Calendar) -> None:
    """Five households whose car was found, each at another stage of being stopped."""
    found = Benefit.objects.filter(
        township=town.township, programme=Programme.DIBAO, ends_on__isnull=True
    ).order_by("-pk")
    for benefit, (stage, days_ago) in zip(found[: len(_PLAN)], _PLAN, strict=False):
        _change(Desk(town, staff, morning(now, calendar, days_ago)), benefit, stage)


def _change(desk: Desk, benefit: Benefit, stage: str) -> None:
    town = desk.town
    entry = ChangeEntry(
        kind=ChangeKind.STOP,
        reason=Reason.PROPERTY,
        facts="动态核查发现该户名下新增小型轿车一辆，不再符合规定。",
        screening="已筛查，不符合低保、临时救助条件。",
    )
    change = desk.do(partial(changing.draft_change, benefit=benefit, entry=entry, actor=town.handler))
    if stage == "draft":
        return
    seen = EvidenceEntry(
        kind=EvidenceKind.VISIT, found_on=desk.clock.moment.date(), finding="入户核实，情况属实。",
        second_visitor="社区网格员",
    )  # fmt: skip
    desk.do(partial(changing.add_evidence, change=change, entry=seen, actor=town.handler))
    _move(desk, change, "propose", town.handler, "")
    _move(desk, change, "review", town.reviewer)
    _move(desk, change, "agree", town.approver)
    _move(desk, change, "give_notice", town.handler)
    if stage == "noticed":
        return
    _hand_over(desk, change, DocumentKind.CHANGE_PRIOR_NOTICE)
    said = desk.do(partial(_speak_up, change, town.handler))
    if stage == "hearing":
        return
    answer = partial(changing.answer_defence, defence=said, outcome=DefenceOutcome.REJECTED)
    desk.do(partial(answer, answer="经复核，车辆登记在其名下。", actor=town.reviewer), days=4)
    _move(desk, change, "close_hearing", None)
    _move(desk, change, "decide", town.approver)
    if stage == "stopped":
        _hand_over(desk, change, DocumentKind.CHANGE_DECISION)


def _move(
    desk: Desk, change: BenefitChange, name: str, actor: User | None, opinion: str = "情况属实。"
) -> None:
    desk.do(partial(changing.move_change, change_id=change.pk, transition=name, actor=actor, opinion=opinion))
    change.refresh_from_db()


def _speak_up(change: BenefitChange, handler: User):
    said = DefenceEntry(DefenceForm.ORAL, change.benefit.head_name, "车是亲戚借用我的名义买的。", clock.now())
    return changing.record_defence(change=change, entry=said, actor=handler)


def _hand_over(desk: Desk, change: BenefitChange, kind: DocumentKind) -> None:
    """Two people bring the paper, the person signs."""
    document = Document.objects.get(application=change.application_id, kind=kind, matter=change.matter)
    desk.do(partial(deliver, document, desk.town), days=1)
    change.refresh_from_db()
