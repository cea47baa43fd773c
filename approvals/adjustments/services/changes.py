"""A standard was published: drafts of what it changes, then two people in each township, then revisions.

What is sealed stays as it is: `payments.services.corrections` pays or takes back the differences with the
next batch, exactly once, from the revisions that are made here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import partial

from django.db import connection, transaction
from django.db.models import F, Sum

from approvals.adjustments import perms, slices
from approvals.adjustments.enums import ItemKind
from approvals.adjustments.models import Adjustment, AdjustmentItem, AdjustmentProposal, AdjustmentSlice
from approvals.adjustments.queries.population import in_force
from approvals.adjustments.testing import Books, ask
from cases.enums import Programme
from cases.queries import Known, bulk_facts
from common import clock
from common.errors import Refused
from organisations.models import Area, User
from payments.models import Benefit, BenefitRevision
from policy.models import Rule

# Help with a monthly amount; 低边 is a status.
PAID = (Programme.DIBAO, Programme.TEKUN)
# Keys that change amounts, by programme.
AMOUNT_KEYS = {
    Programme.DIBAO: ("standard.dibao",),
    Programme.TEKUN: ("standard.tekun", "min_wage", "care.grades", "care.home_share"),
}


def effective_month(valid_from: date) -> date:
    """The first month that a rule in force from a day governs whole: that month, or the next (月 are paid
    whole).
    """
    month = clock.month_of(valid_from)
    return month if valid_from == month else clock.next_month(valid_from)


@transaction.atomic
def start_adjustment(*, area: Area, programme: str, rule: Rule, actor: User) -> Adjustment:
    """Compute the benefits of the area again from the month of a published rule on.

    Refused for a rule that is a draft, does not change amounts of the programme, or does not concern the
    area; while an earlier change of the same area and month is not finished; and when nobody is in receipt.
    """
    verdict = perms.can_start(actor, area)
    if not verdict:
        raise Refused(verdict.reason)
    _refuse_unfit(area, programme, rule)
    # One at a time for an area: the row of the area is the lock.
    Area.objects.select_for_update().get(pk=area.pk)
    month = effective_month(rule.valid_from)
    if Adjustment.objects.filter(area=area, programme=programme, finished_at__isnull=True).exists():
        raise Refused(f"{area.name}有一次标准调整正在测算，请等它完成。")
    run = Adjustment.objects.create(
        area=area,
        programme=programme,
        effective_on=month,
        rules=[{"id": rule.pk, "key": rule.key, "value": rule.value, "was": _value_before(rule)}],
        started_by=actor,
        started_at=clock.now(),
    )
    benefits = Benefit.objects.filter(
        in_force(month), township__prefix__startswith=area.prefix, programme=programme
    )
    made = [
        AdjustmentSlice(run=run, cases=part)
        for part in slices.cut(benefits.order_by("township__code", "pk").values_list("pk", flat=True))
    ]
    if not made:
        raise Refused(f"{area.name}自 {month:%Y-%m} 起没有在册对象，无需调整。", field="area")
    AdjustmentSlice.objects.bulk_create(made)
    run.n_total = sum(len(part.cases) for part in made)
    run.save(update_fields=["n_total"])
    from approvals.adjustments.tasks import run_adjustment

    for _ in range(2):
        transaction.on_commit(partial(run_adjustment.delay, run.pk))
    return run


def _refuse_unfit(area: Area, programme: str, rule: Rule) -> None:
    if programme not in PAID:
        raise Refused("只有按月发放的低保、特困可以调整。", field="programme")
    if rule.published_at is None:
        raise Refused("规则尚未发布，请先发布，或在“规则试算”中试算。", field="rule")
    if rule.key not in AMOUNT_KEYS[Programme(programme)]:
        raise Refused("该规则不影响这一项目的金额。", field="rule")
    if not (area.prefix.startswith(rule.area.prefix) or rule.area.prefix.startswith(area.prefix)):
        raise Refused(f"该规则属于{rule.area.name}，与{area.name}无关。", field="rule")
    if area.level not in {"county", "township"}:
        raise Refused("请选择县（市、区）或街道（乡镇）。", field="area")


def _value_before(rule: Rule) -> str:
    """What held in the same area until then; empty where there was nothing."""
    before = Rule.objects.published().filter(
        area_id=rule.area_id, key=rule.key, valid_from__lt=rule.valid_from
    )
    return before.order_by("-valid_from").values_list("value", flat=True).first() or ""


def work_on_adjustment(run_id: int) -> None:
    """Work off what is left of the drafts; harmless when it comes twice, together or after a crash."""
    run = Adjustment.objects.filter(pk=run_id, finished_at__isnull=True).first()
    if run is None:
        return
    slices.work_off(run, partial(_work, run, Books(run.effective_on)))


def _work(run: Adjustment, books: Books, part: AdjustmentSlice) -> dict[str, int]:
    benefits = list(Benefit.objects.filter(pk__in=part.cases).select_related("township").order_by("pk"))
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
    item.was = current.monthly if current else None
    if benefit.ends_on is not None or current is None:
        item.reason = "待遇已停发或将停发，期间的差额须人工核定"
        return item
    answer = ask(known, books, benefit.township, receives=current.monthly)
    if answer.unknown or not answer.entitled or answer.monthly <= 0:
        item.reason = (answer.why or "测算金额为 0")[:200]
        return item
    since = max(run.effective_on, benefit.starts_on)
    item.amount, item.valid_from = answer.monthly, max(since, current.valid_from)
    if current.valid_from > since:
        item.reason = f"{current.valid_from:%Y-%m} 起金额另有变动，此前月份的差额须人工核定"
        return item
    if (answer.assessment.care_fee or 0) != current.care_fee:
        item.reason = "照料护理费随新标准变动，另付机构或照料人，须人工核定"
        return item
    if answer.monthly == current.monthly:
        return None
    item.kind, item.reason = ItemKind.CHANGE, _reason(run)
    item.lines = [line.as_json() for line in answer.assessment.lines]
    item.rule_ids = list(answer.assessment.rule_ids)
    return item


def _reason(run: Adjustment) -> str:
    rule = run.rules[0]
    was = f"由 {rule['was']} " if rule["was"] else ""
    return f"标准调整：{rule['key']} {was}调整为 {rule['value']}，自 {run.effective_on:%Y-%m} 起"[:200]


@transaction.atomic
def propose(*, run: Adjustment, township: Area, actor: User) -> AdjustmentProposal:
    """The reviewer of a township puts its automatic drafts forward as they stand."""
    run = Adjustment.objects.select_for_update().get(pk=run.pk)
    verdict = perms.can_propose(actor, run, township)
    if not verdict:
        raise Refused(verdict.reason)
    if run.proposals.filter(township=township).exists():
        raise Refused(f"{township.name}的调整已经提出。")
    items = run.items.filter(township=township, kind=ItemKind.CHANGE)
    n = items.count()
    if not n:
        raise Refused(f"{township.name}没有可以自动调整的对象。")
    difference = items.aggregate(total=Sum(F("amount") - F("was")))["total"]
    return AdjustmentProposal.objects.create(
        run=run,
        township=township,
        n_items=n,
        difference=difference,
        proposed_by=actor,
        proposed_at=clock.now(),
    )


# Drafts that no longer fit: the benefit was ended or its amount changed since.
_UNFIT = """
    UPDATE adjustments_adjustmentitem i
    SET kind = 'manual', reason = '草案测算后待遇已停发或另有变动，须人工核定'
    FROM payments_benefit b, payments_benefitrevision r
    WHERE i.run_id = %(run)s AND i.township_id = %(township)s AND i.kind = 'change'
      AND i.applied_id IS NULL AND b.id = i.benefit_id AND r.id = i.revision_id
      AND (b.ends_on IS NOT NULL OR r.valid_to IS NOT NULL)
