from django.db import models


class ClosingReason(models.TextChoices):
    EXPIRED = "expired", "公示期满"
    OBJECTION = "objection", "因异议重新调查"
    WITHDRAWN = "withdrawn", "申请撤回"


class ObjectionSource(models.TextChoices):
    PUBLIC = "public", "公开页面"
    TOWNSHIP = "township", "街镇登记"


class ObjectionOutcome(models.TextChoices):
    """What came of an objection: either way the investigation was done again (SY-A1.4b)."""

    REINVESTIGATE = "reinvestigate", "重新调查"
    NOT_ABOUT_CASE = "not_about_case", "与本公示无关，已书面说明"
