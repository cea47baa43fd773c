"""Facts of one application that guards ask for."""

from __future__ import annotations

from cases.enums import AttachmentKind, Dimension, Programme, Supporter
from cases.models import (
    Application,
    CheckReport,
    EconomicCheck,
    HomeVisit,
    LinshiRequest,
    Member,
    SelfCareAssessment,
    TekunDeclaration,
)
from cases.queries.days import rule_day
from cases.queries.programmes import linshi_request, tekun_declaration
from common.errors import Refused
from common.identity import age_on
from policy.rules import RuleBook

ADULT = 18


# When a conditional paper of the rule table is asked for: `condition` there, the household here.
CONDITIONS = {
    "": lambda members, application, day: True,
    "minor": lambda members, application, day: any(age_on(m.person.birth_date, day) < ADULT for m in members),
    "disability": lambda members, application, day: any(m.disability_kind for m in members),
    "severe_illness": lambda members, application, day: any(m.severe_illness for m in members),
    "schooling": lambda members, application, day: application.cause == "schooling",
    "rigid_expenditure": lambda members, application, day: (
        application.household.rigid_expenditure_monthly > 0
    ),
}


def wanted_materials(application: Application) -> list[dict]:
    """The papers that the rules of the day ask of this household: code, label, required, clause."""
    day = rule_day(application)
    members = list(application.household.members.select_related("person"))
    items = RuleBook(application.township, day).items(f"materials.{application.programme}")
    wanted = []
    for item in items:
        applies = CONDITIONS.get(item.get("condition", ""))
        if applies is None:
            raise Refused(f"材料清单中“{item['label']}”的适用条件无法识别，请联系规则管理人员更正。")
        if applies(members, application, day):
            wanted.append(item)
    return wanted


def missing_materials(application: Application) -> list[str]:
    """Labels of the required papers that have not come in."""
    return list(
        application.materials.filter(required=True, received_on__isnull=True).values_list("label", flat=True)
    )


def unauthorised_members(application: Application) -> list[Member]:
    """Co-living, counted members whose authorisation to check is not signed (by a guardian for minors)."""
    return list(
        application.household.members.filter(
            authorised_on__isnull=True, co_living=True, excluded=""
        ).select_related("person")
    )


def current_check(application: Application) -> EconomicCheck | None:
    """The latest check: a new round of investigation visits again, but need not check again."""
    return application.checks.order_by("-investigation_round").first()


def current_report(application: Application) -> CheckReport | None:
    """The report of the latest check, if it has come; it stays valid when only the visit is done again."""
    reports = CheckReport.objects.filter(check_entrusted__application=application)
    latest = current_check(application)
    return reports.filter(check_entrusted=latest).first() if latest else None


def current_visit(application: Application) -> HomeVisit | None:
    """The visit of the present round, finished (`completed_at`) or a draft."""
    return (
        application.visits.filter(investigation_round=application.investigation_round)
        .select_related("first_visitor", "second_visitor", "present_member__person")
        .first()
    )


def incomplete_fields(application: Application) -> list[str]:
    """What a draft still lacks before it can be handed in, in the words of the registration screen."""
    household = application.household
    wanted = {
        "居住地址": household.address,
        "申请理由": application.statement,
    }
    if application.programme != Programme.LINSHI:
        wanted["致困原因"] = application.cause
    if _is_paid_out(application):
        wanted |= {
            "收款人": application.payee_name,
            "开户银行": application.payee_bank,
            "收款账号": application.payee_account,
        }
    missing = [label for label, value in wanted.items() if not value]
    missing += _incomplete_programme(application)
    if household.rigid_expenditure_monthly and not household.rigid_expenditure_note:
        missing.append("刚性支出说明")
    applicant = household.members.filter(relation="self").select_related("person").first()
    if applicant is None:
        missing.append("申请人本人")
    elif not applicant.person.phone:
        missing.append("申请人联系电话")
    return missing


def _is_paid_out(application: Application) -> bool:
    """Does money go to an account? 低边 gets none; an emergency may have got all of it already."""
    if application.programme == Programme.LINSHI:
        return not (linshi_request(application) or LinshiRequest()).is_given
    return application.programme != Programme.DIBIAN


def _incomplete_programme(application: Application) -> list[str]:
    """What is still open of the questions that only this programme asks."""
    if application.programme == Programme.TEKUN:
        said = tekun_declaration(application) or TekunDeclaration()
        answers = {
            "无劳动能力": said.no_work_ability is not None,
            "无生活来源": said.no_income is not None,
            "法定义务人": said.supporter,
            "义务人情况说明": said.supporter_note or said.supporter in {"", Supporter.NONE},
            "供养方式": said.placement,
        }
    elif application.programme == Programme.LINSHI:
        asked = linshi_request(application) or LinshiRequest()
        answers = {
            "救助类型": asked.kind,
            "救助事由": asked.cause,
            "申请金额": asked.requested,
            "事件发生日期": asked.happened_on,
        }
    else:
        return []
    return [label for label, answered in answers.items() if not answered]


def visit_gaps(visit: HomeVisit) -> list[str]:
    """What a visit still lacks: two people, six answers, photo, member, conclusion, signatures.

    For 特困 also the self-care assessment of the same round (DT-2.2).
    """
    gaps = []
    if visit.second_visitor_id is None and not visit.second_visitor_name:
        gaps.append("调查人二（入户调查不少于两人）")
    answered = set(visit.findings.exclude(choice="").values_list("dimension", flat=True))
    gaps += [dimension.label for dimension in Dimension if dimension not in answered]
    if visit.present_member_id is None:
        gaps.append("在场成员")
    if not visit.conclusion:
        gaps.append("调查结论")
    photos = visit.application.attachments.filter(
        kind=AttachmentKind.VISIT_PHOTO, investigation_round=visit.investigation_round
    )
    if not photos.exists():
        gaps.append("入户照片（至少一张）")
    if not visit.signed:
        gaps.append("调查人与在场成员签字确认")
    if visit.application.programme == Programme.TEKUN:
        assessment = SelfCareAssessment.objects.filter(
            application=visit.application_id, investigation_round=visit.investigation_round
        ).first()
        gaps += (assessment or SelfCareAssessment()).missing
    return gaps
