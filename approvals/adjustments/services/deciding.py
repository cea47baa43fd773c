"""Two people in each township: the reviewer proposes, the approver confirms, or either sends the drafts back.

What is sealed stays as it is: `payments.services.corrections` pays or takes back the differences with the
next batch, exactly once, from the revisions that are made here. Locks: the run first, then the proposal,
then the benefits.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import F, Sum

from approvals.adjustments import perms
from approvals.adjustments.enums import ItemKind
from approvals.adjustments.models import Adjustment, AdjustmentProposal, AdjustmentReturn
from approvals.adjustments.services.settling import close_if_settled
from common import clock
from common.errors import Refused
from organisations.models import Area, User
from payments.models import Benefit


@transaction.atomic
def propose(*, run: Adjustment, township: Area, actor: User) -> AdjustmentProposal:
    """The reviewer of a township puts its automatic drafts forward as they stand."""
    run = Adjustment.objects.select_for_update().get(pk=run.pk)
    verdict = perms.can_propose(actor, run, township)
    if not verdict:
        raise Refused(verdict.reason)
    if run.proposals.filter(township=township).exists():
        raise Refused(f"{township.name}的调整已经提出。")
    _refuse_returned(run, township)
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


@transaction.atomic
def return_drafts(*, run: Adjustment, township: Area, reason: str, actor: User) -> AdjustmentReturn:
    """Send a township's drafts back with a reason: the reviewer before they are proposed, the approver after.

    Nothing of them is carried out any more; `compute_again` makes new ones. Refused once confirmed.
    """
    run = Adjustment.objects.select_for_update().get(pk=run.pk)
    proposals = run.proposals.select_for_update(of=("self",)).select_related("township")
    proposal = proposals.filter(township=township).first()
    verdict = perms.can_return(actor, run, township, proposal)
    if not verdict:
        raise Refused(verdict.reason)
    _refuse_returned(run, township)
    if not run.items.filter(township=township).exists():
        raise Refused(f"{township.name}没有调整草案。")
    if not reason.strip():
        raise Refused("请填写退回原因。", field="reason")
    return AdjustmentReturn.objects.create(
        stream=f"adjustment:{run.pk}",
        run=run,
        township=township,
        proposal=proposal,
        reason=reason.strip(),
        by=actor,
        at=clock.now(),
    )


def _refuse_returned(run: Adjustment, township: Area) -> None:
    if run.returns.filter(township=township).exists():
        raise Refused(f"{township.name}的草案已退回，请重新测算后再办理。")


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
        SELECT i.benefit_id, i.amount, i.care_fee, i.valid_from, i.lines, i.rule_ids, i.reason, %(by)s, %(at)s
        FROM adjustments_adjustmentitem i
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
    run = Adjustment.objects.select_for_update().get(pk=proposal.run_id)
    proposals = AdjustmentProposal.objects.select_for_update(of=("self",)).select_related("township")
    proposal = proposals.get(pk=proposal.pk)
    verdict = perms.can_confirm(actor, proposal)
    if not verdict:
        raise Refused(verdict.reason)
    _refuse_returned(run, proposal.township)
    if (n_seen, seen) not in {(None, None), (proposal.n_items, proposal.difference)}:
        raise Refused("合计与您看到的不同，请重新查看后再确认。")
    ids = _hold(run, proposal)
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
    close_if_settled(run)
    return proposal


def _hold(run: Adjustment, proposal: AdjustmentProposal) -> Sequence[int]:
    """Nobody ends a benefit or changes its amount between the look and the change."""
    items = run.items.filter(township=proposal.township_id, kind=ItemKind.CHANGE)
    ids = list(items.order_by("benefit_id").values_list("benefit_id", flat=True))
    list(Benefit.objects.filter(pk__in=ids).order_by("pk").select_for_update(of=("self",)).values_list("pk"))
    return ids
