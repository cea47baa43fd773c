"""Notices that are ready to be closed."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef

from publicity.enums import ObjectionOutcome
from publicity.models import Notice, NoticeQuerySet, Objection


def run_out_notices(now: datetime) -> NoticeQuerySet:
    """Past their time, not taken down, and without an objection that still speaks against it (SY-A1.4b)."""
    answered = ObjectionOutcome.NOT_ABOUT_CASE
    speaking = Objection.objects.filter(notice=OuterRef("pk")).exclude(outcome=answered)
    return Notice.objects.filter(~Exists(speaking), closed_at__isnull=True, ends_at__lte=now)
