"""What the investigation found: the economic check and the home visit (JZ-12.3: no decision without both)."""

from __future__ import annotations

from django.db import transaction

from cases import perms, queries
from cases.declarations import ReportEntry, SelfCareEntry, VisitEntry
from cases.enums import SELF_CARE_INDICATORS, Dimension, Origin, Programme
from cases.models import (
    Application,
    CheckReport,
    EconomicCheck,
    HomeVisit,
    IncomeItem,
    SelfCareAssessment,
    VisitFinding,
)
from cases.naming import clean_name
from cases.services.shared import locked, require_allowed
from common import clock
from common.errors import Refused
from organisations.models import User
from organisations.scope import scope_of


@transaction.atomic
def entrust_check(*, application: Application, actor: User) -> EconomicCheck:
    """Entrust the economic check of this round (委托确认, SY-A1.2). Called by approvals."""
    application = locked(application)
    unsigned = queries.unauthorised_members(application)
    if unsigned:
        names = "、".join(str(member.person) for member in unsigned)
        raise Refused(f"{names}尚未签署核对授权书，不能委托核对。")
    if application.checks.filter(investigation_round=application.investigation_round).exists():
        raise Refused("本轮核对已经委托，请录入核对报告。")
    return EconomicCheck.objects.create(
        application=application,
        investigation_round=application.investigation_round,
        entrusted_by=actor,
        entrusted_at=clock.now(),
    )


@transaction.atomic
def record_report(*, application: Application, entry: ReportEntry, source: str, actor: User) -> CheckReport:
    """The report of this round's check, `source` hand or xlsx. It replaces nothing: once a check."""
    application = locked(application)
    require_allowed(perms.can_record_check(scope_of(actor), application))
    check = queries.current_check(application)
    if check is None:
        raise Refused("核对尚未委托，不能录入核对报告。")
    if CheckReport.objects.filter(check_entrusted=check).exists():
        raise Refused("本轮核对报告已录入，不能重复录入或更改；如有异议请走复查。")
    if entry.issued_on > clock.today():
        raise Refused("出具日期不能晚于今天。", field="issued_on")
    if entry.data_as_of > entry.issued_on:
        raise Refused("数据截止日期不能晚于出具日期。", field="data_as_of")
    members = {member.pk: member for member in application.household.members.all()}
    if not set(entry.income) <= set(members):
        raise Refused("核对报告中的人员不是本户成员。")
    report = CheckReport.objects.create(
        check_entrusted=check,
        number=entry.number,
        issued_on=entry.issued_on,
        data_as_of=entry.data_as_of,
        deposits=entry.deposits,
        vehicles=entry.vehicles,
        houses=entry.houses,
        non_residential_houses=entry.non_residential_houses,
        registered_capital=entry.registered_capital,
        conclusion=entry.conclusion,
        source=source,
        recorded_by=actor,
        recorded_at=clock.now(),
    )
    IncomeItem.objects.bulk_create(
        IncomeItem(
            member=members[member_id],
            report=report,
            origin=Origin.CHECKED,
            kind=line.kind,
            exempt=line.exempt,
            monthly=line.monthly,
            note=line.note,
        )
        for member_id, lines in entry.income.items()
        for line in lines
    )
    return report


@transaction.atomic
def record_visit(*, application: Application, entry: VisitEntry, actor: User) -> HomeVisit:
    """Keep what was written down so far; the first visitor is whoever records first."""
    application = locked(application)
    require_allowed(perms.can_record_visit(scope_of(actor), application))
    visit = queries.current_visit(application) or HomeVisit(
        application=application, investigation_round=application.investigation_round, first_visitor=actor
    )
    if visit.completed_at:
        raise Refused("入户调查已完成，记录不能更改。", clause="SY-A1.3")
    if entry.visited_at > clock.now():
        raise Refused("入户时间不能晚于现在。", field="visited_at")
    if entry.second_visitor_id == visit.first_visitor_id:
        raise Refused("调查人二须是另一名工作人员。", field="second_visitor")
    if entry.second_visitor_id and entry.second_visitor_name:
        raise Refused("调查人二请选择账号或填写姓名，只填一项。", field="second_visitor_name")
    if entry.present_member_id is not None:
        if not application.household.members.filter(pk=entry.present_member_id).exists():
            raise Refused("在场成员须是本户成员。", field="present_member")
    for name in (
        "visited_at",
        "second_visitor_id",
        "present_member_id",
        "signed",
        "neighbours",
        "conclusion",
    ):
        setattr(visit, name, getattr(entry, name))
    visit.second_visitor_name = clean_name(entry.second_visitor_name)
    if visit.second_visitor_name and visit.second_visitor_name == visit.first_visitor.name:
        raise Refused("调查人二须是另一名工作人员。", field="second_visitor_name")
    visit.recorded_by = actor
    visit.recorded_at = clock.now()
    visit.save()
    VisitFinding.objects.bulk_create(
        [
            VisitFinding(visit=visit, dimension=Dimension(dimension), choice=choice, note=note)
            for dimension, (choice, note) in entry.findings.items()
        ],
        update_conflicts=True,
        unique_fields=["visit", "dimension"],
        update_fields=["choice", "note"],
    )
    if entry.self_care is not None:
        _keep_self_care(application, entry.self_care, actor)
    return visit


def _keep_self_care(application: Application, entry: SelfCareEntry, actor: User) -> None:
    """Keep the self-care assessment of this round as far as it goes, with the visit (DT-2.2).

    Six indicators, on which day, by whom, and to which third party it was entrusted, if to one.
    """
    if application.programme != Programme.TEKUN:
        raise Refused("只有特困申请评估生活自理能力。", clause="DT-2.2")
    if entry.assessed_on and entry.assessed_on > clock.today():
        raise Refused("评估日期不能晚于今天。", field="assessed_on")
    values = {name: entry.answers.get(name) for name in SELF_CARE_INDICATORS}
    values |= {"assessed_on": entry.assessed_on, "assessors": clean_name(entry.assessors)}
    values |= {"entrusted_to": clean_name(entry.entrusted_to), "recorded_by": actor}
    SelfCareAssessment.objects.update_or_create(
        application=application,
        investigation_round=application.investigation_round,
        defaults=values | {"recorded_at": clock.now()},
    )


@transaction.atomic
def complete_visit(*, application: Application, actor: User) -> HomeVisit:
    """Finish the visit: two people, six dimensions, photo, present member, signatures (LC-2.1, SY-A1.3)."""
    application = locked(application)
    require_allowed(perms.can_record_visit(scope_of(actor), application))
    visit = queries.current_visit(application)
    if visit is None:
        raise Refused("尚无入户调查记录，请先填写并保存。")
    if visit.completed_at:
        raise Refused("入户调查已完成。", clause="SY-A1.3")
    gaps = queries.visit_gaps(visit)
    if gaps:
        raise Refused(f"入户调查还不能完成，缺少：{'、'.join(gaps)}。", clause="SY-A1.3")
    visit.completed_at = clock.now()
    visit.save(update_fields=["completed_at"])
    return visit
