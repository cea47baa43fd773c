"""Certificates: given out where the rules still know them, reviewed each year, destroyed at the end."""

from __future__ import annotations

from django.db import transaction

from cases.services import next_number
from common import clock
from common.errors import Refused
from organisations.models import User
from payments import perms
from payments.models import Benefit, Certificate, CertificateReview
from payments.services.shared import require
from policy.rules import RuleBook


def is_issued(benefit: Benefit) -> bool:
    """Does the place still hand out certificates for the programme? No rule is a no: nothing is owed."""
    book, key = RuleBook(benefit.township, clock.today()), f"certificate.{benefit.programme}.issued"
    return book.has(key) and book.flag(key)


def has_ended(benefit: Benefit) -> bool:
    """Is the benefit no longer in force today?"""
    return benefit.ends_on is not None and benefit.ends_on <= clock.today()


@transaction.atomic
def issue_certificate(*, benefit: Benefit, actor: User) -> Certificate:
    """Give a household in receipt its certificate, with the next number of the county's year.

    Refused where certificates are abolished (DT-10.1), for a benefit that has ended, and for a second one.
    """
    benefit = _locked(benefit)
    require(perms.can_keep_certificate(actor, benefit))
    if not is_issued(benefit):
        raise Refused(f"{benefit.county.name}不再发放纸质救助证，由部门通过共享信息核实。", clause="DT-10.1")
    if has_ended(benefit):
        raise Refused("待遇已停发，不能发证。")
    if benefit.certificates.live().exists():
        raise Refused("该户已有救助证；遗失补发的，先登记原证作废。")
    today = clock.today()
    return Certificate.objects.create(
        benefit=benefit,
        number=next_number(county=benefit.county, on=today, kind="ZS"),
        issued_on=today,
        issued_by=actor,
    )


@transaction.atomic
def review_certificate(*, certificate: Certificate, actor: User) -> CertificateReview:
    """年审 (SY-A1.7b): once a year, while the benefit is in force."""
    benefit = _locked(certificate.benefit)
    require(perms.can_keep_certificate(actor, benefit))
    certificate = Certificate.objects.get(pk=certificate.pk)
    today = clock.today()
    if certificate.destroyed_on is not None:
        raise Refused("该证已经销毁。")
    if has_ended(benefit):
        raise Refused("待遇已停发，请收回销毁，不再年审。", clause="SY-A1.7b")
    if certificate.reviews.filter(year=today.year).exists():
        raise Refused(f"该证 {today.year} 年度已年审。")
    return CertificateReview.objects.create(
        certificate=certificate, year=today.year, reviewed_on=today, reviewed_by=actor
    )


@transaction.atomic
def destroy_certificate(*, certificate: Certificate, actor: User, reason: str) -> Certificate:
    """Taken back and destroyed, or lost and void, with the reason (SY-A1.7b)."""
    benefit = _locked(certificate.benefit)
    require(perms.can_keep_certificate(actor, benefit))
    certificate = Certificate.objects.get(pk=certificate.pk)
    reason = reason.strip()
    if not reason:
        raise Refused("请填写销毁原因。", field="reason")
    if certificate.destroyed_on is not None:
        raise Refused("该证已经销毁。")
    certificate.destroyed_on, certificate.destroyed_by = clock.today(), actor
    certificate.destroyed_because = reason[:200]
    certificate.save(update_fields=["destroyed_on", "destroyed_by", "destroyed_because"])
    return certificate


def _locked(benefit: Benefit) -> Benefit:
    """Two who give out, review or destroy at once come one after the other."""
    rows = Benefit.objects.select_for_update(of=("self",)).select_related("county", "township", "village")
    return rows.get(pk=benefit.pk)
