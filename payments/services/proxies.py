"""代领协议: filed by one, consented to by another, ended with a reason; and lists that lack one."""

from __future__ import annotations

from datetime import date
from typing import IO

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import QuerySet

from cases.models import Application
from cases.naming import clean_name
from common import clock
from common.errors import Refused
from common.masking import mask_name
from common.uploads import clean_upload
from organisations.models import User
from payments import perms
from payments.enums import OF_CARE, PaidProgramme
from payments.holders import led_elsewhere
from payments.models import Batch, Benefit, Grant, Payment, ProxyAgreement
from payments.services.shared import require
from payments.terms import say_day

_SHOWN = 20


@transaction.atomic
def file_proxy(
    *,
    application: Application,
    holder_name: str,
    holder_id_number: str,
    relation: str,
    reason: str,
    valid_from: date,
    valid_until: date,
    file: IO[bytes],
    actor: User,
) -> ProxyAgreement:
    """Keep a signed agreement with its scan; it counts once another person has consented."""
    require(perms.can_file_proxy(actor, application))
    name = clean_name(holder_name)
    if not name:
        raise Refused("请填写代领人姓名。", field="holder_name")
    if name == application.applicant_name:
        raise Refused("代领人就是救助对象本人，不需要代领协议。", field="holder_name")
    if valid_until < max(valid_from, clock.today()):
        raise Refused("有效期至不能早于生效日期和今天。", field="valid_until")
    clean = clean_upload(file)
    agreement = ProxyAgreement(
        application=application,
        holder_name=name,
        holder_id_number=holder_id_number,
        relation=relation,
        reason=reason.strip(),
        valid_from=valid_from,
        valid_until=valid_until,
        content_type=clean.content_type,
        sha256=clean.sha256,
        filed_by=actor,
        filed_at=clock.now(),
    )
    agreement.file.save(clean.name, ContentFile(clean.content), save=False)
    agreement.save()
    return agreement


def _locked(agreement: ProxyAgreement) -> ProxyAgreement:
    rows = ProxyAgreement.objects.select_for_update(of=("self",))
    return rows.select_related("application__village", "application__township").get(pk=agreement.pk)


@transaction.atomic
def consent_to_proxy(*, agreement: ProxyAgreement, actor: User) -> ProxyAgreement:
    """A second person has looked at the scan and consents; from then on money may go there."""
    agreement = _locked(agreement)
    require(perms.can_consent(actor, agreement))
    agreement.consented_by, agreement.consented_at = actor, clock.now()
    agreement.save(update_fields=["consented_by", "consented_at"])
    return agreement


@transaction.atomic
def end_proxy(*, agreement: ProxyAgreement, reason: str, actor: User) -> ProxyAgreement:
    """The agreement ends now; lists that are not sealed need another holder."""
    agreement = _locked(agreement)
    require(perms.can_file_proxy(actor, agreement.application))
    if agreement.ended_at is not None:
        raise Refused("该协议已终止。")
    if not reason.strip():
        raise Refused("请填写终止原因。", field="reason")
    agreement.ended_by, agreement.ended_at = actor, clock.now()
    agreement.end_reason = reason.strip()
    agreement.save(update_fields=["ended_by", "ended_at", "end_reason"])
    return agreement


def refuse_strangers(batch: Batch, lines: QuerySet[Payment] | None = None) -> None:
    """No line of a list (or of `lines`) goes to somebody who is neither in the household nor a proxy in force
    on the day of payment; says whose lines they are.
    """
    day = max(batch.due_on, clock.today()) if lines is None else clock.today()
    paid = (Payment.objects.filter(batch=batch) if lines is None else lines).filter(amount__gt=0)
    paid = paid.exclude(kind__in=OF_CARE).order_by()
    if batch.programme == PaidProgramme.LINSHI:
        recipients = Grant.objects.filter(pk__in=paid.values("instalment__grant"))
    else:
        recipients = Benefit.objects.filter(pk__in=paid.values("benefit"))
    strangers = led_elsewhere(recipients, day).order_by("pk")
    found = [
        f"{number}（收款人 {mask_name(name)}）"
        for number, name in strangers.values_list("application__number", "payee_name")[: _SHOWN + 1]
    ]
    if found:
        more = "等" if len(found) > _SHOWN else ""
        raise Refused(
            f"收款人不是救助对象或其家庭成员，也没有 {say_day(day)}有效的代领协议："
            f"{'、'.join(found[:_SHOWN])}{more}。请更正收款人，或登记代领协议并由另一人同意。"
        )
