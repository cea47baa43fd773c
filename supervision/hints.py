"""What the system itself can say about a case beside a question of the checklist; the auditor decides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.utils import timezone

from approvals.assessing import assess_application
from approvals.enums import DeadlineState, Outcome
from approvals.given import as_given, same_given
from approvals.models import Decision
from approvals.settling.records import (
    bodies_of,
    book_of,
    determination_of,
    feedback_on,
    settlement_of,
    valid_appraisal_of,
)
from cases.models import Application
from cases.queries import current_report, current_visit, missing_materials, unauthorised_members
from common.clock import next_month
from common.errors import Refused
from organisations.enums import Post
from payments.models import Benefit
from policy.lines import Assessment
from publicity.enums import ClosingReason

DONE, LATE, INFO = "done", "late", "info"
SEPARATE_POSTS = (Post.HANDLER, Post.REVIEWER, Post.APPROVER)
NOTICE_DAYS = 7


@dataclass(frozen=True, slots=True)
class Hint:
    """One sentence; `level` done (agrees), late (does not) or info (nothing to compare)."""

    level: str
    text: str

    @property
    def label(self) -> str:
        return {DONE: "一致", LATE: "请核对", INFO: "提示"}[self.level]


class CaseFile:
    """One application with what the hints look at, each thing read once."""

    def __init__(self, application: Application) -> None:
        self.application = application

    @cached_property
    def decision(self) -> Decision | None:
        return Decision.objects.filter(application=self.application).first()

    @cached_property
    def benefit(self) -> Benefit | None:
        return Benefit.objects.filter(application=self.application).first()

    @cached_property
    def member_names(self) -> set[str]:
        return set(self.application.household.members.values_list("person__name", flat=True))


def _day(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d}"


def _agrees(good: bool, text: str) -> Hint:
    return Hint(DONE if good else LATE, text)


def three_people(case: CaseFile) -> Hint:
    """Who acted in which of the three posts, by the trace."""
    steps = case.application.steps.filter(post__in=SEPARATE_POSTS).select_related("actor").order_by("pk")
    people: dict[str, list] = {}
    for step in steps:
        names = people.setdefault(step.post, [])
        if step.actor not in names:
            names.append(step.actor)
    if not people:
        return Hint(INFO, "痕迹中没有经办记录。")
    actors = [actor for names in people.values() for actor in names]
    said = "；".join(
        f"{post.label}：{'、'.join(str(actor) for actor in people[post])}"
        for post in SEPARATE_POSTS
        if post in people
    )
    return _agrees(len(set(actors)) == len(actors) and len(people) == len(SEPARATE_POSTS), said + "。")


def deadlines_kept(case: CaseFile) -> Hint:
    """Each time limit that ended late, or was extended."""
    deadlines = list(case.application.deadlines.exclude(state=DeadlineState.CANCELLED))
    if not deadlines:
        return Hint(INFO, "没有时限记录。")
    late = [d for d in deadlines if d.state == DeadlineState.MISSED or d.overdue_at]
    extended = [d for d in deadlines if d.original_due_at]
    said = [f"{d.label}应于 {_day(d.due_at)} 前完成，逾期" for d in late]
    said += [f"{d.label}延长至 {_day(d.due_at)}（理由：{d.extension_reason[:60]}）" for d in extended]
    return _agrees(not late, "；".join(said or [f"{len(deadlines)} 项时限均按时"]) + "。")


def materials_complete(case: CaseFile) -> Hint:
    """Required papers that are still missing."""
    n = case.application.materials.filter(required=True).count()
    missing = missing_materials(case.application)
    if not n:
        return Hint(INFO, "没有材料清单。")
    return _agrees(not missing, f"缺：{'、'.join(missing)}。" if missing else f"必交材料 {n} 项均已收到。")


def authorisations_signed(case: CaseFile) -> Hint:
    """Counted members without a signed authorisation."""
    missing = unauthorised_members(case.application)
    return _agrees(
        not missing, f"{len(missing)} 人未签署授权。" if missing else "共同生活成员均已签署核对授权。"
    )


def check_report(case: CaseFile) -> Hint:
    """Was the check entrusted, and is its report there from before the decision?"""
    report = current_report(case.application)
    if report is None:
        return Hint(LATE, "没有核对报告。")
    before = case.decision is None or report.recorded_at <= case.decision.at
    said = f"报告 {report.number}，{report.issued_on} 出具，{_day(report.recorded_at)} 录入"
    return _agrees(before, said + ("。" if before else "，晚于审批。"))


def visit_by_two(case: CaseFile) -> Hint:
    """Two visitors, signatures, and six dimensions of this round's visit."""
    visit = current_visit(case.application)
    if visit is None or visit.completed_at is None:
        return Hint(LATE, "没有已完成的入户调查。")
    second = visit.second_visitor or visit.second_visitor_name
    said = f"{_day(visit.visited_at)} 由{visit.first_visitor}、{second or '（未填）'}入户"
    return _agrees(bool(second) and visit.signed, said + ("，均已签字。" if visit.signed else "，未签字。"))


def notice_ran(case: CaseFile) -> Hint:
    """Seven days of notice, run out before the decision."""
    notices = case.application.notices.of_grants().filter(closed_because=ClosingReason.EXPIRED)
    notice = notices.order_by("-pk").first()
    if notice is None:
        return Hint(LATE, "没有公示期满的记录。")
    days = (timezone.localdate(notice.ends_at) - timezone.localdate(notice.posted_at)).days
    waited = case.decision is None or case.decision.at >= notice.ends_at
    said = f"{_day(notice.posted_at)} 张贴，{_day(notice.ends_at)} 期满，共 {days} 天"
    return _agrees(days >= NOTICE_DAYS and waited, said + ("。" if waited else "，审批早于期满。"))


