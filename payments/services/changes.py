"""What a decided change does to a benefit: another amount, or its end. Its caller decides and serves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from cases import services as cases
from common import clock
from common.errors import Refused
from common.masking import mask_name
from organisations.models import User
from payments.models import Benefit, BenefitCover, BenefitRevision
from payments.services.shared import refuse_part_of_fen
from payments.terms import say_month


def _locked(benefit: Benefit) -> Benefit:
    rows = Benefit.objects.select_for_update(of=("self",)).select_related("application")
    return rows.get(pk=benefit.pk)


def _refuse_other_day(month: date, field: str) -> None:
    if month != clock.month_of(month):
        raise Refused("待遇变动从某月 1 日起。", field=field)


@transaction.atomic
def revise_benefit(
    *,
    benefit: Benefit,
    monthly: Decimal,
    care_fee: Decimal,
    valid_from: date,
    lines: Sequence[dict],
    rule_ids: Sequence[int],
    reason: str,
    source: str,
    decided_by: User,
) -> BenefitRevision:
    """`monthly` yuan a month from `valid_from` on, in place of what was in force.

    A later revision that was decided already is not overtaken: the new amount then begins with it. Months
    that are sealed stay; what is too much or too little in them follows as corrections.
    """
    _refuse_other_day(valid_from, "valid_from")
    refuse_part_of_fen(monthly, "月保障金额", "monthly")
    benefit = _locked(benefit)
    if benefit.ends_on is not None and benefit.ends_on <= valid_from:
        raise Refused(f"待遇自 {say_month(benefit.ends_on)}起已停发，不能再调整金额。")
    if care_fee and not benefit.care_account:
        raise Refused(
            "待遇开立时没有照料护理费的收款人，不能增加照料护理费。", field="care_fee", clause="SY-A2.1a"
        )
    current = benefit.revisions.filter(valid_to__isnull=True).first()
    if current is None:
        raise Refused("该待遇没有按月发放的金额，不能调整。")
    begins = max(valid_from, current.valid_from)
    current.valid_to = begins
    current.save(update_fields=["valid_to"])
    return BenefitRevision.objects.create(
        benefit=benefit,
        monthly=monthly,
        care_fee=care_fee,
        valid_from=begins,
        lines=list(lines),
        rule_ids=list(rule_ids),
        reason=reason[:200],
        source=source,
        decided_by=decided_by,
        created_at=clock.now(),
    )


@transaction.atomic
def end_benefit(*, benefit: Benefit, ends_on: date, reason: str, source: str) -> Benefit:
    """Nothing is due from the month `ends_on` on; the members may be covered elsewhere from then.

    Not before the benefit began: then it never was. An earlier end that was decided before stands.
    """
    _refuse_other_day(ends_on, "ends_on")
    benefit = _locked(benefit)
    ends_on = max(ends_on, benefit.starts_on)
    if benefit.ends_on is not None and benefit.ends_on <= ends_on:
        if benefit.end_source:
            return benefit
        # It ends earlier by itself (LC-4.4b); ended for a reason, it is not prolonged any more.
        ends_on = benefit.ends_on
    benefit.ends_on = ends_on
    benefit.end_reason, benefit.end_source = reason[:200], source
    benefit.save(update_fields=["ends_on", "end_reason", "end_source"])
    application = benefit.application
    application.benefit_ended_on = benefit.ends_on
    application.save(update_fields=["benefit_ended_on"])
    cases.release_members(application=application)
    return benefit


@transaction.atomic
def prolong_benefit(*, benefit: Benefit, ends_on: date) -> Benefit:
    """Given until the month `ends_on`, later than where its end was set when it was opened (LC-4.4b).

    What goes on is the amount in force, without a gap. Refused for what has no end, was ended otherwise, or
    covers somebody who is covered elsewhere from the old end on.
    """
    _refuse_other_day(ends_on, "ends_on")
    benefit = _locked(benefit)
    if benefit.ends_on is None:
        raise Refused("该待遇没有停发月，不必延长。")
    if benefit.end_source:
        raise Refused(f"待遇已决定自 {say_month(benefit.ends_on)}起停发，不能延长。")
    if ends_on <= benefit.ends_on:
        raise Refused(f"待遇已到 {say_month(benefit.ends_on)}，延长后的停发月须更晚。", field="ends_on")
    _refuse_covered_elsewhere(benefit, ends_on)
    benefit.ends_on = ends_on
    benefit.save(update_fields=["ends_on"])
    return benefit


def _refuse_covered_elsewhere(benefit: Benefit, ends_on: date) -> None:
    """A sentence for the clerk; the constraint nobody_in_two_exclusive_programmes holds it in any case."""
    lasting = Q(ends_on__isnull=True) | Q(ends_on__gt=benefit.ends_on)
    people = benefit.covers.values("person")
    others = BenefitCover.objects.filter(lasting, person__in=people, starts_on__lt=ends_on)
    other = others.exclude(benefit=benefit).select_related("benefit", "person").first()
    if other is not None:
        raise Refused(
            f"{mask_name(other.person.name)}自 {say_month(other.starts_on)}起已享受"
            f"{other.benefit.get_programme_display()}，低保、低边、特困不能同时享受，不能延长。"
        )
