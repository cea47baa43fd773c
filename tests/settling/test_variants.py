"""洞头 and 上虞: the same table of moves, other rules (DT-4, SY-4.4a)."""

import datetime as dt
from decimal import Decimal

import pytest

from approvals.deadlines import show_day
from approvals.perms import legal_actions
from approvals.services import move
from approvals.settling.enums import Body
from approvals.tasks import close_expired_notices
from cases.enums import ApplicationState as State
from cases.enums import LinshiKind, Programme
from common import clock as house_clock
from common.errors import Refused
from payments.models import Benefit, Grant
from publicity.queries import running_notice
from tests.approvals.builders import REASON, draft
from tests.cases.builders import linshi_entry, member_line
from tests.conftest import BEIJING
from tests.settling import builders


@pytest.mark.clause("DT-4.1")
@pytest.mark.clause("DT-4.2")
def test_dongtou_reviews_within_two_days_and_publishes_before_it_confirms(dongtou, clock) -> None:
    settlement = builders.referred(dongtou)
    application = settlement.application
    builders.appraise(dongtou, settlement)
    review = application.deadlines.get(step="collective_review")
    # Appraised on Monday 2 March: two working days end on Wednesday the 4th.
    assert (review.state, show_day(review.due_at), review.clause) == ("running", "2026-03-04", "DT-4.2")

    with pytest.raises(Refused, match="一事一议须先公示"):
        builders.determine(dongtou, settlement)
    clock.move_to(dt.datetime(2026, 3, 4, 11, tzinfo=BEIJING))
    application = builders.determine(dongtou, settlement, transition="settle", monthly="1085.00")
    assert application.state == State.PUBLISHED
    assert application.deadlines.get(step="collective_review").state == "met"
    assert not application.deadlines.filter(step__in=["feedback", "filing"]).exists()
    notice = running_notice(application)
    # Posted on the 4th: seven calendar days end with the 11th.
    assert (show_day(notice.ends_at), notice.monthly, notice.n_covered) == (
        "2026-03-11",
        Decimal("1085.00"),
        1,
    )

    with pytest.raises(Refused, match="申请状态为“公示中”"):
        builders.approve(dongtou, application)
    clock.move_to(dt.datetime(2026, 3, 12, 0, 30, tzinfo=BEIJING))
    assert close_expired_notices() == {"closed": 1, "left": 0}
    assert builders.approve(dongtou, application).state == State.APPROVED
    settlement.refresh_from_db()
    # 洞头 names no validity: the benefit has no end of its own.
    assert (settlement.valid_until, Benefit.objects.get().ends_on) == (None, None)


@pytest.mark.clause("DT-4.2")
def test_an_objection_in_dongtou_leads_back_to_the_investigation(dongtou, clock) -> None:
    settlement = builders.referred(dongtou)
    builders.appraise(dongtou, settlement)
    application = builders.determine(dongtou, settlement, transition="settle", monthly="500.00")
    offered = {
        rule.name for rule, _ in legal_actions(application, dongtou.office.reviewer, house_clock.now())
    }
    assert "reopen" in offered
    with pytest.raises(Refused, match="没有处理结果为“重新调查”的异议"):
        move(
            application_id=application.pk,
            transition="reopen",
            actor=dongtou.office.reviewer,
            opinion=REASON,
        )


@pytest.mark.clause("SY-4.4a")
def test_shangyu_files_first_and_confirms_then(shangyu) -> None:
    settlement = builders.referred(shangyu)
    application = settlement.application
    assert not application.deadlines.filter(step="appraisal").exists()
    with pytest.raises(Refused, match="还没有作出认定"):
        builders.filed(shangyu, settlement, Body.DISTRICT)
    application = builders.determine(shangyu, settlement, monthly="1175.00")
    assert application.state == State.DECIDING

    with pytest.raises(Refused, match="须先报区民政局备案并收到备案意见"):
        builders.approve(shangyu, application)
    filing = builders.filed(shangyu, settlement, Body.DISTRICT)
    with pytest.raises(Refused, match="须先报区民政局备案并收到备案意见"):
        builders.approve(shangyu, application)
    builders.services.acknowledge(filing=filing, answer="同意。", actor=shangyu.district)
    assert builders.approve(shangyu, application).state == State.APPROVED
    assert Benefit.objects.get().revisions.get().monthly == Decimal("1175.00")


@pytest.mark.clause("SY-4.4a")
def test_no_appraisal_is_asked_for_in_shangyu(shangyu) -> None:
    settlement = builders.referred(shangyu)
    with pytest.raises(Refused, match="当地规则不要求一事一议民主评议"):
        builders.appraise(shangyu, settlement)


