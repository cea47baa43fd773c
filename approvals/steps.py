"""What every trace of moves has in common: of applications, of changes of benefits, of emergency reliefs."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import reduce
from operator import or_

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Q

from approvals.workflow import Transition
from common.append_only import ChainedRecord
from organisations.enums import Post

_RAISE = "USING ERRCODE = 'integrity_constraint_violation';"


class MoveRecord(ChainedRecord):
    """One move: which, in which post, by whom, why and when. A subclass names the matter and its states."""

    transition = models.CharField("动作", max_length=30)
    label = models.CharField("动作名称", max_length=40)
    post = models.CharField("岗位", max_length=20, choices=Post.choices, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="经手人",
        help_text="空为系统",
    )
    opinion = models.TextField("意见", max_length=2000, blank=True)
    at = models.DateTimeField("时间")

    class Meta:
        abstract = True


def one_person_one_post(name: str, matter: str, words: str) -> ExclusionConstraint:
    """Nobody acts in two posts on one matter (DT-1.1, SY-4.2a)."""
    return ExclusionConstraint(
        name=name,
        expressions=[
            (matter, RangeOperators.EQUAL),
            ("actor", RangeOperators.EQUAL),
            ("post", RangeOperators.NOT_EQUAL),
        ],
        violation_error_message=words,
    )


def a_person_acts_in_a_post(name: str) -> models.CheckConstraint:
    """Without a person it was the system, which holds no post."""
    return models.CheckConstraint(
        name=name, condition=Q(actor__isnull=True, post="") | (Q(actor__isnull=False) & ~Q(post=""))
    )


def in_the_table(moves: Iterable[Transition]) -> Q:
    """A table of moves as a condition on a step: this move, from there, to there, in such a post."""
    return reduce(or_, map(_in_the_table, moves))


def _in_the_table(move: Transition) -> Q:
    # Plain values in one order, so that the migration is the same on every machine.
    return Q(
        transition=move.name,
        from_state__in=sorted(state.value for state in move.sources),
        to_state=move.target.value,
        post__in=sorted({*move.posts, *([""] if move.by_system else [])}),
    )


def follows_the_last(name: str, *, steps: str, matter: str, begins: str, refusal: str) -> pgtrigger.Trigger:
    """On the table `steps`: each begins where the last one of its `matter` (a column) ended.

    `refusal`: message and values of the exception, in SQL.
    """
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        declare=[("stands", "TEXT")],
        func=f"""
            SELECT to_state INTO stands FROM {steps}
             WHERE {matter} = NEW.{matter} ORDER BY id DESC LIMIT 1;
            IF NEW.from_state <> COALESCE(stands, '{begins}') THEN
                RAISE EXCEPTION {refusal} {_RAISE}
            END IF;
            RETURN NEW;
        """,  # noqa: S608 - names of our own only
    )


def stands_where_steps_lead(
    name: str, *, steps: str, matter: str, table: str, key: str, operation, refusal: str, condition=None
) -> pgtrigger.Trigger:
    """At commit the row `key` of `table` stands where its last step leads; for both sides of the trace."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.After,
        operation=operation,
        timing=pgtrigger.Deferred,
        condition=condition,
        declare=[("stands", "TEXT")],
        func=f"""
            SELECT to_state INTO stands FROM {steps}
             WHERE {matter} = {key} ORDER BY id DESC LIMIT 1;
            IF stands IS DISTINCT FROM (SELECT state FROM {table} WHERE id = {key}) THEN
                RAISE EXCEPTION {refusal} {_RAISE}
            END IF;
            RETURN NULL;
        """,  # noqa: S608 - names of our own only
    )


THREE_POSTS = "经办、审核、审批须由三名不同的人员办理（DT-1.1、SY-4.2a）。"


def step_entry(step: MoveRecord, final: Collection[str]) -> dict:
    """One line of a trace whose `details` name the changes, as `components/_timeline.html` takes it."""
    changes = "；".join(step.details.get("changes", ()))
    return {
        "sentence": f"{step.label}：{changes}" if changes else step.label,
        "at": step.at,
        "post_label": step.get_post_display(),
        "actor": step.actor.display_name if step.actor else "系统",
        "opinion": step.opinion,
        "level": "done" if step.to_state in final else "",
    }
