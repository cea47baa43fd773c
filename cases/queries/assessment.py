"""From what was declared and checked to what the means test takes."""

from __future__ import annotations

from collections.abc import Sequence

from cases.enums import Origin, Programme
from cases.models import (
    Application,
    CheckReport,
    IncomeItem,
    Member,
    SelfCareAssessment,
    TekunDeclaration,
)
from cases.queries.days import rule_day
from cases.queries.facts import current_report
from cases.queries.programmes import linshi_request, self_care_assessment, tekun_declaration
from common.errors import Refused
from policy.household import Assets, Disability, Facts, IncomeFact, LinshiFacts, MemberFacts, TekunFacts


def assessment_facts(application: Application) -> Facts:
    """What `policy.assess.assess` tests, as of the day of receipt.

    Income: where the report of this round gives a kind of income for a member (0 included), it replaces what
    that member declared of the kind; kinds it says nothing about stand as declared. Income of exempt kinds is
    taken in the same way. Property: of the declared and the checked value the greater counts, so that neither
    a forgotten account nor a gap in the systems helps. 特困 and 临时救助 bring their own facts along;
    Refused, with what is missing, until the self-care assessment of this round and the request are whole.
    """
    members = application.household.members.select_related("person").prefetch_related("income")
    return facts_from(
        application,
        list(members),
        current_report(application),
        linshi=_linshi_facts(application) if application.programme == Programme.LINSHI else None,
        tekun=tekun_facts(tekun_declaration(application), self_care_assessment(application))
        if application.programme == Programme.TEKUN
        else None,
    )


def facts_from(
    application: Application,
    members: Sequence[Member],
    report: CheckReport | None,
    *,
    linshi: LinshiFacts | None = None,
    tekun: TekunFacts | None = None,
) -> Facts:
    """The facts from rows that were read already, for one application or for thousands."""
    household = application.household
    return Facts(
        programme=application.programme,
        on=rule_day(application),
        members=tuple(_member_facts(member, report) for member in members),
        assets=Assets(
            **{
                name: max(getattr(household, name), getattr(report, name) if report else 0)
                for name in ("deposits", "vehicles", "non_residential_houses", "registered_capital")
            }
        ),
        rigid_expenditure_monthly=household.rigid_expenditure_monthly,
        linshi=linshi,
        tekun=tekun,
    )


def _linshi_facts(application: Application) -> LinshiFacts:
    asked = linshi_request(application)
    if asked is None or not asked.is_complete:
        raise Refused("临时救助申请情况不完整，请先填写救助类型、事由和申请金额，再测算。")
    return LinshiFacts(
        kind=asked.kind,
        cause=asked.cause,
        requested=asked.requested,
        residual_medical=asked.residual_medical,
        repeat_same_cause=asked.repeat_same_cause,
    )


def tekun_facts(said: TekunDeclaration | None, seen: SelfCareAssessment | None) -> TekunFacts:
    """What was declared and assessed; Refused, with what is missing, until both are whole."""
    if said is None or not said.is_complete:
        raise Refused("特困认定情况不完整，请先补全登记内容，再测算。")
    if seen is None or seen.missing:
        what = "、".join(seen.missing) if seen else "六项指标、评估日期和评估人"
        raise Refused(f"本轮生活自理能力评估尚未完成，缺少：{what}。请在入户调查中填写后再测算（DT-2.2）。")
    return TekunFacts(
        no_work_ability=said.no_work_ability,
        no_income=said.no_income,
        supporter=said.supporter,
        self_care_failed=seen.failed,
        placement=said.placement,
    )


def _member_facts(member: Member, report: CheckReport | None) -> MemberFacts:
    items = _counting_items(member, report)
    return MemberFacts(
        key=str(member.pk),
        label=member.person.name,
        relation=member.relation,
        birth_date=member.person.birth_date,
        co_living=member.co_living,
        excluded=member.excluded,
        disability=Disability(member.disability_kind, member.disability_grade)
        if member.disability_kind
        else None,
        severe_illness=member.severe_illness,
        income=tuple(IncomeFact(item.kind, item.monthly) for item in items if not item.exempt),
        exempt_income=tuple(IncomeFact(item.exempt, item.monthly) for item in items if item.exempt),
        employment_cost=member.employment_cost,
    )


def _counting_items(member: Member, report: CheckReport | None) -> list[IncomeItem]:
    """The report's streams, and the declared ones of kinds on which the report is silent."""
    items = list(member.income.all())
    checked = [item for item in items if report is not None and item.report_id == report.pk]
    given = {(item.exempt or item.kind) for item in checked}
    declared = [i for i in items if i.origin == Origin.DECLARED and (i.exempt or i.kind) not in given]
    return declared + checked