@pytest.mark.clause("LC-3.5")
@pytest.mark.parametrize(
    ("values", "most"),
    [
        # 1 × 1,085.00 × 20; of medical costs 70 % of 20,000.00.
        ({"cause": "accident", "requested": Decimal("6510.01")}, "21700.00"),
        ({"residual_medical": Decimal("20000.00"), "requested": Decimal("8000.00")}, "14000.00"),
        ({"cause": "accident", "requested": Decimal("100.00"), "repeat_same_cause": True}, "21700.00"),
    ],
    ids=["above_the_most", "medical", "again"],
)
def test_one_off_aid_has_its_cap(lucheng, values, most) -> None:
    asked = linshi_entry(kind=LinshiKind.EXPENDITURE, **values)
    application = draft(lucheng.office, member_line(wage="500.00"), programme=Programme.LINSHI, linshi=asked)
    application = builders.visited(lucheng, application)
    settlement = builders.refer(lucheng, application, circumstance="linshi", facts={"why": "后续治疗费用。"})
    builders.appraise(lucheng, settlement)
    above = f"{Decimal(most) + Decimal('0.01'):.2f}"
    with pytest.raises(Refused, match="超过一事一议上限") as refusal:
        builders.determine(lucheng, settlement, monthly=None, amount=above)
    assert refusal.value.field == "amount"
    application = builders.determine(lucheng, settlement, monthly=None, amount=most)
    builders.approve(lucheng, application)
    assert Grant.objects.get().amount == Decimal(most)


def test_a_monthly_sum_stays_within_the_standard(lucheng) -> None:
    settlement = builders.referred(lucheng)
    builders.appraise(lucheng, settlement)
    for monthly, error in (
        # One head: 1,085.00 is the most.
        ("1085.01", "超过一事一议上限 1,085.00 元"),
        ("0.00", "须大于 0"),
        ("0.005", "精确到分"),
        (None, "请填写月金额"),
    ):
        with pytest.raises(Refused, match=error) as refusal:
            builders.determine(lucheng, settlement, monthly=monthly)
        assert refusal.value.field == "monthly"
    assert not settlement.application.proposals.exists()


def test_only_people_who_live_there_are_covered(lucheng) -> None:
    settlement = builders.referred(lucheng)
    builders.appraise(lucheng, settlement)
    gone = settlement.application.household.members.get(excluded="left_3y")
    for covered in ((), (str(gone.pk),), ("999999",)):
        with pytest.raises(Refused, match="请选择保障人员"):
            builders.determine(lucheng, settlement, covered=covered)


@pytest.mark.clause("LC-4.3a")
def test_the_leadership_meeting_is_recorded_whole(lucheng) -> None:
    settlement = builders.referred(lucheng)
    builders.appraise(lucheng, settlement)
    for changes, error, field in (
        ({"held_at": dt.datetime(2026, 3, 2, 8, tzinfo=BEIJING)}, "会议时间须在民主评议之后", "held_at"),
        ({"held_at": dt.datetime(2026, 3, 3, 9, tzinfo=BEIJING)}, "会议时间须在民主评议之后", "held_at"),
        ({"minutes": ""}, "请填写会议记录", "minutes"),
        ({"attendees": " "}, "请填写参加人员", "attendees"),
    ):
        with pytest.raises(Refused, match=error) as refusal:
            builders.determine(lucheng, settlement, held=builders.meeting(**changes))
        assert refusal.value.field == field


@pytest.mark.clause("LC-4.3a")
def test_a_negative_determination_is_refused_in_writing(lucheng) -> None:
    settlement = builders.referred(lucheng)
    builders.appraise(lucheng, settlement, n_for=2, n_against=10, n_abstained=0)
    application = builders.determine(lucheng, settlement, transition="settle_against")
    with pytest.raises(Refused, match="本轮没有“同意”的初审意见"):
        builders.approve(lucheng, application)
    application = move(
        application_id=application.pk,
        transition="refuse",
        actor=lucheng.office.approver,
        opinion="评议未通过，不予救助。",
    )
    assert application.state == State.REFUSED
    assert application.deadlines.get(step="feedback").state == "running"
    assert not Benefit.objects.exists()


def test_sent_back_it_begins_again_in_a_new_round(lucheng) -> None:
    settlement = builders.referred(lucheng)
    application = move(
        application_id=settlement.application_id,
        transition="send_back",
        actor=lucheng.office.reviewer,
        opinion="子女情况不清。",
    )
    assert (application.state, application.investigation_round) == (State.VISITING, 2)
    assert application.deadlines.get(step="appraisal").state == "cancelled"
    builders.record_visit(application, lucheng.office)
    application.refresh_from_db()
    assert builders.refer(lucheng, application).investigation_round == 2
