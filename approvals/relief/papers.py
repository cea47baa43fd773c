"""《急难救助领取单》: signed when the money or goods are handed over, filed with the formalities (DT-4.3)."""

from __future__ import annotations

from approvals.documents import parts
from approvals.documents.hand_overs import sum_in_words
from approvals.documents.registry import Form, of_the_case, register
from approvals.enums import DocumentKind
from approvals.relief.enums import ReliefState
from approvals.relief.models import EmergencyRelief
from cases.models import Application

TITLE = "急难救助领取单"
# Between the consent and the end: before it there is nothing to hand over.
PRINTED = (ReliefState.AGREED, ReliefState.PAID, ReliefState.COMPLETED, ReliefState.CLOSED)


def blank_receipt(relief: EmergencyRelief) -> dict:
    """The receipt to take along: it bears the number of the relief, and nothing of it is kept here."""
    return {
        "kind": str(DocumentKind.RELIEF_RECEIPT),
        "title": TITLE,
        "number": relief.number,
        "application_number": relief.application.number if relief.application else "",
        "place": {
            "county": relief.county.name,
            "township": relief.township.name,
            "village": relief.village.name,
        },
        **_said(relief),
    }


def _said(relief: EmergencyRelief) -> dict:
    goods = [{"name": relief.goods, "quantity": "", "value": ""}] if relief.goods else []
    staff = [relief.paid_by.display_name, relief.second_name] if relief.paid_at else ["", ""]
    return {
        "applicant": {"name": relief.name, "id_number": relief.id_number or "（暂缺）"},
        "office": relief.township.name,
        "what": f"急难先行救助 {relief.number}",
        "reason": f"{relief.get_cause_display()}：{relief.happened}",
        "paid_in": relief.get_paid_in_display(),
        "amount": sum_in_words(relief.amount),
        "goods": goods,
        "approved_by": relief.decided_by.display_name,
        "approved_on": parts.day(relief.decided_at),
        "received_by": relief.received_by or "",
        "relation": "",
        "staff": staff,
        "handed_on": parts.day(relief.paid_at),
    }


def _behind(application: Application) -> EmergencyRelief | None:
    reliefs = EmergencyRelief.objects.select_related("decided_by", "paid_by")
    return reliefs.filter(application=application).first()


def _matters(application: Application) -> list[str]:
    return [""] if _behind(application) is not None else []


def register_papers() -> None:
    """Add the paper to the table, once a case is behind the relief."""
    register(
        Form(
            DocumentKind.RELIEF_RECEIPT,
            TITLE,
            "社救急领",
            "本申请没有急难先行救助。",
            of_the_case(_behind),
            lambda application, relief: _said(relief),
            matters=_matters,
            # Given once, whatever the round of the case.
            once=True,
        )
    )
