"""Two at once: one effect."""

import pytest

from approvals.adjustments import services
from common.errors import Refused
from organisations.enums import Post
from tests.adjustments.builders import JANUARY, carried_out, changed, ground, receiving, standard
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


def drafts(here):
    """One household that gains, two for people."""
    receiving(here, "585.00", "500.00")
    by_hand = [receiving(here, "100.00", "1200.00") for _ in range(2)]
    run = changed(here, standard(here, "1135.00", JANUARY))
    return run, [run.items.get(benefit=benefit) for benefit in by_hand]


def refusals(results):
    return [isinstance(result, Refused) for result in results]


def test_one_confirms_while_another_sends_back(clock):
    here = ground()
    run, _ = drafts(here)
    other = person_with(Post.APPROVER, here.town)
    proposal = services.propose(run=run, township=here.town, actor=here.reviewer)
    results = at_once(
        lambda: services.confirm(proposal=proposal, actor=here.approver),
        lambda: services.return_drafts(run=run, township=here.town, reason="先核实。", actor=other),
    )
    assert sorted(refusals(results)) == [False, True]
    confirmed = run.items.filter(applied__isnull=False).exists()
    assert confirmed != run.returns.exists()


def test_the_last_two_households_are_settled_at_once(clock):
    here = ground()
    run, items = drafts(here)
    carried_out(here, run)
    other = person_with(Post.REVIEWER, here.town)
    results = at_once(
        lambda: services.settle(item=items[0], outcome="kept", note="不变。", actor=here.reviewer),
        lambda: services.settle(item=items[1], outcome="kept", note="不变。", actor=other),
    )
    assert refusals(results) == [False, False]
    run.refresh_from_db()
    assert run.closed_at


def test_two_compute_again_at_once(clock):
    here = ground()
    run, _ = drafts(here)
    back = services.return_drafts(run=run, township=here.town, reason="先核实。", actor=here.reviewer)
    results = at_once(
        lambda: services.compute_again(returned=back, actor=here.reviewer),
        lambda: services.compute_again(returned=back, actor=here.publisher),
    )
    assert sorted(refusals(results)) == [False, True]
    assert run.returns.get().again.area == here.town
