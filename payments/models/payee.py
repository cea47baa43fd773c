"""Where the money goes, when it goes elsewhere than the application said."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from common.append_only import ChainedRecord, chained_triggers
from payments.models.benefit import Benefit
from payments.models.grant import Grant


class PayeeChange(ChainedRecord):
    """Money of a household was led to another account: by whom and why. Accounts are kept masked. Stream:
    `benefit:<id>` or `grant:<id>`.
    """

    benefit = models.ForeignKey(
        Benefit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="payee_changes",
        verbose_name="待遇",
    )
    grant = models.ForeignKey(
        Grant,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="payee_changes",
        verbose_name="临时救助",
    )
    before = models.CharField("原收款信息（脱敏）", max_length=200)
    after = models.CharField("新收款信息（脱敏）", max_length=200)
    reason = models.CharField("原因", max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="更正人")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "收款信息更正"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="payee_change_chain_is_a_line", fields=["stream", "sequence"]),
            models.CheckConstraint(
                name="payee_change_is_of_one_payment",
                condition=Q(benefit__isnull=False, grant__isnull=True)
                | Q(benefit__isnull=True, grant__isnull=False),
            ),
        ]
        indexes = [models.Index(name="payee_change_by_person", fields=["by", "at"])]
        triggers = chained_triggers("payee_change")

    def __str__(self) -> str:
        return f"{self.stream} {self.at:%Y-%m-%d}"
