"""Papers and signatures: what came in, what is missing, told once."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from cases import perms, queries
from cases.models import Application, Material, MaterialsNotice, Member
from cases.naming import clean_name
from cases.services.shared import locked, require_allowed
from common import clock
from common.errors import Refused
from common.identity import age_on
from organisations.models import User
from organisations.scope import scope_of

ADULT = 18


@transaction.atomic
def receive_material(*, material: Material, received_on: date, actor: User) -> Material:
    """A paper of the checklist came in."""
    application = locked(material.application)
    require_allowed(perms.can_receive_materials(scope_of(actor), application))
    if received_on > clock.today():
        raise Refused("收件日期不能晚于今天。", field="received_on")
    material.received_on = received_on
    material.save(update_fields=["received_on"])
    return material


@transaction.atomic
def return_material(*, material: Material, actor: User) -> Material:
    """A tick was wrong: the paper has not come in."""
    application = locked(material.application)
    require_allowed(perms.can_receive_materials(scope_of(actor), application))
    material.received_on = None
    material.save(update_fields=["received_on"])
    return material


@transaction.atomic
def sign_authorisation(*, member: Member, signed_on: date, actor: User, guardian: str = "") -> Member:
    """A member signed the authorisation to check (L57 art 10); for a minor a guardian, by name."""
    application = locked(member.household.application)
    require_allowed(perms.can_sign_authorisations(scope_of(actor), application))
    if signed_on > clock.today():
        raise Refused("签署日期不能晚于今天。", field="signed_on")
    guardian = clean_name(guardian)
    if age_on(member.person.birth_date, signed_on) < ADULT and not guardian:
        raise Refused(f"{member.person}未满 18 周岁，请填写代签监护人姓名。", field="guardian")
    member.authorised_on = signed_on
    member.authorised_by_guardian = guardian[:60]
    member.save(update_fields=["authorised_on", "authorised_by_guardian"])
    return member


@transaction.atomic
def issue_materials_notice(*, application: Application, actor: User, note: str = "") -> MaterialsNotice:
    """Tell once everything that is missing; a second notice is refused (SY-A2.1b, LY-5.1).

    Called by approvals inside the transition to 待补正.
    """
    application = locked(application)
    if MaterialsNotice.objects.filter(application=application).exists():
        raise Refused("已经一次性告知过缺少的材料，不得再次要求补充。", clause="SY-A2.1b、LY-5.1")
    items = [
        *queries.missing_materials(application),
        *(f"{member.person.name}的核对授权书签字" for member in queries.unauthorised_members(application)),
    ]
    if not items:
        raise Refused("材料和授权均已齐备，无须告知补正，请直接受理。", clause="SY-A2.1b")
    return MaterialsNotice.objects.create(
        application=application, items=items, note=note, issued_by=actor, issued_at=clock.now()
    )


@transaction.atomic
def complete_materials(*, application: Application, actor: User) -> MaterialsNotice | None:
    """Everything came in: close the notice, if there was one. Refused with what is still missing."""
    application = locked(application)
    missing = queries.missing_materials(application)
    if missing:
        raise Refused(f"材料仍未补齐：{'、'.join(missing)}。", clause="SY-A2.1b")
    notice = MaterialsNotice.objects.filter(application=application, completed_at__isnull=True).first()
    if notice:
        notice.completed_at = clock.now()
        notice.save(update_fields=["completed_at"])
    return notice
