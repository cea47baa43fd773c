from django.db import models


class Outcome(models.TextChoices):
    APPROVED = "approved", "同意"
    REFUSED = "refused", "不同意"


class Level(models.TextChoices):
    """Which office decides (DT-1.1, SY-2.1)."""

    TOWNSHIP = "township", "街道（乡镇）"
    COUNTY = "county", "县（市、区）"


class DeadlineState(models.TextChoices):
    RUNNING = "running", "进行中"
    MET = "met", "按时完成"
    MISSED = "missed", "逾期完成"
    CANCELLED = "cancelled", "已终止"


class DocumentKind(models.TextChoices):
    MATERIALS_NOTICE = "materials_notice", "一次性告知书"
    VISIT_FORM = "visit_form", "入户调查表"
    NOTICE_FORM = "notice_form", "办理公示表"
    DECISION_FORM = "decision_form", "办理审批表"
    REFUSAL_NOTICE = "refusal_notice", "不符合条件告知书"
    JOINT_APPLICATION = "joint_application", "救助联办申请表"
    AUTHORISATION = "authorisation", "核对授权书"
    SELF_CARE_FORM = "self_care_form", "自理能力评估表"
    SERVICE_AGREEMENT = "service_agreement", "特困供养服务协议"
    CARE_AGREEMENT = "care_agreement", "照料服务协议"
    CASE_BY_CASE_FORM = "case_by_case_form", "一事一议审批表"
    APPRAISAL_RECORD = "appraisal_record", "民主评议记录"
    JOINT_MINUTES = "joint_minutes", "联审联批会议纪要"
    CHANGE_PRIOR_NOTICE = "change_prior_notice", "事先告知书"
    CHANGE_DECISION = "change_decision", "决定书"
    RECOVERY_NOTICE = "recovery_notice", "追缴事先告知书"
    RECOVERY_DECISION = "recovery_decision", "追缴决定书"
    REPAYMENT_PLAN = "repayment_plan", "缴款计划调整告知书"
    ENDING_NOTICE = "ending_notice", "终止公示表"
    RENEWAL_REFUSAL = "renewal_refusal", "不予续期告知书"
    SERVICE_RECEIPT = "service_receipt", "送达回证"
    MONEY_STATEMENT = "money_statement", "救助金发放明细"
    HAND_OVER_RECEIPT = "hand_over_receipt", "现金、实物领取单"
    RELIEF_RECEIPT = "relief_receipt", "急难救助领取单"


class EvidenceKind(models.TextChoices):
    """On what a change or a recovery rests. A data match alone stops nobody (JZ-12.3)."""

    DATA_MATCH = "data_match", "数据比对"
    VISIT = "visit", "入户核查"
    REPORT = "report", "核查报告"
    STATEMENT = "statement", "本人书面声明"
    PROOF = "proof", "证明材料"


class DefenceForm(models.TextChoices):
    ORAL = "oral", "口头（制作笔录）"
    WRITTEN = "written", "书面"


class DefenceOutcome(models.TextChoices):
    """What the office answers to statement and defence (SY-A1.6)."""

    ACCEPTED = "accepted", "采纳"
    PARTLY = "partly", "部分采纳"
    REJECTED = "rejected", "不采纳"


TAKEN_UP = (DefenceOutcome.ACCEPTED, DefenceOutcome.PARTLY)
