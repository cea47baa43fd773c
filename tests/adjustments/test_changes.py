"""A standard is published: drafts by hand, two people, revisions, and the months already sealed."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from approvals.adjustments import services
from approvals.adjustments.enums import ItemKind
from approvals.adjustments.models import AdjustmentItem
from common.errors import Refused
from organisations.enums import Post
from organisations.services import appoint
from payments.models import BenefitRevision, Entry, Payment, Transfer
from tests.adjustments.builders import (
    FEBRUARY,
    JANUARY,
    MARCH,
    carried_out,
    changed,
    drafted,
    ground,
    receiving,
    sealed_months,
    standard,
)
from tests.payments import builders as money

pytestmark = pytest.mark.django_db
APRIL = dt.date(2026, 4, 1)


@pytest.fixture
def here(clock):
    return ground()


def corrections():
    return [
        (p.benefit_id, p.month, p.amount)
        for p in Payment.objects.filter(kind="correction").order_by("benefit_id", "month", "pk")
    ]


def test_a_standard_rises_two_months_late(here):
    """1085.00 → 1135.00 from January, published on 2 March, January and February sealed.

    One person with 500.00 of wages: 585.00 → 635.00, +50.00. Two people with 300.00 between them:
    2 × 1085 − 300 = 1870.00 → 1970.00, +100.00. One who is paid 635.00 already: nothing. Wages of 1200.00:
    not below the line, for people. Nobody registered in the household: for people.
    """
    one, two = receiving(here, "585.00", "500.00"), receiving(here, "1870.00", "300.00", "")
    equal, over = receiving(here, "635.00", "500.00"), receiving(here, "100.00", "1200.00")
    blank = money.benefit(
        here.payer.villages[0],
        "50.00",
        number="OLD-1",
        starts_on=JANUARY,
        decided_at=dt.datetime(2025, 12, 9, tzinfo=dt.UTC),
    )
    sealed_months(here, JANUARY, FEBRUARY)
    run = changed(here, standard(here, "1135.00", JANUARY))
    items = {i.benefit_id: i for i in run.items.all()}
    assert (run.n_total, run.n_done, run.n_equal) == (5, 5, 1)
    assert equal.pk not in items
    drafts = {pk: (i.was, i.amount, i.difference) for pk, i in items.items() if i.kind == ItemKind.CHANGE}
    assert drafts == {
        one.pk: (Decimal("585.00"), Decimal("635.00"), Decimal("50.00")),
        two.pk: (Decimal("1870.00"), Decimal("1970.00"), Decimal("100.00")),
    }
    assert "由 1085.00 调整为 1135.00" in items[one.pk].reason
    assert items[one.pk].lines[-1]["amount"] == "635.00"
    assert items[over.pk].kind == items[blank.pk].kind == ItemKind.MANUAL
    assert "人均月收入" in items[over.pk].reason
    assert "成员" in items[blank.pk].reason

    proposal = carried_out(here, run)
    assert (proposal.n_items, proposal.difference, proposal.n_applied) == (2, Decimal("150.00"), 2)
    old, new = one.revisions.order_by("pk")
    assert (old.valid_to, new.valid_from, new.monthly, new.valid_to) == (
        JANUARY,
        JANUARY,
        Decimal("635.00"),
        None,
    )
    assert new.decided_by == here.approver
    assert over.revisions.count() == blank.revisions.count() == equal.revisions.count() == 1

    batch = money.prepared(here.payer, MARCH)
    assert corrections() == [
        (one.pk, JANUARY, Decimal("50.00")),
        (one.pk, FEBRUARY, Decimal("50.00")),
        (two.pk, JANUARY, Decimal("100.00")),
        (two.pk, FEBRUARY, Decimal("100.00")),
    ]
    # 635 + 1970 + 635 + 100 + 50 for March, and 300 of differences.
    assert batch.total == Decimal("3690.00")
    # Again, and in April: each difference is paid once.
    assert money.prepared(here.payer, MARCH).prepared_at == batch.prepared_at
    money.sealed(here.payer, MARCH)
    assert len(corrections()) == 4


def test_differences_go_to_the_bank_and_the_books_balance(here, clock):
    benefit = receiving(here, "585.00", "500.00")
    sealed_months(here, JANUARY, FEBRUARY)
    carried_out(here, changed(here, standard(here, "1135.00", JANUARY)))
    file = money.sent(here.payer, MARCH)
    assert [t.amount for t in file.transfers.order_by("pk")] == [
        Decimal(a) for a in ("50.00", "50.00", "635.00")
    ]
    money.answered(here.payer, file)
    file.batch.refresh_from_db()
    assert file.batch.state == "settled"
    clock.move_to(dt.datetime(2026, 4, 1, 9, tzinfo=dt.UTC))
    money.prepared(here.payer, APRIL)
    assert len(corrections()) == 2
    assert Payment.objects.filter(benefit=benefit).count() == 6


def test_a_standard_falls_and_the_money_comes_off_the_month_at_most_half(here, clock):
    """1085.00 → 1000.00 from January: 585.00 → 500.00 takes back 85.00 twice from March's 500.00.

    From 135.00 → 50.00 the same 85.00 twice: March's 50.00 bears 25.00, April's another 25.00 …
    """
    rich, poor = receiving(here, "585.00", "500.00"), receiving(here, "135.00", "950.00")
    sealed_months(here, JANUARY, FEBRUARY)
    carried_out(here, changed(here, standard(here, "1000.00", JANUARY)))
    file = money.sent(here.payer, MARCH)
    assert corrections() == [
        (rich.pk, JANUARY, Decimal("-85.00")),
        (rich.pk, FEBRUARY, Decimal("-85.00")),
        (poor.pk, JANUARY, Decimal("-25.00")),
    ]
    assert {t.payment.benefit_id: t.amount for t in Transfer.objects.select_related("payment")} == {
        rich.pk: Decimal("330.00"),
        poor.pk: Decimal("25.00"),
    }
    assert file.total == file.batch.total == Decimal("355.00")
    money.answered(here.payer, file)
    clock.move_to(dt.datetime(2026, 4, 1, 9, tzinfo=dt.UTC))
    money.prepared(here.payer, APRIL)
    # The chain of January goes on: 60.00 are still open, of which April bears 25.00.
    assert corrections()[2:] == [(poor.pk, JANUARY, Decimal("-25.00")), (poor.pk, JANUARY, Decimal("-25.00"))]


def test_a_second_change_of_the_same_months_pays_only_what_is_new(here, clock):
    benefit = receiving(here, "585.00", "500.00")
    sealed_months(here, JANUARY, FEBRUARY)
    carried_out(here, changed(here, standard(here, "1135.00", JANUARY)))
    money.sealed(here.payer, MARCH)
    clock.move_to(dt.datetime(2026, 4, 1, 9, tzinfo=dt.UTC))
    carried_out(here, changed(here, standard(here, "1150.00", FEBRUARY)))
    money.prepared(here.payer, APRIL)
    assert corrections() == [
        (benefit.pk, JANUARY, Decimal("50.00")),
        (benefit.pk, FEBRUARY, Decimal("50.00")),
        (benefit.pk, FEBRUARY, Decimal("15.00")),
        (benefit.pk, MARCH, Decimal("15.00")),
    ]


def test_working_twice_changes_nothing(here):
    receiving(here, "585.00", "500.00")
    run = changed(here, standard(here, "1135.00", JANUARY))
    before = list(run.items.values())
    services.work_on_adjustment(run.pk)
    run.refresh_from_db()
    assert (run.n_done, list(run.items.values())) == (1, before)


def test_what_was_changed_meanwhile_goes_to_people(here):
    benefit = receiving(here, "585.00", "500.00")
    run = changed(here, standard(here, "1135.00", JANUARY))
    proposal = services.propose(run=run, township=here.town, actor=here.reviewer)
    BenefitRevision.objects.filter(benefit=benefit).update(valid_to=FEBRUARY)
    done = services.confirm(proposal=proposal, actor=here.approver)
    assert done.n_applied == 0
    assert AdjustmentItem.objects.get().kind == ItemKind.MANUAL
    assert benefit.revisions.count() == 1


def test_two_people(here):
    receiving(here, "585.00", "500.00")
    run = changed(here, standard(here, "1135.00", JANUARY))
    with pytest.raises(Refused, match="审核岗提出"):
        services.propose(run=run, township=here.town, actor=here.approver)
    proposal = services.propose(run=run, township=here.town, actor=here.reviewer)
    with pytest.raises(Refused, match="已经提出"):
        services.propose(run=run, township=here.town, actor=here.reviewer)
    appoint(
        user=here.reviewer, post=Post.APPROVER, area=here.town, valid_from=dt.date(2020, 1, 1), actor=None
    )
    here.reviewer.__dict__.pop("_scope", None)
    with pytest.raises(Refused, match="本人"):
        services.confirm(proposal=proposal, actor=here.reviewer)
    with pytest.raises(Refused, match="合计"):
        services.confirm(proposal=proposal, actor=here.approver, n_seen=1, seen=Decimal("49.00"))
    services.confirm(proposal=proposal, actor=here.approver, n_seen=1, seen=Decimal("50.00"))
    with pytest.raises(Refused, match="已确认"):
        services.confirm(proposal=proposal, actor=here.approver)


def refused_by_sql(match, sql, *values):
    with pytest.raises(IntegrityError, match=match), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_the_database_refuses_one_person_and_a_second_confirmation(here):
    receiving(here, "585.00", "500.00")
    run = changed(here, standard(here, "1135.00", JANUARY))
    services.propose(run=run, township=here.town, actor=here.reviewer)
    alone = (
        "UPDATE adjustments_adjustmentproposal"
        " SET confirmed_by_id = proposed_by_id, confirmed_at = now(), n_applied = 1"
    )
    refused_by_sql("adjustment_confirmed_by_another_person", alone)
    services.confirm(proposal=run.proposals.get(), actor=here.approver)
    refused_by_sql("confirmed once", "UPDATE adjustments_adjustmentproposal SET confirmed_by_id = NULL")
    refused_by_sql("confirmed once", "DELETE FROM adjustments_adjustmentproposal")


def test_the_database_corrects_a_line_once_and_only_a_sealed_one(here):
    one, other = receiving(here, "585.00", "500.00"), receiving(here, "585.00", "500.00")
    sealed_months(here, JANUARY)
    carried_out(here, changed(here, standard(here, "1135.00", JANUARY)))
    batch = money.prepared(here.payer, MARCH)
    insert = (
        "INSERT INTO payments_payment (batch_id, benefit_id, revision_id, kind, month, amount, reverses_id)"
        " SELECT %s, benefit_id, revision_id, 'correction', month, 50, id FROM payments_payment WHERE id = %s"
    )
    first = Payment.objects.get(benefit=one, month=JANUARY, kind="regular")
    refused_by_sql("payment_corrected_once", insert, batch.pk, first.pk)
    refused_by_sql("sealed line", insert, batch.pk, Payment.objects.get(benefit=one, month=MARCH).pk)
    foreign = insert.replace("SELECT %s, benefit_id", f"SELECT %s, {other.pk}")
    refused_by_sql("sealed line", foreign, batch.pk, first.pk)


@pytest.mark.parametrize("case", ["draft", "other key", "other person", "nobody"])
def test_what_cannot_be_started(here, case):
    if case != "nobody":
        receiving(here, "585.00", "500.00")
    rule = drafted(here, "1135.00", JANUARY)
    actor = here.publisher
    match = {"draft": "尚未发布", "other key": "不影响", "other person": "发布岗", "nobody": "没有在册"}[case]
    if case in {"other person", "nobody"}:
        rule = standard(here, "1140.00", FEBRUARY)
        actor = here.writer if case == "other person" else actor
    if case == "other key":
        rule = type(rule).objects.published().filter(key__startswith="materials.").first()
    with pytest.raises(Refused, match=match):
        services.start_adjustment(area=here.town, programme="dibao", rule=rule, actor=actor)


def test_entries_sum_to_zero(here):
    receiving(here, "585.00", "500.00")
    sealed_months(here, JANUARY)
    carried_out(here, changed(here, standard(here, "1000.00", JANUARY)))
    money.sent(here.payer, MARCH)
    assert all(sum(leg.amount for leg in entry.legs.all()) == 0 for entry in Entry.objects.all())