"""
_CLOSE = """
    UPDATE payments_benefitrevision r SET valid_to = i.valid_from
    FROM adjustments_adjustmentitem i
    WHERE i.run_id = %(run)s AND i.township_id = %(township)s AND i.kind = 'change'
      AND i.applied_id IS NULL AND r.id = i.revision_id
"""
_OPEN = """
    WITH opened AS (
        INSERT INTO payments_benefitrevision
            (benefit_id, monthly, care_fee, valid_from, lines, rule_ids, reason, decided_by_id, created_at)
        SELECT i.benefit_id, i.amount, r.care_fee, i.valid_from, i.lines, i.rule_ids, i.reason, %(by)s, %(at)s
        FROM adjustments_adjustmentitem i JOIN payments_benefitrevision r ON r.id = i.revision_id
        WHERE i.run_id = %(run)s AND i.township_id = %(township)s AND i.kind = 'change'
          AND i.applied_id IS NULL
        RETURNING id, benefit_id
    )
    UPDATE adjustments_adjustmentitem i SET applied_id = opened.id
    FROM opened WHERE i.run_id = %(run)s AND i.benefit_id = opened.benefit_id
"""


@transaction.atomic
def confirm(
    *, proposal: AdjustmentProposal, actor: User, n_seen: int | None = None, seen: Decimal | None = None
) -> AdjustmentProposal:
    """The approver, another person, makes the revisions: the old amount ends where the new begins.

    `n_seen`, `seen`: number and monthly difference that the page showed; other figures are refused. What was
    ended or changed meanwhile goes to the list for people. Of two who confirm at once the second is refused.
    """
    proposal = (
        AdjustmentProposal.objects.select_for_update(of=("self",))
        .select_related("run", "township")
        .get(pk=proposal.pk)
    )
    verdict = perms.can_confirm(actor, proposal)
    if not verdict:
        raise Refused(verdict.reason)
    if (n_seen, seen) not in {(None, None), (proposal.n_items, proposal.difference)}:
        raise Refused("合计与您看到的不同，请重新查看后再确认。")
    ids = _hold(proposal)
    now = clock.now()
    values = {"run": proposal.run_id, "township": proposal.township_id, "by": actor.pk, "at": now}
    with connection.cursor() as cursor:
        cursor.execute(_UNFIT, values)
        cursor.execute(_CLOSE, values)
        closed = cursor.rowcount
        cursor.execute(_OPEN, values)
        if cursor.rowcount != closed:
            raise RuntimeError(f"adjustment {proposal.run_id}: {closed} closed of {len(ids)}, not all opened")
    proposal.confirmed_by, proposal.confirmed_at, proposal.n_applied = actor, now, closed
    proposal.save(update_fields=["confirmed_by", "confirmed_at", "n_applied"])
    return proposal


def _hold(proposal: AdjustmentProposal) -> Sequence[int]:
    """Nobody ends a benefit or changes its amount between the look and the change."""
    items = proposal.run.items.filter(township=proposal.township_id, kind=ItemKind.CHANGE)
    ids = list(items.order_by("benefit_id").values_list("benefit_id", flat=True))
    list(Benefit.objects.filter(pk__in=ids).order_by("pk").select_for_update(of=("self",)).values_list("pk"))
    return ids
