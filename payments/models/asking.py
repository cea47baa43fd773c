"""What one person asks for with the reason, and another decides once: columns, conditions and triggers."""

from __future__ import annotations

from collections.abc import Collection

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

_USER = settings.AUTH_USER_MODEL
_RAISE = "RAISE EXCEPTION '%s' USING ERRCODE = 'integrity_constraint_violation';"


class Asked(models.Model):
    """Why it is asked for, by whom, and what another person said. A subclass names the matter."""

    reason = models.CharField("理由", max_length=500)
    asked_by = models.ForeignKey(_USER, models.PROTECT, related_name="+", verbose_name="提出人")
    asked_at = models.DateTimeField("提出时间")
    decided_by = models.ForeignKey(
        _USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="决定人"
    )
    decided_at = models.DateTimeField("决定时间", null=True, blank=True)
    granted = models.BooleanField("是否同意", null=True)
    remark = models.CharField("决定意见", max_length=500, blank=True)

    class Meta:
        abstract = True


def asked_of_another(name: str, matter: str, label: str) -> list[models.BaseConstraint]:
    """Two people, one request at a time about `matter`, decided whole or not at all; `name` begins the names
    in the database, `label` is what clerks call it.
    """
    undecided = Q(granted__isnull=True, decided_by__isnull=True, decided_at__isnull=True, remark="")
    decided = Q(granted__isnull=False, decided_by__isnull=False, decided_at__isnull=False) & ~Q(remark="")
    return [
        models.UniqueConstraint(
            name=f"one_waiting_{name}_a_{matter}",
            fields=[matter],
            condition=Q(granted__isnull=True),
            violation_error_message=f"已有待决定的{label}申请。",
        ),
        models.CheckConstraint(
            name=f"{name}_decided_by_another_person",
            condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")),
            violation_error_message=f"{label}的提出和决定须由不同的人员办理。",
        ),
        models.CheckConstraint(name=f"{name}_decided_whole", condition=undecided | decided),
    ]


def decided_once(name: str, *, late: Collection[str] = ()) -> list[pgtrigger.Trigger]:
    """Asked for first, decided once and kept; `late` are further columns that the decision fills in."""
    columns = ",".join(("granted", "decided_by_id", "decided_at", "remark", *late))
    return [
        pgtrigger.Trigger(
            name=f"{name}_is_asked_first",
            when=pgtrigger.Before,
            operation=pgtrigger.Insert,
            condition=pgtrigger.Condition("NEW.granted IS NOT NULL"),
            func=_RAISE % f"a {name} is asked for before it is decided",
        ),
        pgtrigger.Trigger(
            name=f"{name}_is_decided_once",
            when=pgtrigger.Before,
            operation=pgtrigger.Update | pgtrigger.Delete,
            func=f"""
                IF TG_OP = 'UPDATE' AND OLD.granted IS NULL AND NEW.granted IS NOT NULL
                   AND to_jsonb(NEW) - '{{{columns}}}'::text[]
                     = to_jsonb(OLD) - '{{{columns}}}'::text[] THEN
                    RETURN NEW;
                END IF;
                {_RAISE % f"a {name} is decided once and kept"}
            """,
        ),
    ]
