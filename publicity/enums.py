from django.db import models


class NoticePurpose(models.TextChoices):
    """What is published: that help shall be given, or that 特困 shall end (SY-A2.6)."""

    GRANT = "grant", "拟保障"
    ENDING = "ending", "拟终止"


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


class StandingKind(models.TextChoices):
    """The lists of a long-term notice, in the order in which they hang."""

    TEKUN = "tekun", "特困人员救助供养"
    DIBAO = "dibao", "最低生活保障"
    DIBIAN = "dibian", "最低生活保障边缘家庭"
    CASE_BY_CASE = "case_by_case", "一事一议"
