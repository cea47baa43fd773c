from django.db import models


class RecoveryState(models.TextChoices):
    """Where a recovery stands. Only approvals/recovering/services/moving.py moves it."""

    DRAFT = "draft", "拟写中"
    PROPOSED = "proposed", "待同意告知"
    NOTICED = "noticed", "事先告知书送达中"
    HEARING = "hearing", "陈述申辩期"
    DECIDING = "deciding", "待作出决定"
    DECIDED = "decided", "决定书送达中"
    REPAYING = "repaying", "追缴中"
    SETTLED = "settled", "已结清"
    DROPPED = "dropped", "不予追缴"
    WITHDRAWN = "withdrawn", "已撤回"


FINAL_STATES = frozenset({RecoveryState.SETTLED, RecoveryState.DROPPED, RecoveryState.WITHDRAWN})
# Until the decision has been served, a case has one recovery at a time.
IN_PROCEDURE = frozenset(RecoveryState) - FINAL_STATES - {RecoveryState.REPAYING}
# Money may come back of its own accord before anybody decides.
TAKES_MONEY = frozenset(RecoveryState) - FINAL_STATES - {RecoveryState.DRAFT}


class Ground(models.TextChoices):
    """Why money is claimed back; the facts stand beside it."""

    DEATH = "death", "死亡后多发"
    CONCEALED = "concealed", "隐瞒收入或财产"
    WRONG_AMOUNT = "wrong_amount", "金额核定错误"
    TWICE = "twice", "重复发放"
    RELIEF = "relief", "急难先行救助未获认定"


class Way(models.TextChoices):
    """How it shall come back, as decided."""

    AT_ONCE = "at_once", "一次缴回"
    INSTALMENTS = "instalments", "分期缴回"
    SET_OFF = "set_off", "从待遇中抵扣"
