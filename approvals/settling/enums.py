from django.db import models


class Circumstance(models.TextChoices):
    """The circumstances of 一事一议; which of them a place knows, and by which clause, its rules say
    (`case_by_case.circumstances`).
    """

    LEFT = "left_3y", "成员出走或失联满三年"
    ABANDONED_MINOR = "abandoned_minor", "困境未成年人"
    LONELY_ELDER = "lonely_elder", "无人赡养老年人"
    DEPOSITS = "deposits", "存款超过 4 倍低于 10 倍"
    LINSHI = "linshi", "临时救助再次申请或超过最高金额"
    SEVERE = "severe", "重残重病等特殊情况"
    TOWNSHIP = "township", "街镇确定的其他情况"
    URGENT = "urgent", "突发紧迫急难，政策难以明确"


# What no register shows: people establish it and say why. The others must follow from the recorded facts.
ESTABLISHED_BY_PEOPLE = frozenset({Circumstance.URGENT})


class Capacity(models.TextChoices):
    """In which capacity somebody sits in a 民主评议 (LC-4.2b)."""

    STAFF = "staff", "街镇工作人员"
    COMMITTEE = "committee", "村（居）委会成员"
    CADRE = "cadre", "驻村（社区）干部"
    RESIDENT = "resident", "居民代表"
    OBSERVER = "observer", "纪（工）委代表"


# They vote; the observer only watches over the meeting.
VOTING = (Capacity.STAFF, Capacity.COMMITTEE, Capacity.CADRE, Capacity.RESIDENT)


class Purpose(models.TextChoices):
    """Why a 民主评议 was held: for 一事一议, or of an ordinary case (LY-5.2)."""

    CASE_BY_CASE = "case_by_case", "一事一议"
    OBJECTION = "objection", "公示异议"
    CHECK = "check", "事后检查"


class Meeting(models.TextChoices):
    """Which meeting determines, by the rules of the place (LC-4.3a, DT-4.2, JZ-5.1)."""

    LEADERSHIP = "leadership", "街镇领导班子会议"
    COLLECTIVE = "collective", "街镇集体审议"
    JOINT = "joint", "街镇联席会议"


class Body(models.TextChoices):
    """With whom a determination is filed."""

    DISCIPLINE = "discipline", "街镇纪（工）委"
    DISTRICT = "district", "区民政局"


class Way(models.TextChoices):
    """How the applicant was told the result (LC-4.3b)."""

    IN_PERSON = "in_person", "当面告知"
    PHONE = "phone", "电话告知"
    WRITING = "writing", "书面送达"


class Action(models.TextChoices):
    """What leaves an entry in the trace of a settlement."""

    REFER = "refer", "启动一事一议"
    APPRAISE = "appraise", "登记民主评议"
    DETERMINE = "determine", "认定"
    CONFER = "confer", "联审联批"
    FILE = "file", "备案"
    ACKNOWLEDGE = "acknowledge", "备案回执"
    FEED_BACK = "feed_back", "反馈申请人"
    CONFIRM = "confirm", "街镇确认"
    RECHECK = "recheck", "复核走访"
    REVIEW = "review", "续期复核"
    RENEW = "renew", "续期认定"
    LAPSE = "lapse", "期满失效"
