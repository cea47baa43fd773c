"""陈述申辩: what people say before it is decided against them, and what the office answers (SY-A1.6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from approvals.enums import DefenceForm, DefenceOutcome
from approvals.texts import refuse_text
from common import clock
from common.errors import Refused
from organisations.models import User

_USER = settings.AUTH_USER_MODEL
_RAISE = "USING ERRCODE = 'integrity_constraint_violation';"


@dataclass(frozen=True, slots=True)
class DefenceEntry:
    """What the handler takes down."""

    form: str
    made_by: str
    content: str
    received_at: datetime


class DefenceRecord(models.Model):
    """What was said within the period, taken down as given, and the answer. A subclass names the matter."""

    round = models.PositiveSmallIntegerField("轮次", default=1)
    form = models.CharField("方式", max_length=8, choices=DefenceForm.choices)
    made_by = models.CharField("陈述人", max_length=60)
    content = models.TextField("陈述和申辩", max_length=2000)
    received_at = models.DateTimeField("提出时间")
    recorded_by = models.ForeignKey(_USER, models.PROTECT, related_name="+", verbose_name="记录人")
    recorded_at = models.DateTimeField("记录时间")
    outcome = models.CharField("是否采纳", max_length=8, choices=DefenceOutcome.choices, blank=True)
    answer = models.TextField("复核意见", max_length=1000, blank=True)
    answered_by = models.ForeignKey(
        _USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="复核人"
    )
    answered_at = models.DateTimeField("复核时间", null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"陈述申辩 {self.pk}"


def says_something(said: str, answered: str) -> list[models.CheckConstraint]:
    """Words and who said them; an answer whole or not at all. The two names are those in the database."""
    return [
        models.CheckConstraint(name=said, condition=~Q(content="") & ~Q(made_by="")),
        models.CheckConstraint(
            name=answered,
            condition=Q(outcome="", answer="", answered_by__isnull=True, answered_at__isnull=True)
            | (
                Q(outcome__in=DefenceOutcome.values, answered_by__isnull=False, answered_at__isnull=False)
                & ~Q(answer="")
            ),
        ),
    ]


def answered_once() -> pgtrigger.Trigger:
    """A statement stays as it was given; the answer is written once."""
    return pgtrigger.Trigger(
        name="defence_is_kept_as_given",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        declare=[("late", "TEXT[]")],
        func=f"""
            late := ARRAY['outcome', 'answer', 'answered_by_id', 'answered_at'];
            IF TG_OP = 'UPDATE' AND OLD.answered_at IS NULL AND NEW.answered_at IS NOT NULL
               AND to_jsonb(NEW) - late = to_jsonb(OLD) - late THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'defence: kept as given, answered once' {_RAISE}
        """,
    )


def taken_down(entry: DefenceEntry, *, since: datetime, matter: dict, by: User) -> dict:
    """The columns of a new row about `matter`, checked: said after the notice was served, and not later."""
    words = DefenceRecord._meta.get_field
    refuse_text(entry.made_by, words("made_by").max_length, "陈述人", "made_by")
    refuse_text(entry.content, words("content").max_length, "陈述和申辩内容", "content")
    if not since <= entry.received_at <= clock.now():
        raise Refused("提出时间应在事先告知书送达之后、现在之前。", field="received_at")
    return matter | {
        "form": entry.form,
        "made_by": entry.made_by.strip(),
        "content": entry.content.strip(),
        "received_at": entry.received_at,
        "recorded_by": by,
        "recorded_at": clock.now(),
    }


def write_answer(defence: DefenceRecord, outcome: DefenceOutcome, answer: str, by: User) -> None:
    """Whether it is taken up, and why."""
    refuse_text(answer, DefenceRecord._meta.get_field("answer").max_length, "复核意见", "answer")
    defence.outcome, defence.answer = outcome, answer.strip()
    defence.answered_by, defence.answered_at = by, clock.now()
    defence.save(update_fields=["outcome", "answer", "answered_by", "answered_at"])
