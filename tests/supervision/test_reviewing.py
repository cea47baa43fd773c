"""The auditor's review, findings and their way, by the services."""

import datetime as dt

import pytest

from cases.enums import ApplicationState as State
from common.errors import Refused
from organisations.enums import Post
from organisations.services import appoint
from supervision.checklist import ITEMS, items_of, questions_for
from supervision.enums import Answer, FindingState, ReviewState
from supervision.models import Finding, Review
from supervision.services import (
    Given,
    NewFinding,
    answer_finding,
    close_finding,
    record_review,
    return_finding,
)
from tests.approvals.builders import case_in, take
from tests.cases.builders import person_with
from tests.supervision.builders import DUE, all_yes, decided, found, run_of
from tests.supervision.conftest import beijing

MARCH = dt.date(2026, 3, 1)


@pytest.fixture
def review(places) -> Review:
    decided(places.village, beijing(2026, 2, 10))
    return run_of(places.county).reviews.get()


@pytest.fixture
def whole_case(office, clock) -> Review:
    """A case that went the whole lawful way, drawn on 2 April 2026."""
    case_in(State.APPROVED, office=office, clock=clock)
    clock.move_to(beijing(2026, 4, 2, 9, 0))
    return run_of(office.places.county, month=MARCH).reviews.with_case().get()


@pytest.mark.clause("DT-1.1")
def test_a_review_keeps_questions_hints_and_answers(whole_case, auditor):
    questions = questions_for(whole_case)
    record_review(review=whole_case, actor=auditor, answers=all_yes(whole_case), summary="  程序规范。")
    whole_case.refresh_from_db()
    assert (whole_case.state, whole_case.reviewed_by, whole_case.summary) == (
        ReviewState.DONE,
        auditor,
        "程序规范。",
    )
    assert whole_case.reviewed_at == beijing(2026, 4, 2, 9, 0)
    kept = list(whole_case.answers.values_list("item", "question", "clause", "hint", "answer"))
    assert kept == [(q.code, q.text, q.clause, q.hint.text if q.hint else "", "yes") for q in questions]
    assert len(kept) >= 12


@pytest.mark.clause("DT-1.1")
@pytest.mark.clause("DT-1.2")
@pytest.mark.clause("SY-A1.2")
@pytest.mark.clause("SY-A1.3")
@pytest.mark.clause("SY-A1.4a")
@pytest.mark.clause("SY-A1.5a")
@pytest.mark.clause("JZ-12.3")
def test_a_lawful_case_shows_no_hint_to_look_closer(whole_case, office):
    hints = {question.code: question.hint for question in questions_for(whole_case)}
    assert [code for code, hint in hints.items() if hint and hint.level == "late"] == []
    assert hints["posts"].text == (
        f"经办岗：{office.handler}；审核岗：{office.reviewer}；审批岗：{office.approver}。"
    )
    assert "共 7 天" in hints["notice"].text or "共 8 天" in hints["notice"].text
    assert "批准 585.00 元，重新测算 585.00 元" in hints["amount"].text
    assert {hints[code].level for code in ("check", "visit", "amount", "start", "payee")} == {"done"}


@pytest.mark.clause("JZ-12.3")
def test_a_case_without_anything_behind_it_is_pointed_at(review):
    """A decision written past the services has no check, no visit and no notice: each is said."""
    hints = {question.code: question.hint for question in questions_for(Review.objects.with_case().get())}
    late = {code for code, hint in hints.items() if hint and hint.level == "late"}
    assert late == {"check", "visit", "notice"}


@pytest.mark.clause("DT-1.2")
@pytest.mark.clause("SY-A1.5a")
def test_a_late_decision_and_a_strangers_account_are_pointed_at(office, clock):
    """20 days from acceptance on 2 March end on 22 March, a Sunday, so on the 23rd; decided on 25 March."""
    application = case_in(State.DECIDING, office=office, clock=clock, payee_name="郑外人")
    clock.move_to(beijing(2026, 3, 25, 9, 0))
    take(application, "approve", office, "approver", clock)
    clock.move_to(beijing(2026, 4, 2, 9, 0))
    review = run_of(office.places.county, month=MARCH).reviews.with_case().get()
    hints = {question.code: question.hint for question in questions_for(review)}
    assert {code for code, hint in hints.items() if hint.level == "late"} == {"deadlines", "payee"}
    assert "应于 2026-03-23 前完成，逾期" in hints["deadlines"].text
    assert hints["payee"].text == "收款人不在本户成员名单中。"


@pytest.mark.clause("JZ-12.5")
def test_questions_cite_the_countys_own_clauses(places, shangyu):
    mine = {item.code: clause for item, clause in items_of(places.county, dt.date(2026, 2, 28), "dibao")}
    theirs = {
        item.code: clause for item, clause in items_of(places.other_county, dt.date(2026, 2, 28), "dibao")
    }
    assert (mine["posts"], theirs["posts"]) == ("DT-1.1", "SY-4.2a")
    assert (mine["deadlines"], theirs["deadlines"]) == ("DT-1.2", "SY-4.2b")
    assert (mine["paid"], theirs["paid"]) == ("DT-8.2", "SY-5.1")
    assert (mine["written"], theirs["written"]) == ("JZ-12.5", "SY-A1.5b")
    assert "relatives" not in mine
    assert "relatives" in {item.code for item in ITEMS}


def test_every_question_wants_an_answer(review, auditor):
    answers = all_yes(review)
    del answers["visit"]
    with pytest.raises(Refused, match="请选择") as caught:
        record_review(review=review, actor=auditor, answers=answers)
    assert caught.value.field == "visit"
    with pytest.raises(Refused, match="清单已变化"):
        record_review(review=review, actor=auditor, answers=all_yes(review, other=Given(Answer.YES)))
    review.refresh_from_db()
    assert review.state == ReviewState.OPEN
    assert not review.answers.exists()


