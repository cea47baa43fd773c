"""The page of a batch with many files: it shows the first of each part, tells how many there are, and leads
to the rest. Its balances are those of all entries, not of those shown.
"""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from payments.models import Batch
from payments.queries import batch_parts
from payments.services import bank_files
from tests.payments import builders

pytestmark = pytest.mark.django_db

N_FILES = 14


@pytest.fixture
def payer():
    return builders.town()


@pytest.fixture
def batch(payer, monkeypatch) -> Batch:
    """Fourteen files of one line, of which the first two are answered: 1 + 14 + 2 entries."""
    monkeypatch.setattr(bank_files, "LINES_A_FILE", 1)
    builders.benefits(payer, *["500.00"] * N_FILES)
    batch = builders.sent(payer).batch
    for file in batch.bank_files.order_by("sequence")[:2]:
        builders.answered(payer, file)
    return batch


def page(client: Client, name: str, batch: Batch, *more: object, query: str = "") -> str:
    response = client.get(reverse(f"payments:{name}", args=[batch.pk, *more]) + query)
    assert response.status_code == 200
    return response.text


def test_the_page_begins_with_the_files_that_wait_and_leads_to_all(payer, batch, browse):
    shown = page(browse(payer.clerk), "batch", batch)
    numbers = list(batch.bank_files.order_by("sequence").values_list("number", flat=True))
    there = [number for number in numbers if number in shown.split("<h2>明细</h2>")[0]]
    assert there == numbers[2 : 2 + batch_parts.SHOWN_FIRST]
    assert shown.count("查看全部") == 3

    everything = page(browse(payer.clerk), "batch_part", batch, "files")
    assert [number for number in numbers if number in everything] == numbers
    assert everything.index(numbers[-1]) < everything.index(numbers[0])


def test_the_balances_are_of_all_entries_though_few_are_shown(payer, batch, browse):
    shown = page(browse(payer.clerk), "batch", batch)
    # 7,000 sealed; all of it was sent, two files of 500 were paid.
    assert batch_parts.balances_of(batch) == [
        ("救助资金", -7000),
        ("应付救助金", 0),
        ("银行在途", 6000),
        ("已发放", 1000),
    ]
    assert "6,000.00" in shown


def test_entries_and_trace_go_on_page_by_page(payer, batch, browse, monkeypatch):
    monkeypatch.setattr(batch_parts, "SHOWN_A_PAGE", 10)
    client = browse(payer.clerk)
    first = page(client, "batch_part", batch, "entries")
    second = page(client, "batch_part", batch, "entries", query="?page=2")
    assert "余额" in first
    assert "余额" not in second
    assert 'rel="next"' in first
    assert 'rel="prev"' in second
    assert "编制" in page(client, "batch_part", batch, "events", query="?page=2")
    assert "编制" in page(client, "batch_part", batch, "events", query="?page=x&page=99")
    assert client.get(reverse("payments:batch_part", args=[batch.pk, "lines"])).status_code == 404


def test_many_files_cost_no_more_queries_than_one(payer, browse, django_assert_max_num_queries, monkeypatch):
    monkeypatch.setattr(bank_files, "LINES_A_FILE", 1)
    client = browse(payer.clerk)
    counts = []
    for months in range(2):
        if months:
            builders.benefits(payer, *["500.00"] * N_FILES)
        else:
            builders.benefits(payer, "500.00")
        batch = builders.sent(payer, month=(builders.MARCH, builders.APRIL)[months]).batch
        for file in batch.bank_files.all():
            builders.answered(payer, file)
        for address in (
            reverse("payments:batch", args=[batch.pk]),
            *(reverse("payments:batch_part", args=[batch.pk, name]) for name in batch_parts.PARTS),
        ):
            with django_assert_max_num_queries(40) as queries:
                assert client.get(address).status_code == 200
            counts.append(len(queries))
    assert counts[:4] == counts[4:]
