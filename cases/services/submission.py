"""The facts of handing in: the checklist of papers, the right place, and nobody in two exclusive cases."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from cases import perms, queries
from cases.models import Application, Material, Member
from cases.services.shared import require_allowed
from common import clock
from common.errors import Refused
from organisations.models import User
from organisations.scope import scope_of


@transaction.atomic
def prepare_submission(*, application: Application, actor: User, received_at: datetime | None = None) -> None:
    """Check that the registration is whole, make the checklist from the rules, and take the members' places.

    `received_at` counts where the registration itself names no day (it does for 村社代办). The caller,
    approvals, moves the state in the same transaction. Refused names what is missing or who is elsewhere.
    """
    require_allowed(perms.can_edit(scope_of(actor), application))
    missing = queries.incomplete_fields(application)
    if missing:
        raise Refused(f"登记内容不完整，请先补全：{'、'.join(missing)}。")
    now = clock.now()
    application.received_at = application.received_at or received_at or now
    require_place(application)
    application.submitted_at = now
    application.save(update_fields=["received_at", "submitted_at"])
    sync_materials(application)
    occupy_members(application)


def require_place(application: Application) -> None:
    """Refused where neither household register nor residence entitles the applicant to apply here.

    临时救助 asks for one of the two, unless epidemic or disaster waives both on the day of receipt (JZ-4.1);
    急难型 is helped where the emergency happens. The others ask for the register, or for the
    residence where a rule lets people apply there (JZ-2.2).
    """
    reason = queries.place_obstacle(application)
    if reason:
        raise Refused(reason)


def sync_materials(application: Application) -> None:
    """Bring the checklist in line with the rules of the day of receipt and the household as it is declared.

    A paper that is no longer asked for goes only while nothing was received for it.
    """
    wanted = queries.wanted_materials(application)
    codes = [item["code"][:40] for item in wanted]
    application.materials.exclude(code__in=codes).filter(
        received_on__isnull=True, attachments__isnull=True
    ).delete()
    Material.objects.bulk_create(
        [
            Material(
                application=application,
                code=item["code"][:40],
                label=item["label"][:200],
                clause=item.get("clause", "")[:20],
                required=item.get("required", True),
            )
            for item in wanted
        ],
        ignore_conflicts=True,
    )


def occupy_members(application: Application) -> None:
    """The members concerned take their place in this programme; whoever has one elsewhere is named.

    Refused too where 临时救助 may not be asked for while another application is pending (JZ-4.2).
    """
    members = list(application.household.members.select_related("person"))
    counted = [member for member in members if queries.is_concerned(member, application.programme)]
    reason = queries.exclusivity_obstacle(application, counted)
    if reason:
        raise Refused(reason)
    try:
        with transaction.atomic():
            Member.objects.filter(pk__in=[member.pk for member in members]).exclude(
                pk__in=[member.pk for member in counted]
            ).update(occupies=False)
            Member.objects.filter(pk__in=[member.pk for member in counted]).update(occupies=True)
    except IntegrityError:
        # Somebody else handed in the same person a moment ago and has committed since we looked.
        reason = queries.exclusivity_obstacle(application, counted)
        raise Refused(reason or "家庭成员刚刚在另一件申请中提交，请稍后重试。") from None


def release_members(*, application: Application) -> None:
    """Give the places back: after refusal, withdrawal, or the end of the benefit."""
    Member.objects.filter(household_id=application.household_id, occupies=True).update(occupies=False)
