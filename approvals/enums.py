from django.db import models


class Outcome(models.TextChoices):
    APPROVED = "approved", "同意"
    REFUSED = "refused", "不同意"


class Level(models.TextChoices):
    """Which office decides (DT-1.1, SY-2.1)."""

    TOWNSHIP = "township", "街道（乡镇）"
    COUNTY = "county", "县（市、区）"


class DeadlineState(models.TextChoices):
    RUNNING = "running", "进行中"
    MET = "met", "按时完成"
    MISSED = "missed", "逾期完成"
    CANCELLED = "cancelled", "已终止"


class DocumentKind(models.TextChoices):
    MATERIALS_NOTICE = "materials_notice", "一次性告知书"
    VISIT_FORM = "visit_form", "入户调查表"
    NOTICE_FORM = "notice_form", "办理公示表"
    DECISION_FORM = "decision_form", "办理审批表"
    REFUSAL_NOTICE = "refusal_notice", "不符合条件告知书"
