"""陈述申辩: taken down as it was said, and answered once (SY-A1.6)."""

from __future__ import annotations

from django.db import transaction

from approvals.changing.declarations import DefenceEntry
from approvals.changing.enums import DefenceOutcome
from approvals.changing.models import BenefitChange, Defence
from approvals.changing.perms import can_answer_defence, can_record_defence
from approvals.changing.services.texts import refuse_text
from common import clock
from common.errors import Refused
from organisations.models import User

_CONTENT, _ANSWER, _NAME = (Defence._meta.get_field(f).max_length for f in ("content", "answer", "made_by"))


@transaction.atomic
def record_defence(*, change: BenefitChange, entry: DefenceEntry, actor: User) -> Defence:
    """Take down what somebody of the household says. Late words are taken too, as long as nobody decided."""
    change = BenefitChange.objects.with_all().select_for_update(of=("self",)).get(pk=change.pk)
    if not (verdict := can_record_defence(change, actor)):
        raise Refused(verdict.reason)
    refuse_text(entry.made_by, _NAME, "陈述人", "made_by")
    refuse_text(entry.content, _CONTENT, "陈述和申辩内容", "content")
    if not change.prior_served_at <= entry.received_at <= clock.now():
        raise Refused("提出时间应在事先告知书送达之后、现在之前。", field="received_at")
    return Defence.objects.create(
        change=change,
        round=change.round,
        form=entry.form,
        made_by=entry.made_by.strip(),
        content=entry.content.strip(),
        received_at=entry.received_at,
        recorded_by=actor,
        recorded_at=clock.now(),
    )


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
    refuse_text(answer, _ANSWER, "复核意见", "answer")
    defence.outcome, defence.answer = outcome, answer.strip()
    defence.answered_by, defence.answered_at = actor, clock.now()
    defence.save(update_fields=["outcome", "answer", "answered_by", "answered_at"])
    return defence
