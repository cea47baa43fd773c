from django.db import models


class DocumentStatus(models.TextChoices):
    IN_FORCE = "in_force", "现行"
    DRAFT = "draft", "征求意见稿"
    REPEALED = "repealed", "已废止"


class Certainty(models.TextChoices):
    """How sure a value is: law, an assumption that an office must confirm, or a demo value."""

    LAW = "law", "有据"
    ASSUMPTION = "assumption", "推定"
    DEMO = "demo", "演示值"
