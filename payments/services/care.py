"""Care of people in 分散供养: closing a gap of the agreements, and visits (JZ-3.1)."""

from __future__ import annotations

from datetime import date
from typing import IO

from django.core.files.base import ContentFile
from django.db import transaction

from cases.naming import clean_name
from common import clock
from common.errors import Refused
from common.uploads import clean_upload
from organisations.models import User
from payments import perms
from payments.enums import CareFinding
from payments.models import Benefit, CareVisit, LaterAgreement
from payments.queries.care import CareState, people_at_home
from payments.services.shared import require


@transaction.atomic
def record_later_agreement(
    *,
    benefit: Benefit,
    carer: str,
    contact: str,
    visitor: str,
    signed_on: date,
    reason: str,
    scan: IO[bytes] | None,
    actor: User,
) -> LaterAgreement:
    """Keep an agreement for a person without one, or whose carer is gone; it counts once confirmed.

    The agreement of the decision stays as it is. Where one is in force there is no gap to close: refused.
    """
    person = _locked(benefit)
    require(perms.can_record_care(actor, person))
    if person.care_state == CareState.SIGNED:
        raise Refused("现有照料协议仍然有效；照料已终止的，请先登记走访。", clause="JZ-3.1")
    _refuse_future(signed_on, "signed_on", "签订日期")
    clean = clean_upload(scan, field="scan")
    agreement = LaterAgreement(
        benefit=person,
        carer=_filled(clean_name(carer), "carer"),
        contact=contact or None,
        visitor=_filled(clean_name(visitor), "visitor"),
        signed_on=signed_on,
        reason=_filled(reason.strip(), "reason"),
        scan_type=clean.content_type,
        scan_sha256=clean.sha256,
        recorded_by=actor,
        recorded_at=clock.now(),
    )
    agreement.scan.save(clean.name, ContentFile(clean.content), save=False)
    agreement.save()
    return agreement


@transaction.atomic
def confirm_later_agreement(*, agreement: LaterAgreement, actor: User) -> LaterAgreement:
    """Another person, who answers for the township, confirms the newest record; then it is in force."""
    person = _locked(agreement.benefit)
    agreement = LaterAgreement.objects.get(pk=agreement.pk)
    require(perms.can_confirm_care(actor, person, agreement))
    if agreement.pk != person.newest_id:
        raise Refused("之后又录入了新的协议，请确认最新的一份。")
    agreement.confirmed_by, agreement.confirmed_at = actor, clock.now()
    agreement.save(update_fields=["confirmed_by", "confirmed_at"])
    return agreement


@transaction.atomic
def record_care_visit(
    *, benefit: Benefit, visited_on: date, visitor: str, finding: str, note: str, actor: User
) -> CareVisit:
    """One visit. That care has ended reopens the gap until another agreement is confirmed."""
    person = _locked(benefit)
    require(perms.can_record_care(actor, person))
    _refuse_future(visited_on, "visited_on", "走访日期")
    if visited_on < person.starts_on:
        raise Refused(f"走访日期不能早于待遇起发月 {person.starts_on:%Y-%m}。", field="visited_on")
    if finding != CareFinding.GOOD and not note.strip():
        raise Refused("照料不到位或已终止的，须写明情况。", field="note", clause="JZ-3.1")
    return CareVisit.objects.create(
        benefit=person,
        visited_on=visited_on,
        visitor=_filled(clean_name(visitor), "visitor"),
        finding=finding,
        note=note.strip(),
        recorded_by=actor,
        recorded_at=clock.now(),
    )


def _locked(benefit: Benefit) -> Benefit:
    """The person as the list sees them, held so that two who record come one after the other."""
    Benefit.objects.select_for_update().get(pk=benefit.pk)
    person = people_at_home(Benefit.objects.filter(pk=benefit.pk)).first()
    if person is None:
        raise Refused("只登记在册的分散供养特困人员的照料情况。", clause="JZ-3.1")
    return person


def _filled(text: str, field: str) -> str:
    if not text:
        raise Refused("请填写此项。", field=field)
    return text


def _refuse_future(day: date, field: str, label: str) -> None:
    if day > clock.today():
        raise Refused(f"{label}不能晚于今天。", field=field)
