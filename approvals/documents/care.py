"""Papers of 特困: self-care assessment, service agreement, and the care agreement of those at home."""

from __future__ import annotations

from approvals.assessing import assess_application
from approvals.documents import parts
from approvals.documents.registry import Form, of_the_case, register
from approvals.documents.signing import about, not_submitted
from approvals.enums import DocumentKind
from cases.enums import Placement, Programme
from cases.models import Application
from cases.queries import care_agreement, current_visit, self_care_of, tekun_declaration
from common.errors import Refused
from common.money import show_yuan


def _assessed(application: Application) -> dict | None:
    """The assessment of this round, once the visit that it belongs to is completed."""
    visit = current_visit(application)
    if visit is None or visit.completed_at is None:
        return None
    return self_care_of(application)


def _self_care_data(application: Application, seen: dict) -> dict:
    assessment = seen["assessment"]
    return {
        "applicant": parts.applicant(application),
        "answers": [{"label": label, "able": bool(answer)} for label, answer in seen["answers"]],
        "failed": seen["failed"],
        "grade": seen["grade"],
        "assessed_on": parts.day(assessment.assessed_on),
        "assessors": assessment.assessors,
        "entrusted_to": assessment.entrusted_to,
    }


def _of_tekun(application: Application, matter: str) -> Application | None:
    """特困 with a placement: without one nobody knows who the third party is."""
    if application.programme != Programme.TEKUN:
        return None
    said = tekun_declaration(application)
    return application if said is not None and said.placement else None


def _at_home(application: Application, matter: str) -> Application | None:
    found = _of_tekun(application, matter)
    return found if found is not None and _placement(application) == Placement.HOME else None


def _placement(application: Application) -> str:
    """As agreed; before that, as asked for."""
    agreed = care_agreement(application)
    return agreed.placement if agreed is not None else tekun_declaration(application).placement


def _agreement_data(application: Application, subject: Application) -> dict:
    return _parties(application) | {"standard": _standard(application)}


def _parties(application: Application) -> dict:
    """Who agrees about what kind of care; with another carer it is another agreement."""
    agreed, seen = care_agreement(application), self_care_of(application)
    placement = Placement(_placement(application))
    return {
        "applicant": parts.applicant(application),
        "institution": placement == Placement.INSTITUTION,
        "placement": placement.label,
        "grade": (seen["grade"] if seen is not None else "") or "（以评估结果为准）",
        "carer": {
            "name": agreed.name if agreed is not None else "",
            "contact": (agreed.contact or "") if agreed is not None else "",
            "payee": f"{agreed.payee_name}，{agreed.payee_bank}，{agreed.payee_account}" if agreed else "",
        },
        "signed_on": parts.day(agreed.signed_on) if agreed is not None else "",
    }


def _standard(application: Application) -> str:
    """What the rules give a month as far as they can be reckoned now; the law's words otherwise."""
    try:
        assessment = assess_application(application)
    except Refused:
        assessment = None
    if assessment is None or assessment.monthly is None or assessment.care_fee is None:
        return "基本生活费和照料护理费按当地公布的标准执行，标准调整的随之调整。"
    basic = show_yuan(assessment.monthly - assessment.care_fee)
    care = show_yuan(assessment.care_fee)
    return f"基本生活费每月 {basic} 元，照料护理费每月 {care} 元，标准调整的随之调整。"


def _agreements(application: Application) -> list[str]:
    return about(_parties)(application) if _of_tekun(application, "") is not None else []


def _home_agreements(application: Application) -> list[str]:
    return _agreements(application) if _at_home(application, "") is not None else []


def _self_care_matters(application: Application) -> list[str]:
    return [""] if application.programme == Programme.TEKUN else []


register(
    Form(
        DocumentKind.SELF_CARE_FORM,
        "特困人员生活自理能力评估表",
        "社救评",
        "本轮入户调查和自理能力评估尚未完成。",
        of_the_case(_assessed),
        _self_care_data,
        matters=_self_care_matters,
    ),
    Form(
        DocumentKind.SERVICE_AGREEMENT,
        "{province}特困人员救助供养服务协议",
        "社救协",
        "只有特困申请签订，且须先登记供养方式。",
        _of_tekun,
        _agreement_data,
        matters=_agreements,
        not_final=not_submitted,
    ),
    Form(
        DocumentKind.CARE_AGREEMENT,
        "分散供养特困人员照料服务协议",
        "社救照",
        "只有分散供养的特困人员签订。",
        _at_home,
        _agreement_data,
        matters=_home_agreements,
        not_final=not_submitted,
    ),
)
