"""民主评议: what makes a meeting valid, and what becomes of one that is not (LC-4.2b, DT-4.1, LY-5.2)."""

import datetime as dt

import pytest

from approvals.settling.enums import Capacity, Purpose
from approvals.settling.models import Appraisal
from approvals.settling.services import record_appraisal
from cases.enums import ApplicationState as State
from cases.models import Attachment
from common.errors import Refused
from organisations.enums import Post
from publicity.enums import ObjectionOutcome, ObjectionSource
from publicity.queries import running_notice
from publicity.services import handle_objection, record_objection
from tests.approvals.builders import case_in, take
from tests.cases.builders import person_with
from tests.conftest import BEIJING
from tests.settling import builders
from tests.settling.builders import PRESENT, Settling


def without(capacity: Capacity) -> dict[Capacity, list[str]]:
    return PRESENT | {capacity: []}


@pytest.mark.clause("LC-4.2b")
def test_twelve_people_with_the_observer_are_enough(lucheng) -> None:
    appraisal = builders.appraise(lucheng, builders.referred(lucheng))
    assert (appraisal.valid, appraisal.n_voters, appraisal.passed) == (True, 12, True)
    assert appraisal.people["observer"] == ["周一"]
    assert Attachment.objects.get(pk=appraisal.sheet_id).kind == "appraisal"


INVALID = {
    "参加评议 11 人，少于 12 人": {
        "present": PRESENT | {Capacity.RESIDENT: ["赵一", "赵二", "赵三", "赵四"]},
        "n_for": 10,
    },
    "没有纪（工）委代表到场监督": {"present": without(Capacity.OBSERVER)},
    "没有驻村（社区）干部参加": {
        "present": without(Capacity.CADRE) | {Capacity.STAFF: ["陈一", "陈二", "陈三", "陈四"]}
    },
}


@pytest.mark.clause("LC-4.2b")
@pytest.mark.clause("DT-4.1")
@pytest.mark.parametrize("district", ["lucheng", "dongtou"])
def test_an_invalid_meeting_stays_on_record_and_counts_for_nothing(district, request) -> None:
    place: Settling = request.getfixturevalue(district)
    settlement = builders.referred(place)
    way = "settle" if settlement.notice_due else "settle_at_once"
    for reason, changes in INVALID.items():
        appraisal = builders.appraise(place, settlement, **changes)
        assert (appraisal.valid, appraisal.passed, appraisal.defects) == (False, False, [reason])
        assert settlement.application.deadlines.get(step="appraisal").state == "running"
        with pytest.raises(Refused, match="还没有有效的民主评议"):
            builders.determine(place, settlement, transition=way)
    # A relative among the twelve does not vote, and eleven are too few.
    related = builders.appraise(place, settlement, recused=["赵五"], n_for=10)
    assert related.defects == ["参加评议 11 人，少于 12 人"]
    # Held again, properly: all meetings stay.
    assert builders.appraise(place, settlement).valid
    assert Appraisal.objects.filter(settlement=settlement).count() == 5
    with pytest.raises(Refused, match="已有有效的民主评议"):
        builders.appraise(place, settlement)


IMPOSSIBLE = (
    ({"n_for": 10}, "合计 11 票，参加表决 12 人", "n_for"),
    ({"n_for": 12}, "合计 13 票，参加表决 12 人", "n_for"),
    ({"recused": ["赵五"]}, "合计 12 票，参加表决 11 人", "n_for"),
    ({"recused": ["路人"]}, "回避人员不在到会人员中：路人", "recused"),
    ({"recused": ["周一"]}, "回避人员不在到会人员中：周一", "recused"),
    ({"present": PRESENT | {Capacity.CADRE: ["陈一"]}}, "到会人员重复：陈一", "staff"),
    ({"held_at": dt.datetime(2026, 3, 2, 8, tzinfo=BEIJING)}, "评议时间须在启动之后", "held_at"),
    ({"held_at": dt.datetime(2026, 3, 2, 10, tzinfo=BEIJING)}, "评议时间须在启动之后", "held_at"),
    ({"minutes": " "}, "请填写会议记录", "minutes"),
    ({"opinions": "好" * 2001}, "评议意见不能超过 2000 字", "opinions"),
    ({"place": "\x00"}, "无法保存的字符", "place"),
    ({"sheet": None}, "请选择要上传的文件", "sheet"),
)


