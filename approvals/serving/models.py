"""送达的痕迹: each attempt to hand a paper over, with its proof; the rows are the chain of service."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from approvals.models import Document
from approvals.serving.chain import SERVING
from approvals.serving.database import attempt_follows_the_last, shape_of_attempts
from approvals.serving.enums import Event, ReceiverRelation
from common.append_only import ChainedRecord, chained_triggers
from common.storage import private_files

USER = settings.AUTH_USER_MODEL


class ServiceAttempt(ChainedRecord):
    """One attempt to serve one paper. Stream: `service:<document id>`.

    `after` is the event before it, empty for the first. `happened_at` is the instant that counts: of the
    hand-over, of posting, of the date on the receipt, of the end of the announcement. `proof` is the scan or
    photo: signed receipt, picture of what was left, receipt of EMS, picture of the announcement.
    """

    document = models.ForeignKey(Document, models.PROTECT, related_name="attempts", verbose_name="文书")
    event = models.CharField("结果", max_length=20, choices=Event.choices)
    after = models.CharField("上一步", max_length=20, choices=Event.choices, blank=True)
    happened_at = models.DateTimeField("时间")
    place = models.CharField("地点", max_length=200, blank=True)
    first_server = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="送达人一"
    )
    second_server = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="送达人二"
    )
    receiver_relation = models.CharField(
        "收件人身份", max_length=10, choices=ReceiverRelation.choices, blank=True
    )
    receiver_name = models.CharField("收件人", max_length=60, blank=True)
    reason = models.CharField("事由", max_length=500, blank=True)
    witness_1 = models.CharField("见证人一", max_length=60, blank=True)
    witness_2 = models.CharField("见证人二", max_length=60, blank=True)
    mail_number = models.CharField("邮件号码", max_length=30, blank=True)
    ends_at = models.DateTimeField("公告期满时间", null=True, blank=True)
    proof = models.FileField("凭据", storage=private_files, max_length=200, blank=True)
    proof_type = models.CharField("凭据类型", max_length=20, blank=True)
    proof_sha256 = models.CharField("凭据散列", max_length=64, blank=True)
    recorded_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "送达记录"
        ordering = ["sequence"]
        constraints = [
            models.UniqueConstraint(name="service_chain_is_a_line", fields=["stream", "sequence"]),
            models.UniqueConstraint(
                name="document_is_served_once",
                fields=["document"],
                condition=Q(event__in=SERVING),
                violation_error_message="该文书已经送达。",
            ),
            models.CheckConstraint(name="attempt_is_in_the_table_of_service", condition=shape_of_attempts()),
            models.CheckConstraint(
                name="left_behind_is_proved",
                condition=~Q(event=Event.LEFT) | ~Q(proof="") | ~Q(witness_1=""),
                violation_error_message="留置送达须有照片，或者有见证人（SY-A1.5b）。",
            ),
            models.CheckConstraint(
                name="served_by_two_different_people",
                condition=Q(first_server__isnull=True, second_server__isnull=True)
                | ~Q(first_server=F("second_server")),
                violation_error_message="送达由两名不同的工作人员进行。",
            ),
            models.CheckConstraint(
                name="proof_is_whole",
                condition=Q(proof="", proof_type="", proof_sha256="")
                | (~Q(proof="") & ~Q(proof_type="") & ~Q(proof_sha256="")),
            ),
            models.CheckConstraint(
                name="attempt_is_recorded_afterwards", condition=Q(happened_at__lte=F("recorded_at"))
            ),
            models.CheckConstraint(
                name="announcement_ends_later",
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("happened_at")),
            ),
        ]
        triggers = [*chained_triggers("service_attempt"), attempt_follows_the_last()]

    def __str__(self) -> str:
        return f"{self.get_event_display()} {self.document_id}"

    @property
    def serves(self) -> bool:
        """With it the paper was served."""
        return self.event in SERVING
