"""Scans and photos: cleaned on the way in, kept under a random name, never altered."""

from __future__ import annotations

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from cases import perms
from cases.enums import AttachmentKind
from cases.models import Application, Attachment, Material
from cases.services.shared import locked, require_allowed
from common import clock
from common.errors import Refused
from common.uploads import clean_upload
from organisations.models import User
from organisations.scope import scope_of


@transaction.atomic
def add_attachment(
    *,
    application: Application,
    kind: AttachmentKind,
    upload: UploadedFile,
    actor: User,
    material: Material | None = None,
    title: str = "",
) -> Attachment:
    """Keep a scan or photo of this round. Refused (field `file`) when it is no clean JPEG, PNG or PDF."""
    application = locked(application)
    require_allowed(perms.can_upload(scope_of(actor), application))
    if material is not None and material.application_id != application.pk:
        raise Refused("材料不属于本申请。", field="material")
    clean = clean_upload(upload)
    attachment = Attachment(
        application=application,
        kind=kind,
        material=material,
        investigation_round=application.investigation_round,
        title=title.strip()[:100],
        content_type=clean.content_type,
        size=len(clean.content),
        sha256=clean.sha256,
        uploaded_by=actor,
        uploaded_at=clock.now(),
    )
    attachment.file.save(clean.name, ContentFile(clean.content), save=False)
    attachment.save()
    return attachment


@transaction.atomic
def withdraw_attachment(*, attachment: Attachment, actor: User) -> None:
    """Take a wrong scan out of a draft; after submission every paper stays."""
    application = locked(attachment.application)
    require_allowed(perms.can_withdraw_attachment(scope_of(actor), application))
    file = attachment.file
    attachment.delete()
    transaction.on_commit(lambda: file.storage.delete(file.name))
