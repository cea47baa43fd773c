"""领取单 of 临时救助 in cash or goods: printed once approved, signed when it is handed over (SY-5.1)."""

from __future__ import annotations

from decimal import Decimal

from approvals.documents import parts
from approvals.documents.registry import Form, register
from approvals.enums import DocumentKind
from cases.models import Application
from common.money import in_capitals, show_yuan
from payments.enums import HandOverState
from payments.models import HandOverRequest

_PREFIX = "hand-over:"


def _approved(application: Application):
    requests = HandOverRequest.objects.filter(
        instalment__grant__application=application, state=HandOverState.APPROVED
    )
    return requests.select_related("instalment__grant", "decided_by", "hand_over__handed_by").order_by("pk")


def _matters(application: Application) -> list[str]:
    return [f"{_PREFIX}{request.pk}" for request in _approved(application)]


def _request(application: Application, matter: str) -> HandOverRequest | None:
    number = matter.removeprefix(_PREFIX)
    return _approved(application).filter(pk=int(number)).first() if number.isdecimal() else None


def _data(application: Application, request: HandOverRequest) -> dict:
    given = getattr(request, "hand_over", None)
    person = application.applicant.person
    return {
        "applicant": {"name": person.name, "id_number": person.id_number},
        "office": application.township.name,
        "what": f"临时救助{request.instalment.label}",
        "reason": request.reason,
        "paid_in": request.get_kind_display(),
        "amount": sum_in_words(request.instalment.amount),
        "goods": request.goods,
        "approved_by": request.decided_by.display_name,
        "approved_on": parts.day(request.decided_at),
        "received_by": given.received_by if given else "",
        "relation": given.proxy_relation if given else "",
        "staff": [given.handed_by.display_name, given.second.display_name] if given else ["", ""],
        "handed_on": parts.day(given.handed_on) if given else "",
    }


def sum_in_words(amount: Decimal) -> str:
    """`人民币（大写）玖佰元整（小写 900.00 元）`."""
    return f"人民币（大写）{in_capitals(amount)}（小写 {show_yuan(amount)} 元）"


register(
    Form(
        DocumentKind.HAND_OVER_RECEIPT,
        "临时救助现金（实物）领取单",
        "社救领",
        "还没有批准以现金或实物发放。",
        _request,
        _data,
        matters=_matters,
    )
)
