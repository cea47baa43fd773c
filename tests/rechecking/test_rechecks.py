"""LC-3.4: deposits at the re-check, on both sides of 4 × and 10 × the annual standard.

鹿城 in 2026: 1,085.00 a month, so 13,020.00 a year; 4 × is 52,080.00 and 10 × is 130,200.00.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from approvals.changing.enums import ChangeKind, Reason
from approvals.enums import Outcome
from approvals.rechecking.enums import Result
from approvals.rechecking.models import EconomicRecheck, Keeping
from approvals.rechecking.queries import tasks_for
from common.errors import Refused
from organisations.models import PersonalDataRead
from tests.approvals.test_programmes import DONGTOU, office_in
from tests.cases.builders import member_line
from tests.changing.builders import Desk, entry
from tests.rechecking.builders import appraised, determined, rechecked
from tests.settling import builders as settling
from tests.settling.builders import meeting
from tests.settling.test_database import copied, refused

LIMITS = [
    ("52079.99", Result.CONTINUES),
    ("52080.00", Result.CONTINUES),
    ("52080.01", Result.BY_CASE),
    ("130199.99", Result.BY_CASE),
    ("130200.00", Result.CHANGE_DUE),
    ("130200.01", Result.CHANGE_DUE),
]


@pytest.mark.clause("LC-3.4")
def test_deposits_of_tekun_on_both_sides_of_both_limits(lucheng, tekun):
    for deposits, result in LIMITS:
        made = rechecked(lucheng.office, tekun, deposits)
        assert (made.deposits, made.result) == (Decimal(deposits), result)
    line = next(line for line in made.lines if line["label"] == "复核时个人存款")
    assert "年低保标准 13,020.00 的 4 倍至 10 倍：达到或超过上限" in line["formula"]


@pytest.mark.clause("LC-3.4")
def test_a_person_of_mental_disability_covered_alone_is_treated_so_others_are_not(lucheng):
    ill = member_line(wage="500.00", disability_kind="mental", disability_grade=2)
    alone = lucheng.benefit(members=(ill,))
    for deposits, result in LIMITS:
        assert rechecked(lucheng.office, alone, deposits).result == result
    other = lucheng.benefit(members=(member_line("陈大海", wage="500.00"),))
    assert rechecked(lucheng.office, other, "52080.01").result == Result.CHANGE_DUE


@pytest.mark.clause("LC-3.4")
def test_elsewhere_no_rule_lets_such_deposits_pass(db, clock):
    desk = Desk(office_in(DONGTOU), clock)
    assert rechecked(desk.office, desk.benefit(), "130199.99").result == Result.CHANGE_DUE


def actions(user) -> list[tuple[str, str]]:
    return [(todo.stage, todo.action) for todo in tasks_for(user)]


@pytest.mark.clause("LC-3.4")
@pytest.mark.clause("LC-4.3a")
def test_what_the_township_keeps_goes_on_for_a_year(lucheng, tekun):
    office = lucheng.office
    lucheng.clock.move_to(dt.datetime(2026, 4, 8, 9, tzinfo=dt.UTC))
    found = rechecked(office, tekun, "60000.00")
    assert actions(office.handler) == [("可一事一议", "登记民主评议")]
    with pytest.raises(Refused, match="还没有复核之后的有效民主评议"):
        determined(office, found)
    appraised(office, found)
    assert actions(office.handler) == []
    assert actions(office.reviewer) == [("待一事一议认定", "登记认定")]
    assert determined(office, found).valid_until == dt.date(2027, 4, 7)
    assert actions(office.reviewer) == []
    assert actions(office.handler) == []
    for deposits in (None, Decimal("60000.00")):
        stop = entry(reason=Reason.PROPERTY, deposits=deposits)
        with pytest.raises(Refused, match="已经一事一议认定继续保障至 2027-04-07"):
            lucheng.draft(stop, benefit=tekun)
    # Reminded two months before it ends, and after it has ended the deposits count again.
    lucheng.clock.move_to(dt.datetime(2027, 2, 7, 9, tzinfo=dt.UTC))
    assert actions(office.handler) == [("继续保障将满", "重新复核")]
    lucheng.clock.move_to(dt.datetime(2027, 4, 8, 9, tzinfo=dt.UTC))
    stop = entry(kind=ChangeKind.STOP, reason=Reason.PROPERTY, deposits=Decimal("60000.00"))
    assert lucheng.draft(stop, benefit=tekun).monthly is None


@pytest.mark.clause("LC-3.4")
def test_more_money_than_was_kept_is_looked_at_again(lucheng, tekun):
    office = lucheng.office
    found = rechecked(office, tekun, "60000.00")
    appraised(office, found)
    determined(office, found)
    assert lucheng.draft(entry(deposits=Decimal("130200.00")), benefit=tekun).pk


@pytest.mark.clause("LC-3.4")
def test_what_is_not_kept_leads_to_a_change(lucheng, tekun):
    office = lucheng.office
    found = rechecked(office, tekun, "60000.00")
    appraised(office, found, n_for=5, n_against=7, n_abstained=0)
    with pytest.raises(Refused, match="民主评议未通过"):
        determined(office, found)
    assert determined(office, found, Outcome.REFUSED).valid_until is None
    assert actions(office.handler) == [("复核不再符合", "提出变更")]
    lucheng.draft(entry(deposits=Decimal("60000.00")), benefit=tekun)
    assert actions(office.handler) == []


def test_what_cannot_have_been_is_refused(lucheng, tekun):
    office, tomorrow = lucheng.office, timezone.localdate() + dt.timedelta(days=1)
    for changes, field in (
        ({"checked_on": tomorrow}, "checked_on"),
        ({"report_number": " "}, "report_number"),
    ):
        with pytest.raises(Refused) as no:
            rechecked(office, tekun, "1.00", **changes)
        assert no.value.field == field
    ordinary = rechecked(office, tekun, "1.00")
    with pytest.raises(Refused, match="不需要一事一议"):
        determined(office, ordinary)
    found = rechecked(office, tekun, "60000.00")
    appraised(office, found)
    with pytest.raises(Refused, match="会议时间须在民主评议之后"):
        determined(office, found, held_at=timezone.now() - dt.timedelta(days=1))
    newer = rechecked(office, tekun, "61000.00")
    with pytest.raises(Refused, match="已有新的经济复核"):
        determined(office, found)
    assert not Keeping.objects.exists()
    assert newer.result == Result.BY_CASE


KEEP = """
    INSERT INTO rechecking_keeping
           (recheck_id, appraisal_id, outcome, held_at, place, chair, attendees, minutes, by_id, at)
    SELECT %s, %s, %s, now(), '会议室', '主任', attendance, attendance, %s, now()
      FROM settling_appraisal WHERE id = %s
