"""低边, 特困 and 临时救助 in money, and nobody under two programmes."""

import datetime as dt
from decimal import Decimal
from io import BytesIO

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from cases.enums import Programme
from cases.models import Member, Person
from common.errors import Refused
from payments import services
from payments.demo_bank import answer_to
from payments.models import Batch, Benefit, BenefitCover, Payment, Transfer
from payments.services.bank_files import read_bank_file
from tests.payments import builders
from tests.payments.builders import ACCOUNT, APRIL, CARE_ACCOUNT, MARCH

pytestmark = pytest.mark.django_db


@pytest.fixture
def payer(clock):
    return builders.town()


def prepare(payer, programme, month=MARCH):
    return services.prepare_month(area=payer.area, programme=programme, month=month, actor=payer.clerk)


def settle(payer, batch):
    services.check_batch(batch=batch, actor=payer.checker)
    services.seal_batch(batch=batch, actor=payer.clerk)
    file = services.make_bank_files(batch=batch, actor=payer.clerk)[0]
    day = dt.date(2026, 3, 2)
    services.import_answer(bank_file=file, upload=BytesIO(answer_to(file, paid_on=day)), actor=payer.clerk)
    batch.refresh_from_db()
    return file


def open_status(village, **values):
    return services.open_benefit(
        application=builders.application(village, programme=Programme.DIBIAN, account=None, **values),
        monthly=None,
        starts_on=MARCH,
        lines=[],
        rule_ids=[],
        reason="认定",
        decided_by=builders.decider(),
    )


