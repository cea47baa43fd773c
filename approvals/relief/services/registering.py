"""急难情形登记: the short form, the limit of the place, and the clock that starts with it."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from approvals.relief import perms
from approvals.relief.entries import ReliefEntry
from approvals.relief.enums import LimitStep, PaidIn
from approvals.relief.models import EmergencyRelief
from approvals.relief.services.limits import start_limit
from approvals.relief.services.moving import write_step
from approvals.relief.workflow import MOVES
from cases.naming import clean_name, id_digest
from cases.services import next_number
from common import clock
from common.errors import Refused
from common.identity import read_id_number
from common.money import show_yuan, to_fen
from organisations.models import User
from policy.emergency import EmergencyLimit, emergency_limit
from policy.keys import KEYS
from policy.rules import RuleBook

_WAIVED = "linshi.residence_waived"


@transaction.atomic
def register_relief(*, entry: ReliefEntry, actor: User) -> EmergencyRelief:
    """Write down an emergency and start the 24 hours from when it was reported (DT-4.3, SY-4.4b).

    Refused above the limit of the place, without identity number or the reason why not, and for somebody
    from elsewhere unless residence is waived (JZ-4.1). NoRuleInForce where nothing is given in advance.
    """
    if not (verdict := perms.can_register(actor, entry.village)):
        raise Refused(verdict.reason, field="village")
    _refuse_incomplete(entry)
    if actor in entry.recused:
        raise Refused("您是救助对象的近亲属，须由其他经办人员登记。", field="recused", clause="JZ-12.1")
    township = entry.village.parent
    book = RuleBook(township, timezone.localdate(entry.reported_at))
    _refuse_from_elsewhere(entry, book)
    most = emergency_limit(book, entry.n_people)
    _refuse_above(entry, most)
    number = _read_number(entry)
    relief = EmergencyRelief.objects.create(
        number=next_number(county=township.parent, on=clock.today(), kind="JN"),
        state=MOVES["register"].target,
        county=township.parent,
        township=township,
        **_reported(entry),
        id_number=number or None,
        id_digest=id_digest(number) if number else "",
        most=most.amount,
        most_words=most.words,
        most_clause=most.clause,
        rule_ids=book.used,
        registered_by=actor,
        registered_at=clock.now(),
        recused=sorted(user.pk for user in entry.recused),
    )
    limit = start_limit(relief, LimitStep.RELIEF, entry.reported_at)
    until = f"{timezone.localtime(limit.due_at):%Y-%m-%d %H:%M}"
    changes = [f"拟先行救助 {show_yuan(entry.amount)} 元，须在 {until} 前到位（{limit.clause}）"]
    write_step(
        relief,
        MOVES["register"],
        before="",
        post=MOVES["register"].posts[0],
        actor=actor,
        changes=changes,
    )
    return relief


def _reported(entry: ReliefEntry) -> dict[str, object]:
    """The columns that repeat the form."""
    return {
        "village": entry.village,
        "place": entry.place.strip(),
        "local": entry.local,
        "name": clean_name(entry.name),
        "id_missing_reason": "" if entry.id_number else entry.id_missing_reason.strip(),
        "phone": entry.phone or None,
        "cause": entry.cause,
        "happened": entry.happened.strip(),
        "n_people": entry.n_people,
        "amount": entry.amount,
        "paid_in": entry.paid_in,
        "goods": entry.goods.strip() if entry.paid_in == PaidIn.IN_KIND else "",
        "reported_at": entry.reported_at,
    }


def _refuse_incomplete(entry: ReliefEntry) -> None:
    if entry.reported_at > clock.now():
        raise Refused("发现急难情形的时间不能晚于现在。", field="reported_at")
    for field, text, sentence in (
        ("name", clean_name(entry.name), "请填写姓名。"),
        ("happened", entry.happened, "请写明急难情形。"),
    ):
        if not text.strip():
            raise Refused(sentence, field=field)
    if not entry.id_number and not entry.id_missing_reason.strip():
        raise Refused("请填写身份证号；暂缺的，写明原因。", field="id_missing_reason")
    if entry.n_people < 1:
        raise Refused("受困人数至少为 1 人。", field="n_people")
    if entry.paid_in == PaidIn.IN_KIND and not entry.goods.strip():
        raise Refused("支付实物的，写明名称和数量。", field="goods")


def _refuse_from_elsewhere(entry: ReliefEntry, book: RuleBook) -> None:
    if entry.local or (book.has(_WAIVED) and book.flag(_WAIVED)):
        return
    raise Refused(
        f"户籍和居住地均不在本县（市、区），{book.on:%Y-%m-%d} 当地没有生效的规则“{KEYS[_WAIVED].label}”，"
        "不能先行救助；请按急难型临时救助受理申请，或联系其户籍地、居住地。",
        field="local",
        clause="JZ-4.1",
    )


def _refuse_above(entry: ReliefEntry, most: EmergencyLimit) -> None:
    if entry.amount <= 0 or entry.amount != to_fen(entry.amount):
        raise Refused("先行救助金额应为大于 0、精确到分的金额。", field="amount")
    if entry.amount > most.amount:
        raise Refused(
            f"先行救助最多 {show_yuan(most.amount)} 元（{most.words}）；其余部分在补办手续时按跟进救助申请。",
            field="amount",
            clause=most.clause,
        )


def _read_number(entry: ReliefEntry) -> str:
    if not entry.id_number:
        return ""
    try:
        return read_id_number(entry.id_number).number
    except ValueError as error:
        raise Refused(f"{error}。", field="id_number") from None
