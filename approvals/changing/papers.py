"""The papers of a change: 事先告知书, 决定书 and 终止公示表 (SY-A1.6, SY-A2.6)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.utils import timezone

from approvals.changing.effects import effective_month
from approvals.changing.enums import ChangeKind
from approvals.changing.models import BenefitChange
from approvals.documents import parts
from approvals.documents.registry import Form, register
from approvals.enums import DocumentKind, Level
from approvals.models import Document
from approvals.moving import board_of
from cases.enums import Programme
from cases.models import Application
from common import clock
from common.money import in_capitals, show_yuan
from policy.rules import RuleBook
from publicity.enums import NoticePurpose
from publicity.models import Notice

_MONEY = {
    Programme.DIBAO: "最低生活保障金",
    Programme.DIBIAN: "最低生活保障边缘家庭待遇",
    Programme.TEKUN: "特困人员救助供养金",
}
_STATUS = {
    Programme.DIBAO: "最低生活保障",
    Programme.DIBIAN: "最低生活保障边缘家庭认定",
    Programme.TEKUN: "特困人员救助供养",
}
_UNITS = {"cd": "日", "wd": "个工作日"}


def change_of(application: Application, matter: str) -> BenefitChange | None:
    """The change that a paper is about, in the round that the paper belongs to."""
    number = matter.removeprefix("change:").partition("-")[0]
    changes = BenefitChange.objects.with_all().filter(application=application)
    change = changes.filter(pk=int(number)).first() if number.isdecimal() else None
    return change if change is not None and change.matter == matter else None


def _what(change: BenefitChange) -> str:
    """`停发最低生活保障金`, `终止特困人员救助供养`."""
    names = _STATUS if change.kind == ChangeKind.TERMINATE else _MONEY
    return f"{change.get_kind_display()}{names[change.programme]}"


def _title(last: str):
    def named(application: Application, matter: str) -> str:
        number = matter.removeprefix("change:").partition("-")[0]
        change = BenefitChange.objects.get(application=application, pk=int(number))
        return f"{_what(change)}{last}"

    return named


def _made(kind: DocumentKind):
    """Papers of changes come out of their moves; what was made can be opened, nothing is made beside them."""

    def matters(application: Application) -> list[str]:
        made = Document.objects.filter(application=application, kind=kind).order_by("pk")
        return list(made.values_list("matter", flat=True))

    return matters


def _common(application: Application, change: BenefitChange) -> dict:
    """What both letters say: whom it concerns, from what to what, on what facts and by which rules."""
    return {
        "name": change.benefit.head_name,
        "what": _what(change),
        "was": _yuan_in_words(change.was),
        "monthly": _yuan_in_words(change.monthly),
        "reason": change.get_reason_display(),
        "facts": change.facts,
        "evidence": [
            f"{item.get_kind_display()}（{parts.day(item.found_on)}）：{item.finding}"
            for item in change.evidence.all()
        ],
        "calculation": [f"{line['label']}：{line['formula']}" for line in _decisive(change)],
        "bases": parts.bases(
            [line | {"passed": False} for line in [*_decisive(change), *_procedure(change)]]
        ),
        "hotlines": parts.hotlines(application),
        "office": _office(change),
    }


def _decisive(change: BenefitChange) -> list[dict]:
    """The lines of the calculation on which it rests: the result, and what is not met any more."""
    lines = [line for line in change.lines if line.get("formula")]
    return [line for line in lines if line.get("is_total") or not line.get("passed", True)]


def _procedure(change: BenefitChange) -> list[dict]:
    """The rule by which people are heard, as a line to be cited."""
    key = f"deadline.{change.programme}.defence"
    book = RuleBook(change.township, _day(change))
    clause = book.rule(key).clause_id if change.is_heard and book.has(key) else None
    return [{"clause": clause}] if clause else []


def _yuan_in_words(amount: Decimal | None) -> str:
    if amount is None:
        return ""
    return f"人民币（大写）{in_capitals(amount)}（小写 {show_yuan(amount)} 元）"


def _office(change: BenefitChange) -> str:
    rule = RuleBook(change.township, _day(change)).rule(f"decision.{change.programme}.authority")
    return change.township.name if rule.value == Level.TOWNSHIP else f"{change.county.name}民政局"


def _day(change: BenefitChange) -> date:
    """The day whose rules a paper speaks of."""
    return timezone.localdate(change.decided_at or clock.now())


def _prior_notice(application: Application, change: BenefitChange) -> dict:
    rule = RuleBook(change.township, _day(change)).rule(f"deadline.{change.programme}.defence")
    return _common(application, change) | {
        "period": f"{rule.value}{_UNITS[rule.unit]}",
        "after": _after(change),
    }


def _after(change: BenefitChange) -> str:
    """What would follow, in the words of both letters."""
    if change.monthly is not None:
        was, monthly = _yuan_in_words(change.was), _yuan_in_words(change.monthly)
        return f"每月{_MONEY[change.programme]}由{was}调整为{monthly}"
    now = f"，原每月{_yuan_in_words(change.was)}" if change.was is not None else ""
    if change.phase_out_months:
        months = change.phase_out_months
        return f"{_what(change)}{now}；渐退期{months}个月内按原金额继续发放，期满后停发"
    return f"{_what(change)}{now}"


def _decision(application: Application, change: BenefitChange) -> dict:
    heard = [
        f"{item.made_by}于{parts.day(item.received_at)}{item.get_form_display()}提出："
        f"{item.content}　复核意见：{item.get_outcome_display()}。{item.answer}"
        for item in change.defences.filter(round=change.round)
    ]
    return _common(application, change) | {
        "noticed_on": parts.day(change.prior_served_at),
        "is_heard": change.is_heard,
        "heard": heard,
        "after": _after(change),
        "effect": _effect(application, change),
        "screening": change.screening,
        "adverse": not change.is_favourable,
        "decided_on": parts.day(change.decided_at),
        "died_on": parts.day(change.died_on),
    }


def _effect(application: Application, change: BenefitChange) -> str:
    """From when: a month where it is certain, else what it hangs on (SY-A1.6, SY-A2.6)."""
    if change.is_favourable or change.nobody_is_left:
        return f"自{parts.month(effective_month(change, change.decided_at))}起执行"
    if change.is_published:
        days = RuleBook(change.township, _day(change)).period(f"deadline.{change.programme}.publicity")
        where = board_of(application)
        return (
            f"本决定送达后在{where}公示{days.amount}{_UNITS[days.unit]}，"
            "公示期满无异议的，自期满的次月起执行；有异议的，调查核实后重新公示"
        )
    return "自本决定书送达之日的次月起执行"


def _notice(application: Application, matter: str) -> Notice | None:
    number = matter.removeprefix("notice:")
    notices = Notice.objects.filter(application=application, purpose=NoticePurpose.ENDING)
    return notices.filter(pk=int(number)).first() if number.isdecimal() else None


def _notices(application: Application) -> list[str]:
    notices = Notice.objects.filter(application=application, purpose=NoticePurpose.ENDING).order_by("pk")
    return [f"notice:{pk}" for pk in notices.values_list("pk", flat=True)]


def _ending_notice(application: Application, notice: Notice) -> dict:
    """From the published copy: name, village and programme only."""
    return {
        "name": notice.published_name,
        "village": notice.village.name,
        "category": notice.programme_label,
        "board": notice.place,
        "posted_on": parts.day(notice.posted_at),
        "ends_on": parts.day(notice.ends_at),
        "hotlines": list(notice.hotlines) or [parts.NATIONAL_HOTLINE],
    }


def register_papers() -> None:
    """Add the three kinds to the table of all papers."""
    register(
        Form(
            DocumentKind.CHANGE_PRIOR_NOTICE,
            "",
            "社救变告",
            "变更尚未同意，不能出具事先告知书。",
            change_of,
            _prior_notice,
            matters=_made(DocumentKind.CHANGE_PRIOR_NOTICE),
            named=_title("事先告知书"),
        ),
        Form(
            DocumentKind.CHANGE_DECISION,
            "",
            "社救变决",
            "尚未作出变更决定。",
            change_of,
            _decision,
            matters=_made(DocumentKind.CHANGE_DECISION),
            named=_title("决定书"),
        ),
        Form(
            DocumentKind.ENDING_NOTICE,
            "{province}{subject}终止公示表",
            "社救终示",
            "尚未公示终止。",
            _notice,
            _ending_notice,
            matters=_notices,
            public=True,
        ),
    )
