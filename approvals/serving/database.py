"""What the database itself refuses about service, whoever writes it."""

from __future__ import annotations

from functools import reduce
from operator import or_

import pgtrigger
from django.db.models import Q

from approvals.serving.chain import ATTEMPTS, Attempt
from approvals.serving.enums import Event


def shape_of_attempts() -> Q:
    """The table of service as a condition on a row: this event after that one, with what proves it."""
    return reduce(or_, map(_shape, ATTEMPTS.values()))


def _shape(attempt: Attempt) -> Q:
    shape = Q(event=attempt.event.value, after__in=sorted(str(event) for event in attempt.after))
    shape &= Q(ends_at__isnull=attempt.event != Event.ANNOUNCED)
    shape &= Q(first_server__isnull=not attempt.by_two, second_server__isnull=not attempt.by_two)
    for column in sorted(attempt.needs):
        shape &= ~Q(**{column: ""})
    return shape


def attempt_follows_the_last() -> pgtrigger.Trigger:
    """Each attempt begins where the last one ended, in the paper's own time.

    An announcement serves when its period has run out in full, neither earlier nor later.
    """
    return pgtrigger.Trigger(
        name="attempt_follows_the_last",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        declare=[("last", "serving_serviceattempt%ROWTYPE"), ("made", "TIMESTAMPTZ")],
        func="""
            PERFORM pg_advisory_xact_lock(hashtextextended(TG_TABLE_NAME || ':' || NEW.stream, 0));
            SELECT * INTO last FROM serving_serviceattempt
             WHERE document_id = NEW.document_id ORDER BY id DESC LIMIT 1;
            SELECT made_at INTO made FROM approvals_document WHERE id = NEW.document_id;
            IF NEW.stream <> 'service:' || NEW.document_id THEN
                RAISE EXCEPTION 'service: an attempt stands in the chain of its own paper'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            IF NEW.after <> COALESCE(last.event, '') THEN
                RAISE EXCEPTION 'service: the last attempt was %, not %', last.event, NEW.after
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            IF NEW.happened_at < COALESCE(last.happened_at, date_trunc('minute', made)) THEN
                RAISE EXCEPTION 'service: an attempt is not before the one it follows, nor before the paper'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            IF NEW.event = 'announcement_over' AND NEW.happened_at IS DISTINCT FROM last.ends_at THEN
                RAISE EXCEPTION 'service: an announcement serves when its period has run out'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        """,
    )
