"""临时救助 in cash or in goods: asked for, approved, handed over, and the signed receipt kept (SY-5.1).

Locking: the paying area first, as for a pay-out list, so that bank and hand never pay at once; then request,
fund, ledger. The triggers of both tables hold the grant and look again in any case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import IO

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from cases.enums import Programme
from cases.naming import clean_name
from common import clock
from common.errors import Refused
from common.money import show_yuan
from common.uploads import clean_upload
from organisations.enums import Post
from organisations.models import Area, User
from organisations.queries import holders
from payments import perms
from payments.enums import OPEN_REQUESTS, HandOverKind, HandOverState
from payments.models import HandOver, HandOverReceipt, HandOverRequest, Instalment, Payment
from payments.services.funds import pay_by_hand
from payments.services.payouts import lock_payer, opens_on, payer_of
from payments.services.shared import refuse_part_of_fen, require
from payments.terms import say_day
from policy.deadlines import Due, due_for
from policy.rules import RuleBook

KINDS, PROXY = "linshi.hand_over", "linshi.hand_over.proxy"
_STEP = "hand_over_receipt"
# Who may stand beside: anybody of the office, and the village's own helper.
WITNESSES = (*perms.PAYEE_POSTS, *perms.CARE_CONFIRMERS, Post.VILLAGE_HELPER)


@dataclass(frozen=True, slots=True)
class Goods:
    """One line of what is handed over: `棉被`, `2 床`, and what the line is worth in yuan."""

    name: str
    quantity: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class Handing:
    """What happened when it was handed over. `proxy_relation`: what another receiver is to the person.

    `reason`: why the fund may go below its reserve, where it does.
    """

    day: date
    second: User
    received_by: str
    receipt_signed: bool
    proxy_relation: str = ""
    reason: str = ""


def kinds_allowed(township: Area, on: date) -> dict[str, str]:
    """Cash, goods, both or neither by the rules of the place; no rule is a no."""
    book = RuleBook(township, on)
    items = book.items(KINDS) if book.has(KINDS) else []
    return {item["code"]: item["label"] for item in items}


@transaction.atomic
def ask_hand_over(
    *, instalment: Instalment, kind: str, reason: str, actor: User, goods: Sequence[Goods] = ()
) -> HandOverRequest:
    """Say why an instalment cannot go to an account, and in what it shall be given.

    Refused where the rules know no such thing, without a reason, for goods that are not worth the instalment
    to the fen, and for what has been given, listed or asked for already.
    """
    area = lock_payer(payer_of(instalment.grant.township))
    require(perms.can_ask_hand_over(actor, instalment.grant))
    book = RuleBook(instalment.grant.township, clock.today())
    if kind not in kinds_allowed(instalment.grant.township, book.on):
        raise Refused(f"{area.name}的规则没有规定临时救助可以发放{HandOverKind(kind).label}。", field="kind")
    if not reason.strip():
        raise Refused("请写明不能发放到账户的特殊情况。", field="reason", clause="SY-5.1")
    _refuse_given(instalment)
    if instalment.hand_over_requests.filter(state__in=OPEN_REQUESTS).exists():
        raise Refused("该期已申请现金或实物发放。")
    lines = _goods_lines(instalment, goods) if kind == HandOverKind.GOODS else []
    return HandOverRequest.objects.create(
        instalment=instalment,
        kind=kind,
        reason=reason.strip()[:200],
        goods=lines,
        rule_ids=[book.rule(KINDS).pk],
        asked_by=actor,
        asked_at=clock.now(),
    )


def _refuse_given(instalment: Instalment) -> None:
    if instalment.advanced_on is not None:
        raise Refused("先行救助已从备用金支付，不能再发放。", clause="DT-4.3")
    if HandOver.objects.filter(instalment=instalment).exists():
        raise Refused("该期已用现金或实物发放。")
    if Payment.objects.filter(instalment=instalment).exists():
        raise Refused("该期已列入发放清单，由银行发放；改发现金或实物的，请先移出清单。")


def _goods_lines(instalment: Instalment, goods: Sequence[Goods]) -> list[dict]:
    if not goods:
        raise Refused("发放实物的，请逐项填写名称、数量和价值。", field="goods")
    for line in goods:
        if not line.name.strip() or not line.quantity.strip():
            raise Refused("每项实物都要有名称和数量。", field="goods")
        refuse_part_of_fen(line.value, f"“{line.name}”的价值", "goods")
    worth = sum((line.value for line in goods), Decimal("0.00"))
    if worth != instalment.amount:
        raise Refused(
            f"实物价值合计 {show_yuan(worth)} 元，应等于本期救助金额 {show_yuan(instalment.amount)} 元。",
            field="goods",
        )
    return [
        {"name": line.name.strip(), "quantity": line.quantity.strip(), "value": f"{line.value:.2f}"}
        for line in goods
    ]


@transaction.atomic
def decide_hand_over(
    *, request: HandOverRequest, approved: bool, actor: User, remark: str = ""
) -> HandOverRequest:
    """A second person agrees, or says why not; an agreement may be taken back until it is handed over."""
    area, request = _locked(request)
    require(perms.can_decide_hand_over(actor, request, area))
    wanted = HandOverState.APPROVED if approved else HandOverState.REFUSED
    if request.state not in OPEN_REQUESTS or request.state == wanted:
        raise Refused(f"该申请{request.get_state_display()}。")
    if HandOver.objects.filter(request=request).exists():
        raise Refused("该期已经发放。")
    if not approved and not remark.strip():
        raise Refused("请填写不予批准的理由。", field="remark")
    request.state, request.decided_by, request.decided_at = wanted, actor, clock.now()
    request.remark = remark.strip()[:200]
    request.save(update_fields=["state", "decided_by", "decided_at", "remark"])
    return request


def _locked(request: HandOverRequest) -> tuple[Area, HandOverRequest]:
    """The payer, held, and the request as it is now: all that is done about one payer's instalments waits."""
    rows = HandOverRequest.objects.select_related("instalment__grant__township__parent")
    area = lock_payer(payer_of(request.instalment.grant.township))
    return area, rows.get(pk=request.pk)


