"""Two at once: one effect, one payment out of the reserve."""

from __future__ import annotations

import datetime as dt

import pytest

from approvals.relief import services
from common.errors import Refused
from organisations.enums import Post
from payments.models import Fund
from tests.cases.builders import person_with
from tests.payments.test_races import at_once
from tests.relief.builders import agreed, receipt, registered, relief_office

pytestmark = pytest.mark.django_db(transaction=True)


def refusals(results) -> list[bool]:
    return sorted(isinstance(result, Refused) for result in results)


def test_two_pay_at_once(clock):
    ground = relief_office()
    relief = agreed(ground)
    other = person_with(Post.TOWN_PAYMENTS, ground.office.township)
    results = at_once(
        lambda: services.pay(relief=relief, entry=receipt(), actor=ground.payer),
        lambda: services.pay(relief=relief, entry=receipt(), actor=other),
    )
    assert refusals(results) == [False, True]
    assert Fund.objects.get().balance == 47_000
    assert relief.steps.filter(transition="pay").count() == 1


def test_one_agrees_while_another_declines(clock):
    ground = relief_office()
    relief = registered(ground, reported_at=dt.datetime(2026, 3, 2, 0, tzinfo=dt.UTC))
    other = person_with(Post.APPROVER, ground.office.township)
    results = at_once(
        lambda: services.agree(relief=relief, actor=ground.office.approver),
        lambda: services.decline(relief=relief, actor=other, opinion="已由亲属接济。"),
    )
    relief.refresh_from_db()
    # Declining is still open after the consent, agreeing is not after the refusal.
    assert relief.state == "declined"
    assert refusals(results) in ([False, False], [False, True])
