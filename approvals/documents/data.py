"""What each form says, as a JSON-able dict, frozen with the document: no later change touches it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from django.db.models import Q

from approvals.documents import parts
from approvals.documents.registry import FORMS, Form, of_the_case, register
from approvals.documents.titles import title_of
from approvals.enums import DocumentKind, Level, Outcome
from approvals.given import decided_words, proposed_words
from approvals.models import Decision, Proposal
from approvals.settling.records import determination_for
from cases.models import Application, HomeVisit, MaterialsNotice
from cases.queries import current_report, current_visit
from common.errors import Refused
from publicity.enums import ClosingReason, ObjectionOutcome
from publicity.models import Notice


def document_data(
    application: Application, kind: DocumentKind, *, number: str, on: date, matter: str = ""
) -> dict:
    """Everything that the form shows. Refused with the reason while there is nothing to print."""
    form = FORMS[kind]
    subject = form.subject(application, matter)
    if subject is None:
        raise Refused(form.missing)
    common = {
        "kind": str(kind),
        "title": title_of(application, kind, matter),
        "number": number,
        "made_on": parts.day(on),
        "application_number": application.number,
        "programme": application.get_programme_display(),
        "place": parts.place(application),
    }
    return common | form.build(application, subject)


def _materials_notice(application: Application) -> MaterialsNotice | None:
    return MaterialsNotice.objects.filter(application=application).select_related("issued_by").first()


def _finished_visit(application: Application) -> HomeVisit | None:
    visit = current_visit(application)
    return visit if visit is not None and visit.completed_at is not None else None


def _notice(application: Application) -> Notice | None:
    notices = application.notices.of_grants()
    rounds = notices.filter(investigation_round=application.investigation_round)
    return rounds.select_related("village", "township").order_by("-pk").first()


def _decision(application: Application) -> Decision | None:
    return Decision.objects.filter(application=application).select_related("by").first()


def _refusal(application: Application) -> Decision | None:
    decision = _decision(application)
    return decision if decision is not None and decision.outcome == Outcome.REFUSED else None


def _materials_data(application: Application, told: MaterialsNotice) -> dict:
    return {
        "applicant_name": application.applicant_name,
        "applied_on": parts.day(application.received_at or application.created_at),
        "items": list(told.items),
        "note": told.note,
        "issued_by": told.issued_by.display_name,
        "issued_on": parts.day(told.issued_at),
        "hotlines": parts.hotlines(application),
    }


def _visit_data(application: Application, visit: HomeVisit) -> dict:
    report = current_report(application)
    household = application.household
    second = visit.second_visitor.display_name if visit.second_visitor else visit.second_visitor_name
    return {
        "applicant": parts.applicant(application),
        "residence": parts.residence(application),
        "visited_at": parts.moment(visit.visited_at),
        "cause": application.get_cause_display() or "未填写",
        "members": parts.members(application),
        "income": parts.income_rows(application, report),
        "property": parts.property_rows(application, report),
        "rigid": parts.yuan(household.rigid_expenditure_monthly),
        "rigid_note": household.rigid_expenditure_note,
        "findings": [
            {"label": finding.get_dimension_display(), "choice": finding.choice, "note": finding.note}
            for finding in visit.findings.all()
        ]
        + parts.programme_findings(application),
        "neighbours": visit.neighbours or "未走访",
        "conclusion": visit.conclusion,
        "visitors": [visit.first_visitor.display_name, second],
        "present": visit.present_member.person.name,
        "completed_on": parts.day(visit.completed_at),
    }


def _notice_data(application: Application, notice: Notice) -> dict:
    """From the published copy, never from the live case: the board shows what the public page shows."""
    return {
        "name": notice.published_name,
        "village": notice.village.name,
        "category": notice.programme_label,
        "n_members": notice.n_members,
        "n_covered": notice.n_covered,
        "monthly": parts.yuan(notice.monthly if notice.amount is None else notice.amount),
        "once": notice.amount is not None,
        "board": notice.place,
        "posted_on": parts.day(notice.posted_at),
        "ends_on": parts.day(notice.ends_at),
        "hotlines": list(notice.hotlines) or [parts.NATIONAL_HOTLINE],
    }


def _decision_data(application: Application, decision: Decision) -> dict:
    proposal = decision.proposal or _proposal(application)
    return {
        "applicant": parts.applicant(application),
        "applied_on": parts.day(application.received_at or application.created_at),
        "accepted_on": parts.day(application.accepted_at),
        "cause": application.get_cause_display() or "未填写",
        "n_members": application.n_members,
        "n_covered": proposal.n_covered if proposal is not None else 0,
        "members": parts.members(application),
        "payee": parts.payee(application),
        "findings": parts.programme_findings(application) + _verified(application),
        "lines": parts.explained_lines(decision.lines),
        "sources": parts.sources(decision.lines),
        "proposal": _proposal_data(proposal),
        "publicity": _publicity_data(application),
        "decision": {
            "outcome": decision.get_outcome_display(),
            "approved": decision.outcome == Outcome.APPROVED,
            "reason": decision.reason,
            "given": decided_words(decision),
            "office": _office(application, proposal),
            "by": decision.by.display_name,
            "on": parts.day(decision.at),
        },
    }


def _verified(application: Application) -> list[dict]:
    """What the visit of this round found."""
    visit = _finished_visit(application)
    return (
        [{"label": "核实情况", "choice": "入户调查", "note": visit.conclusion}] if visit is not None else []
    )


def _proposal(application: Application) -> Proposal | None:
    rounds = application.proposals.filter(investigation_round=application.investigation_round)
    return rounds.select_related("by").last()


def _proposal_data(proposal: Proposal | None) -> dict:
    if proposal is None:
        return {"outcome": "", "reason": "无", "given": "", "by": "", "on": ""}
    return {
        "outcome": proposal.get_outcome_display(),
        "reason": proposal.reason,
        "given": proposed_words(proposal),
        "by": proposal.by.display_name,
        "on": parts.day(proposal.at),
    }


def _publicity_data(application: Application) -> str:
    """One sentence: when, where, and what came of it."""
    notice = _notice(application)
    if notice is None:
        return _why_no_notice(application)
    period = f"{parts.day(notice.posted_at)}至{parts.day(notice.ends_at)}在{notice.place}公示"
    if notice.closed_because != ClosingReason.EXPIRED:
        return f"{period}，{notice.get_closed_because_display() or '尚未期满'}。"
    n_aside = notice.objections.filter(outcome=ObjectionOutcome.NOT_ABOUT_CASE).count()
    return f"{period}，期满。" + (f"收到异议{n_aside}件，经核实与本公示无关。" if n_aside else "无异议。")


def _why_no_notice(application: Application) -> str:
    if _proposal(application) is None or _proposal(application).outcome == Outcome.REFUSED:
        return "未公示（初审意见为不同意）。"
    if determination_for(_proposal(application)) is not None:
        return "未公示（一事一议，按当地规则认定后由街道、乡镇确认）。"
    return "未公示（急难型临时救助，先行救助、事后补充说明）。"


def _office(application: Application, proposal: Proposal | None) -> str:
    """Whose seal the decision bears: that of the level that decides (DT-1.1, SY-2.1)."""
    if proposal is not None and proposal.authority == Level.COUNTY:
        return f"{application.county.name}民政局"
    return application.township.name


def _refusal_data(application: Application, decision: Decision) -> dict:
    failed = [line for line in decision.lines if not line.get("passed", True)]
    return {
        "applicant_name": application.applicant_name,
        "applied_on": parts.day(application.received_at or application.created_at),
        "reason": decision.reason,
        "facts": [f"{line['label']}：{line.get('formula', '')}" for line in failed],
        "bases": parts.bases(decision.lines),
        "contact": _contact(application),
        "hotlines": parts.hotlines(application),
        "office": _office(application, decision.proposal),
        "decided_on": parts.day(decision.at),
    }


def _contact(application: Application) -> str:
    """Whom to ask about a refusal: the caseworker who was in the house; empty when nobody was."""
    visit = _finished_visit(application)
    return visit.first_visitor.display_name if visit is not None else ""


def _within(path: str) -> Callable[[datetime, datetime], Q]:
    return lambda start, end: Q(**{f"{path}__gte": start, f"{path}__lt": end})


def _refused_within(start: datetime, end: datetime) -> Q:
    return _within("decision__at")(start, end) & Q(decision__outcome=Outcome.REFUSED)


register(
    Form(
        DocumentKind.MATERIALS_NOTICE,
        "社会救助申请材料一次性告知书",
        "社救补告",
        "尚未一次性告知补正。",
        of_the_case(_materials_notice),
        _materials_data,
        event=_within("materials_notice__issued_at"),
        # What is missing is told once, whatever the round (SY-A2.1b).
        once=True,
    ),
    Form(
        DocumentKind.VISIT_FORM,
        "{province}{subject}入户调查表",
        "社救调",
        "本轮入户调查尚未完成。",
        of_the_case(_finished_visit),
        _visit_data,
        event=_within("visits__completed_at"),
    ),
    Form(
        DocumentKind.NOTICE_FORM,
        "{province}{subject}办理公示表",
        "社救示",
        "本轮尚未公示。",
        of_the_case(_notice),
        _notice_data,
        event=_within("notices__posted_at"),
        # Built from the published copy: name, village, heads and amount.
        public=True,
    ),
    Form(
        DocumentKind.DECISION_FORM,
        "{province}{subject}办理审批表",
        "社救审",
        "尚未作出审批决定。",
        of_the_case(_decision),
        _decision_data,
        event=_within("decision__at"),
    ),
    Form(
        DocumentKind.REFUSAL_NOTICE,
        "{refusal}",
        "社救不予",
        "未作出不予批准的决定。",
        of_the_case(_refusal),
        _refusal_data,
        event=_refused_within,
    ),
)
