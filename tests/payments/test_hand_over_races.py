"""Bank and hand at once over the same instalment: it is paid by one of them."""

import pytest
from django.db import IntegrityError

from common.errors import Refused
from payments import services
from payments.models import Batch, FundMove, HandOver, Payment
from payments.services import hand_overs, payouts
from tests.ground import lay_ground
from tests.payments import hand_over_builders as hand
from tests.payments.test_races import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.clause("SY-5.1")]


@pytest.fixture
def desk(clock) -> hand.Desk:
    found = hand.desk_in(lay_ground().other_county_village)
    hand.fill(found)
    return found


def lister(desk, part):
    return lambda: services.prepare_payout(instalments=[part.pk], actor=desk.clerk)


def test_bank_list_and_hand_over_at_once(desk, monkeypatch):
    """Held by the lock on the payer, whoever comes first; without it still by the database itself."""
    monkeypatch.setattr(payouts, "_refuse_by_hand", lambda rows: None)
    part = hand.instalment(desk)
    request = hand.approved(desk, part)
    first, second = at_once(lister(desk, part), lambda: hand.give(desk, request))
    assert isinstance(first, Batch)
    assert isinstance(second, Refused)
    assert (Payment.objects.count(), HandOver.objects.count()) == (1, 0)

    part = hand.instalment(desk)
    request = hand.approved(desk, part)
    first, second = at_once(lambda: hand.give(desk, request), lister(desk, part))
    assert isinstance(first, HandOver)
    assert isinstance(second, Refused)
    assert (Payment.objects.count(), HandOver.objects.count()) == (1, 1)

    for module in (payouts, hand_overs):
        monkeypatch.setattr(module, "lock_payer", lambda area: area)
    part = hand.instalment(desk)
    request = hand.approved(desk, part)
    first, second = at_once(lambda: hand.give(desk, request), lister(desk, part))
    assert isinstance(first, HandOver)
    assert isinstance(second, IntegrityError)
    part = hand.instalment(desk)
    request = hand.approved(desk, part)
    first, second = at_once(lister(desk, part), lambda: hand.give(desk, request))
    assert isinstance(first, Batch)
    assert isinstance(second, IntegrityError)
    assert FundMove.objects.filter(kind="handed").count() == HandOver.objects.count() == 2


def test_given_while_the_approval_is_taken_back(desk, monkeypatch):
    """Whoever comes second is refused: by the services, and without their lock by the database."""
    request = hand.approved(desk, hand.instalment(desk))

    def take_back():
        return services.decide_hand_over(request=request, approved=False, actor=desk.checker, remark="已开户")

    first, second = at_once(lambda: hand.give(desk, request), take_back)
    assert isinstance(first, HandOver)
    assert str(second) == "该期已经发放。"
    for module in (payouts, hand_overs):
        monkeypatch.setattr(module, "lock_payer", lambda area: area)
    request = hand.approved(desk, hand.instalment(desk))
    first, second = at_once(take_back, lambda: hand.give(desk, request))
    assert first.state == "refused"
    assert isinstance(second, IntegrityError)
    assert HandOver.objects.count() == 1
