"""The lists of this room ask as much of the database for 30 households as for 3."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.adjustments import services
from tests.adjustments.builders import JANUARY, MARCH, changed, drafted, ground, receiving, standard

pytestmark = pytest.mark.django_db


def asked(user, address):
    """How many queries a page takes, once the session is warm."""
    client = Client()
    client.force_login(user)
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.fixture
def here(clock):
    return ground()


def households(here, n):
    """Half of them gain, the others are for people, one of whom is settled."""
    for _ in range(n):
        receiving(here, "585.00", "500.00")
        receiving(here, "100.00", "1200.00")


def changes(here, value, n):
    """n changes of a standard, the last with what came of one household."""
    rule = standard(here, value, JANUARY)
    runs = [changed(here, rule) for _ in range(n)]
    item = runs[-1].items.filter(kind="manual").first()
    services.settle(item=item, outcome="kept", note="不变。", actor=here.reviewer)
    return runs[-1]


def tries(here, value, n):
    draft = drafted(here, value, MARCH)
    runs = [
        services.start_what_if(area=here.county, drafts=[draft], on=MARCH, actor=here.writer)
        for _ in range(n)
    ]
    services.work_on_what_if(runs[-1].pk)
    return runs[-1]


def counts(here, change, what_if):
    pages = {
        "changes": (here.reviewer, reverse("adjustments:changes")),
        "change": (here.reviewer, reverse("adjustments:change", args=[change.pk])),
        "what_ifs": (here.writer, reverse("adjustments:what_ifs")),
        "what_if": (here.writer, reverse("adjustments:what_if", args=[what_if.pk])),
        "workbench": (here.reviewer, reverse("workbench:home")),
    }
    return {name: asked(*page) for name, page in pages.items()}


def test_three_and_thirty(here):
    households(here, 2)
    few = counts(here, changes(here, "1135.00", 3), tries(here, "1200.00", 3))
    rule = standard(here, "1140.00", MARCH)
    for _ in range(26):
        changed(here, rule)
    households(here, 13)
    many = counts(here, changed(here, rule), tries(here, "1210.00", 27))
    assert many == few
