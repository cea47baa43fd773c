"""Starting 一事一议 inside an ordinary review (LC-4.1)."""

from __future__ import annotations

import json
from datetime import datetime

from django.utils import timezone

from approvals.assessing import facts_of
from approvals.settling import records
from approvals.settling.circumstances import FACTS, check
from approvals.settling.declarations import Referral
from approvals.settling.enums import Action
from approvals.settling.models import CaseByCase
from approvals.settling.services.shared import said, trace
from cases.models import Application
from common.errors import Refused
from organisations.enums import Post
from organisations.models import User

FACT_LENGTH = 1000


def open_settlement(
    *, application: Application, referral: Referral | None, actor: User, at: datetime
) -> CaseByCase:
    """Confirm the circumstance and keep its facts; called by the move `refer`, inside its transaction.

    Refused beside the field for a circumstance that the rules do not offer here, and for facts that do not
    meet its clause.
    """
    book = records.book_of(application)
    items = {i["code"]: i for i in records.offered(application, records.assess_by(application, book), book)}
    item = items.get(referral.circumstance) if referral is not None else None
    if item is None:
        raise Refused("请选择该户符合的情形。", field="circumstance", clause="LC-4.1")
    if referral.urgent and not records.may_appraise_later(application, book):
        raise Refused("只有急难型临时救助，且当地规则允许的，才能事后补民主评议。", field="urgent")
    established = {
        fact.name: said(referral.facts.get(fact.name, "") or "", fact.name, f"“{fact.label}”", FACT_LENGTH)
        for fact in FACTS[item["code"]]
    }
    checked = check(item["code"], established, facts_of(application), book, timezone.localdate(at))
    settlement = CaseByCase.objects.create(
        application=application,
        investigation_round=application.investigation_round,
        circumstance=item["code"],
        label=item["label"],
        clause=item.get("clause", ""),
        facts=json.dumps(established, ensure_ascii=False, sort_keys=True),
        checked=checked,
        urgent=referral.urgent,
        appraisal_required=records.needs_appraisal(book),
        notice_due=records.needs_notice(book),
        filing_first=records.files_first(book),
        referred_by=actor,
        referred_at=at,
    )
    words = f"情形：{settlement.label}（{settlement.clause}）；{'；'.join(checked)}"
    trace(application, Action.REFER, actor, Post.HANDLER, words, at)
    return settlement