@pytest.mark.clause("LC-4.2b")
def test_what_cannot_have_been_is_refused_and_leaves_nothing(lucheng) -> None:
    settlement = builders.referred(lucheng)
    for changes, error, field in IMPOSSIBLE:
        with pytest.raises(Refused, match=error) as refusal:
            builders.appraise(lucheng, settlement, **changes)
        assert refusal.value.field == field
    assert not Appraisal.objects.exists()


@pytest.mark.parametrize(
    ("votes", "passed"), [((7, 5, 0), True), ((6, 6, 0), False), ((6, 0, 6), False), ((0, 12, 0), False)]
)
def test_more_than_half_must_agree(lucheng, votes, passed) -> None:
    settlement = builders.referred(lucheng)
    n_for, n_against, n_abstained = votes
    held = builders.appraise(lucheng, settlement, n_for=n_for, n_against=n_against, n_abstained=n_abstained)
    assert held.passed == passed
    if passed:
        assert builders.determine(lucheng, settlement).state == State.DECIDING
        return
    with pytest.raises(Refused, match="民主评议未通过"):
        builders.determine(lucheng, settlement)
    application = builders.determine(lucheng, settlement, transition="settle_against")
    assert application.state == State.DECIDING
    assert application.proposals.get().outcome == "refused"


def test_only_the_handler_records_it_and_may_not_review_then(lucheng) -> None:
    settlement = builders.referred(lucheng)
    application = settlement.application
    for post in sorted(set(Post) - {Post.HANDLER, Post.PARTNER}):
        actor = person_with(post, lucheng.office.township)
        with pytest.raises(Refused, match="由.*的经办岗办理"):
            record_appraisal(application=application, entry=builders.appraisal_entry(), actor=actor)
    with pytest.raises(Refused, match="由.*的经办岗办理|经办、审核、审批"):
        record_appraisal(
            application=application, entry=builders.appraisal_entry(), actor=lucheng.office.reviewer
        )


@pytest.mark.clause("LY-5.2")
def test_an_ordinary_case_is_not_appraised(office) -> None:
    application = case_in(State.REVIEWING, office=office)
    for purpose in Purpose:
        with pytest.raises(Refused, match="不进行民主评议|没有启动一事一议"):
            record_appraisal(
                application=application, entry=builders.appraisal_entry(purpose=purpose), actor=office.handler
            )
    assert not Appraisal.objects.exists()


@pytest.mark.clause("LY-5.2")
@pytest.mark.clause("SY-A1.4b")
def test_after_an_objection_it_is(office, clock) -> None:
    application = case_in(State.PUBLISHED, office=office, clock=clock)
    objection = record_objection(
        notice=running_notice(application),
        source=ObjectionSource.PUBLIC,
        content="家中有车。",
        actor=None,
        at=dt.datetime(2026, 3, 2, 9, tzinfo=BEIJING),
    )
    handle_objection(
        objection=objection,
        outcome=ObjectionOutcome.REINVESTIGATE,
        handling="重新调查。",
        actor=office.reviewer,
    )
    take(application, "reopen", office, "reviewer")
    held = record_appraisal(
        application=application,
        entry=builders.appraisal_entry(purpose=Purpose.OBJECTION),
        actor=office.handler,
    )
    assert (held.valid, held.settlement) == (True, None)


@pytest.mark.clause("LY-5.2")
def test_as_a_check_afterwards_it_is(office, clock) -> None:
    application = case_in(State.APPROVED, office=office, clock=clock)
    held = record_appraisal(
        application=application, entry=builders.appraisal_entry(purpose=Purpose.CHECK), actor=office.handler
    )
    assert held.passed
    with pytest.raises(Refused, match="LY-5.2"):
        record_appraisal(
            application=application,
            entry=builders.appraisal_entry(purpose=Purpose.OBJECTION),
            actor=office.handler,
        )