def raw(sql, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def run_to_the_end(sql, *parameters):
    """Deferred constraints are looked at as well."""
    with transaction.atomic():
        raw(sql, *parameters)
        raw("SET CONSTRAINTS ALL IMMEDIATE")


def breaks(name, sql, *parameters):
    with pytest.raises(IntegrityError, match=name):
        run_to_the_end(sql, *parameters)


@pytest.mark.clause("DT-9.1")
def test_dibian_is_a_status_shown_but_never_paid(payer):
    status = open_status(payer.villages[0])
    assert (status.revisions.count(), status.starts_on) == (0, MARCH)
    breaks(
        "a status has no amount",
        "INSERT INTO payments_benefitrevision"
        " (benefit_id, monthly, valid_from, lines, rule_ids, reason, decided_by_id, created_at)"
        " VALUES (%s, 1, '2026-03-01', '[]', '[]', 'x', %s, now())",
        status.pk,
        payer.clerk.pk,
    )
    with pytest.raises(Refused):
        prepare(payer, "dibian")
    client = Client()
    client.force_login(payer.clerk)
    assert "低" in client.get(reverse("payments:benefits")).text
    assert "不发放保障金" in client.get(reverse("payments:benefit", args=[status.pk])).text


@pytest.mark.clause("DT-7.2")
@pytest.mark.clause("DT-7.3")
@pytest.mark.clause("SY-A2.5")
def test_tekun_is_paid_in_two_lines_to_two_accounts(payer):
    builders.tekun(payer.villages[0])
    batch = prepare(payer, "tekun")
    lines = {p.kind: p.amount for p in batch.payments.all()}
    assert lines == {"regular": Decimal("1410.50"), "care": Decimal("912.00")}
    assert (batch.n_payments, batch.total) == (2, Decimal("2322.50"))
    prepare(payer, "tekun")
    assert Payment.objects.count() == 2
    file = settle(payer, batch)
    to = {t.payment.kind: (t.payee_name, t.payee_account) for t in Transfer.objects.all()}
    assert to == {"regular": ("林小花", ACCOUNT), "care": ("王照料", CARE_ACCOUNT)}
    assert batch.state == "settled"
    text = read_bank_file(file, "csv").decode("gb18030")
    assert "照料护理" in text
    assert "费用承担,洞头区（DT-7.1）" in text


@pytest.mark.clause("DT-7.1")
def test_lingkun_bears_its_own_cost(payer):
    other = payer.places.other_township
    clerk = builders.person_with(builders.Post.TOWN_PAYMENTS, other)
    builders.tekun(payer.places.other_township_village)
    batch = services.prepare_month(area=other, programme="tekun", month=MARCH, actor=clerk)
    assert batch.bearer == "灵昆街道（DT-7.1）"


@pytest.mark.clause("SY-5.1")
def test_shangyu_pays_tekun_by_township(payer):
    town, county = payer.places.other_county_township, payer.places.other_county
    builders.tekun(payer.places.other_county_village)
    district = builders.person_with(builders.Post.DISTRICT_PAYMENTS, county)
    with pytest.raises(Refused, match="不由本级编制"):
        services.prepare_month(area=county, programme="tekun", month=MARCH, actor=district)
    clerk = builders.person_with(builders.Post.TOWN_PAYMENTS, town)
    batch = services.prepare_month(area=town, programme="tekun", month=MARCH, actor=clerk)
    assert (batch.n_payments, batch.due_on) == (2, dt.date(2026, 3, 10))


def test_care_that_came_late_is_paid_in_arrears(payer):
    builders.tekun(payer.villages[0])
    settle(payer, prepare(payer, "tekun"))
    builders.tekun(payer.villages[0], name="林迟")
    with builders.time_machine.travel(dt.datetime(2026, 4, 2, 1, tzinfo=dt.UTC), tick=False):
        batch = prepare(payer, "tekun", APRIL)
    assert sorted(batch.payments.values_list("month", "kind")) == sorted(
        [(MARCH, "care"), (MARCH, "regular")] + [(APRIL, "care"), (APRIL, "regular")] * 2
    )


def test_without_an_agreement_there_is_no_care_fee(payer):
    case = builders.application(payer.villages[0], programme=Programme.TEKUN)
    values = {"starts_on": MARCH, "lines": [], "rule_ids": [], "reason": "x"}
    with pytest.raises(Refused, match="供养服务协议"):
        services.open_benefit(
            application=case,
            monthly=Decimal("2000.00"),
            care_fee=Decimal("900.00"),
            decided_by=builders.decider(),
            **values,
        )


@pytest.mark.clause("DT-3.3")
@pytest.mark.clause("DT-8.4")
def test_instalments_are_due_after_three_working_days_and_on_their_dates(payer):
    decided = dt.datetime(2026, 2, 27, 2, tzinfo=dt.UTC)  # Friday; 28 February is a working Saturday
    days = (dt.date(2026, 3, 20), dt.date(2026, 4, 20))
    grant = builders.granted(payer.villages[0], "600.00", "400.00", days=days, decided_at=decided)
    first, second = grant.instalments.order_by("number")
    assert (first.due_on, second.due_on) == (dt.date(2026, 3, 3), days[1])
    with pytest.raises(Refused, match="起才能发放"):
        services.prepare_payout(instalments=[second.pk], actor=payer.clerk)
    batch = services.prepare_payout(instalments=[first.pk], actor=payer.clerk)
    assert (batch.programme, batch.run, batch.total, batch.due_on) == (
        "linshi",
        1,
        Decimal("600.00"),
        first.due_on,
    )
    with pytest.raises(Refused, match="已列入"):
        services.prepare_payout(instalments=[first.pk], actor=payer.other)
    file = settle(payer, batch)
    assert (batch.state, file.number) == ("settled", "330305001-LS-202603-01-01")
    again = builders.granted(payer.villages[1], "1.00")
    other = services.prepare_payout(instalments=[again.instalments.get().pk], actor=payer.clerk)
    assert other.run == 2


def test_an_instalment_taken_out_waits_again_and_the_empty_list_is_taken_up(payer):
    part = builders.granted(payer.villages[0], "600.00").instalments.get()
    batch = services.prepare_payout(instalments=[part.pk], actor=payer.clerk)
    services.take_out(payment=batch.payments.get(), actor=payer.clerk)
    assert services.prepare_payout(instalments=[part.pk], actor=payer.other).pk == batch.pk


def test_the_database_holds_grants_and_instalments(payer):
    grant = builders.granted(payer.villages[0], "600.00")
    part = grant.instalments.get()
    breaks(
        "do not sum",
        "INSERT INTO payments_instalment (grant_id, number, due_on, due_why, amount)"
        " VALUES (%s, 2, '2026-05-01', '[]', 1)",
        grant.pk,
    )
    breaks("append-only", "UPDATE payments_instalment SET amount = 1 WHERE id = %s", part.pk)
    breaks("a grant is kept", "UPDATE payments_grant SET amount = 1 WHERE id = %s", grant.pk)
    batch = services.prepare_payout(instalments=[part.pk], actor=payer.clerk)
    line = (
        "INSERT INTO payments_payment (batch_id, instalment_id, kind, month, amount)"
        " VALUES (%s, %s, %s, '2026-03-01', %s)"
    )
    breaks("instalment_paid_once", line, batch.pk, part.pk, "instalment", 600)
    breaks("to the fen", line, batch.pk, part.pk, "instalment", 599)
    breaks("payment_is_of_a_benefit_or_an_instalment", line, batch.pk, part.pk, "regular", 600)
    breaks("have_several_batches", "UPDATE payments_batch SET programme = 'dibao', run = 2")


def member(case):
    person = Person.objects.create(
        name="林小花", id_number="11010519491231002X", birth_date=dt.date(1980, 5, 1), sex="female"
    )
    Member.objects.create(household=case.household, person=person, programme=case.programme, relation="self")
    return person


def test_nobody_is_paid_under_two_exclusive_programmes(payer):
    values = {"lines": [], "rule_ids": [], "reason": "x", "decided_by": builders.decider()}
    case = builders.application(payer.villages[0])
    person = member(case)
    dibao = services.open_benefit(application=case, monthly=Decimal("585.00"), starts_on=MARCH, **values)
    assert list(dibao.covers.values_list("person", "starts_on")) == [(person.pk, MARCH)]
    status = builders.application(payer.villages[0], programme=Programme.DIBIAN)
    Member.objects.create(household=status.household, person=person, programme="dibian", relation="self")
    with pytest.raises(Refused, match="不能同时享受"):
        services.open_benefit(application=status, monthly=None, starts_on=MARCH, **values)
    other = open_status(payer.villages[0])
    cover = "INSERT INTO payments_benefitcover (benefit_id, person_id, starts_on) SELECT %s, %s, '2026-03-01'"
    breaks("nobody_in_two_exclusive_programmes", cover, other.pk, person.pk)
    Benefit.objects.filter(pk=dibao.pk).update(ends_on=MARCH)
    assert BenefitCover.objects.get().ends_on == MARCH
    breaks("as long as its benefit", "UPDATE payments_benefitcover SET ends_on = '2026-09-01'")
    services.open_benefit(application=status, monthly=None, starts_on=MARCH, **values)


def test_the_waiting_page_prepares_a_list_with_the_same_queries_for_many(
    payer, django_assert_max_num_queries
):
    client = Client()
    client.force_login(payer.clerk)
    url = reverse("payments:waiting")
    counts = []
    for wanted in (3, 30):
        for n in range(Batch.objects.count() + (0 if not counts else 3), wanted):
            builders.granted(payer.villages[0], "100.00", name=f"林{n}")
        with django_assert_max_num_queries(40) as queries:
            assert client.get(url).text.count('type="checkbox"') == wanted
        counts.append(len(queries))
    assert counts[0] == counts[1]
    keys = list(payments_waiting())
    client.post(reverse("payments:payout_prepare"), {"instalments": keys[:2]})
    batch = Batch.objects.get()
    assert batch.n_payments == 2
    assert "第 1 期" in client.get(reverse("payments:batch", args=[batch.pk])).text
    assert "请先勾选" in client.post(reverse("payments:payout_prepare"), {}, follow=True).text


def payments_waiting():
    from payments.services.payouts import not_listed

    return not_listed().order_by("pk").values_list("pk", flat=True)
