"""The list of what was asked for and given in cash or goods: who sees it, what it adds up, what it costs."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from organisations.enums import Post
from tests.approvals.test_programmes import SHANGYU, office_in
from tests.cases.builders import person_with, photo
from tests.payments import hand_over_builders as hand
from tests.payments.hand_over_builders import Desk

pytestmark = [pytest.mark.django_db, pytest.mark.clause("SY-5.1")]

ADDRESS = "payments:hand_overs"
RICE = [hand.services.Goods("大米", "50 斤", Decimal("150.00"))]


@pytest.fixture
def desk(clock) -> Desk:
    desk = hand.desk_in(office_in(SHANGYU).village)
    hand.fill(desk)
    return desk


def test_the_district_sees_what_waits_what_was_given_and_what_is_not_signed(desk, browse):
    """900.00 in cash with its receipt and 150.00 of rice without; one request of 300.00 waits."""
    signed = hand.handed(desk)
    hand.services.keep_receipt(hand_over=signed, upload=photo(), actor=desk.handler)
    part = hand.instalment(desk, "150.00")
    hand.give(desk, hand.approved(desk, part, kind="goods", goods=RICE))
    hand.asked(desk, hand.instalment(desk, "300.00"))
    district = browse(person_with(Post.DISTRICT_FINANCE, desk.county))
    page = district.get(reverse(ADDRESS)).text
    assert "共 3 笔" in page
    assert "林大山" not in page
    town = page.split("分街道（乡镇）</h2>")[1]
    assert town.index("900.00") < town.index("150.00")
    assert ">2</td>" in town
    for show, amount, others in (
        ("open", "300.00", ("900.00", "150.00")),
        ("receipt", "150.00", ("900.00", "300.00")),
        ("given", "900.00", ("300.00",)),
    ):
        rows = district.get(reverse(ADDRESS), {"show": show}).text.split("分街道（乡镇）</h2>")[0]
        assert amount in rows
        assert not any(other in rows for other in others)
    assert district.get(reverse(ADDRESS), {"show": "x", "page": "y"}).status_code == 200


def test_other_townships_are_not_in_the_list(desk, browse):
    hand.handed(desk)
    stranger = person_with(Post.HANDLER, office_in("330305").township)
    page = browse(stranger).get(reverse(ADDRESS)).text
    assert "没有现金、实物发放" in page


def test_the_list_costs_the_same_for_three_and_for_thirty(desk, browse):
    client = browse(desk.handler)
    costs = []
    for n in (3, 27):
        for _ in range(n):
            hand.asked(desk, hand.instalment(desk, "10.00"))
        hand.handed(desk, "10.00")
        client.get(reverse(ADDRESS))
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse(ADDRESS))
        costs.append(len(captured))
    assert costs[0] == costs[1] <= 12