"""


@pytest.mark.clause("LC-3.4")
def test_the_database_keeps_nothing_without_recheck_appraisal_and_second_person(lucheng, tekun):
    office = lucheng.office
    early = appraised(office, rechecked(office, tekun, "60000.00"))
    lucheng.clock.shift(dt.timedelta(hours=1))
    ordinary = rechecked(office, tekun, "1.00")
    found = rechecked(office, tekun, "60000.00")
    lucheng.clock.shift(dt.timedelta(hours=1))
    lost = appraised(office, found, n_for=5, n_against=7, n_abstained=0)
    won = appraised(office, found)
    invalid = appraised(office, found, present={"staff": ["陈一"]}, n_for=1, n_abstained=0)

    def keep(recheck, appraisal, outcome="approved", by=office.reviewer):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(KEEP, [recheck.pk, appraisal.pk, outcome, by.pk, appraisal.pk])

    for case in ((ordinary, won), (found, early), (found, lost), (found, invalid, "refused")):
        with pytest.raises(IntegrityError, match="no re-check, appraisal or second person"):
            keep(*case)
    with pytest.raises(IntegrityError, match="no re-check, appraisal or second person"):
        keep(found, won, by=office.handler)
    determined(office, found)
    for model in (EconomicRecheck, Keeping):
        table, row = model._meta.db_table, model.objects.first()
        refused(f"DELETE FROM {table} WHERE id = %s", [row.pk], "append-only")
        refused(f"UPDATE {table} SET id = id WHERE id = %s", [row.pk], "append-only")
    kept = Keeping.objects.get()
    copied("rechecking_keeping", kept, "refused_keeping_has_no_validity", outcome="refused")
    copied("rechecking_economicrecheck", found, "recheck_names_its_report", report_number="")
    copied("rechecking_economicrecheck", found, "recheck_result_is_known", result="unknown")


@pytest.mark.clause("LC-3.4")
def test_by_the_pages(lucheng, tekun, client):
    office = lucheng.office
    client.force_login(office.handler)
    tab = f"{reverse('workbench:case', args=[tekun.application.number])}?tab=money"
    new = reverse("rechecking:new", args=[tekun.pk])
    assert f'href="{new}"' in client.get(tab).content.decode()
    said = {"checked_on": "2026-03-02", "report_number": "HD-9", "finding": "积存。"}
    none = client.post(new, said | {"deposits": ""}).content.decode()
    assert "请填写货币财产，没有的填 0" in none
    assert "HD-9" in none
    client.post(new, said | {"deposits": "60,000"})
    found = EconomicRecheck.objects.get()
    page = reverse("rechecking:recheck", args=[found.pk])
    shown = client.get(page).content.decode()
    assert "可申请一事一议继续保障" in shown
    assert reverse("settling:appraise", args=[found.application_id]) in shown
    assert PersonalDataRead.objects.filter(subject=f"economic_recheck:{found.pk}").count() == 1
    appraised(office, found)
    client.force_login(office.reviewer)
    held = meeting()
    answer = {"outcome": "approved", "held_at": f"{timezone.localtime(held.held_at):%Y-%m-%dT%H:%M:%S}"}
    answer |= {name: getattr(held, name) for name in ("place", "chair", "attendees", "minutes")}
    done = client.post(reverse("rechecking:determine", args=[found.pk]), answer)
    assert done["Location"] == page
    assert "继续保障至 2027" in client.get(page).content.decode()
    assert Keeping.objects.get().by == office.reviewer


@pytest.mark.clause("LC-4.4b")
def test_what_rests_on_a_settlement_is_not_prolonged_by_a_recheck(db, clock):
    place = settling.in_lucheng()
    settlement = settling.in_force(place)
    clock.move_to(dt.datetime(2026, 4, 13, 9, tzinfo=dt.UTC))
    made = rechecked(place.office, settlement.application.benefit, "52080.01")
    with pytest.raises(Refused, match="保障到其有效期满"):
        determined(place.office, made)