def objections_handled(case: CaseFile) -> Hint:
    """Objections and whether each has its outcome."""
    outcomes = list(case.application.notices.of_grants().values_list("objections__outcome", "objections__pk"))
    handled = [outcome for outcome, pk in outcomes if pk is not None]
    if not handled:
        return Hint(INFO, "公示期间没有异议。")
    waiting = handled.count("")
    said = f"异议 {len(handled)} 件" + (f"，{waiting} 件未处理。" if waiting else "，均已处理。")
    return _agrees(not waiting, said)


def amount_recomputed(case: CaseFile) -> Hint:
    """The means test of today over the frozen facts, beside the amount that was decided."""
    decision = case.decision
    if decision is None or decision.outcome != Outcome.APPROVED:
        return Hint(INFO, "没有批准金额。")
    try:
        assessment = assess_application(case.application, decision.amount)
    except Refused as refused:
        return Hint(INFO, f"无法重新测算：{refused}")
    again = f"{_most(assessment)}{_sum(assessment)}" if assessment.eligible else "不符合条件"
    agrees = assessment.eligible and same_given(assessment, decision)
    return _agrees(agrees, f"批准 {_sum(decision)}，重新测算 {again}。")


def _sum(what: Decision | Assessment) -> str:
    return as_given(what).removeprefix("每月 ")


def _most(assessment: Assessment) -> str:
    """临时救助 is decided below a limit, everything else is calculated."""
    return "" if assessment.one_off_max is None else "最高"


def starts_next_month(case: CaseFile) -> Hint:
    """Paid from the month after the decision, no other."""
    decision = case.decision
    if decision is None or decision.starts_on is None:
        return Hint(INFO, "没有起发月。")
    due = next_month(timezone.localdate(decision.at))
    return _agrees(decision.starts_on == due, f"{_day(decision.at)} 批准，{decision.starts_on:%Y-%m} 起发。")


def payee_is_member(case: CaseFile) -> Hint:
    """Whose account the money goes to."""
    payee = case.benefit.payee_name if case.benefit else case.application.payee_name
    if not payee:
        return Hint(INFO, "没有收款账户。")
    inside = payee in case.member_names
    return _agrees(inside, "收款人是本户成员。" if inside else "收款人不在本户成员名单中。")


def paid_as_approved(case: CaseFile) -> Hint:
    """Regular payments that differ from their revision, whose care fee (特困) is a line of its own."""
    if case.benefit is None:
        return Hint(INFO, "没有在册待遇。")
    payments = list(case.benefit.payments.filter(kind="regular").select_related("revision").order_by("month"))
    if not payments:
        return Hint(INFO, "尚未发放。")
    wrong = [payment for payment in payments if payment.amount != payment.revision.basic]
    months: Iterable[str] = (f"{payment.month:%Y-%m}" for payment in wrong)
    said = (
        f"{'、'.join(months)} 的发放与批准不一致。" if wrong else f"已发 {len(payments)} 个月，均与批准一致。"
    )
    return _agrees(not wrong, said)


def refusal_in_writing(case: CaseFile) -> Hint:
    """Only a refused case has a refusal to serve."""
    if case.decision is None or case.decision.outcome != Outcome.REFUSED:
        return Hint(INFO, "本件为批准，没有不予批准。")
    return _agrees(bool(case.decision.reason), "不予批准的理由已记录。")


def settled_by_procedure(case: CaseFile) -> Hint:
    """LC-4.2b to LC-4.3b, DT-4.1: what of the procedure is on record, and what is missing."""
    settlement = settlement_of(case.application)
    if settlement is None:
        return Hint(INFO, "本件没有启动一事一议。")
    held, determined = valid_appraisal_of(settlement), determination_of(settlement)
    book = book_of(case.application)
    wanted = bodies_of(book)
    missing = []
    if settlement.appraisal_required and held is None:
        missing.append("有效的民主评议")
    if determined is None:
        missing.append("认定")
    if settlement.filings.filter(renewal=0).count() < len(wanted):
        missing.append("备案")
    told = feedback_on(settlement) is not None or not book.has("deadline.case_by_case.feedback")
    if determined is not None and not told:
        missing.append("反馈申请人")
    if missing:
        return Hint(LATE, f"没有{'、'.join(missing)}的记录。")
    votes = f"评议同意 {held.n_for} 票、参加表决 {held.n_voters} 人；" if held else ""
    return Hint(DONE, f"{votes}认定、备案和反馈均有记录。")


def circumstance_holds(case: CaseFile) -> Hint:
    """DT-4.4, DT-4.5: what was established, and what the last visit found."""
    settlement = settlement_of(case.application)
    if settlement is None:
        return Hint(INFO, "本件没有启动一事一议。")
    words = f"{settlement.label}：{'；'.join(settlement.checked)}"
    last = settlement.rechecks.last()
    if last is None:
        return Hint(INFO, f"{words}；还没有复核走访。")
    found = "情形仍然存在" if last.still_applies else "情形已不存在"
    return _agrees(last.still_applies, f"{words}；{last.checked_on} 走访：{found}。")
