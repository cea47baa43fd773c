from django.db import models

from cases.enums import Programme


class Frame(models.TextChoices):
    """What a month's sample is drawn from: the new cases of a programme, or those settled by 一事一议."""

    DIBAO = Programme.DIBAO.value, Programme.DIBAO.label
    DIBIAN = Programme.DIBIAN.value, Programme.DIBIAN.label
    TEKUN = Programme.TEKUN.value, Programme.TEKUN.label
    LINSHI = Programme.LINSHI.value, Programme.LINSHI.label
    CASE_BY_CASE = "case_by_case", "一事一议"


class ReviewState(models.TextChoices):
    OPEN = "open", "待核查"
    DONE = "done", "已核查"


class Answer(models.TextChoices):
    YES = "yes", "符合"
    NO = "no", "不符合"
    NOT_APPLICABLE = "na", "不适用"


class FindingState(models.TextChoices):
    OPEN = "open", "待整改"
    ANSWERED = "answered", "已答复"
    CLOSED = "closed", "已销号"


class FindingMove(models.TextChoices):
    """What happens to a finding; each leaves a trace."""

    FOUND = "found", "提出问题"
    ANSWERED = "answered", "整改答复"
    RETURNED = "returned", "退回重新整改"
    CLOSED = "closed", "销号"
