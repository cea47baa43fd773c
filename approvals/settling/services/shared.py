"""What every service of 一事一议 starts and ends with."""

from __future__ import annotations

from datetime import datetime

from approvals.settling.enums import Action
from approvals.settling.models import CaseByCase, Entry
from cases.models import Application
from common.errors import Refused
from common.verdict import Verdict
from organisations.models import User


def require(verdict: Verdict) -> None:
    """Go on when allowed; otherwise the clerk reads the reason."""
    if not verdict:
        raise Refused(verdict.reason)


def locked(application_id: int) -> Application:
    """The application as it is now, locked until commit: two clerks work one after the other."""
    rows = Application.objects.with_place().select_related("household", "created_by")
    return rows.select_for_update(of=("self",)).get(pk=application_id)


def locked_settlement(settlement: CaseByCase) -> CaseByCase:
    """The settlement as it is now, its application locked."""
    application = locked(settlement.application_id)
    found = CaseByCase.objects.select_for_update(of=("self",)).get(pk=settlement.pk)
    found.application = application
    return found


def trace(
    application: Application, action: Action, actor: User | None, post: str, details: str, at: datetime
) -> Entry:
    """Write the entry of the trace (LC-5.2): no personal data in `details`."""
    return Entry.objects.create(
        stream=f"settling:{application.pk}",
        application=application,
        action=action,
        actor=actor,
        post=post,
        details=details[:500],
        at=at,
    )


def said(text: str, field: str, what: str, most: int) -> str:
    """A text that says something and can be stored; Refused beside its field otherwise."""
    text = text.strip()
    if not text:
        raise Refused(f"请填写{what}。", field=field)
    if len(text) > most:
        raise Refused(f"{what}不能超过 {most} 字，现为 {len(text)} 字。", field=field)
    if "\x00" in text:
        raise Refused(f"{what}中有无法保存的字符，请删除后重新填写。", field=field)
    return text
