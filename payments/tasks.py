"""Background work on money. A task carries an id, looks what is to be done, and may come twice, late or not
at all:
the state of the rows is the queue, and `sweep_batches` finds what a crash or a lost message left."""

from __future__ import annotations

import logging
from datetime import timedelta

from celery import shared_task

from common import clock
from common.errors import Refused
from organisations.enums import AreaLevel
from organisations.models import Area
from payments import queries, services
from payments.models import BankFile
from payments.terms import PAID_MONTHLY

log = logging.getLogger(__name__)

# A bank file still unwritten after this long has lost its worker or its message.
UNWRITTEN_AFTER = timedelta(minutes=2)
# Previews of answers that nobody confirmed hold account numbers; they do not stay.
PREVIEW_KEPT = timedelta(days=1)


@shared_task
def write_bank_file_task(bank_file_id: int) -> None:
    """Look at a bank file and write it if it is not written."""
    file = BankFile.objects.filter(pk=bank_file_id).first()
    if file is not None:
        services.write_bank_file(bank_file=file)


@shared_task
def prepare_due_months() -> None:
    """Prepare what is due and not done, for each payer on its own: the refusal of one does not stop the
    others.
    """
    for programme in PAID_MONTHLY:
        for area, month in queries.months_to_prepare(programme, clock.today()):
            try:
                services.prepare_month(area=area, programme=programme, month=month, actor=None)
            except Refused as refused:
                log.info("prepare %s %s %s: %s", area.code, programme, month, refused)


@shared_task
def propose_price_subsidies() -> None:
    """Make the list of each month that was set off and is not listed, or bring it up to date (JZ-9.1).

    A proposal: it is checked, sealed and sent by people.
    """
    cities = Area.objects.filter(level=AreaLevel.CITY).values_list("prefix", flat=True)
    for area, month in queries.months_set_off(list(cities)):
        try:
            services.prepare_subsidy(area=area, month=month, actor=None)
        except Refused as refused:
            log.info("price subsidy %s %s: %s", area.code, month, refused)


@shared_task
def sweep_batches() -> None:
    """Take up bank files that were never written, and clear away previews that were never confirmed."""
    now = clock.now()
    unwritten = BankFile.objects.filter(written_at__isnull=True, made_at__lt=now - UNWRITTEN_AFTER)
    for pk in unwritten.order_by("pk").values_list("pk", flat=True):
        write_bank_file_task.delay(pk)
    services.discard_old_previews(before=now - PREVIEW_KEPT)
