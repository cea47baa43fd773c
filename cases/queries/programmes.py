"""What one programme alone knows of an application: the request, the declaration, self-care, the carer."""

from __future__ import annotations

from cases.enums import LinshiKind, Programme
from cases.models import Application, CareAgreement, LinshiRequest, SelfCareAssessment, TekunDeclaration
from cases.queries.days import rule_day
from policy.means.tekun import grade_of
from policy.rules import NoRuleInForce, RuleBook


def tekun_declaration(application: Application) -> TekunDeclaration | None:
    """What was declared about 特困, if anything was."""
    return TekunDeclaration.objects.filter(application=application).first()


def linshi_request(application: Application) -> LinshiRequest | None:
    """The request for 临时救助, if there is one."""
    return LinshiRequest.objects.filter(application=application).first()


def is_emergency(application: Application) -> bool:
    """急难型临时救助: helped first, the formalities afterwards (DT-3.2)."""
    if application.programme != Programme.LINSHI:
        return False
    request = linshi_request(application)
    return request is not None and request.kind == LinshiKind.EMERGENCY


def self_care_assessment(application: Application) -> SelfCareAssessment | None:
    """The self-care assessment of the present round, whole or begun."""
    return application.self_care_assessments.filter(
        investigation_round=application.investigation_round
    ).first()


def self_care_of(application: Application) -> dict | None:
    """The assessment of this round with its grade by the rules of the day (`care.grades`), for the screen.

    None where nothing was assessed; `why_no_grade` where answers or the rule are missing.
    """
    seen = self_care_assessment(application)
    if seen is None:
        return None
    found = {"assessment": seen, "answers": seen.answers, "failed": seen.failed}
    found |= {"grade": "", "why_no_grade": ""}
    if any(answer is None for _, answer in seen.answers):
        return found
    try:
        grade = grade_of(RuleBook(application.township, rule_day(application)), seen.failed)
    except NoRuleInForce as missing:
        return found | {"why_no_grade": str(missing)}
    return found | {"grade": grade["label"]}


def care_agreement(application: Application) -> CareAgreement | None:
    """The service agreement that holds: the latest one (SY-A2.1a)."""
    return application.care_agreements.order_by("-pk").first()
