"""Jobs on money: each harmless when it runs twice, late or not at all for a day."""

import datetime as dt

import pytest

from payments import services, tasks
from payments.models import BankFile, Batch, Payment
from payments.queries import months_to_prepare, tasks_for
from payments.services import bank_files
from payments.services.bank_files import read_bank_file
from tests.payments import builders
from tests.payments.builders import APRIL, MARCH

pytestmark = pytest.mark.django_db


@pytest.fixture
def payer(clock):
    payer = builders.town()
    builders.benefits(payer, "585.00", "1085.00", "0.01")
    return payer


@pytest.mark.clause("DT-8.2")
def test_the_monthly_job_prepares_every_payer_once(payer):
    builders.benefit(payer.places.other_township_village)
    builders.benefit(payer.places.other_county_village)
    for _ in range(3):
        tasks.prepare_due_months()
    batches = Batch.objects.order_by("area__code").values_list("area__name", "n_payments", "prepared_by")
    assert list(batches) == [("北岙街道", 3, None), ("灵昆街道", 1, None), ("上虞区", 1, None)]
    assert Payment.objects.count() == 5


def test_a_job_that_did_not_run_for_months_makes_up_for_them(payer, clock):
    tasks.prepare_due_months()
    clock.move_to(dt.datetime(2026, 5, 20, 9, tzinfo=dt.UTC))
    tasks.prepare_due_months()
    months = Batch.objects.order_by("month").values_list("month", flat=True)
    assert list(months) == [MARCH, APRIL, dt.date(2026, 5, 1)]


def test_what_lies_before_the_first_batch_was_paid_elsewhere(payer, clock):
    clock.move_to(dt.datetime(2026, 6, 2, 9, tzinfo=dt.UTC))
    months = [month for area, month in months_to_prepare("dibao", dt.date(2026, 6, 2))]
    assert months == [dt.date(2026, 6, 1)]


def test_one_payer_that_is_refused_does_not_stop_the_others(payer, monkeypatch):
    builders.benefit(payer.places.other_township_village)
    original = services.prepare_month

    def refuse_the_first(*, area, **values):
        if area == payer.area:
            raise services.batches.Refused("不行")
        return original(area=area, **values)

    monkeypatch.setattr(services, "prepare_month", refuse_the_first)
    tasks.prepare_due_months()
    assert list(Batch.objects.values_list("area__name", flat=True)) == ["灵昆街道"]


@pytest.fixture
def large(payer, monkeypatch, django_capture_on_commit_callbacks):
    """A batch that goes to the worker; its messages are lost."""
    monkeypatch.setattr(bank_files, "LINES_AT_ONCE", 1)
    monkeypatch.setattr(bank_files, "LINES_A_FILE", 2)
    batch = builders.sealed(payer)
    with django_capture_on_commit_callbacks() as callbacks:
        services.make_bank_files(batch=batch, actor=payer.clerk)
    assert len(callbacks) == 2
    return batch


def test_a_large_batch_is_written_by_the_worker(payer, large):
    assert [file.written_at for file in large.bank_files.all()] == [None, None]
    assert [todo.stage for todo in tasks_for(payer.clerk)] == ["代发文件正在生成"]
    for file in large.bank_files.all():
        tasks.write_bank_file_task(file.pk)
        tasks.write_bank_file_task(file.pk)
    assert all(read_bank_file(file, "csv") for file in large.bank_files.all())
    assert [todo.stage for todo in tasks_for(payer.clerk)] == ["待银行回盘"]


def test_the_sweeper_finds_files_whose_message_was_lost(payer, large, clock, monkeypatch):
    queued = []
    monkeypatch.setattr(tasks.write_bank_file_task, "delay", queued.append)
    tasks.sweep_batches()
    assert queued == []
    clock.shift(dt.timedelta(minutes=3))
    tasks.sweep_batches()
    assert queued == list(large.bank_files.order_by("pk").values_list("pk", flat=True))


def test_progress_is_a_fragment_for_htmx_and_the_page_for_others(payer, large, client):
    client.force_login(payer.clerk)
    url = f"/payments/batches/{large.pk}/progress"
    assert client.get(url).status_code == 302
    page = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "0 / 2" in page
    services.write_bank_file(bank_file=large.bank_files.first())
    assert "1 / 2" in client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "1 / 2" in client.get(f"/payments/batches/{large.pk}/").content.decode()


def test_a_task_for_a_file_that_is_not_there_does_nothing(db):
    tasks.write_bank_file_task(12345)
    assert not BankFile.objects.exists()
