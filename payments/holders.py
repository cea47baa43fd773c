"""Whose account money goes to: the person helped, somebody of the household, or a proxy with an agreement.

The database asks the same when a batch is sealed (`payments.models.proxy`).
"""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, F, OuterRef, QuerySet

from cases.enums import CarerKind
from cases.models import Member
from payments.models import Benefit, Grant, ProxyAgreement


def led_elsewhere(rows: QuerySet[Benefit] | QuerySet[Grant], day: date) -> QuerySet:
    """Those of the benefits or grants whose money would go to a stranger on a day.

    The institution of somebody in 特困 has its service agreement; so has whoever gets the care fee, which is
    not asked about here.
    """
    household = Member.objects.filter(
        household=OuterRef("application__household"), person__name=OuterRef("payee_name")
    ).filter(co_living=True, excluded="")
    proxies = ProxyAgreement.objects.in_force(day).filter(
        application=OuterRef("application"), holder_name=OuterRef("payee_name")
    )
    rows = rows.exclude(payee_name="").exclude(payee_name=F("head_name"))
    if rows.model is Benefit:
        rows = rows.exclude(care_kind=CarerKind.INSTITUTION, payee_name=F("care_name"))
    return rows.filter(~Exists(household), ~Exists(proxies))
