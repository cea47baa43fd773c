"""The 一事一议 tab of a case, without names; and the whole record with them, for those who may read it."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from approvals.settling import perms
from approvals.settling.circumstances import FACTS
from approvals.settling.enums import VOTING, Action, Body, Capacity, Purpose
from approvals.settling.models import Appraisal, CaseByCase, Determination, Entry
from approvals.settling.records import bodies_of, book_of, determination_of, feedback_on, settlement_of
from cases.models import Application
from common.money import show_yuan
from organisations.models import User


def settling_panel(application: Application, user: User) -> dict:
    """Context of `settling/_panel.html`: a fixed number of queries, nothing personal."""
    settlement = settlement_of(application)
    appraisals = list(Appraisal.objects.filter(application=application).order_by("pk"))
    panel: dict = {"settlement": None, "appraisals": appraisals, "actions": []}
    if settlement is not None:
        settlement.application = application
        panel |= _of_settlement(settlement, user)
    elif url := _ordinary_appraisal(application, user):
        panel["actions"] = [{"label": "登记民主评议", "url": url, "is_link": True}]
    panel["entries"] = entries_of(application)
    panel["may_read"] = bool(perms.can_read(user, application))
    return {"settling_panel": panel}


def _of_settlement(settlement: CaseByCase, user: User) -> dict:
    determined = determination_of(settlement)
    bodies = bodies_of(book_of(settlement.application))
    filings = {filing.body: filing for filing in settlement.filings.filter(renewal=0)}
    return {
        "settlement": settlement,
        "determined": determined,
        "given": given_words(determined),
        "filings": [_filing(settlement, body, filings.get(body), user) for body in bodies],
        "rechecks": list(settlement.rechecks.select_related("by")),
        "feedback": feedback_on(settlement),
        "actions": list(_actions(settlement, user)),
    }


def _actions(settlement: CaseByCase, user: User) -> Iterator[dict]:
    """What may be recorded now; what the person's posts never do is not shown."""
    urls = {
        Action.APPRAISE: reverse("settling:appraise", args=[settlement.application_id]),
        Action.FEED_BACK: reverse("settling:feed_back", args=[settlement.pk]),
        Action.RECHECK: reverse("settling:recheck", args=[settlement.pk]),
    }
    for action, url in urls.items():
        if perms.can_do(user, settlement, action):
            yield {"label": action.label, "url": url, "is_link": True}


def _filing(settlement: CaseByCase, body: Body, filing, user: User) -> dict:
    """One body: sent or not, received or not, and what the person may do about it."""
    row = {"label": body.label, "filing": filing, "url": "", "action": ""}
    if filing is None and perms.can_do(user, settlement, Action.FILE):
        row |= {"url": reverse("settling:file", args=[settlement.pk, body]), "action": "报送备案"}
    elif filing is not None and filing.acknowledged_at is None:
        filing.settlement = settlement
        if perms.can_acknowledge(user, filing):
            row |= {"url": reverse("settling:acknowledge", args=[filing.pk]), "action": "接收备案"}
    return row


def _ordinary_appraisal(application: Application, user: User) -> str:
    purposes = (Purpose.OBJECTION, Purpose.CHECK)
    if any(perms.can_appraise_ordinary(user, application, purpose) for purpose in purposes):
        return reverse("settling:appraise", args=[application.pk])
    return ""


def given_words(determined: Determination | None) -> str:
    """`每月 585.00 元，保障 1 人`."""
    if determined is None or not determined.n_covered:
        return ""
    who = f"，保障 {determined.n_covered} 人"
    if determined.amount is not None:
        return f"一次性 {show_yuan(determined.amount)} 元{who}"
    if determined.monthly is None:
        return f"认定身份，不发放资金{who}"
    return f"每月 {show_yuan(determined.monthly)} 元{who}"


def entries_of(application: Application) -> list[dict]:
    """The trace as the timeline shows it, latest first."""
    rows = Entry.objects.filter(application=application).select_related("actor").order_by("-sequence")
    return [
        {
            "sentence": f"{entry.get_action_display()}：{entry.details}",
            "at": entry.at,
            "post_label": entry.get_post_display(),
            "actor": entry.actor.display_name if entry.actor else "系统",
        }
        for entry in rows
    ]


def full_record(settlement: CaseByCase) -> dict:
    """Facts with their labels, every meeting with its people, and the determination."""
    established = settlement.established
    return {
        "settlement": settlement,
        "application": settlement.application,
        "facts": [
            (fact.label, established[fact.name])
            for fact in FACTS[settlement.circumstance]
            if fact.name in established
        ],
        "appraisals": [
            {"appraisal": appraisal, "people": people_of(appraisal)}
            for appraisal in settlement.appraisals.select_related("sheet", "recorded_by")
        ],
        "determined": determination_of(settlement),
        "given": given_words(determination_of(settlement)),
    }


def people_of(appraisal: Appraisal) -> list[tuple[str, list[str]]]:
    """Capacity in words and the names, in the order of the rule; the recused last."""
    people = appraisal.people
    rows = [(capacity.label, people.get(capacity, [])) for capacity in (*VOTING, Capacity.OBSERVER)]
    return [*rows, ("回避的亲属（不表决）", people.get("recused", []))]
