"""LC-4.1: who may be referred, by which circumstance, on which facts."""

import datetime as dt
from decimal import Decimal

import pytest

from approvals.perms import legal_actions
from approvals.services import move
from approvals.settling.circumstances import check
from approvals.settling.declarations import Referral
from approvals.settling.enums import Circumstance
from approvals.settling.models import CaseByCase
from approvals.settling.records import book_of
from cases.enums import ApplicationState as State
from cases.enums import LinshiKind, Programme
from common import clock as house_clock
from common.errors import Refused
from organisations.enums import Post
from policy.household import Assets, Disability, Facts, MemberFacts
from tests.approvals.builders import REASON, draft
from tests.cases.builders import linshi_entry, member_line, person_with
from tests.settling import builders


def offered_moves(application, actor) -> dict[str, str]:
    return {
        rule.name: verdict.reason for rule, verdict in legal_actions(application, actor, house_clock.now())
    }


@pytest.mark.clause("LC-3.1")
def test_the_handler_is_offered_the_move_only_where_a_circumstance_applies(lucheng) -> None:
    office = lucheng.office
    poor = builders.visited(lucheng, draft(office, member_line(wage="500.00")))
    assert "refer" not in offered_moves(poor, office.handler)
    with pytest.raises(Refused, match="没有当地规则所列可以一事一议的情形"):
        builders.refer(lucheng, poor)
    assert not CaseByCase.objects.exists()

    left = builders.visited(lucheng)
    assert offered_moves(left, office.handler)["refer"] == ""
    with pytest.raises(Refused, match="由.*的经办岗办理"):
        move(application_id=left.pk, transition="refer", actor=office.reviewer, opinion=REASON)


@pytest.mark.clause("LC-3.1")
def test_three_years_are_three_years_and_no_fact_may_be_left_out(lucheng) -> None:
    application = builders.visited(lucheng)
    with pytest.raises(Refused, match="未满三年") as refusal:
        builders.refer(lucheng, application, facts=builders.LEFT_FACTS | {"gone_since": "2023-03-03"})
    assert refusal.value.field == "gone_since"
    for name in builders.LEFT_FACTS:
        facts = {key: value for key, value in builders.LEFT_FACTS.items() if key != name}
        with pytest.raises(Refused, match="请填写") as refusal:
            builders.refer(lucheng, application, facts=facts)
        assert refusal.value.field == name
    application.refresh_from_db()
    assert (application.state, application.settlements.count()) == (State.VISITING, 0)
    settlement = builders.refer(
        lucheng, application, facts=builders.LEFT_FACTS | {"gone_since": "2023-03-02"}
    )
    assert settlement.checked == ["自 2023-03-02 起已满 3 年"]


@pytest.mark.clause("LC-3.6")
def test_the_severely_disabled_and_the_severely_ill_are_referred_others_are_not(lucheng) -> None:
    facts = builders.SEVERE_FACTS
    for ill in ({"disability_kind": "physical", "disability_grade": 2}, {"severe_illness": True}):
        application = draft(lucheng.office, member_line(wage="3000.00", **ill))
        application = builders.visited(lucheng, application, wage="3000.00")
        settlement = builders.refer(lucheng, application, circumstance=Circumstance.SEVERE, facts=facts)
        assert (settlement.circumstance, settlement.clause) == ("severe", "LC-3.6")
        assert settlement.established == facts
    lighter = member_line(wage="3000.00", disability_kind="physical", disability_grade=3)
    application = builders.visited(lucheng, draft(lucheng.office, lighter), wage="3000.00")
    with pytest.raises(Refused, match="没有当地规则所列可以一事一议的情形"):
        builders.refer(lucheng, application, circumstance=Circumstance.SEVERE, facts=facts)


def test_a_circumstance_of_another_district_is_not_offered(dongtou) -> None:
    application = builders.visited(dongtou)
    with pytest.raises(Refused, match="请选择该户符合的情形"):
        builders.refer(dongtou, application, circumstance=Circumstance.URGENT, facts=builders.URGENT_FACTS)
    with pytest.raises(Refused, match="请选择该户符合的情形"):
        move(application_id=application.pk, transition="refer", actor=dongtou.office.handler, opinion=REASON)


def facts_of(*, born: str, deposits: str = "0.00", **values) -> Facts:
    member = MemberFacts(key="A", relation="self", birth_date=dt.date.fromisoformat(born), **values)
    return Facts(
        programme="dibao",
        on=dt.date(2026, 3, 2),
        members=(member,),
        assets=Assets(deposits=Decimal(deposits)),
        purpose="recheck",
    )


TODAY = dt.date(2026, 3, 2)
MINOR = {
    "parent_lost": "父亲服刑，附判决书。",
    "gone_since": "2022-01-01",
    "hukou": "外省",
    "hukou_outside": "是",
    "lives_with": "外祖母",
}
ELDER = {"alone_since": "2010-01-01", "children": "多次联系无果。", "remedies": "子女下落不明。"}


def refused(book, code: str, given: dict, facts: Facts, error: str) -> str:
    with pytest.raises(Refused, match=error) as refusal:
        check(code, given, facts, book, TODAY)
    return refusal.value.field


