"""The facts of many applications at once, in as many queries as of one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, OuterRef, Subquery

from cases.enums import Programme
from cases.models import (
    Application,
    CheckReport,
    EconomicCheck,
    Member,
    SelfCareAssessment,
    TekunDeclaration,
)
from cases.queries.assessment import facts_from, tekun_facts
from common.errors import Refused
from policy.household import Facts


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one application: its facts, or `missing`, the sentence that says what is not there.

    `someone_died`: a counted member is known to be dead, so that the facts are no longer those of today.
    """

    application: Application
    facts: Facts | None
    missing: str = ""
    someone_died: bool = False


def bulk_facts(ids: Iterable[int]) -> dict[int, Known]:
    """`assessment_facts` of standing programmes for many applications, by the same code.

    Seven queries, whatever the number; no identity number, telephone or account is read. 临时救助 is no
    standing help and is not asked for here.
    """
    # What is encrypted would only cost its decryption.
    applications = Application.objects.filter(pk__in=list(ids)).select_related("household")
    rows = list(applications.defer("payee_account", "statement").order_by("pk"))
    households = [row.household_id for row in rows]
    members = _members(households)
    reports = _reports(rows)
    said, seen = _tekun(rows)
    return {
        row.pk: _known(
            row, members.get(row.household_id, []), reports.get(row.pk), said.get(row.pk), seen.get(row.pk)
        )
        for row in rows
    }


def _known(
    application: Application,
    members: list[Member],
    report: CheckReport | None,
    said: TekunDeclaration | None,
    seen: SelfCareAssessment | None,
) -> Known:
    died = any(m.person.died_on for m in members if m.co_living and not m.excluded)
    try:
        tekun = tekun_facts(said, seen) if application.programme == Programme.TEKUN else None
    except Refused as refused:
        return Known(application, None, str(refused), died)
    return Known(application, facts_from(application, members, report, tekun=tekun), "", died)


def _members(households: list[int]) -> dict[int, list[Member]]:
    found: dict[int, list[Member]] = {}
    members = Member.objects.filter(household__in=households).select_related("person")
    members = members.defer("person__id_number", "person__phone").prefetch_related("income")
    for member in members:
        found.setdefault(member.household_id, []).append(member)
    return found


def _reports(rows: list[Application]) -> dict[int, CheckReport]:
    """The report of the latest check of each, where it has come (as `current_report`)."""
    latest = EconomicCheck.objects.filter(application=OuterRef("check_entrusted__application"))
    reports = CheckReport.objects.filter(check_entrusted__application__in=[row.pk for row in rows]).annotate(
        application_id=F("check_entrusted__application"),
        latest=Subquery(latest.order_by("-investigation_round").values("pk")[:1]),
    )
    return {report.application_id: report for report in reports.filter(check_entrusted=F("latest"))}


def _tekun(
    rows: list[Application],
) -> tuple[dict[int, TekunDeclaration], dict[int, SelfCareAssessment]]:
    ids = [row.pk for row in rows if row.programme == Programme.TEKUN]
    rounds = {row.pk: row.investigation_round for row in rows}
    if not ids:
        return {}, {}
    said = {d.application_id: d for d in TekunDeclaration.objects.filter(application__in=ids)}
    assessments = SelfCareAssessment.objects.filter(application__in=ids)
    return said, {
        a.application_id: a for a in assessments if a.investigation_round == rounds[a.application_id]
    }
