"""The papers of a renewal: the form of 一事一议 once more, and 一事一议不予续期告知书 with its remedies."""

from __future__ import annotations

from dataclasses import replace

from approvals.documents import parts
from approvals.documents.registry import FORMS, Form, register
from approvals.enums import DocumentKind, Outcome
from approvals.rechecking.models import EconomicRecheck, Keeping
from approvals.settling.papers import appraisal_in_short, facts_of, given_to, title_of_form
from approvals.settling.services import end_of_benefit
from cases.enums import Programme
from cases.models import Application
from payments.models import Benefit
from policy.rules import RuleBook

_MATTER = "renewal:"


def matter_of(keeping: Keeping) -> str:
    """The matter under which the papers of a renewal are filed."""
    return f"{_MATTER}{keeping.pk}"


def _determined(application: Application) -> list[Keeping]:
    """What was determined on the renewals of a case, the first first."""
    rows = Keeping.objects.filter(recheck__application=application, recheck__settlement__isnull=False)
    return list(rows.select_related("recheck__settlement", "recheck__recorded_by", "appraisal", "by"))


def _refused(application: Application) -> list[Keeping]:
    return [keeping for keeping in _determined(application) if keeping.outcome == Outcome.REFUSED]


def _find(keepings: list[Keeping], matter: str) -> Keeping | None:
    return next((keeping for keeping in keepings if matter_of(keeping) == matter), None)


def _letter(application: Application, keeping: Keeping) -> dict:
    recheck, until = keeping.recheck, keeping.recheck.settlement.holds_until
    return {
        "applicant_name": application.applicant_name,
        "programme_name": Programme(application.programme).label,
        "circumstance": recheck.settlement.label,
        "until": parts.day(until),
        "ends": parts.month(end_of_benefit(until)),
        "reason": keeping.opinion,
        "facts": [*recheck.checked, *_votes(keeping), *_meeting(keeping)],
        "bases": parts.bases([{"clause": clause} for clause in _clauses(application, recheck)]),
        "contact": recheck.recorded_by.display_name,
        "hotlines": parts.hotlines(application),
        "office": application.township.name,
        "decided_on": parts.day(keeping.at),
    }


def _clauses(application: Application, recheck: EconomicRecheck) -> list[str]:
    """By which clauses it ends and was given: that of the validity, and that of the circumstance."""
    book = RuleBook(application.township, recheck.settlement.confirmed_on)
    validity = book.rule("validity.case_by_case").clause_id if book.has("validity.case_by_case") else ""
    return [validity or "", recheck.settlement.clause]


def _votes(keeping: Keeping) -> list[str]:
    held = keeping.appraisal
    if held is None:
        return []
    return [
        f"{parts.day(held.held_at)}民主评议：同意 {held.n_for} 票、不同意 {held.n_against} 票、"
        f"弃权 {held.n_abstained} 票"
    ]


def _meeting(keeping: Keeping) -> list[str]:
    return [f"{parts.day(keeping.held_at)}会议研究，不同意续期"] if keeping.held_at else []


def _form(application: Application, keeping: Keeping) -> dict:
    """The form of LC-F, as the renewal was asked for, appraised and determined."""
    recheck, settlement = keeping.recheck, keeping.recheck.settlement
    return {
        "applicant": parts.applicant(application),
        "n_members": application.n_members,
        "circumstance": settlement.label,
        "clause": settlement.clause,
        "statement": recheck.finding,
        "facts": facts_of(settlement.circumstance, recheck.established),
        "checked": recheck.checked,
        "referred_by": recheck.recorded_by.display_name,
        "referred_on": parts.day(recheck.recorded_at),
        "appraisal": appraisal_in_short(keeping.appraisal, required=recheck.appraisal_required),
        "determination": _determination(keeping),
        "confirmation": {"outcome": "", "reason": "", "by": "", "on": "", "validity": ""},
    }


def _determination(keeping: Keeping) -> dict:
    met = f"{parts.moment(keeping.held_at)}会议研究。" if keeping.held_at else ""
    given = f"续期至{parts.day(keeping.valid_until)}。{_goes_on(keeping)}" if keeping.valid_until else ""
    return {
        "met": met,
        "outcome": f"{keeping.get_outcome_display()}续期",
        "given": given,
        "reason": keeping.opinion,
        "by": keeping.by.display_name,
        "on": parts.day(keeping.at),
    }


def _goes_on(keeping: Keeping) -> str:
    """The amount in force when it was determined."""
    benefit = Benefit.objects.get(application=keeping.recheck.application_id)
    current = benefit.revisions.filter(created_at__lte=keeping.at).order_by("valid_from").last()
    return given_to(benefit.covers.count(), current.monthly if current is not None else None)


def _whole_form() -> Form:
    """The form of 一事一议 with one more for each renewal."""
    first = FORMS[DocumentKind.CASE_BY_CASE_FORM]

    def subject(application: Application, matter: str) -> object | None:
        if not matter.startswith(_MATTER):
            return first.subject(application, matter)
        return _find(_determined(application), matter)

    def build(application: Application, found: object) -> dict:
        maker = _form if isinstance(found, Keeping) else first.build
        return maker(application, found)

    def matters(application: Application) -> list[str]:
        return [*first.matters(application), *map(matter_of, _determined(application))]

    def named(application: Application, matter: str) -> str:
        return f"{title_of_form(application)}（续期）" if matter else title_of_form(application)

    return replace(first, subject=subject, build=build, matters=matters, named=named)


def register_papers() -> None:
    """Add the letter to the table of all papers, and renewals to the form of 一事一议."""
    letter = Form(
        DocumentKind.RENEWAL_REFUSAL,
        "一事一议不予续期告知书",
        "社救议期",
        "没有不同意续期的认定。",
        lambda application, matter: _find(_refused(application), matter),
        _letter,
        matters=lambda application: [matter_of(keeping) for keeping in _refused(application)],
    )
    register(letter, _whole_form())
