"""The draft of one household: was, is, why; or why people must look at it."""

from __future__ import annotations

from decimal import Decimal

from approvals.adjustments.enums import ItemKind
from approvals.adjustments.models import Adjustment, AdjustmentItem, AdjustmentSlice
from approvals.adjustments.testing import Books, ask
from cases.queries import Known, bulk_facts
from payments.models import Benefit, BenefitRevision
from policy.keys import KEYS


def draft_slice(run: Adjustment, books: Books, part: AdjustmentSlice) -> dict[str, int]:
    """The drafts of the benefits of a slice; counted: those whose amount stays as it is."""
    # What is encrypted would only cost its decryption.
    benefits = list(
        Benefit.objects.filter(pk__in=part.cases)
        .select_related("township")
        .defer("payee_account", "care_account")
        .order_by("pk")
    )
    known = bulk_facts(benefit.application_id for benefit in benefits)
    revisions: dict[int, list[BenefitRevision]] = {}
    touching = BenefitRevision.objects.filter(benefit__in=part.cases).defer("lines").order_by("valid_from")
    for revision in touching:
        revisions.setdefault(revision.benefit_id, []).append(revision)
    items = [
        item
        for benefit in benefits
        if (item := _draft(run, books, benefit, known[benefit.application_id], revisions.get(benefit.pk, [])))
    ]
    AdjustmentItem.objects.bulk_create(items)
    return {"n_equal": len(benefits) - len(items)}


def _draft(
    run: Adjustment, books: Books, benefit: Benefit, known: Known, revisions: list[BenefitRevision]
) -> AdjustmentItem | None:
    """The draft of one household; None where nothing changes."""
    current = revisions[-1] if revisions and revisions[-1].valid_to is None else None
    item = AdjustmentItem(
        run=run, benefit=benefit, township=benefit.township, revision=current, kind=ItemKind.MANUAL
    )
    if current is not None:
        item.was, item.care_was = current.monthly, current.care_fee
    if benefit.ends_on is not None or current is None:
        item.reason = "待遇已停发或将停发，期间的差额须人工核定"
        return item
    answer = ask(known, books, benefit.township, receives=current.monthly)
    if answer.unknown or not answer.entitled or answer.monthly <= 0:
        item.reason = (answer.why or "测算金额为 0")[:200]
        return item
    since = max(run.effective_on, benefit.starts_on)
    item.amount, item.valid_from = answer.monthly, max(since, current.valid_from)
    item.care_fee = answer.assessment.care_fee or Decimal("0.00")
    if current.valid_from > since:
        item.reason = f"{current.valid_from:%Y-%m} 起金额另有变动，此前月份的差额须人工核定"
        return item
    if item.care_fee and not benefit.care_kind:
        item.reason = "照料护理费没有收款人，须先签订供养服务协议（SY-A2.1a）"
        return item
    if (item.amount, item.care_fee) == (current.monthly, current.care_fee):
        return None
    item.kind, item.reason = ItemKind.CHANGE, _reason(run)
    item.lines = [line.as_json() for line in answer.assessment.lines]
    item.rule_ids = list(answer.assessment.rule_ids)
    return item


def _reason(run: Adjustment) -> str:
    rule = run.rules[0]
    label, was = KEYS[rule["key"]].label, f"由 {rule['was']} " if rule["was"] else ""
    return f"标准调整：{label}{was}调整为 {rule['value']}，自 {run.effective_on:%Y-%m} 起"[:200]
