"""Why a date is what it is, in sentences; who may lengthen a limit; how little is left of it."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from common.errors import Refused
from policy.deadlines import SHANGHAI, Due, Skipped, due_for, remaining
from policy.working_days import Calendar, SpecialDay

pytestmark = pytest.mark.django_db


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def day(text: str) -> date:
    return date.fromisoformat(text)


# 洞头, received on a Thursday: 12 days of February and 8 of March.
PLAIN = Due(
    "total",
    "办结",
    "DT-1.2",
    7,
    20,
    "cd",
    at("2023-02-16T09:00"),
    day("2023-02-17"),
    at("2023-03-08T23:59:59"),
    (),
    extended=False,
    provisional=False,
)
FIRST = (
    "2023 年 2 月 16 日受理，当日不计，2 月 17 日为第 1 天；20 天（自然日）满于 3 月 8 日 24:00。"
    "依据 DT-1.2。"
)
WEEKEND = Skipped(day("2023-03-04"), day("2023-03-05"), "周末")


@pytest.mark.clause("MFD-201")
def test_the_day_of_the_event_is_named_and_not_counted() -> None:
    assert PLAIN.why() == [FIRST]
    assert replace(PLAIN, clause="").why() == [FIRST.removesuffix("依据 DT-1.2。")]


@pytest.mark.clause("DT-1.2")
def test_a_longer_limit_says_that_it_was_lengthened() -> None:
    longer = replace(PLAIN, amount=30, due_at=at("2023-03-20T23:59:59"), extended=True)
    assert longer.why()[0].startswith(
        "2023 年 2 月 16 日受理，当日不计，2 月 17 日为第 1 天；30 天（自然日）（已依规延长）满于"
    )


@pytest.mark.clause("MFD-203")
def test_rest_days_move_the_end_or_do_not_count() -> None:
    """Of calendar days the end moves on; working days are never rest days."""
    moved = replace(PLAIN, skipped=(WEEKEND,))
    assert moved.why() == [FIRST, "3 月 4 日至 3 月 5 日为周末，期满日顺延到其后的第一个工作日。"]
    one = replace(PLAIN, unit="wd", skipped=(replace(WEEKEND, first=WEEKEND.last),))
    assert one.why() == [FIRST.replace("天（自然日）", "个工作日"), "3 月 5 日为周末，不计入。"]


@pytest.mark.clause("MFD-202")
def test_months_have_no_first_day_to_name() -> None:
    months = replace(PLAIN, amount=1, unit="mo", due_at=at("2023-03-16T23:59:59"))
    assert months.why() == ["2023 年 2 月 16 日受理，当日不计；1 个月满于 3 月 16 日 24:00。依据 DT-1.2。"]


@pytest.mark.clause("MFD-201")
def test_hours_run_from_the_event_itself() -> None:
    hours = replace(
        PLAIN,
        step="emergency_relief",
        clause="DT-4.3",
        amount=24,
        unit="h",
        started_at=at("2022-12-31T18:30"),
        due_at=at("2023-01-01T18:30"),
    )
    assert hours.why() == [
        "2022 年 12 月 31 日发现急难情形（18:30），24 小时连续计算，夜间和节假日不扣除，"
        "至 2023 年 1 月 1 日 18:30。依据 DT-4.3。"
    ]


@pytest.mark.clause("MFD-203")
def test_another_year_is_named_and_a_year_not_announced_too() -> None:
    due = replace(
        PLAIN,
        started_at=at("2026-12-12T09:00"),
        first_day=day("2026-12-13"),
        due_at=at("2027-01-04T23:59:59"),
        skipped=(Skipped(day("2027-01-02"), day("2027-01-03"), "周末"),),
        provisional=True,
    )
    assert due.why() == [
        "2026 年 12 月 12 日受理，当日不计，12 月 13 日为第 1 天；"
        "20 天（自然日）满于 2027 年 1 月 4 日 24:00。依据 DT-1.2。",
        "2027 年 1 月 2 日至 2027 年 1 月 3 日为周末，期满日顺延到其后的第一个工作日。",
        "期间跨入放假安排尚未公布的年份，暂按周末和固定日期的节日计算，待国务院节假日安排公布后复算。",
    ]


def test_the_answer_for_machines_is_that_of_the_interface() -> None:
    due = replace(PLAIN, skipped=(WEEKEND,))
    assert due.as_json() == {
        "step": "total",
        "clause": "DT-1.2",
        "amount": 20,
        "unit": "cd",
        "first_day": "2023-02-17",
        "due_at": "2023-03-08T23:59:59+08:00",
        "skipped": [{"from": "2023-03-04", "to": "2023-03-05", "why": "周末"}],
        "extended": False,
        "provisional": False,
    }
    assert replace(due, clause="").as_json()["clause"] is None


@pytest.mark.clause("SY-A1.6")
@pytest.mark.parametrize(
    ("step", "minimum"), [("publicity", True), ("defence", True), ("total", False), ("payment", False)]
)
def test_what_protects_people_may_not_be_closed_early(step: str, minimum: bool) -> None:
    assert replace(PLAIN, step=step).minimum is minimum


def _due(area, **asked) -> Due:
    return due_for(programme="dibao", step="total", start=at("2023-02-16T09:00"), area=area, **asked)


@pytest.mark.clause("DT-1.2")
@pytest.mark.parametrize(
    ("check_days", "words"),
    [
        (15, "核对用时 15 天，核对超过 15 天的才可延长。"),
        (0, "核对用时 0 天，核对超过 15 天的才可延长。"),
        (None, "未说明核对用时，核对超过 15 天的才可延长。"),
    ],
)
def test_a_check_of_fifteen_days_lengthens_nothing(check_days, words, area) -> None:
    """超过 15 天: 15 no, 16 yes."""
    with pytest.raises(Refused, match=words) as refusal:
        _due(area("330305"), check_days=check_days, extended=True)
    assert (refusal.value.field, refusal.value.clause) == ("check_days", "DT-1.2")
    assert _due(area("330305"), check_days=16, extended=True).amount == 30


@pytest.mark.clause("SY-4.2b")
def test_where_the_check_is_no_condition_its_length_does_not_matter(area) -> None:
    assert _due(area("330604"), extended=True).amount == 28
    assert _due(area("330604"), check_days=1, extended=True).amount == 28


@pytest.mark.clause("LC-4.3b")
def test_a_limit_that_no_rule_lengthens_stays(area) -> None:
    with pytest.raises(Refused, match="没有规则允许延长") as refusal:
        due_for(
            area=area("330302"),
            programme="case_by_case",
            step="feedback",
            start=at("2023-02-16T09:00"),
            extended=True,
        )
    assert (refusal.value.field, refusal.value.clause) == ("extended", "LC-4.3b")


@pytest.mark.clause("SY-0.1")
def test_the_rules_of_another_day_may_be_asked_for(area) -> None:
    """Received before 上虞's own rules: the nation's 30 working days, whenever the step begins."""
    start, before = at("2023-01-03T09:00"), day("2022-12-30")
    asked = {"area": area("330604"), "programme": "dibao", "step": "total", "start": start}
    assert (due_for(**asked).amount, due_for(**asked, rules_on=before).amount) == (20, 30)


def test_an_instant_belongs_to_its_day_in_beijing(area) -> None:
    """18:00 in Greenwich on the 15th is 02:00 on the 16th."""
    start = datetime.fromisoformat("2023-02-15T18:00:00+00:00")
    due = due_for(area=area("330305"), programme="dibao", step="total", start=start)
    assert (due.started_at.isoformat(), due.first_day) == ("2023-02-16T02:00:00+08:00", day("2023-02-17"))


WEEK = Calendar({day("2023-02-20"): SpecialDay(False, "放假")}, frozenset({2023}))


@pytest.mark.parametrize(
    ("now", "due", "answer"),
    [
        ("2023-02-16T09:00", "2023-02-22T23:59:59", ("info", "还剩 3 个工作日")),
        ("2023-02-17T09:00", "2023-02-22T23:59:59", ("soon", "还剩 2 个工作日")),
        ("2023-02-17T09:00", "2023-02-20T12:00", ("soon", "2 月 20 日 12:00 到期")),
        ("2023-02-16T12:00", "2023-02-16T12:00", ("soon", "今天 12:00 到期")),
        ("2023-12-30T09:00", "2024-01-01T08:05", ("soon", "2024 年 1 月 1 日 08:05 到期")),
    ],
)
def test_what_remains_counts_working_days_after_today(now: str, due: str, answer: tuple[str, str]) -> None:
    """The Monday of that week is off."""
    assert remaining(WEEK, at(due), at(now)) == answer