@transaction.atomic
def hand_over(*, request: HandOverRequest, entry: Handing, actor: User) -> HandOver:
    """Give what was approved, out of the payer's fund, before two of the staff, against a signature.

    Refused for one person twice, without the signature, before its day, by proxy where the rules know none,
    for what was listed meanwhile, and for more than is in hand.
    """
    area, request = _locked(request)
    require(perms.can_hand_over(actor, request, area))
    instalment, today = request.instalment, clock.today()
    _refuse_given(instalment)
    if opens_on(instalment) > today:
        raise Refused(f"第 {instalment.number} 期自 {say_day(opens_on(instalment))}起才能发放。")
    rules = [*request.rule_ids, *_refuse_bad_handing(request, entry, actor, today)]
    move = pay_by_hand(
        payer=area,
        amount=instalment.amount,
        actor=actor,
        note=f"{instalment.grant.application.number} {instalment.label}{request.get_kind_display()}发放",
        reason=entry.reason,
    )
    due = _receipt_due(instalment, entry.day)
    return HandOver.objects.create(
        instalment=instalment,
        request=request,
        handed_on=entry.day,
        handed_by=actor,
        second=entry.second,
        received_by=clean_name(entry.received_by),
        proxy_relation=entry.proxy_relation.strip()[:60],
        fund_move=move,
        receipt_due_at=due.due_at,
        receipt_why=due.why(),
        rule_ids=[*rules, due.rule_id],
        at=clock.now(),
    )


def _refuse_bad_handing(request: HandOverRequest, entry: Handing, actor: User, today: date) -> list[int]:
    """The keys of the rules that let somebody else receive it."""
    grant = request.instalment.grant
    if not timezone.localdate(request.decided_at) <= entry.day <= today:
        raise Refused("发放日期不能早于批准，也不能晚于今天。", field="day")
    if entry.second.pk == actor.pk:
        raise Refused("发放须两名工作人员在场，请选择另一名工作人员。", field="second")
    if entry.second.pk == request.decided_by_id:
        raise Refused("批准人不参与发放，请选择另一名工作人员。", field="second")
    if not holders(grant.village, *WITNESSES).filter(pk=entry.second.pk).exists():
        raise Refused(f"请选择{grant.township.name}的工作人员。", field="second")
    if not clean_name(entry.received_by):
        raise Refused("请填写领取人。", field="received_by")
    if not entry.receipt_signed:
        raise Refused("领取单须由领取人和两名工作人员签字后才能发放。", field="receipt_signed")
    return _rule_of_proxy(grant.township, grant.head_name, entry, today)


def _rule_of_proxy(township: Area, name: str, entry: Handing, today: date) -> list[int]:
    is_self = clean_name(entry.received_by) == clean_name(name)
    if is_self and entry.proxy_relation.strip():
        raise Refused("领取人是救助对象本人的，不填代领关系。", field="proxy_relation")
    if is_self:
        return []
    if not entry.proxy_relation.strip():
        raise Refused("领取人不是救助对象本人，请填写与救助对象的关系。", field="proxy_relation")
    book = RuleBook(township, today)
    if not (book.has(PROXY) and book.flag(PROXY)):
        raise Refused(f"{township.name}的规则没有规定可以代领，须由救助对象本人领取。", field="received_by")
    return [book.rule(PROXY).pk]


def _receipt_due(instalment: Instalment, day: date) -> Due:
    start = timezone.make_aware(datetime.combine(day, time.min))
    return due_for(area=instalment.grant.township, programme=Programme.LINSHI, step=_STEP, start=start)


@transaction.atomic
def keep_receipt(*, hand_over: HandOver, upload: IO[bytes], actor: User) -> HandOverReceipt:
    """The scan of the signed receipt: once, and kept as it was handed in."""
    require(perms.can_ask_hand_over(actor, hand_over.instalment.grant))
    lock_payer(payer_of(hand_over.instalment.grant.township))
    if HandOverReceipt.objects.filter(hand_over=hand_over).exists():
        raise Refused("领取签收已经补齐。", field="file")
    clean = clean_upload(upload)
    receipt = HandOverReceipt(
        hand_over=hand_over,
        content_type=clean.content_type,
        sha256=clean.sha256,
        kept_by=actor,
        kept_at=clock.now(),
    )
    receipt.file.save(f"receipts/{clean.name}", ContentFile(clean.content), save=False)
    receipt.save()
    return receipt
