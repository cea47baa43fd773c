"""临时救助 is paid within three working days of approval (DT-8.4): the bank's day says whether it was."""

import datetime as dt
from io import BytesIO

import pytest
from django.utils import timezone

from approvals.enums import DeadlineState
from approvals.models import Deadline
from approvals.tasks import end_payment_limits
from cases.enums import Programme
from organisations.enums import Post
from payments import services
from payments.demo_bank import answer_to
from payments.models import Instalment
from tests.approvals.test_programmes import decided, office_in
from tests.cases.builders import person_with
from tests.payments import hand_over_builders as hand


@pytest.fixture
def granted(db, clock):
    """Approved in 北岙街道, and the bank file on its way: (limit, file, clerk)."""
    office = office_in("330305001201")
    application = decided(office, Programme.LINSHI, clock)
    clerk = person_with(Post.TOWN_PAYMENTS, office.township)
    keys = Instalment.objects.filter(grant__application=application).values_list("pk", flat=True)
    batch = services.prepare_payout(instalments=list(keys), actor=clerk)
    services.check_batch(batch=batch, actor=office.approver)
    batch = services.seal_batch(batch=batch, actor=clerk)
    file = services.make_bank_files(batch=batch, actor=clerk)[0]
    return Deadline.objects.get(application=application, step="payment"), file, clerk


@pytest.mark.clause("DT-8.4")
@pytest.mark.parametrize(("late", "state"), [(0, DeadlineState.MET), (1, DeadlineState.MISSED)])
def test_the_limit_ends_on_the_day_of_the_bank(granted, clock, late: int, state: str) -> None:
    limit, file, clerk = granted
    assert end_payment_limits() == 0
    paid_on = limit.due_at.date() + dt.timedelta(days=late)
    clock.move_to(dt.datetime.combine(paid_on + dt.timedelta(days=4), dt.time(9), limit.due_at.tzinfo))
    services.import_answer(bank_file=file, upload=BytesIO(answer_to(file, paid_on=paid_on)), actor=clerk)
    assert end_payment_limits() == 1
    limit.refresh_from_db()
    assert limit.state == state
    assert end_payment_limits() == 0


@pytest.mark.clause("DT-8.4")
@pytest.mark.clause("SY-5.1")
def test_the_limit_ends_on_the_day_it_is_handed_over(db, clock) -> None:
    application = decided(office_in("330305001201"), Programme.LINSHI, clock)
    desk = hand.desk_in(application.village)
    hand.fill(desk)
    part = Instalment.objects.get(grant__application=application)
    today = timezone.localdate()
    hand.give(desk, hand.approved(desk, part), day=today, received_by=part.grant.head_name)
    assert end_payment_limits() == 1
    assert Deadline.objects.get(application=application, step="payment").state == DeadlineState.MET
