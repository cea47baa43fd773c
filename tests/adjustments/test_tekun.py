"""Standards of 特困 and the minimum wage change: allowance to the person, care fee to whoever gives care."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from approvals.adjustments.enums import ItemKind
from organisations.enums import Post
from payments.models import Payment, Transfer
from payments.services.bank_files import read_bank_file
from payments.services.corrections import Corrections, difference
from supervision.hints import CaseFile, paid_as_approved
from tests.adjustments.builders import (
    FEBRUARY,
    JANUARY,
    MARCH,
    carried_out,
    changed,
    ground,
    provided_for,
    sealed_months,
    standard,
)
from tests.cases.builders import person_with
from tests.payments import builders as money

pytestmark = pytest.mark.django_db
APRIL = dt.date(2026, 4, 1)
PERSON, CARE = "6222020000000000008", money.CARE_ACCOUNT


@pytest.fixture
def here(clock):
    made = ground()
    standard(made, "1410.50", dt.date(2020, 1, 1), key="standard.tekun")
    standard(made, "2490.00", dt.date(2020, 1, 1), key="min_wage")
    return made


def drafts_of(run):
    return {
        item.benefit_id: tuple(str(a) for a in (item.was, item.care_was, item.amount, item.care_fee))
        for item in run.items.filter(kind=ItemKind.CHANGE)
    }


def corrections(benefit):
    lines = Payment.objects.filter(benefit=benefit, reverses__isnull=False).order_by("month", "kind")
    return [(line.kind, line.month, str(line.amount)) for line in lines]


@pytest.mark.clause("DT-7.1")
@pytest.mark.clause("DT-7.2")
@pytest.mark.clause("DT-7.3")
def test_both_standards_rise_and_each_part_is_made_up_to_its_own_payee(here):
    """1410.50 → 1475.50 (+65.00) and minimum wage 2490 → 2660 from January; January and February are sealed.

    Institution, total loss: care 2490 × 80 % = 1992.00 → 2660 × 80 % = 2128.00, +136.00.
    Institution, mild: 2490 × 20 % = 498.00 → 532.00, +34.00.
    At home, moderate: 2490 × 40 % × 50 % = 498.00 → 532.00, +34.00.
    At home, independent: 2490 × 10 % × 50 % = 124.50 → 133.00, +8.50.
    Pocket money in an institution: 10 % of 1475.50 = 147.55, out of the allowance.
    """
    total = provided_for(here, "3402.50", "1992.00", placement="institution", failed=6)
    mild = provided_for(here, "1908.50", "498.00", placement="institution", failed=2)
    moderate = provided_for(here, "1908.50", "498.00", placement="home", failed=3)
    alone = provided_for(here, "1535.00", "124.50", placement="home", failed=0)
    sealed_months(here, JANUARY, FEBRUARY, programme="tekun")
    standard(here, "2660.00", JANUARY, key="min_wage")
    run = changed(here, standard(here, "1475.50", JANUARY, key="standard.tekun"), "tekun")
    assert drafts_of(run) == {
        total.pk: ("3402.50", "1992.00", "3603.50", "2128.00"),
        mild.pk: ("1908.50", "498.00", "2007.50", "532.00"),
        moderate.pk: ("1908.50", "498.00", "2007.50", "532.00"),
        alone.pk: ("1535.00", "124.50", "1608.50", "133.00"),
    }
    lines = {line["code"]: line["amount"] for line in run.items.get(benefit=total).lines}
    assert (lines["pocket_money"], lines["care_fee"]) == ("147.55", "2128.00")
    assert "pocket_money" not in {line["code"] for line in run.items.get(benefit=moderate).lines}

    proposal = carried_out(here, run)
    assert (proposal.n_applied, str(proposal.difference)) == (4, "472.50")
    new = total.revisions.get(valid_to=None)
    assert (str(new.monthly), str(new.care_fee), str(new.basic)) == ("3603.50", "2128.00", "1475.50")

    file = money.sent(here.payer, MARCH, "tekun")
    assert corrections(total) == [
        ("care_fix", JANUARY, "136.00"),
        ("correction", JANUARY, "65.00"),
        ("care_fix", FEBRUARY, "136.00"),
        ("correction", FEBRUARY, "65.00"),
    ]
    assert corrections(alone)[:2] == [("care_fix", JANUARY, "8.50"), ("correction", JANUARY, "65.00")]
    # March: 3603.50 + 2007.50 × 2 + 1608.50; January and February: 472.50 each.
    assert str(file.batch.total) == "10172.00"
    paid = {
        (t.payment.kind, t.payment.month, str(t.amount), t.payee_name, t.payee_account)
        for t in Transfer.objects.filter(payment__benefit=total, bank_file=file).select_related("payment")
    }
    assert paid == {
        ("regular", MARCH, "1475.50", total.head_name, PERSON),
        ("care", MARCH, "2128.00", "王照料", CARE),
        ("correction", JANUARY, "65.00", total.head_name, PERSON),
        ("correction", FEBRUARY, "65.00", total.head_name, PERSON),
        ("care_fix", JANUARY, "136.00", "王照料", CARE),
        ("care_fix", FEBRUARY, "136.00", "王照料", CARE),
    }
    # Each care line says so to the bank: one of March and two made up, for each of the four.
    assert read_bank_file(file, "csv").decode("gb18030").count("照料护理") == 12
    money.answered(here.payer, file)
    file.batch.refresh_from_db()
    assert file.batch.state == "settled"
    # Who samples the case is told that it was paid as decided: the care fee is no short payment.
    assert "均与批准一致" in paid_as_approved(CaseFile(total.application)).text


@pytest.mark.clause("DT-7.3")
def test_a_lower_care_fee_comes_off_the_care_line_and_off_nothing_of_the_person(here, clock):
    """Minimum wage 2490 → 1000 from January: at home, moderate, 498.00 → 200.00, 298.00 too much twice.

    March's care line of 200.00 bears half, 100.00, of January; April's another 100.00; of the person nothing.
    """
    benefit = provided_for(here, "1908.50", "498.00", placement="home", failed=3)
    sealed_months(here, JANUARY, FEBRUARY, programme="tekun")
    run = changed(here, standard(here, "1000.00", JANUARY, key="min_wage"), "tekun")
    assert drafts_of(run) == {benefit.pk: ("1908.50", "498.00", "1610.50", "200.00")}
    carried_out(here, run)
    file = money.sent(here.payer, MARCH, "tekun")
    assert corrections(benefit) == [("care_fix", JANUARY, "-100.00")]
    sent = {t.payment.kind: str(t.amount) for t in file.transfers.select_related("payment")}
    assert sent == {"regular": "1410.50", "care": "100.00"}
    money.answered(here.payer, file)
    clock.move_to(dt.datetime(2026, 4, 1, 9, tzinfo=dt.UTC))
    april = money.prepared(here.payer, APRIL, "tekun")
    assert difference(april) == Corrections(missing=0, stale=0)
    assert corrections(benefit) == [("care_fix", JANUARY, "-100.00")] * 2


def test_a_care_fee_without_its_payee_is_left_to_people(here):
    """No agreement, so no care fee until now: 2490 × 40 % × 50 % would have nobody to go to."""
    benefit = provided_for(here, "1410.50", "0.00", placement="home", failed=3, agreed=False)
    run = changed(here, standard(here, "1475.50", JANUARY, key="standard.tekun"), "tekun")
    item = run.items.get(benefit=benefit)
    assert item.kind == ItemKind.MANUAL
    assert "供养服务协议" in item.reason


@pytest.mark.clause("SY-A2.5")
@pytest.mark.clause("SY-2.1")
def test_shangyu_by_its_own_grades(clock):
    """2137.00 → 2250.00 (+113.00); care by the minimum wage of 绍兴, 2260, unchanged.

    Institution, two things (partial, 25 %): 565.00. At home, five things (total, 50 % × 50 %): 565.00.
    """
    places = money.town().places
    town = places.other_county_township
    clerk, other = (person_with(Post.TOWN_PAYMENTS, town) for _ in range(2))
    checker = person_with(Post.APPROVER, town)
    here = ground(money.Payer(places, town, (places.other_county_village,), clerk, other, checker))
    partial = provided_for(here, "2702.00", "565.00", placement="institution", failed=2)
    home = provided_for(here, "2702.00", "565.00", placement="home", failed=5)
    sealed_months(here, JANUARY, FEBRUARY, programme="tekun")
    run = changed(here, standard(here, "2250.00", JANUARY, key="standard.tekun"), "tekun")
    same = ("2702.00", "565.00", "2815.00", "565.00")
    assert drafts_of(run) == {partial.pk: same, home.pk: same}
    carried_out(here, run)
    money.sent(here.payer, MARCH, "tekun")
    made_up = [("correction", JANUARY, "113.00"), ("correction", FEBRUARY, "113.00")]
    assert corrections(partial) == corrections(home) == made_up


def refused_by_sql(match, sql, *values):
    with pytest.raises(IntegrityError, match=match), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.mark.clause("DT-7.3")
def test_the_database_keeps_the_two_parts_apart(here):
    """A care line is corrected as care only, the allowance as allowance only; so nobody gets the other's."""
    benefit = provided_for(here, "1908.50", "498.00", placement="home", failed=3)
    sealed_months(here, JANUARY, programme="tekun")
    batch = money.prepared(here.payer, MARCH, "tekun")
    insert = (
        "INSERT INTO payments_payment (batch_id, benefit_id, revision_id, kind, month, amount, reverses_id)"
        " SELECT %s, benefit_id, revision_id, %s, month, 5, id FROM payments_payment WHERE id = %s"
    )
    care, basic = (
        Payment.objects.get(benefit=benefit, month=JANUARY, kind=kind) for kind in ("care", "regular")
    )
    refused_by_sql("sealed line", insert, batch.pk, "correction", care.pk)
    refused_by_sql("sealed line", insert, batch.pk, "care_fix", basic.pk)
    without = insert.replace("5, id", "5, NULL")
    refused_by_sql("sealed line", without, batch.pk, "care_fix", care.pk)
    negative = insert.replace("month, 5, id", "month, -5, NULL")
    refused_by_sql("regular_payment_is_positive", negative, batch.pk, "care", care.pk)
