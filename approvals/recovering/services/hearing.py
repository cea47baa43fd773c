"""陈述申辩 about a recovery: taken down as it was said, and answered once (SY-A1.6)."""

from __future__ import annotations

from django.db import transaction

from approvals.enums import DefenceOutcome
from approvals.hearing import DefenceEntry, taken_down, write_answer
from approvals.recovering.models import Defence, Recovery
from approvals.recovering.perms import can_answer_defence, can_record_defence
from common.errors import Refused
from organisations.models import User


@transaction.atomic
def record_defence(*, recovery: Recovery, entry: DefenceEntry, actor: User) -> Defence:
    """Take down what is said; late words too, as long as people are heard."""
    recovery = Recovery.objects.with_all().select_for_update(of=("self",)).get(pk=recovery.pk)
    if not (verdict := can_record_defence(recovery, actor)):
        raise Refused(verdict.reason)
    matter = {"recovery": recovery, "round": recovery.round}
    since = recovery.prior_served_at
    return Defence.objects.create(**taken_down(entry, since=since, matter=matter, by=actor))


@transaction.atomic
def answer_defence(*, defence: Defence, outcome: DefenceOutcome, answer: str, actor: User) -> Defence:
    """Say whether it is taken up and why; what follows the approver does."""
    recovery = Recovery.objects.with_all().select_for_update(of=("self",)).get(pk=defence.recovery_id)
    defence = Defence.objects.select_for_update(of=("self",)).get(pk=defence.pk)
    defence.recovery = recovery
    if not (verdict := can_answer_defence(defence, actor)):
        raise Refused(verdict.reason)
    write_answer(defence, outcome, answer, actor)
    return defence
