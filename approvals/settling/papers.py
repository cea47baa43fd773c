"""一事一议审批表 (LC-F) and 民主评议记录 as paper."""

from __future__ import annotations

from decimal import Decimal

from approvals.documents import parts
from approvals.documents.registry import Form, of_the_case, register
from approvals.enums import DocumentKind, Outcome
from approvals.models import Decision
from approvals.settling.circumstances import FACTS
from approvals.settling.models import Appraisal, CaseByCase, Determination
from approvals.settling.queries.panel import people_of
from approvals.settling.records import determination_of, settlement_of, valid_appraisal_of
from cases.models import Application
from common.money import in_capitals, show_yuan

_APPRAISAL = "appraisal:"


def _rounds(application: Application) -> list[str]:
    """One form a round; none for a case that was never referred."""
    return [""] if settlement_of(application) is not None else []


def _determined(application: Application) -> CaseByCase | None:
    settlement = settlement_of(application)
    return settlement if settlement is not None and determination_of(settlement) is not None else None


def _form(application: Application, settlement: CaseByCase) -> dict:
    determined, appraisal = determination_of(settlement), valid_appraisal_of(settlement)
    return {
        "applicant": parts.applicant(application),
        "n_members": application.n_members,
        "circumstance": settlement.label,
        "clause": settlement.clause,
        "statement": application.statement,
        "facts": facts_of(settlement.circumstance, settlement.established),
        "checked": settlement.checked,
        "referred_by": settlement.referred_by.display_name,
        "referred_on": parts.day(settlement.referred_at),
        "appraisal": appraisal_in_short(
            appraisal, later=settlement.urgent, required=settlement.appraisal_required
        ),
        "determination": _determination(determined),
        "confirmation": _confirmation(application, settlement),
    }


def facts_of(circumstance: str, established: dict[str, str]) -> list[dict]:
    """What was established of a circumstance, without what was only ticked."""
    return [
        {"label": fact.label, "text": established[fact.name]}
        for fact in FACTS[circumstance]
        if fact.kind != "tick"
    ]


def appraisal_in_short(appraisal: Appraisal | None, *, required: bool, later: bool = False) -> dict:
    """The meeting with its vote; why there is none, where it follows `later` or is not `required`."""
    if appraisal is None:
        why = "急难情形，先行救助，民主评议事后补办。" if later else "当地规则不要求民主评议。"
        return {"result": why if later or not required else "尚未评议。"}
    watched = f"，{appraisal.n_observer} 名纪（工）委代表到场监督" if appraisal.n_observer else ""
    return {
        "result": f"{parts.moment(appraisal.held_at)}在{appraisal.place}召开民主评议会，参加表决 "
        f"{appraisal.n_voters} 人{watched}。同意 {appraisal.n_for} 票、不同意 {appraisal.n_against} 票、"
        f"弃权 {appraisal.n_abstained} 票，评议{'通过' if appraisal.passed else '未通过'}。",
        "opinions": appraisal.opinions,
        "chair": appraisal.chair,
        "on": parts.day(appraisal.held_at),
    }


def _determination(determined: Determination) -> dict:
    met = ""
    if determined.meeting:
        met = f"{parts.moment(determined.held_at)}{determined.get_meeting_display()}研究。"
    return {
        "met": met,
        "outcome": determined.get_outcome_display(),
        "given": _given(determined),
        "reason": determined.proposal.reason,
        "by": determined.by.display_name,
        "on": parts.day(determined.at),
    }


def _given(determined: Determination) -> str:
    """What is given, the sum in capitals too."""
    if determined.outcome != Outcome.APPROVED:
        return ""
    amount = determined.amount if determined.amount is not None else determined.monthly
    return given_to(determined.n_covered, amount, once=determined.amount is not None)


def given_to(n_covered: int, amount: Decimal | None, *, once: bool = False) -> str:
    """A sum in yuan to so many people, in capitals too; None is the mere status."""
    if amount is None:
        return f"认定 {n_covered} 人，不发放资金。"
    sum_of = f"人民币（大写）{in_capitals(amount)}（小写 {show_yuan(amount)} 元）"
    return f"保障 {n_covered} 人，{'一次性救助' if once else '每月救助'}{sum_of}。"


def _confirmation(application: Application, settlement: CaseByCase) -> dict:
    """The township's own word; empty until it has confirmed or refused."""
    decision = Decision.objects.filter(application=application).select_related("by").first()
    if decision is None:
        return {"outcome": "", "reason": "", "by": "", "on": "", "validity": ""}
    until = settlement.valid_until
    return {
        "outcome": decision.get_outcome_display(),
        "reason": decision.reason,
        "by": decision.by.display_name,
        "on": parts.day(decision.at),
        "validity": f"有效期至{parts.day(until)}，期满须重新申请。" if until else "",
    }


def _decided(application: Application) -> CaseByCase | None:
    """The form is kept as it was made, so it waits for the last signature on it."""
    settlement = _determined(application)
    return settlement if settlement is not None and hasattr(application, "decision") else None


def _meetings(application: Application) -> list[str]:
    found = Appraisal.objects.filter(application=application).order_by("pk")
    return [f"{_APPRAISAL}{pk}" for pk in found.values_list("pk", flat=True)]


def _meeting(application: Application, matter: str) -> Appraisal | None:
    number = matter.removeprefix(_APPRAISAL)
    if not number.isdecimal():
        return None
    rows = Appraisal.objects.filter(application=application).select_related("settlement", "recorded_by")
    return rows.filter(pk=int(number)).first()


def _record(application: Application, appraisal: Appraisal) -> dict:
    return {
        "applicant_name": application.applicant_name,
        "purpose": appraisal.get_purpose_display(),
        "circumstance": appraisal.settlement.label if appraisal.settlement else "",
        "held_at": parts.moment(appraisal.held_at),
        "held_in": appraisal.place,
        "chair": appraisal.chair,
        "people": [
            {"capacity": label, "n": len(names), "names": names} for label, names in people_of(appraisal)
        ],
        "min_people": appraisal.min_people,
        "n_voters": appraisal.n_voters,
        "statement": application.statement,
        "votes": [appraisal.n_for, appraisal.n_against, appraisal.n_abstained],
        "opinions": appraisal.opinions,
        "minutes": appraisal.minutes,
        "evidence": appraisal.evidence,
        "result": _result(appraisal),
        "recorded_by": appraisal.recorded_by.display_name,
        "recorded_on": parts.day(appraisal.recorded_at),
    }


def _result(appraisal: Appraisal) -> str:
    if not appraisal.valid:
        return f"评议无效：{'；'.join(appraisal.defects)}。"
    return f"评议有效，{'通过' if appraisal.passed else '未通过'}。"


def title_of_form(application: Application) -> str:
    """`鹿城区社会救助“一事一议”审批表`."""
    return f"{application.county.name}社会救助“一事一议”审批表"


def register_papers() -> None:
    """Add the two kinds to the table of all papers."""
    register(
        Form(
            DocumentKind.CASE_BY_CASE_FORM,
            "",
            "社救议审",
            "一事一议尚未确认。",
            of_the_case(_decided),
            _form,
            matters=_rounds,
            named=lambda application, matter: title_of_form(application),
        ),
        Form(
            DocumentKind.APPRAISAL_RECORD,
            "",
            "社救民评",
            "没有这次民主评议。",
            _meeting,
            _record,
            matters=_meetings,
            named=lambda application, matter: "社会救助民主评议记录",
        ),
    )
