"""What the database refuses about renewals, by raw SQL past every service (LC-4.4b)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from approvals.rechecking.models import EconomicRecheck, Keeping
from approvals.settling.enums import Body
from approvals.settling.models import Renewal
from payments.models import Benefit
from payments.services import end_benefit
from tests.cases.builders import flag_rule
from tests.conftest import BEIJING
from tests.rechecking.builders import answered, appraised, asked, filed, renewed
from tests.settling import builders as settling
from tests.settling.test_database import copied, refused

RENEW = """
    INSERT INTO settling_renewal (settlement_id, number, valid_from, valid_until, by_id, at)
    VALUES (%s, %s, %s, %s, %s, %s)
"""
KEEP = """
    INSERT INTO rechecking_keeping (recheck_id, appraisal_id, renewal_id, outcome, valid_until, opinion,
                                    place, chair, by_id, at)
    SELECT %s, %s, n.id, %s, n.valid_until, attendance, '', '', %s, now()
      FROM settling_appraisal a LEFT JOIN settling_renewal n ON n.id = %s WHERE a.application_id = %s LIMIT 1
"""


@pytest.fixture
def january(clock):
    def move() -> None:
        clock.move_to(dt.datetime(2027, 1, 4, 9, tzinfo=BEIJING))

    return move


@pytest.mark.clause("LC-4.4b")
def test_terms_form_one_chain_without_gap_or_overlap(place, settlement, january) -> None:
    january()
    renewed(place, settlement)
    by, at = place.office.reviewer.pk, "2027-01-04 09:00+08"

    def term(number, begins, ends, because, written_at=at):
        refused(RENEW, [settlement.pk, number, begins, ends, by, written_at], because)

    for begins in ("2028-03-01", "2028-03-03"):
        term(2, begins, "2029-03-01", "does not follow the last term")
    term(3, "2028-03-02", "2029-03-01", "does not follow the last term")
    # Too late by an hour: the day is that of Beijing.
    term(2, "2028-03-02", "2029-03-01", "does not follow the last term", "2028-03-02 00:30+08")
    term(2, "2028-03-02", "2028-03-01", "renewal_ends_after_it_begins")
    first = Renewal.objects.get()
    refused("UPDATE settling_renewal SET valid_until = '2030-01-01' WHERE id = %s", [first.pk], "append-only")
    refused("DELETE FROM settling_renewal WHERE id = %s", [first.pk], "append-only")
    sql = "UPDATE settling_casebycase SET renewed_until = %s WHERE id = %s"
    for day in ("2030-01-01", None):
        refused(sql, [day, settlement.pk], "kept as it was begun")
    sql = "UPDATE settling_casebycase SET lapsed_on = %s WHERE id = %s"
    refused(sql, ["2027-03-02", settlement.pk], "settlement_lapses_after_its_validity")


@pytest.mark.clause("LC-4.4b")
def test_terms_do_not_overlap_even_without_the_chain(place, settlement, january) -> None:
    """The constraints alone, with the trigger of the chain off."""
    january()
    renewed(place, settlement)
    by = place.office.reviewer.pk
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE settling_renewal DISABLE TRIGGER USER")
    row = [settlement.pk, 2, "2028-03-01", "2029-03-01", by, "2027-01-04 09:00+08"]
    refused(RENEW, row, "renewals_do_not_overlap")
    refused(RENEW, [settlement.pk, 1, "2028-03-02", *row[3:]], "renewals_are_numbered")


@pytest.mark.clause("LC-4.4b")
def test_a_term_rests_on_a_determination_and_the_benefit_ends_with_it(place, settlement, january) -> None:
    january()
    by, at = place.office.reviewer.pk, "2027-01-04 09:00+08"

    def at_once(*, ends_on: str) -> None:
        """As at the end of a transaction."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(RENEW, [settlement.pk, 1, "2027-03-02", "2028-03-01", by, at])
            cursor.execute("UPDATE payments_benefit SET ends_on = %s", [ends_on])
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(IntegrityError, match="no determination behind it"):
        at_once(ends_on="2028-04-01")
    renewed(place, settlement)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.clause("LC-4.4b")
def test_nothing_is_asked_for_out_of_time_or_for_another_benefit(place, settlement, january) -> None:
    january()
    recheck, table = asked(place, settlement), "rechecking_economicrecheck"
    for recorded_at in ("2026-12-30 23:30+08", "2027-03-02 00:30+08"):
        copied(table, recheck, "no renewal can be asked for now", recorded_at=recorded_at)
    copied(table, recheck, "no renewal can be asked for now", renewal=2)
    copied(table, recheck, "recheck_for_a_renewal_is_whole", facts=None)
    copied(table, recheck, "recheck_for_a_renewal_is_whole", settlement_id=None)
    appraised(place.office, recheck, n_for=0, n_against=12, n_abstained=0)
    answered(place, recheck, "refused")
    copied(table, recheck, "no renewal can be asked for now")
    assert EconomicRecheck.objects.count() == 1


@pytest.mark.clause("LC-4.4b")
@pytest.mark.clause("SY-4.4a")
def test_nothing_is_kept_without_appraisal_filing_second_person_and_term(clock, db, january) -> None:
    place = settling.in_lucheng()
    flag_first(place)
    settlement = settling.referred(place)
    settling.appraise(place, settlement)
    application = settling.determine(place, settlement)
    settling.acknowledged(place, settlement, Body.DISTRICT)
    settling.approve(place, application)
    january()
    settlement.refresh_from_db()
    recheck, office = asked(place, settlement), place.office

    def write(appraisal, by, outcome, term) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            row = [settlement.pk, 1, "2027-03-02", "2028-03-01", by.pk, "2027-01-04 09:00+08"]
            cursor.execute(f"{RENEW} RETURNING id", row)
            made = cursor.fetchone()[0] if term else None
            cursor.execute(KEEP, [recheck.pk, appraisal, outcome, by.pk, made, application.pk])

    def keep(because, *, appraisal=None, by=office.reviewer, outcome="approved", term=True) -> None:
        with pytest.raises(IntegrityError, match=because):
            write(appraisal, by, outcome, term)

    behind = "no re-check, appraisal or second person behind it"
    keep(behind)
    won = appraised(office, recheck)
    keep(behind, appraisal=won.pk)
    filing = filed(place, recheck)
    keep(behind, appraisal=won.pk)
    settling.services.acknowledge(filing=filing, answer="同意。", actor=place.district)
    keep(behind, appraisal=won.pk, by=office.handler)
    keep(behind, appraisal=won.pk, term=False)
    keep(behind, appraisal=won.pk, outcome="refused")
    assert answered(place, recheck).renewal.number == 1
    copied("rechecking_keeping", Keeping.objects.get(), "keeping_meeting_is_whole", place="")


def flag_first(place) -> None:
    """鹿城 as if it filed first, so that everything that can be due is."""
    flag_rule(place.office.township, "filing.case_by_case.before_decision")


@pytest.mark.clause("LC-4.4b")
def test_a_benefit_that_was_ended_stays_ended(place, settlement) -> None:
    benefit = Benefit.objects.get()
    sql = "UPDATE payments_benefit SET ends_on = %s WHERE id = %s"
    refused(sql, [None, benefit.pk], "a benefit that was ended is not prolonged")
    end_benefit(benefit=benefit, ends_on=dt.date(2026, 9, 1), reason="自愿退出", source="change:1")
    refused(sql, ["2026-10-01", benefit.pk], "a benefit that was ended is not prolonged")
