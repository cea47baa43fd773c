"""Two at once: one effect."""

import pytest

from approvals.adjustments import services
from common.errors import Refused
from organisations.enums import Post
from tests.adjustments.builders import JANUARY, ground, receiving, standard
from tests.cases.builders import person_with
from tests.payments.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_approvers_confirm_at_once(clock):
    here = ground()
    benefit = receiving(here, "585.00", "500.00")
    other = person_with(Post.APPROVER, here.town)
    rule = standard(here, "1135.00", JANUARY)
    run = services.start_adjustment(area=here.town, programme="dibao", rule=rule, actor=here.publisher)
    services.work_on_adjustment(run.pk)
    run.refresh_from_db()
    proposal = services.propose(run=run, township=here.town, actor=here.reviewer)
    first, second = at_once(
        lambda: services.confirm(proposal=proposal, actor=here.approver),
        lambda: services.confirm(proposal=proposal, actor=other),
    )
    assert first.n_applied == 1
    assert isinstance(second, Refused)
    assert benefit.revisions.count() == 2


def test_two_workers_share_a_run(clock):
    here = ground()
    receiving(here, "585.00", "500.00")
    rule = standard(here, "1135.00", JANUARY)
    run = services.start_adjustment(area=here.town, programme="dibao", rule=rule, actor=here.publisher)
    at_once(lambda: services.work_on_adjustment(run.pk), lambda: services.work_on_adjustment(run.pk))
    services.work_on_adjustment(run.pk)
    run.refresh_from_db()
    assert (run.n_done, run.items.count()) == (1, 1)
    assert run.finished_at
