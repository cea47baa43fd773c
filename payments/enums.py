from django.db import models


class PaymentKind(models.TextChoices):
    REGULAR = "regular", "按月发放"
    CORRECTION = "correction", "更正"


class BatchState(models.TextChoices):
    PREPARED = "prepared", "已编制"
    CHECKED = "checked", "已复核"
    SEALED = "sealed", "已封账"
    SENT = "sent", "已报送银行"
    SETTLED = "settled", "已对账"


class TransferResult(models.TextChoices):
    PENDING = "pending", "待银行回复"
    PAID = "paid", "发放成功"
    FAILED = "failed", "发放失败"


class LedgerAccount(models.TextChoices):
    """Where money stands. Debit is positive, credit negative; each entry sums to 0."""

    BUDGET = "budget", "救助资金"
    PAYABLE = "payable", "应付救助金"
    IN_BANK = "in_bank", "银行在途"
    PAID = "paid", "已发放"
