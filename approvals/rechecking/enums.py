from django.db import models


class Result(models.TextChoices):
    """What the means test at a re-check says; the values are those of an assessment."""

    CONTINUES = "eligible", "继续保障"
    BY_CASE = "case_by_case", "可申请一事一议继续保障"
    CHANGE_DUE = "ineligible", "不再符合，应提出变更"