def test_what_is_not_in_order_needs_a_note_and_a_finding(review, auditor):
    with pytest.raises(Refused, match="请写明情况"):
        record_review(review=review, actor=auditor, answers=all_yes(review, visit=Given(Answer.NO, "  ")))
    with pytest.raises(Refused, match="至少写一条问题"):
        record_review(review=review, actor=auditor, answers=all_yes(review, visit=Given(Answer.NO, "未签字")))
    assert not Finding.objects.exists()


@pytest.mark.clause("DT-1.1")
def test_only_the_auditor_of_the_county_who_had_no_hand_in_the_case(whole_case, office, places):
    answers = all_yes(whole_case)
    for actor in (office.approver, person_with(Post.AUDITOR, places.other_county)):
        with pytest.raises(Refused, match="核查由洞头区的区级监督岗办理"):
            record_review(review=whole_case, actor=actor, answers=answers)
    appoint(
        user=office.handler,
        post=Post.AUDITOR,
        area=places.county,
        valid_from=dt.date(2026, 4, 1),
        actor=None,
    )
    with pytest.raises(Refused, match="您经办过此件"):
        record_review(review=whole_case, actor=office.handler, answers=answers)


def test_a_review_is_recorded_once(review, auditor):
    record_review(review=review, actor=auditor, answers=all_yes(review))
    with pytest.raises(Refused, match="已核查，核查记录不能修改"):
        record_review(review=review, actor=auditor, answers=all_yes(review))


@pytest.mark.parametrize(
    ("finding", "said"),
    [
        (NewFinding("SY-A1.3", "  ", DUE), "请写明问题"),
        (NewFinding("SY-A1.3", "长" * 2001, DUE), "不能超过 2000 字"),
        (NewFinding("SY-A1.3", "有\x00空字符", DUE), "无法保存的字符"),
        (NewFinding("SY-A1.3", "未签字", dt.date(2026, 3, 1)), "不能早于今天"),
    ],
)
def test_findings_are_checked_and_a_bad_one_leaves_nothing(review, auditor, finding, said):
    with pytest.raises(Refused, match=said):
        record_review(review=review, actor=auditor, answers=all_yes(review), findings=[finding])
    review.refresh_from_db()
    assert review.state == ReviewState.OPEN
    assert not review.answers.exists()


def test_a_finding_goes_to_the_township_and_back_and_is_closed(review, auditor, office):
    finding = found(review, auditor)
    assert (finding.township, finding.state, finding.due_on) == (office.township, FindingState.OPEN, DUE)
    answer_finding(finding=finding, actor=office.reviewer, text="已补拍照片。")
    return_finding(finding=finding, actor=auditor, reason="照片仍看不出室内情况。")
    finding.refresh_from_db()
    assert (finding.state, finding.answer, finding.answered_by) == (FindingState.OPEN, "", None)
    answer_finding(finding=finding, actor=office.approver, text="已重新入户。")
    closed = close_finding(finding=finding, actor=auditor, note="属实。")
    assert (closed.state, closed.closed_by) == (FindingState.CLOSED, auditor)
    assert list(finding.events.values_list("move", "text", "actor")) == [
        ("found", "未见室内照片。", auditor.pk),
        ("answered", "已补拍照片。", office.reviewer.pk),
        ("returned", "照片仍看不出室内情况。", auditor.pk),
        ("answered", "已重新入户。", office.approver.pk),
        ("closed", "属实。", auditor.pk),
    ]


def test_who_answers_and_who_settles(review, auditor, office, places):
    finding = found(review, auditor)
    elsewhere = person_with(Post.REVIEWER, places.other_township)
    for actor in (office.handler, elsewhere, auditor):
        with pytest.raises(Refused, match="北岙街道的审核岗或审批岗"):
            answer_finding(finding=finding, actor=actor, text="x")
    with pytest.raises(Refused, match="尚未答复"):
        close_finding(finding=finding, actor=auditor)
    answer_finding(finding=finding, actor=office.reviewer, text="已补拍照片。")
    with pytest.raises(Refused, match="现在不能答复"):
        answer_finding(finding=finding, actor=office.reviewer, text="又补了。")
    for actor in (office.reviewer, person_with(Post.AUDITOR, places.other_county)):
        with pytest.raises(Refused, match="洞头区的区级监督岗办理"):
            close_finding(finding=finding, actor=actor)
    close_finding(finding=finding, actor=auditor)
    with pytest.raises(Refused, match="已销号"):
        return_finding(finding=finding, actor=auditor, reason="x")


def test_nobody_closes_what_he_answered(review, auditor, office, places):
    """A reviewer who is made auditor later."""
    finding = found(review, auditor)
    answer_finding(finding=finding, actor=office.reviewer, text="已补拍照片。")
    appoint(
        user=office.reviewer,
        post=Post.AUDITOR,
        area=places.county,
        valid_from=dt.date(2026, 3, 1),
        actor=None,
    )
    with pytest.raises(Refused, match="您答复过该问题"):
        close_finding(finding=finding, actor=office.reviewer)


@pytest.mark.parametrize("text", ["", "   ", "长" * 2001, "有\x00空字符"])
def test_an_answer_is_words_of_bearable_length(review, auditor, office, text):
    finding = found(review, auditor)
    with pytest.raises(Refused):
        answer_finding(finding=finding, actor=office.reviewer, text=text)
    finding.refresh_from_db()
    assert finding.state == FindingState.OPEN
