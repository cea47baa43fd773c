"""Two at once: one effect. Where it is cheap, first without the guard, to show that the race is real."""

import threading
from collections.abc import Callable
from io import BytesIO

import pytest
from django.db import IntegrityError, connection, connections, transaction

from common.errors import Refused
from payments import services
from payments.demo_bank import answer_to
from payments.enums import BatchState
from payments.models import BankFile, Batch, Benefit, Entry, Payment, Transfer
from payments.services import batches
from tests.payments import builders
from tests.payments.builders import MARCH

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def payer(clock):
    payer = builders.town()
    builders.benefits(payer, "585.00", "1085.00", "0.01")
    return payer


def wait_until_somebody_waits() -> None:
    """Until another session stands before a lock of ours (or has not come in a while)."""
    with connection.cursor() as cursor:
        for _ in range(2000):
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            if cursor.fetchone()[0]:
                return
            cursor.execute("SELECT pg_sleep(0.005), pg_stat_clear_snapshot()")


def at_once(first: Callable[[], object], second: Callable[[], object]) -> list[object]:
    """Run `first`, keep its transaction open until `second` waits for it; what each returned or was refused
    with.
    """
    outcomes: list[object] = [None, None]
    done = threading.Event()

    def run(place: int, act: Callable[[], object]) -> None:
        try:
            outcomes[place] = act()
        except (Refused, IntegrityError) as error:
            outcomes[place] = error
        finally:
            done.set()
            connection.close()

    def hold() -> object:
        with transaction.atomic():
            found = first()
            done.set()
            wait_until_somebody_waits()
        return found

    def follow() -> object:
        done.wait(30)
        return second()

    threads = [threading.Thread(target=run, args=pair) for pair in ((0, hold), (1, follow))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    return outcomes


def prepare(payer, actor):
    return services.prepare_month(area=payer.area, programme="dibao", month=MARCH, actor=actor)


NAIVE = """
    INSERT INTO payments_payment (batch_id, benefit_id, revision_id, kind, month, amount)
    SELECT %s, r.benefit_id, r.id, 'regular', '2026-03-01', r.monthly FROM payments_benefitrevision r
    WHERE NOT EXISTS (SELECT FROM payments_payment p
                      WHERE p.benefit_id = r.benefit_id AND p.month = '2026-03-01')
"""


def test_without_the_constraint_two_that_look_first_both_pay(payer):
    """The negative control: looking before inserting is not enough, even in one statement."""
    batch = prepare(payer, payer.clerk)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM payments_payment")
        cursor.execute("DROP INDEX one_payment_a_month")
    other = connections.create_connection("default")
    try:
        with transaction.atomic(), connection.cursor() as mine, other.cursor() as theirs:
            mine.execute(NAIVE, [batch.pk])
            theirs.execute(NAIVE, [batch.pk])
        assert Payment.objects.count() == 6
    finally:
        other.close()
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM payments_payment")
            cursor.execute(
                "CREATE UNIQUE INDEX one_payment_a_month ON payments_payment (month, kind, benefit_id)"
                " WHERE kind <> 'correction'"
            )


def test_two_prepare_at_once(payer):
    first, second = at_once(lambda: prepare(payer, payer.clerk), lambda: prepare(payer, payer.other))
    assert first.pk == second.pk
    assert Batch.objects.get().n_payments == 3
    assert Payment.objects.count() == 3


def test_the_list_is_prepared_while_the_monthly_job_prepares_it(payer):
    outcomes = at_once(lambda: prepare(payer, None), lambda: prepare(payer, payer.clerk))
    assert all(isinstance(outcome, Batch) for outcome in outcomes)
    assert Payment.objects.count() == 3


def test_two_seal_at_once(payer):
    batch = builders.checked(payer)
    first, second = at_once(
        lambda: services.seal_batch(batch=batch, actor=payer.clerk),
        lambda: services.seal_batch(batch=batch, actor=payer.checker),
    )
    assert first.state == BatchState.SEALED
    assert "已封账" in str(second)
    assert Entry.objects.count() == 1


def test_without_the_lock_the_database_still_seals_once(payer, monkeypatch):
    """The negative control: both find the batch checked, and the second breaks on the ledger's constraint."""
    batch = builders.checked(payer)
    monkeypatch.setattr(batches, "lock_batch", lambda pk: Batch.objects.select_related("area").get(pk=pk))
    first, second = at_once(
        lambda: services.seal_batch(batch=batch, actor=payer.clerk),
        lambda: services.seal_batch(batch=batch, actor=payer.checker),
    )
    assert first.state == BatchState.SEALED
    assert isinstance(second, IntegrityError)
    assert Entry.objects.count() == 1


def test_two_make_the_bank_file_at_once(payer):
    batch = builders.sealed(payer)
    first, second = at_once(
        lambda: services.make_bank_files(batch=batch, actor=payer.clerk),
        lambda: services.make_bank_files(batch=batch, actor=payer.other),
    )
    assert len(first) == 1
    assert "已报送银行" in str(second)
    assert (BankFile.objects.count(), Transfer.objects.count()) == (1, 3)


def test_two_pay_the_failed_ones_again_at_once(payer):
    file = builders.sent(payer)
    builders.answered(payer, file, {1: "账户销户"})
    first, second = at_once(
        lambda: services.retry_failed(batch=file.batch, actor=payer.clerk),
        lambda: services.retry_failed(batch=file.batch, actor=payer.other),
    )
    assert len(first) == 1
    assert "没有需要报送" in str(second)
    assert Transfer.objects.count() == 4


def test_two_import_the_same_answer_at_once(payer):
    file = builders.sent(payer)
    content = answer_to(file, paid_on=builders.timezone.localdate())

    def act(actor):
        return services.import_answer(bank_file=file, upload=BytesIO(content), actor=actor)

    first, second = at_once(lambda: act(payer.clerk), lambda: act(payer.other))
    assert first.pk == second.pk
    assert file.answers.get().n_paid == 3
    assert Entry.objects.filter(kind="answered").count() == 1


def test_a_line_that_slips_in_while_the_batch_is_sealed_waits_and_is_refused(payer):
    batch = builders.checked(payer)
    late = builders.benefit(payer.villages[0])

    def slip_in() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                INSERT INTO payments_payment (batch_id, benefit_id, revision_id, kind, month, amount)
                SELECT %s, benefit_id, id, 'regular', '2026-03-01', monthly
                FROM payments_benefitrevision WHERE benefit_id = %s
                """,
                [batch.pk, late.pk],
            )

    first, second = at_once(lambda: services.seal_batch(batch=batch, actor=payer.clerk), slip_in)
    assert first.n_payments == 3
    assert "takes no further payment" in str(second)
    assert Payment.objects.count() == 3


@pytest.mark.clause("JZ-12.2")
def test_a_stop_under_way_while_the_month_is_prepared_is_found_before_the_money_leaves(payer):
    """The list was read before the stop was there; the second person's check finds it."""
    benefit = Benefit.objects.get(revisions__monthly="585.00")

    def stop() -> Benefit:
        return services.end_benefit(benefit=benefit, ends_on=MARCH, reason="死亡", source="test")

    _, batch = at_once(stop, lambda: prepare(payer, payer.clerk))
    assert batch.n_payments == 3
    with pytest.raises(Refused, match="应减或变更 1 笔"):
        services.check_batch(batch=batch, actor=payer.checker)
    assert prepare(payer, payer.clerk).n_payments == 2
    assert not Payment.objects.filter(benefit=benefit).exists()