@pytest.fixture
def book(lucheng):
    return book_of(draft(lucheng.office))


@pytest.mark.clause("LC-3.2")
def test_a_minor_is_under_eighteen_and_the_other_parent_registered_elsewhere(book) -> None:
    code = Circumstance.ABANDONED_MINOR
    assert check(code, MINOR, facts_of(born="2008-03-03"), book, TODAY) == [
        "申请人 17 周岁，未成年",
        "自 2022-01-01 起已满 4 年",
    ]
    refused(book, code, MINOR, facts_of(born="2008-03-02"), "18 周岁，不是未成年人")
    here = MINOR | {"hukou_outside": ""}
    assert refused(book, code, here, facts_of(born="2012-01-01"), "户籍不在本市") == "hukou_outside"
    lately = MINOR | {"gone_since": "2023-03-03"}
    assert refused(book, code, lately, facts_of(born="2012-01-01"), "未满三年") == "gone_since"


@pytest.mark.clause("LC-3.3")
def test_a_lonely_elder_is_sixty(book) -> None:
    code = Circumstance.LONELY_ELDER
    assert check(code, ELDER, facts_of(born="1966-03-02"), book, TODAY) == [
        "申请人 60 周岁",
        "自 2010-01-01 起独自生活",
    ]
    refused(book, code, ELDER, facts_of(born="1966-03-03"), "59 周岁，未满 60 周岁")


@pytest.mark.clause("LC-3.4")
def test_deposits_between_four_and_ten_times(book) -> None:
    """The standard of the day is 1,085 a month, 13,020 a year: 4 × is 52,080, 10 × is 130,200."""
    code, given = Circumstance.DEPOSITS, {"in_benefit_since": "2024-01-01", "origin": "历年积蓄。"}

    def having(deposits: str) -> Facts:
        return facts_of(born="1980-01-01", deposits=deposits, disability=Disability("mental", 2))

    for deposits in ("52080.01", "130199.99"):
        assert "超过 4 倍、低于 10 倍" in check(code, given, having(deposits), book, TODAY)[0]
    refused(book, code, given, having("52080.00"), "未超过 4 倍")
    refused(book, code, given, having("130200.00"), "达到或超过 10 倍")


def test_a_day_is_a_day_that_has_been(book) -> None:
    for value, error in (("明天", "不是日期"), ("2026-03-03", "不能晚于今天"), ("", "请填写")):
        given = builders.LEFT_FACTS | {"gone_since": value}
        field = refused(book, Circumstance.LEFT, given, facts_of(born="1980-01-01"), error)
        assert field == "gone_since"


def urgent_case(place):
    """急难型临时救助 for more than six times the standard: only 一事一议 may give it."""
    asked = linshi_entry(kind=LinshiKind.EMERGENCY, requested=Decimal("8000.00"), cause="accident")
    application = draft(place.office, member_line(wage="500.00"), programme=Programme.LINSHI, linshi=asked)
    return builders.visited(place, application)


@pytest.mark.clause("LC-4.2c")
@pytest.mark.clause("LC-3.5")
def test_an_emergency_may_leave_the_appraisal_for_later(lucheng) -> None:
    application = urgent_case(lucheng)
    settlement = builders.refer(
        lucheng, application, circumstance=Circumstance.LINSHI, facts={"why": "重伤，费用高。"}, urgent=True
    )
    assert settlement.urgent
    # 1 × 1,085.00 × 20 at most.
    with pytest.raises(Refused, match="超过一事一议上限 21,700.00 元"):
        builders.determine(lucheng, settlement, monthly=None, amount="21700.01")
    application = builders.determine(lucheng, settlement, monthly=None, amount="8000.00")
    assert builders.approve(lucheng, application).state == State.APPROVED
    settlement.refresh_from_db()
    assert settlement.valid_until is None
    # It stays due until it is made up for, although the case is closed.
    assert application.deadlines.get(step="appraisal").state == "running"
    assert builders.appraise(lucheng, settlement).valid
    assert application.deadlines.get(step="appraisal").state == "met"


@pytest.mark.clause("LC-4.2c")
def test_what_is_no_emergency_is_appraised_first(lucheng) -> None:
    application = builders.visited(lucheng)
    with pytest.raises(Refused, match="只有急难型临时救助") as refusal:
        builders.refer(lucheng, application, urgent=True)
    assert refusal.value.field == "urgent"


def test_only_the_handler_of_the_place_refers(lucheng) -> None:
    application = builders.visited(lucheng)
    referral = Referral(Circumstance.LEFT, builders.LEFT_FACTS)
    for post in sorted(set(Post) - {Post.HANDLER, Post.PARTNER}):
        with pytest.raises(Refused, match="由.*的经办岗办理"):
            move(
                application_id=application.pk,
                transition="refer",
                actor=person_with(post, lucheng.office.township),
                opinion=REASON,
                referral=referral,
            )
    assert not CaseByCase.objects.exists()


@pytest.mark.clause("LC-2.1")
def test_a_case_is_referred_only_after_the_visit_in_six_dimensions(lucheng) -> None:
    application = builders.visited(lucheng)
    assert application.visits.get().findings.count() == 6
