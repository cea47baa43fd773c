"""陈述申辩: taken down as it was said, and answered once (SY-A1.6)."""

from __future__ import annotations

from django.db import transaction

from approvals.changing.models import BenefitChange, Defence
from approvals.changing.perms import can_answer_defence, can_record_defence
from approvals.enums import DefenceOutcome
from approvals.hearing import DefenceEntry, taken_down, write_answer
from common.errors import Refused
from organisations.models import User


@transaction.atomic
def record_defence(*, change: BenefitChange, entry: DefenceEntry, actor: User) -> Defence:
    """Take down what somebody of the household says. Late words are taken too, as long as nobody decided."""
    change = BenefitChange.objects.with_all().select_for_update(of=("self",)).get(pk=change.pk)
    if not (verdict := can_record_defence(change, actor)):
        raise Refused(verdict.reason)
    matter = {"change": change, "round": change.round}
    return Defence.objects.create(**taken_down(entry, since=change.prior_served_at, matter=matter, by=actor))


@transaction.atomic
def answer_defence(*, defence: Defence, outcome: DefenceOutcome, answer: str, actor: User) -> Defence:
    """Say whether it is taken up and why; what follows the approver does."""
    BenefitChange.objects.select_for_update(of=("self",)).get(pk=defence.change_id)
    rows = Defence.objects.select_for_update(of=("self",)).select_related(
        "change__village", "change__township", "change__application"
    )
    defence = rows.get(pk=defence.pk)
    if not (verdict := can_answer_defence(defence, actor)):
        raise Refused(verdict.reason)
    write_answer(defence, outcome, answer, actor)
    return defence
