"""The pages of recoveries ask as much of the database for 30 households as for 3, and say what is open."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from approvals.recovering.enums import RecoveryState as State
from tests.changing.test_queries import asked
from tests.recovering.builders import Desk


def drafts(desk: Desk, n: int) -> None:
    for grant in desk.granted(n):
        desk.drafted(grant)


def test_list_export_and_workbench(desk: Desk) -> None:
    handler = desk.office.handler
    addresses = [f"{reverse('recovering:list')}?state=all", reverse("recovering:export"), "/"]
    drafts(desk, 3)
    few = [asked(handler, address) for address in addresses]
    drafts(desk, 27)
    assert [asked(handler, address) for address in addresses] == few


def test_one_recovery_with_much_that_came_back(desk: Desk) -> None:
    recovery = desk.recovery_in(State.REPAYING, way="instalments", n_parts=3)
    address = reverse("recovering:recovery", args=[recovery.pk])
    desk.back(recovery, "1.00", "PJ-0")
    few = asked(desk.office.handler, address)
    for number in range(1, 10):
        desk.back(recovery, "1.00", f"PJ-{number}")
    assert asked(desk.office.handler, address) == few


def test_the_statement_and_the_ledger_say_what_is_open(desk: Desk) -> None:
    recovery = desk.recovery_in(State.REPAYING)
    desk.back(recovery, "80.00", "PJ-1")
    client = Client()
    client.force_login(desk.office.handler)
    page = client.get(reverse("recovering:list")).content.decode()
    for amount in ("200.00", "80.00", "120.00"):
        assert amount in page
    sheet = client.get(reverse("recovering:export"))
    assert sheet["Content-Type"].startswith("application/vnd.openxmlformats")
