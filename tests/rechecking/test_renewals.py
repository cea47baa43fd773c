"""一事一议 is renewed before it lapses, by the procedure that gave it (LC-4.4b); each district by its rules.

鹿城: confirmed on 2 March 2026, so in force to 1 March 2027, and renewable from 60 days before, 31 December.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from approvals.changing.enums import ChangeKind, Reason
from approvals.changing.services import draft_change
from approvals.documents.service import document_bytes, make_document
from approvals.enums import DocumentKind, Outcome
from approvals.models import Document
from approvals.rechecking.enums import Result
from approvals.rechecking.models import EconomicRecheck, Keeping
from approvals.rechecking.papers import matter_of
from approvals.rechecking.queries import tasks_for
from approvals.rechecking.renewing import tell_of_renewal
from approvals.serving.queries import served_at
from approvals.settling.enums import Body
from approvals.settling.models import Entry, Renewal
from approvals.settling.queries import tasks_for as settling_tasks
from approvals.settling.tasks import lapse_settlements
from approvals.standing import refresh_standing
from cases.enums import Exclusion, Relation
from common.errors import Refused
from organisations.enums import Post
from organisations.services import appoint
from payments.models import Benefit, BenefitCover
from payments.services import end_benefit, prepare_month, prolong_benefit, revise_benefit
from tests.approvals.builders import draft
from tests.approvals.test_documents import text_of
from tests.cases.builders import member_line, months_rule, person_with
from tests.changing.builders import entry as change_entry
from tests.conftest import BEIJING
from tests.payments import builders as money
from tests.rechecking.builders import (
    answered,
    appraised,
    asked,
    determined,
    filed,
    received,
    rechecked,
    renewed,
)
from tests.serving.builders import hand_over
from tests.settling import builders as settling

JANUARY = dt.date(2027, 1, 4)


@pytest.fixture
def on(clock):
    """Nine in the morning of a day."""

    def move(day: dt.date | str) -> None:
        day = dt.date.fromisoformat(day) if isinstance(day, str) else day
        clock.move_to(dt.datetime.combine(day, dt.time(9), BEIJING))

    return move


def actions(user) -> list[tuple[str, str]]:
    user.__dict__.pop("_scope", None)
    return [(todo.stage, todo.action) for todo in tasks_for(user)]


def reminders(user) -> list[tuple[str, str, str]]:
    user.__dict__.pop("_scope", None)
    found = settling_tasks(user)
    return [(todo.action, todo.deadline, todo.level) for todo in found if todo.stage == "有效期将满"]


@pytest.mark.clause("LC-4.4b")
def test_a_renewal_is_asked_for_from_sixty_days_before_the_end_to_its_last_day(place, settlement, on) -> None:
    for day, because in (
        ("2026-12-30", "有效期至 2027-03-01，自 2026-12-31 起（期满前 60 天）方可办理续期"),
        ("2027-03-02", "有效期至 2027-03-01，已经期满失效，不能续期；继续救助须重新申请"),
    ):
        on(day)
        with pytest.raises(Refused, match=because):
            asked(place, settlement)
    assert lapse_settlements() == {"lapsed": 1, "failed": 0}
    with pytest.raises(Refused, match="已经期满失效，不能续期；继续救助须重新申请"):
        asked(place, settlement)
    assert not EconomicRecheck.objects.exists()


@pytest.mark.clause("LC-4.4b")
@pytest.mark.parametrize("day", ["2026-12-31", "2027-03-01"])
def test_the_first_and_the_last_day_count(place, settlement, on, day) -> None:
    on(day)
    assert renewed(place, settlement).valid_until == dt.date(2028, 3, 1)
    assert Benefit.objects.get().ends_on == dt.date(2028, 4, 1)


@pytest.mark.clause("LC-4.4b")
@pytest.mark.clause("LC-4.2a")
@pytest.mark.clause("LC-4.3b")
def test_lucheng_renews_by_report_facts_appraisal_meeting_filings_and_feedback(place, settlement, on) -> None:
    handler, reviewer = place.office.handler, place.office.reviewer
    for body in Body:
        settling.acknowledged(place, settlement, body)
    settling.services.feed_back(settlement=settlement, told=settling.told(), actor=handler)
    on(JANUARY)
    assert reminders(handler) == [("办理续期", "还剩 56 天失效", "info")]
    recheck = asked(place, settlement, facts={"attempts": "2027-01-02 电话仍停机。"})
    assert (recheck.result, recheck.renewal, recheck.monthly_max) == (Result.BY_CASE, 1, Decimal("1085.00"))
    # Gone since 1 May 2020.
    assert recheck.checked == ["自 2020-05-01 起已满 6 年"]
    assert recheck.established["attempts"] == "2027-01-02 电话仍停机。"
    assert actions(handler) == [("可一事一议", "登记民主评议")]
    assert actions(reviewer) == []
    with pytest.raises(Refused, match="还没有复核之后的有效民主评议"):
        answered(place, recheck)
    with pytest.raises(Refused, match="认定同意续期后方可报送备案"):
        filed(place, recheck)
    appraised(place.office, recheck)
    assert actions(reviewer) == [("待一事一议认定", "登记认定")]
    keeping = answered(place, recheck)

    renewal = Renewal.objects.get()
    assert (renewal.number, str(renewal.valid_from), str(renewal.valid_until)) == (
        1,
        "2027-03-02",
        "2028-03-01",
    )
    assert (keeping.renewal, keeping.valid_until) == (renewal, renewal.valid_until)
    settlement.refresh_from_db()
    assert (settlement.valid_until, settlement.holds_until) == (dt.date(2027, 3, 1), renewal.valid_until)
    assert reminders(handler) == []
    # Five working days from Monday 4 January for feedback and filing, as the first time.
    running = settlement.application.deadlines.filter(state="running")
    limits = {limit.step: timezone.localdate(limit.due_at) for limit in running}
    assert limits == {"feedback": dt.date(2027, 1, 11), "filing": dt.date(2027, 1, 11)}
    for body in Body:
        received(place, filed(place, recheck, body))
    with pytest.raises(Refused, match="已向区民政局备案"):
        filed(place, recheck)
    tell_of_renewal(recheck=recheck, told=settling.told(), actor=handler)
    with pytest.raises(Refused, match="已反馈申请人"):
        tell_of_renewal(recheck=recheck, told=settling.told(), actor=handler)
    assert not running.all().exists()
    assert [entry.details for entry in Entry.objects.order_by("sequence")][-6:] == [
        "第 1 次续期认定：同意，续期至 2028-03-01",
        "报街镇纪（工）委备案（第 1 次续期）",
        "街镇纪（工）委接收备案（第 1 次续期）",
        "报区民政局备案（第 1 次续期）",
        "区民政局接收备案（第 1 次续期）",
        "2027-01-04 当面告知结果（第 1 次续期）",
    ]


def test_of_two_reviewers_at_once_the_second_finds_it_done(place, settlement, on) -> None:
    on(JANUARY)
    recheck = asked(place, settlement)
    appraised(place.office, recheck)
    on_both_screens = EconomicRecheck.objects.select_related("keeping")
    one, other = on_both_screens.get(), on_both_screens.get()
    answered(place, one)
    with pytest.raises(Refused, match="已作出认定"):
        answered(place, other)
    assert Renewal.objects.count() == 1


@pytest.mark.clause("LC-F")
def test_the_form_is_filled_in_again_for_the_renewal(place, settlement, on) -> None:
    on(JANUARY)
    keeping = renewed(place, settlement)
    paper = make_document(
        application=settlement.application,
        kind=DocumentKind.CASE_BY_CASE_FORM,
        actor=place.office.handler,
        matter=matter_of(keeping),
    )
    said = text_of(document_bytes(paper))
    for words in (
        "鹿城区社会救助“一事一议”审批表（续期）",
        "情况与认定时相同",
        "自2020-05-01起已满6年",
        "同意11票、不同意0票、弃权1票，评议通过",
        "同意续期。续期至2028年3月1日。保障1人，每月救助人民币（大写）伍佰捌拾伍元整（小写585.00元）",
    ):
        assert "".join(words.split()) in said


@pytest.mark.clause("LC-4.4b")
def test_money_goes_on_without_a_gap_and_without_a_second_time(place, settlement, on) -> None:
    benefit = Benefit.objects.get()
    money.benefit(benefit.village, "100.00", name="邻居", programme=benefit.programme)

    def paid(year: int, month: int) -> list[Decimal]:
        on(dt.date(year, month, 2))
        first = dt.date(year, month, 1)
        for _ in range(2):
            batch = prepare_month(area=benefit.county, programme=benefit.programme, month=first, actor=None)
        return [line.amount for line in batch.payments.filter(benefit=benefit)]

    on("2027-02-26")
    renewed(place, settlement)
    for month in ((2027, 3), (2027, 4), (2027, 5), (2028, 3)):
        assert paid(*month) == [Decimal("585.00")]
    assert benefit.revisions.count() == 1
    # Renewed until 1 March 2028: that month is the last.
    assert paid(2028, 4) == []


@pytest.mark.clause("LC-4.4b")
def test_what_was_renewed_is_reminded_of_and_lapses_after_its_new_end(place, settlement, on) -> None:
    handler = place.office.handler
    on(JANUARY)
    renewed(place, settlement)
    on("2027-03-05")
    assert lapse_settlements() == {"lapsed": 0, "failed": 0}
    kinds = refresh_standing(area=place.office.village, actor=handler).lines.values_list("kind", flat=True)
    assert "case_by_case" in kinds
    for day, expected in (
        ("2027-12-31", []),
        ("2028-01-01", [("办理续期", "还剩 60 天失效", "info")]),
        ("2028-01-31", [("办理续期", "还剩 30 天失效", "soon")]),
        ("2028-03-01", [("办理续期", "还剩 0 天失效", "soon")]),
    ):
        on(day)
        assert reminders(handler) == expected
    # A second term follows the first.
    assert renewed(place, settlement).valid_until == dt.date(2029, 3, 1)
    on("2029-03-02")
    assert lapse_settlements() == {"lapsed": 1, "failed": 0}
    settlement.refresh_from_db()
    assert settlement.lapsed_on == dt.date(2029, 3, 2)
    last = Entry.objects.order_by("sequence").last()
    assert last.details == "有效期至 2029-03-01 期满失效，自 2029-04 起停发"
    assert Benefit.objects.get().ends_on == dt.date(2029, 4, 1)
    assert not settlement.application.household.members.filter(occupies=True).exists()
    kinds = refresh_standing(area=place.office.village, actor=handler).lines.values_list("kind", flat=True)
    assert "case_by_case" not in kinds


@pytest.mark.clause("LC-4.4b")
@pytest.mark.clause("JZ-12.5")
def test_a_refused_renewal_is_told_in_writing_with_remedies_and_lapses(place, settlement, on) -> None:
    handler = place.office.handler
    on(JANUARY)
    recheck = asked(place, settlement)
    appraised(place.office, recheck, n_for=3, n_against=9, n_abstained=0)
    with pytest.raises(Refused, match="民主评议未通过"):
        answered(place, recheck)
    answered(place, recheck, Outcome.REFUSED, opinion="该成员已返家共同生活。")
    assert not Renewal.objects.exists()
    paper = Document.objects.get(kind=DocumentKind.RENEWAL_REFUSAL)
    said = text_of(document_bytes(paper))
    for words in (
        settlement.application.applicant_name,
        "有效期至2027年3月1日",
        "自2027年4月起停发",
        "该成员已返家共同生活",
        "同意3票、不同意9票",
        "60日内",
        "行政复议",
        "行政诉讼",
        "重新申请",
    ):
        assert "".join(words.split()) in said
    hand_over(paper, place.office)
    assert served_at(paper) is not None
    assert ("告知期满失效", "还剩 56 天失效", "info") in reminders(handler)
    assert actions(handler) == []
    with pytest.raises(Refused, match="续期已认定不同意，2027-03-01 期满失效"):
        asked(place, settlement)
    on("2027-03-02")
    assert lapse_settlements() == {"lapsed": 1, "failed": 0}
    assert Benefit.objects.get().ends_on == dt.date(2027, 4, 1)


@pytest.mark.clause("LC-4.4b")
def test_every_post_and_every_deed_of_a_renewal(place, settlement, on) -> None:
    """Handler and reviewer only, two people, each in the post of the first time."""
    on(JANUARY)
    office, before = place.office, Entry.objects.count()
    recheck = asked(place, settlement)
    appraised(office, recheck)

    def ask(actor):
        return asked(place, settlement, actor=actor)

    def answer(actor):
        return answered(place, recheck, actor=actor)

    deeds = {Post.HANDLER: ask, Post.REVIEWER: answer}
    for post in sorted(set(Post) - {Post.PARTNER}):
        stranger = person_with(post, office.township)
        for allowed, deed in deeds.items():
            if post == allowed:
                continue
            with pytest.raises(Refused, match="由.*的(经办|审核)岗(办理|登记)"):
                deed(stranger)
    # Whoever acted on the case in another post does not take this one a year later.
    both, since = office.approver, dt.date(2020, 1, 1)
    for post in deeds:
        appoint(user=both, post=post, area=office.township, valid_from=since, actor=None)
    both.__dict__.pop("_scope", None)
    for deed in deeds.values():
        with pytest.raises(Refused, match="您已"):
            deed(both)
    assert Entry.objects.count() == before + 2


@pytest.mark.clause("LC-4.4b")
@pytest.mark.clause("LC-3.1")
def test_the_circumstance_must_still_be_there(place, settlement, on) -> None:
    on(JANUARY)
    for facts, field, because in (
        ({"gone_since": "2024-01-05"}, "gone_since", "未满三年"),
        ({"gone_since": "2027-01-05"}, "gone_since", "不能晚于今天"),
        ({"attempts": " "}, "attempts", "请填写“联系寻找经过”"),
        ({"declared": ""}, "declared", "请填写"),
    ):
        with pytest.raises(Refused, match=because) as no:
            asked(place, settlement, facts=facts)
        assert no.value.field == field
    # 4 × 13,020.00 is the most that the ordinary rules let a household of one keep.
    rich = asked(place, settlement, deposits=Decimal("52080.01"))
    assert rich.result == Result.CHANGE_DUE
    appraised(place.office, rich)
    with pytest.raises(Refused, match="复核结果为“不再符合，应提出变更”"):
        answered(place, rich)
    assert actions(place.office.handler) == [("复核不再符合", "提出变更")]
    change = draft_change(
        benefit=settlement.application.benefit,
        entry=change_entry(kind=ChangeKind.STOP, reason=Reason.PROPERTY, deposits=Decimal("52080.01")),
        actor=place.office.handler,
    )
    assert change.pk


@pytest.mark.clause("LC-4.4b")
@pytest.mark.clause("LC-3.2")
def test_a_minor_who_comes_of_age_is_renewed_no_more(place, on) -> None:
    """Eighteen on 15 January 2027: the renewal is possible on the day before."""
    child = member_line("林小山", wage="0.00", birth_date=dt.date(2009, 1, 15))
    gone = member_line("林大山", relation=Relation.PARENT, excluded=Exclusion.LEFT_3Y)
    application = settling.visited(place, draft(place.office, child, gone), wage="0.00")
    facts = {
        "parent_lost": "父亲服刑。",
        "gone_since": "2020-05-01",
        "hukou": "丽水市",
        "hukou_outside": "yes",
    }
    facts |= {"lives_with": "随祖母生活"}
    settlement = settling.refer(place, application, circumstance="abandoned_minor", facts=facts)
    settling.appraise(place, settlement)
    settling.approve(place, settling.determine(place, settlement))
    on("2027-01-15")
    with pytest.raises(Refused, match="申请人 18 周岁，不是未成年人"):
        asked(place, settlement, facts=facts)
    on("2027-01-14")
    recheck = asked(place, settlement, facts=facts)
    assert recheck.result == Result.BY_CASE
    assert recheck.checked == ["申请人 17 周岁，未成年", "自 2020-05-01 起已满 6 年"]


@pytest.mark.clause("LC-4.4b")
def test_what_is_renewed_is_the_amount_in_force_within_the_limit_of_today(place, settlement, on) -> None:
    on(JANUARY)
    recheck = asked(place, settlement)
    appraised(place.office, recheck)
    benefit = settlement.application.benefit
    revise_benefit(
        benefit=benefit,
        monthly=Decimal("1085.01"),
        care_fee=Decimal("0.00"),
        valid_from=dt.date(2027, 2, 1),
        lines=[],
        rule_ids=[],
        reason="人工核定",
        source="change:1",
        decided_by=place.office.approver,
    )
    # One head: 1,085.00 is the most.
    with pytest.raises(Refused, match="现月金额 1,085.01 元超过一事一议上限 1,085.00 元，请先办理待遇变更"):
        answered(place, recheck)


@pytest.mark.clause("LC-4.4b")
def test_a_benefit_that_was_ended_or_is_given_elsewhere_is_not_renewed(place, settlement, on) -> None:
    on(JANUARY)
    recheck, benefit = asked(place, settlement), Benefit.objects.get()
    appraised(place.office, recheck)
    person = benefit.covers.get().person
    elsewhere = money.benefit(place.office.village, "100.00", name="另一户", starts_on=dt.date(2027, 6, 1))
    BenefitCover.objects.create(benefit=elsewhere, person=person, starts_on=elsewhere.starts_on, ends_on=None)
    with pytest.raises(Refused, match="自 2027 年 6 月起已享受最低生活保障.*不能延长"):
        answered(place, recheck)
    assert not Renewal.objects.exists()
    end_benefit(benefit=benefit, ends_on=dt.date(2027, 2, 1), reason="自愿退出", source="change:1")
    with pytest.raises(Refused, match="待遇已决定自 2027-02 起停发，不能续期"):
        answered(place, recheck)
    with pytest.raises(Refused, match="已决定自 2027 年 2 月起停发"):
        prolong_benefit(benefit=benefit, ends_on=dt.date(2028, 4, 1))


@pytest.mark.clause("LC-4.4b")
def test_a_stop_from_the_month_after_the_term_is_not_undone_by_a_renewal(place, settlement, on) -> None:
    on(JANUARY)
    benefit = Benefit.objects.get()
    end_benefit(benefit=benefit, ends_on=dt.date(2027, 4, 1), reason="就业", source="change:1")
    benefit.refresh_from_db()
    assert (benefit.ends_on, benefit.end_source) == (dt.date(2027, 4, 1), "change:1")
    with pytest.raises(Refused, match="待遇已决定自 2027-04 起停发，不能续期"):
        asked(place, settlement)


@pytest.mark.clause("LC-4.4b")
def test_only_the_newest_recheck_counts_and_an_ordinary_one_renews_nothing(place, settlement, on) -> None:
    on(JANUARY)
    office, first = place.office, asked(place, settlement)
    appraised(office, first)
    ordinary = rechecked(office, settlement.application.benefit, "0.00")
    with pytest.raises(Refused, match="已有新的经济复核"):
        answered(place, first)
    on("2027-01-05")
    with pytest.raises(Refused, match="继续保障须在个案页“一事一议”办理续期"):
        determined(office, ordinary)
    again = asked(place, settlement)
    with pytest.raises(Refused, match="还没有复核之后的有效民主评议"):
        answered(place, again)
    appraised(office, again)
    assert answered(place, again).renewal.number == 1
    # The renewal of somebody who left is no reason to keep money that is found later.
    assert Keeping.objects.get().recheck == again


@pytest.mark.clause("SY-4.4a")
def test_shangyu_files_the_renewal_first_and_needs_neither_appraisal_nor_meeting(db, clock, on) -> None:
    place = settling.in_shangyu()
    months_rule(place.office.township, "validity.case_by_case", 12)
    settlement = settling.referred(place)
    application = settling.determine(place, settlement, monthly="600.00")
    settling.acknowledged(place, settlement, Body.DISTRICT)
    settling.approve(place, application)
    settlement.refresh_from_db()
    handler, reviewer = place.office.handler, place.office.reviewer
    on(JANUARY)
    recheck = asked(place, settlement)
    assert (recheck.result, recheck.appraisal_required, recheck.filing_first) == (Result.BY_CASE, False, True)
    assert actions(handler) == [("续期待备案", "报送备案")]
    assert actions(reviewer) == []
    # The filing of the first time is no filing of the renewal.
    with pytest.raises(Refused, match="续期须先报区民政局备案并收到备案意见"):
        answered(place, recheck, meeting=None)
    filing = filed(place, recheck)
    with pytest.raises(Refused, match="续期须先报区民政局备案并收到备案意见"):
        answered(place, recheck, meeting=None)
    assert actions(reviewer) == []
    received(place, filing)
    assert actions(reviewer) == [("待一事一议认定", "登记认定")]
    keeping = answered(place, recheck, meeting=None)
    assert (keeping.held_at, keeping.appraisal, str(keeping.valid_until)) == (None, None, "2028-03-01")
    assert Benefit.objects.get().ends_on == dt.date(2028, 4, 1)


@pytest.mark.clause("DT-4.1")
@pytest.mark.clause("DT-4.2")
def test_dongtou_renews_by_appraisal_and_collective_review_where_it_sets_a_validity(db, clock, on) -> None:
    place = settling.in_dongtou()
    months_rule(place.office.township, "validity.case_by_case", 12)
    settlement = confirmed_in_dongtou(place, on)
    # Confirmed on 10 March 2026.
    assert settlement.holds_until == dt.date(2027, 3, 9)
    on("2027-01-08")
    recheck = asked(place, settlement)
    assert (recheck.result, recheck.appraisal_required, recheck.filing_first) == (Result.BY_CASE, True, False)
    with pytest.raises(Refused, match="还没有复核之后的有效民主评议"):
        answered(place, recheck)
    appraised(place.office, recheck)
    with pytest.raises(Refused, match="请登记会议"):
        answered(place, recheck, meeting=None)
    assert str(answered(place, recheck).valid_until) == "2028-03-09"
    with pytest.raises(Refused, match="当地规则没有要求向该机关备案"):
        filed(place, recheck)


@pytest.mark.clause("LC-4.4b")
def test_what_has_no_end_is_not_renewed(db, clock, on) -> None:
    """洞头 names no validity: the benefit goes on until a change ends it."""
    place = settling.in_dongtou()
    settlement = confirmed_in_dongtou(place, on)
    with pytest.raises(Refused, match="当地规则没有一事一议有效期，待遇没有期满之日，不必续期"):
        asked(place, settlement)


def confirmed_in_dongtou(place, on):
    settlement = settling.referred(place)
    settling.appraise(place, settlement)
    application = settling.determine(place, settlement, transition="settle", monthly="500.00")
    on("2026-03-10")
    settling.move(application_id=application.pk, transition="close_notice", actor=None)
    settling.approve(place, application)
    settlement.refresh_from_db()
    return settlement
