"""The auditor's checklist: each question cites its clause and carries what the system can say itself.

Sources of the questions: the clauses they cite, and facts.md 14 (抽查要点).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from organisations.models import Area
from policy.models import Clause
from policy.rules import rules_in_force
from supervision import hints
from supervision.enums import Frame
from supervision.frames import last_day
from supervision.hints import CaseFile, Hint
from supervision.models import Review


@dataclass(frozen=True, slots=True)
class Item:
    """One question. Of `clauses` the county's own is cited, else the first; if `local`, none at all.
    `frame`: asked only of cases drawn from it.
    """

    code: str
    text: str
    clauses: tuple[str, ...]
    hint: Callable[[CaseFile], Hint] | None = None
    local: bool = False
    frame: str = ""

    def clause_for(self, documents: set[str]) -> str:
        """The clause to cite where rules come from these documents; empty where the question is not asked."""
        own = [clause for clause in self.clauses if document_of(clause) in documents]
        if own:
            return own[0]
        return "" if self.local else self.clauses[0]


@dataclass(frozen=True, slots=True)
class Question:
    """An item as it stands before the auditor of one case."""

    code: str
    text: str
    clause: str
    hint: Hint | None


ITEMS = (
    Item("posts", "经办、审核、审批是否由三名不同的人员办理？", ("DT-1.1", "SY-4.2a"), hints.three_people),
    Item(
        "deadlines",
        "各环节是否在规定时限内办结，延长是否有依据？",
        ("DT-1.2", "SY-4.2b"),
        hints.deadlines_kept,
    ),
    Item(
        "materials",
        "申请材料是否齐全，有无要求提供与审批无关的资料？",
        ("SY-A1.1b",),
        hints.materials_complete,
    ),
    Item("authorised", "核对授权是否由全部共同生活成员签署？", ("SY-A1.2",), hints.authorisations_signed),
    Item("check", "是否附有核对报告，报告是否先于审批？", ("JZ-12.3", "SY-A1.2"), hints.check_report),
    Item("visit", "入户调查是否由两人以上进行并签字，有无事后涂改？", ("SY-A1.3",), hints.visit_by_two),
    Item("notice", "初审结果是否在村（社区）公示满 7 天？", ("SY-A1.4a",), hints.notice_ran),
    Item("objections", "公示期间的异议是否处理完毕？", ("SY-A1.4b",), hints.objections_handled),
    Item("amount", "保障人数和金额的计算是否正确？", ("SY-A1.5a",), hints.amount_recomputed),
    Item("start", "待遇是否从批准的次月起发放？", ("SY-A1.5a",), hints.starts_next_month),
    Item("payee", "收款账户是否为保障对象本人或本户成员所有？", ("SY-5.1",), hints.payee_is_member),
    Item("paid", "实际发放是否与批准一致、按时？", ("DT-8.2", "SY-5.1"), hints.paid_as_approved),
    Item("relatives", "是否属于近亲属，属于的是否已备案并逐一核查？", ("JZ-12.1",), local=True),
    Item(
        "settled",
        "一事一议是否按程序办理：评议有效、会议认定、备案、反馈？",
        ("DT-4.5", "LC-4.2b"),
        hints.settled_by_procedure,
        frame=Frame.CASE_BY_CASE,
    ),
    Item(
        "circumstance",
        "一事一议的情形是否属实、仍符合条件？",
        ("DT-4.5", "LC-4.1"),
        hints.circumstance_holds,
        frame=Frame.CASE_BY_CASE,
    ),
    Item(
        "written", "不予批准或退出的，是否书面告知理由？", ("JZ-12.5", "SY-A1.5b"), hints.refusal_in_writing
    ),
)


def document_of(clause: str) -> str:
    """`DT-1.2` → `DT`."""
    return clause.partition("-")[0]


def documents_of(county: Area, on) -> set[str]:
    """The documents that the county's rules rest on, by the clauses they cite."""
    return {document_of(rule.clause_id) for rule in rules_in_force(county, on) if rule.clause_id}


def items_of(county: Area, on, frame: str) -> list[tuple[Item, str]]:
    """The questions that belong to a frame of a county on a day, each with the clause to cite there."""
    documents = documents_of(county, on)
    asked = (item for item in ITEMS if item.frame in {"", frame})
    return [(item, clause) for item in asked if (clause := item.clause_for(documents))]


def questions_for(review: Review) -> list[Question]:
    """The checklist of one drawn case with the system's hints, as of now."""
    case = CaseFile(review.application)
    asked = items_of(review.run.county, last_day(review.run.month), review.run.programme)
    return [
        Question(item.code, item.text, clause, item.hint(case) if item.hint else None)
        for item, clause in asked
    ]


def clause_texts(clauses: Iterable[str]) -> dict[str, str]:
    """What the clauses say, for the fold beside the question; clauses that are not loaded are left out."""
    return dict(Clause.objects.filter(pk__in=set(clauses)).values_list("pk", "text"))
