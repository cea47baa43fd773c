"""Periodic work: each task works off what is due and not done, so twice does nothing and late catches up."""

from __future__ import annotations

import logging
from datetime import datetime, time, timedelta

from celery import shared_task
from django.db.models import Exists, OuterRef
from django.utils import timezone

from approvals.deadlines import end_deadlines, recount
from approvals.documents.tasks import draw_document_batch, sweep_document_batches  # noqa: F401 - for the worker
from approvals.enums import DeadlineState
from approvals.models import Deadline
from approvals.queries.notices import run_out_notices
from approvals.services import move
from approvals.standing import boards_to_hang, refresh_standing
from approvals.workflow import PAYMENT
from cases.enums import ApplicationState
from common import clock
from common.errors import Refused
from payments.enums import TransferResult
from payments.models import Grant, HandOver, Instalment, Transfer
from policy.calendars import working_calendar

logger = logging.getLogger(__name__)

_CHUNK = 500


@shared_task
def mark_deadlines() -> dict[str, int]:
    """Mark what falls due by the next working day as reminded, and what has passed as overdue; each once."""
    now = clock.now()
    running = Deadline.objects.filter(state=DeadlineState.RUNNING)
    next_day = working_calendar().working_day_on_or_after(timezone.localdate(now) + timedelta(days=1))
    until = timezone.make_aware(datetime.combine(next_day, time.max))
    reminded = running.filter(due_at__lte=until, reminded_at__isnull=True).update(reminded_at=now)
    # A minimum period (公示) that has run out is no fault of anybody's.
    overdue = running.filter(minimum=False, due_at__lt=now, overdue_at__isnull=True).update(overdue_at=now)
    return {"reminded": reminded, "overdue": overdue}


@shared_task
def close_expired_notices() -> dict[str, int]:
    """Send cases whose notice has run out without objection to decision, each in its own transaction."""
    now = clock.now()
    waiting = run_out_notices(now).filter(application__state=ApplicationState.PUBLISHED)
    done = left = 0
    for application_id in waiting.order_by("ends_at", "pk").values_list("application_id", flat=True)[:_CHUNK]:
        try:
            move(application_id=application_id, transition="close_notice", actor=None)
            done += 1
        except Refused:
            left += 1  # Somebody was quicker, or an objection came in a moment ago: people see it.
        except Exception:
            left += 1
            logger.exception("close_expired_notices: application %s", application_id)
    return {"closed": done, "left": left}


@shared_task
def end_payment_limits() -> int:
    """临时救助 is paid in time (DT-8.4) when the bank credited the first instalment, or it was handed over;
    the day of that counts.

    Where all of it was given in advance (DT-4.3) nothing is left to pay: the limit ends with the decision.
    """
    credited = (
        Transfer.objects.filter(
            result=TransferResult.PAID,
            payment__instalment__number=1,
            payment__instalment__grant__application__deadlines__step=PAYMENT.step,
            payment__instalment__grant__application__deadlines__state=DeadlineState.RUNNING,
        )
        .select_related("payment__instalment__grant__application")
        .order_by("pk")
    )
    in_hand = HandOver.objects.filter(
        instalment__number=1,
        instalment__grant__application__deadlines__step=PAYMENT.step,
        instalment__grant__application__deadlines__state=DeadlineState.RUNNING,
    ).select_related("instalment__grant__application")
    paid = [(transfer.payment.instalment.grant, transfer.paid_on) for transfer in credited]
    paid += [(given.instalment.grant, given.handed_on) for given in in_hand.order_by("pk")]
    ended = [(grant, timezone.make_aware(datetime.combine(day, time.min))) for grant, day in paid]
    waiting = Deadline.objects.filter(step=PAYMENT.step, state=DeadlineState.RUNNING)
    to_pay = Instalment.objects.filter(grant=OuterRef("pk"), number__gt=0)
    advanced = Grant.objects.filter(~Exists(to_pay), application__in=waiting.values("application"))
    ended += [(grant, grant.decided_at) for grant in advanced.select_related("application")]
    return sum(end_deadlines(application=grant.application, limits=(PAYMENT,), at=at) for grant, at in ended)


@shared_task
def refresh_standing_notices() -> int:
    """Hang the boards of the month that are still missing, each in its own transaction (SY-A1.7a)."""
    done = 0
    for area in boards_to_hang():
        try:
            refresh_standing(area=area, actor=None)
            done += 1
        except Exception:
            logger.exception("refresh_standing_notices: area %s", area.code)
    return done


@shared_task
def recompute_provisional_deadlines() -> int:
    """Count again what was counted on a year without official calendar; the number of dates that changed."""
    provisional = Deadline.objects.filter(state=DeadlineState.RUNNING, provisional=True).order_by("pk")
    calendar = working_calendar()
    return sum(recount(deadline=deadline, calendar=calendar) for deadline in provisional.iterator())
