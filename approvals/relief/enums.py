from django.db import models


class ReliefState(models.TextChoices):
    """Where an emergency relief stands; `approvals.relief.workflow` says how it gets there."""

    REGISTERED = "registered", "待同意"
    AGREED = "agreed", "待支付"
    DECLINED = "declined", "未同意"
    PAID = "paid", "待补办手续"
    COMPLETED = "completed", "手续已补齐"
    CLOSED = "closed", "认定不符合"


class PaidIn(models.TextChoices):
    CASH = "cash", "现金"
    TRANSFER = "transfer", "转账"
    IN_KIND = "in_kind", "实物"


class Finding(models.TextChoices):
    """What comes of the money where the formal application does not bear it out."""

    RECOVER = "recover", "不符合，追回"
    KEEP = "keep", "不符合，不追回"


class LimitStep(models.TextChoices):
    """The two time limits of a relief, by their step in `policy.steps`."""

    RELIEF = "emergency_relief", "急难先行救助"
    COMPLETION = "relief_completion", "急难救助补办手续"
