from django.db import models


class Source(models.TextChoices):
    """Why a case takes part in a what-if."""

    LIVE = "live", "在册"
    OPEN = "open", "在办（已完成调查）"
    REFUSED = "refused", "近一年未批准"


class Effect(models.TextChoices):
    """What the draft rules do to a case."""

    SAME = "same", "不变"
    GAINS = "gains", "增加"
    LOSES = "loses", "减少"
    ENTERS = "enters", "新进入"
    LEAVES = "leaves", "退出"
    UNKNOWN = "unknown", "不能自动测算"


class ItemKind(models.TextChoices):
    """Whether a change can be carried out as it stands."""

    CHANGE = "change", "自动调整"
    MANUAL = "manual", "须人工核定"


class Outcome(models.TextChoices):
    """What came of a household that people had to look at."""

    CHANGED = "changed", "已变更待遇金额"
    ENDED = "ended", "已停发"
    KEPT = "kept", "核实后金额不变"
    SETTLED = "settled", "差额已另行结清"
