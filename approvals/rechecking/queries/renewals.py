"""The renewals of a settlement on its case page: what was given, how far the next one has come."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from approvals.enums import Outcome
from approvals.rechecking import perms, records
from approvals.rechecking.enums import Result
from approvals.rechecking.models import EconomicRecheck
from approvals.settling.models import CaseByCase, Filing
from approvals.settling.perms import can_acknowledge
from approvals.settling.records import bodies_due, feedback_on
from approvals.settling.validity import renewable_from
from cases.models import Application
from common import clock
from organisations.models import User
from payments.models import Benefit
from payments.perms import can_propose_change


def renewal_panel(application: Application, user: User) -> dict:
    """Context of `rechecking/_renewal.html`: nothing where nothing is to be renewed; nothing personal."""
    settlement = records.settlement_behind(application)
    benefit = Benefit.objects.filter(application=application).first()
    if settlement is None or benefit is None or settlement.holds_until is None:
        return {"renewal_panel": None}
    settlement.application = benefit.application = application
    checks = list(
        settlement.renewal_checks.select_related("keeping__renewal", "recorded_by", "village", "township")
    )
    for check in checks:
        check.settlement, check.benefit, check.application = settlement, benefit, application
    panel = {
        "until": settlement.holds_until,
        "first_day": renewable_from(settlement.holds_until),
        "lapsed": settlement.lapsed_on is not None or clock.today() > settlement.holds_until,
        "refused": any(_outcome(check) == Outcome.REFUSED for check in checks),
        "rows": [{"recheck": check, "keeping": records.keeping_of(check)} for check in checks],
        "actions": list(_actions(settlement, benefit, checks, user)),
    }
    if checks:
        panel |= _newest(checks[0], user)
    return {"renewal_panel": panel}


def _outcome(check: EconomicRecheck) -> str:
    keeping = records.keeping_of(check)
    return keeping.outcome if keeping is not None else ""


def _newest(check: EconomicRecheck, user: User) -> dict:
    sent = {filing.body: filing for filing in check.settlement.filings.filter(renewal=check.renewal)}
    due = bodies_due(check.settlement, check.renewal) if check.result == Result.BY_CASE else []
    return {
        "newest": check,
        "appraisal": records.appraisal_for(check),
        "feedback": feedback_on(check.settlement, check.renewal),
        "may_read": bool(perms.can_read(user, check.village)),
        "filings": [_filing(check, body, sent.get(body), user) for body in due],
    }


def _filing(check: EconomicRecheck, body: str, filing: Filing | None, user: User) -> dict:
    row = {"label": body.label, "filing": filing, "url": "", "action": ""}
    if filing is None and perms.can_file(user, check):
        row |= {"url": reverse("rechecking:file", args=[check.pk, body]), "action": "报送备案"}
    elif filing is not None and filing.acknowledged_at is None:
        filing.settlement = check.settlement
        if can_acknowledge(user, filing):
            row |= {"url": reverse("settling:acknowledge", args=[filing.pk]), "action": "接收备案"}
    return row


def _actions(
    settlement: CaseByCase, benefit: Benefit, checks: list[EconomicRecheck], user: User
) -> Iterator[dict]:
    """What the person may do now; to ask for the renewal is shown with what stands against it."""
    if perms.may_renew(user, settlement):
        verdict = perms.can_renew(user, settlement, benefit)
        url = reverse("rechecking:renew", args=[settlement.pk])
        yield {"label": "办理续期", "url": url, "is_link": True, "why_not": verdict.reason}
    newest = checks[0] if checks else None
    if newest is None:
        return
    waiting = newest.result == Result.BY_CASE and not _outcome(newest)
    if waiting and newest.appraisal_required and can_propose_change(user, benefit):
        if records.appraisal_for(newest) is None:
            yield _link("登记民主评议", "settling:appraise", settlement.application_id)
    if waiting and perms.may_determine(user, newest):
        verdict = perms.can_determine(user, newest)
        yield _link("登记续期认定", "rechecking:determine", newest.pk) | {"why_not": verdict.reason}
    if perms.can_feed_back(user, newest):
        yield _link("反馈续期结果", "rechecking:feed_back", newest.pk)


def _link(label: str, name: str, key: int) -> dict:
    return {"label": label, "url": reverse(name, args=[key]), "is_link": True}
