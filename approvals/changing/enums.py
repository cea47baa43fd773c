from django.db import models


class ChangeKind(models.TextChoices):
    """What becomes of a benefit (SY-7.2): another amount, or an end."""

    ADJUST = "adjust", "调整"
    STOP = "stop", "停发"
    TERMINATE = "terminate", "终止"


class ChangeState(models.TextChoices):
    """Where a change stands. Only approvals/changing/services/moving.py moves it."""

    DRAFT = "draft", "拟写中"
    PROPOSED = "proposed", "待初审"
    REVIEWED = "reviewed", "待同意"
    AGREED = "agreed", "待出具事先告知书"
    NOTICED = "noticed", "事先告知书送达中"
    HEARING = "hearing", "陈述申辩期"
    DECIDING = "deciding", "待作出决定"
    DECIDED = "decided", "决定书送达中"
    PUBLISHED = "published", "终止公示中"
    INVESTIGATING = "investigating", "异议调查中"
    IN_EFFECT = "in_effect", "已生效"
    DROPPED = "dropped", "不予变更"
    WITHDRAWN = "withdrawn", "已撤回"


FINAL_STATES = frozenset({ChangeState.IN_EFFECT, ChangeState.DROPPED, ChangeState.WITHDRAWN})
OPEN_STATES = frozenset(ChangeState) - FINAL_STATES


class Reason(models.TextChoices):
    """Why a benefit changes; a free text stands beside it."""

    INCOME_ROSE = "income_rose", "收入增加"
    INCOME_FELL = "income_fell", "收入减少"
    MEMBERS = "members", "家庭人口变化"
    PROPERTY = "property", "财产超过规定"
    DEATH = "death", "死亡"
    MOVED = "moved", "迁出本地"
    VOLUNTARY = "voluntary", "本人自愿退出"
    LOST_CONTACT = "lost_contact", "失去联系"
    SUPPORTER_ABLE = "supporter_able", "法定义务人有履行能力"
    PRISON = "prison", "在监狱服刑"
    ABLE_TO_WORK = "able_to_work", "恢复劳动能力"
    OTHER = "other", "其他"
