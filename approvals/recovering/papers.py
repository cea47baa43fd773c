"""The papers of a recovery: 追缴事先告知书, 追缴决定书 (SY-A1.6, JZ-12.5), and the letter with new dates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.utils import timezone

from approvals.documents import parts
from approvals.documents.registry import Form, register
from approvals.enums import DocumentKind, Level
from approvals.models import Document
from approvals.recovering.effects import SHARE
from approvals.recovering.enums import Way
from approvals.recovering.guards import REPAYMENT_PERIOD
from approvals.recovering.models import Plan, Recovery
from approvals.recovering.workflow import DEFENCE
from cases.models import Application
from common import clock
from common.money import in_capitals, show_yuan
from policy.rules import RuleBook

_UNITS = {"cd": "日", "wd": "个工作日"}


def recovery_of(application: Application, matter: str) -> Recovery | None:
    """The recovery that a paper is about, in the round that the paper belongs to."""
    number = matter.removeprefix("recovery:").partition("-")[0]
    rows = Recovery.objects.with_all().filter(application=application)
    recovery = rows.filter(pk=int(number)).first() if number.isdecimal() else None
    return recovery if recovery is not None and recovery.matter == matter else None


def _made(kind: DocumentKind):
    """Papers of recoveries come out of their moves; nothing is made beside them."""

    def matters(application: Application) -> list[str]:
        made = Document.objects.filter(application=application, kind=kind).order_by("pk")
        return list(made.values_list("matter", flat=True))

    return matters


def _words(amount: Decimal) -> str:
    return f"人民币（大写）{in_capitals(amount)}（小写 {show_yuan(amount)} 元）"


def _day(recovery: Recovery) -> date:
    """The day whose rules a paper speaks of."""
    return timezone.localdate(recovery.decided_at or clock.now())


def _period(recovery: Recovery, key: str) -> str:
    rule = RuleBook(recovery.township, _day(recovery)).rule(key)
    return f"{rule.value}{_UNITS[rule.unit]}"


def _between(application: Application, recovery: Recovery, book: RuleBook) -> dict:
    """To whom a letter goes, from which office, and whom to ask."""
    authority = book.rule(f"decision.{recovery.programme}.authority").value
    township, county = recovery.township.name, f"{recovery.county.name}民政局"
    return {
        "name": recovery.name,
        "debtor": recovery.debtor,
        "hotlines": parts.hotlines(application),
        "office": township if authority == Level.TOWNSHIP else county,
    }


def _common(application: Application, recovery: Recovery) -> dict:
    """What both letters say: from whom, how much of which months, on what facts."""
    book = RuleBook(recovery.township, _day(recovery))
    return _between(application, recovery, book) | {
        "amount": _words(recovery.debt.owed),
        "ground": recovery.get_ground_display(),
        "facts": recovery.facts,
        "evidence": f"{recovery.get_evidence_display()}（{parts.day(recovery.found_on)}）",
        "months": [
            {
                "month": parts.month(item.month),
                "kind": item.what,
                "paid": show_yuan(item.paid),
                "due": show_yuan(item.due),
                "amount": show_yuan(item.amount),
            }
            for item in recovery.debt.overpayments.select_related("fund_move")
        ],
        "way": _way(recovery, book),
    }


def _way(recovery: Recovery, book: RuleBook) -> str:
    """How it shall come back, in a sentence."""
    if recovery.way == Way.SET_OFF:
        return (
            f"自决定书送达后的下一批发放起，从待遇中按月抵扣，每月至多为当月金额的{book.decimal(SHARE):.0%}"
        )
    period = _period(recovery, REPAYMENT_PERIOD)
    if recovery.way == Way.INSTALMENTS:
        return f"分{recovery.n_parts}期缴回，首期自收到决定书之日起{period}内，以后每月一期"
    return f"自收到决定书之日起{period}内一次缴回"


def _prior_notice(application: Application, recovery: Recovery) -> dict:
    key = f"deadline.{recovery.programme}.{DEFENCE.step}"
    return _common(application, recovery) | {"period": _period(recovery, key)}


def _decision(application: Application, recovery: Recovery) -> dict:
    heard = [
        f"{item.made_by}于{parts.day(item.received_at)}{item.get_form_display()}提出："
        f"{item.content}　复核意见：{item.get_outcome_display()}。{item.answer}"
        for item in recovery.defences.filter(round=recovery.round)
    ]
    returned = recovery.debt.returned
    return _common(application, recovery) | {
        "noticed_on": parts.day(recovery.prior_served_at),
        "heard": heard,
        "decided_on": parts.day(recovery.decided_at),
        "returned": _words(returned) if returned else "",
        "open": _words(recovery.debt.open),
        "payee": recovery.debt.payer.name,
    }


def _plan_of(application: Application, matter: str) -> Plan | None:
    """The agreed plan that a letter is about."""
    number = matter.removeprefix("plan:")
    rows = Plan.objects.filter(recovery__application=application, granted=True)
    return rows.filter(pk=int(number)).first() if number.isdecimal() else None


def _new_dates(application: Application, plan: Plan) -> dict:
    recovery = Recovery.objects.with_all().get(pk=plan.recovery_id)
    book = RuleBook(recovery.township, _day(recovery))
    return _between(application, recovery, book) | {
        "asked_on": parts.day(plan.asked_at),
        "agreed_on": parts.day(plan.decided_at),
        "reason": plan.reason,
        "open": _words(plan.amount),
        "parts": [
            {"number": part.number, "due_on": parts.day(part.due_on), "amount": show_yuan(part.amount)}
            for part in plan.parts.order_by("number")
        ],
        "payee": recovery.debt.payer.name,
    }


def register_papers() -> None:
    """Add the three kinds to the table of all papers."""
    kinds = (
        (DocumentKind.RECOVERY_NOTICE, "社救追告", "追缴尚未同意，不能出具事先告知书。", _prior_notice),
        (DocumentKind.RECOVERY_DECISION, "社救追决", "尚未作出追缴决定。", _decision),
    )
    for kind, word, missing, build in kinds:
        register(Form(kind, kind.label, word, missing, recovery_of, build, matters=_made(kind)))
    kind, missing = DocumentKind.REPAYMENT_PLAN, "没有同意的缴款计划调整。"
    register(Form(kind, kind.label, "社救缴调", missing, _plan_of, _new_dates, matters=_made(kind)))
