"""The service agreement of a person in 特困: who cares, and who is paid for it."""

from __future__ import annotations

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from cases import perms, queries
from cases.declarations import CareEntry
from cases.enums import AttachmentKind, CarerKind, Placement
from cases.models import Application, CareAgreement
from cases.naming import clean_name
from cases.services.attachments import add_attachment
from cases.services.shared import locked, require_allowed
from common import clock
from common.errors import Refused
from organisations.models import User
from organisations.scope import scope_of

# The agreement on the checklist of materials (SY-A2.1a).
MATERIAL_CODE = "care_agreement"


@transaction.atomic
def record_care_agreement(
    *, application: Application, entry: CareEntry, actor: User, scan: UploadedFile | None = None
) -> CareAgreement:
    """Keep a signed agreement; a later one replaces it, none is altered (SY-A2.1a).

    集中供养 takes an institution (DT-7.1), 分散供养 a carer (DT-7.2). Refused with the field at fault.
    """
    application = locked(application)
    require_allowed(perms.can_record_agreement(scope_of(actor), application))
    said = queries.tekun_declaration(application)
    if said is None or not said.placement:
        raise Refused("请先在登记内容中填写供养方式。")
    wanted = CarerKind.INSTITUTION if said.placement == Placement.INSTITUTION else CarerKind.CARER
    if entry.kind != wanted:
        raise Refused(
            f"登记的供养方式为{said.get_placement_display()}，服务方须是{wanted.label}。",
            field="kind",
            clause="DT-7.1" if wanted == CarerKind.INSTITUTION else "DT-7.2",
        )
    if not entry.signed_by_person:
        raise Refused("服务协议须由本人（或监护人）签字。", field="signed_by_person", clause="SY-A2.1a")
    if entry.signed_on > clock.today():
        raise Refused("签订日期不能晚于今天。", field="signed_on")
    name, payee_name = clean_name(entry.name), clean_name(entry.payee_name)
    for field, value in (
        ("name", name),
        ("payee_name", payee_name),
        ("payee_bank", entry.payee_bank.strip()),
    ):
        if not value:
            raise Refused("请填写此项。", field=field)
    paper = None
    if scan is not None:
        paper = add_attachment(
            application=application,
            kind=AttachmentKind.AGREEMENT,
            upload=scan,
            actor=actor,
            title="供养服务协议",
        )
    # Where the checklist asks for the agreement, this is the moment at which it comes in.
    application.materials.filter(code=MATERIAL_CODE, received_on__isnull=True).update(
        received_on=clock.today()
    )
    return CareAgreement.objects.create(
        application=application,
        placement=said.placement,
        kind=entry.kind,
        name=name,
        contact=entry.contact or None,
        payee_name=payee_name,
        payee_bank=entry.payee_bank.strip(),
        payee_account=entry.payee_account,
        signed_on=entry.signed_on,
        signed_by_person=True,
        scan=paper,
        recorded_by=actor,
        recorded_at=clock.now(),
    )
