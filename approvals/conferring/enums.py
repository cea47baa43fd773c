from django.db import models


class Conclusion(models.TextChoices):
    """What the meeting says to one case. The first two are what the approver then decides."""

    APPROVED = "approved", "同意"
    REFUSED = "refused", "不同意"
    DEFERRED = "deferred", "缓议"


# With one of these the case needs no other meeting in its round.
FINAL = (Conclusion.APPROVED, Conclusion.REFUSED)
