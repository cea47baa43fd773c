"""The lists of changes ask as much of the database for 30 households as for 3."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.changing.enums import ChangeState as State
from organisations.models import Area, User
from tests.changing.builders import Desk, entry
from tests.payments import builders as money


def asked(user: User, address: str) -> int:
    """How many queries a page takes, once the session is warm."""
    client = Client()
    client.force_login(user)
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def proposed(desk: Desk, village: Area, n: int) -> None:
    """So many changes that wait for the reviewer, and as many that are written up."""
    for number in range(2 * n):
        benefit = money.benefit(village, "585.00", name=f"林{number}")
        desk.change_in(State.PROPOSED if number % 2 else State.DRAFT, entry(), benefit=benefit)


@pytest.mark.parametrize("role", ["handler", "reviewer"])
def test_list_and_workbench(shangyu, role) -> None:
    desk, village = shangyu, shangyu.office.village
    user = getattr(desk.office, role)
    addresses = [f"{reverse('changing:list')}?state=all", "/"]
    proposed(desk, village, 2)
    few = [asked(user, address) for address in addresses]
    proposed(desk, village, 14)
    assert [asked(user, address) for address in addresses] == few


def test_the_list_is_narrowed_and_goes_on(shangyu) -> None:
    desk = shangyu
    proposed(desk, desk.office.village, 2)
    client = Client()
    client.force_login(desk.office.handler)

    def n_shown(query: str) -> int:
        return client.get(f"{reverse('changing:list')}?{query}").content.decode().count('class="id"')

    assert [n_shown(query) for query in ("", "state=proposed", "state=in_effect", "kind=adjust")] == [
        4,
        2,
        0,
        0,
    ]
    assert n_shown("programme=dibao&place=330604001001") == 4
    assert n_shown("programme=tekun") == 0
    assert n_shown("state=nonsense&before=x") == 4
