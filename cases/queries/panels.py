"""What the panels of the case page show; the page itself belongs to workbench."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from cases import perms
from cases.enums import AttachmentKind, Dimension, Origin, Programme
from cases.models import Application, CheckReport, IncomeItem, Member
from cases.queries.days import rule_day
from cases.queries.facts import current_check, current_report, current_visit, visit_gaps
from cases.queries.programmes import care_agreement, linshi_request, self_care_of, tekun_declaration
from common.identity import age_on
from organisations.models import User
from organisations.scope import scope_of

_PROPERTY = ("deposits", "vehicles", "houses", "non_residential_houses", "registered_capital")
_MONEY = {"deposits", "registered_capital"}


def household_panel(application: Application, user: User) -> dict:
    """Context of `cases/_household.html`: members and income, property, the account."""
    members = list(application.household.members.select_related("person").prefetch_related("income"))
    report = current_report(application)
    day = rule_day(application)
    return {
        "household_panel": {
            "application": application,
            "household": application.household,
            "members": [_member_row(member, report, day) for member in members],
            "property": _property_rows(application, report),
            "tekun": tekun_declaration(application) if application.programme == Programme.TEKUN else None,
            "linshi": linshi_request(application) if application.programme == Programme.LINSHI else None,
            "can_edit": perms.can_edit(scope_of(user), application),
            "can_unmask": perms.can_unmask(scope_of(user), application),
            "can_discard": perms.can_discard(scope_of(user), application),
        }
    }


def _member_row(member: Member, report: CheckReport | None, day) -> dict:
    items = list(member.income.all())
    declared = [item for item in items if item.origin == Origin.DECLARED]
    checked = [item for item in items if report is not None and item.report_id == report.pk]
    return {
        "id": member.pk,
        "person": member.person,
        "name": member.person.name,
        "relation": member.get_relation_display(),
        "sex": member.person.get_sex_display(),
        "age": age_on(member.person.birth_date, day),
        "masked_id": member.person.masked_id_number,
        "masked_phone": member.person.masked_phone,
        "notes": _notes(member),
        "declared": _sum(declared),
        "declared_lines": [_income_text(item) for item in declared],
        "checked": _sum(checked) if report else None,
        "checked_lines": [_income_text(item) for item in checked],
        "employment_cost": member.employment_cost,
        "authorised_on": member.authorised_on,
        "guardian": member.authorised_by_guardian,
        "counted": member.co_living and not member.excluded,
    }


def _notes(member: Member) -> list[str]:
    notes = []
    if not member.co_living:
        notes.append("不共同生活")
    if member.excluded:
        notes.append(f"不计入：{member.get_excluded_display()}")
    if member.disability_kind:
        notes.append(f"{member.get_disability_kind_display()}残疾{member.disability_grade}级")
    if member.severe_illness:
        notes.append("重特大疾病")
    return notes


def _sum(items: Iterable[IncomeItem]) -> Decimal:
    """Income that counts; exempt streams are listed but not added."""
    return sum((item.monthly for item in items if not item.exempt), Decimal("0.00"))


def _income_text(item: IncomeItem) -> str:
    exempt = f"（不计入：{item.get_exempt_display()}）" if item.exempt else ""
    return f"{item.get_kind_display()} {item.monthly:,.2f}{exempt}"


def _property_rows(application: Application, report: CheckReport | None) -> list[dict]:
    household = application.household
    return [
        {
            "label": household._meta.get_field(name).verbose_name,
            "declared": getattr(household, name),
            "checked": getattr(report, name) if report else None,
            "money": name in _MONEY,
            "differs": report is not None and getattr(household, name) != getattr(report, name),
        }
        for name in _PROPERTY
    ]


def materials_panel(application: Application, user: User) -> dict:
    """Context of `cases/_materials.html`: checklist, signatures, one-time notice."""
    members = list(application.household.members.select_related("person"))
    materials = list(application.materials.prefetch_related("attachments"))
    day = rule_day(application)
    return {
        "materials_panel": {
            "application": application,
            "materials": materials,
            "n_received": sum(material.received_on is not None for material in materials),
            "notice": getattr(application, "materials_notice", None),
            "members": [
                {
                    "member": member,
                    "name": member.person.name,
                    "minor": age_on(member.person.birth_date, day) < 18,
                    "needed": member.co_living and not member.excluded,
                }
                for member in members
            ],
            "can_receive": perms.can_receive_materials(scope_of(user), application),
            "can_sign": perms.can_sign_authorisations(scope_of(user), application),
            "can_upload": perms.can_upload(scope_of(user), application),
        }
    }


def check_panel(application: Application, user: User) -> dict:
    """Context of `cases/_check.html`: check and report of this round, earlier reports."""
    check, report = current_check(application), current_report(application)
    earlier = CheckReport.objects.filter(check_entrusted__application=application).select_related(
        "check_entrusted", "recorded_by"
    )
    if report:
        earlier = earlier.exclude(pk=report.pk)
    income = report.income.select_related("member__person").order_by("member_id", "pk") if report else []
    return {
        "check_panel": {
            "application": application,
            "check": check,
            "report": report,
            "income": list(income),
            "property": _property_rows(application, report) if report else [],
            "earlier": list(earlier),
            "can_record": perms.can_record_check(scope_of(user), application),
        }
    }


def visit_panel(application: Application, user: User) -> dict:
    """Context of `cases/_visit.html`: the visit of this round with findings and photos."""
    visit = current_visit(application)
    findings = {finding.dimension: finding for finding in visit.findings.all()} if visit else {}
    photos = application.attachments.filter(
        kind__in=[AttachmentKind.VISIT_PHOTO, AttachmentKind.SIGNATURE],
        investigation_round=application.investigation_round,
    )
    return {
        "visit_panel": {
            "application": application,
            "visit": visit,
            "second_visitor": _second_visitor(visit),
            "findings": [
                {
                    "label": dimension.label,
                    "choice": findings[dimension].choice if dimension in findings else "",
                    "note": findings[dimension].note if dimension in findings else "",
                }
                for dimension in Dimension
            ],
            "photos": list(photos),
            "gaps": visit_gaps(visit) if visit and not visit.completed_at else [],
            "self_care": self_care_of(application),
            "can_record": perms.can_record_visit(scope_of(user), application),
        }
    }


def _second_visitor(visit) -> str:
    if visit is None:
        return ""
    return visit.second_visitor.display_name if visit.second_visitor_id else visit.second_visitor_name


def attachments_panel(application: Application, user: User) -> dict:
    """Context of `cases/_attachments.html`: every file of the case."""
    return {
        "attachments_panel": {
            "application": application,
            "attachments": list(application.attachments.select_related("material", "uploaded_by")),
            "can_upload": perms.can_upload(scope_of(user), application),
            "can_withdraw": perms.can_withdraw_attachment(scope_of(user), application),
        }
    }


def care_panel(application: Application, user: User) -> dict:
    """Context of `cases/_care.html`: the service agreement of 特困; None for other programmes."""
    if application.programme != Programme.TEKUN:
        return {"care_panel": None}
    return {
        "care_panel": {
            "application": application,
            "agreement": care_agreement(application),
            "n_earlier": max(application.care_agreements.count() - 1, 0),
            "can_record": perms.can_record_agreement(scope_of(user), application),
        }
    }
