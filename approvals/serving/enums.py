from django.db import models


class Event(models.TextChoices):
    """What came of one attempt; `approvals.serving.chain` says which may follow which."""

    HANDED_OVER = "handed_over", "直接送达：已签收"
    REFUSED = "refused", "直接送达：拒绝签收"
    NOT_FOUND = "not_found", "直接送达：找不到受送达人"
    LEFT = "left", "留置送达"
    NOT_LEFT = "not_left", "未能留置"
    MAILED = "mailed", "邮寄送达：已寄出"
    MAIL_DELIVERED = "mail_delivered", "邮寄送达：已签收"
    MAIL_RETURNED = "mail_returned", "邮寄送达：退回"
    ANNOUNCED = "announced", "公告送达：已发布公告"
    ANNOUNCEMENT_OVER = "announcement_over", "公告送达：期满，视为送达"


class ReceiverRelation(models.TextChoices):
    """Who took the paper: the person, or somebody who may take it in the person's stead."""

    SELF = "self", "本人"
    FAMILY = "family", "同住成年家属"
    GUARDIAN = "guardian", "法定代理人（监护人）"
    AGENT = "agent", "委托的代收人"
