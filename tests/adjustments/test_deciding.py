"""Drafts sent back and computed again; households settled by people; a change closed when all is done."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from approvals.adjustments import services
from approvals.adjustments.enums import ItemKind
from approvals.adjustments.models import Adjustment, AdjustmentReturn, AdjustmentSettlement
from approvals.adjustments.queries import tasks_for
from common.append_only import broken_links
from common.errors import Refused
from organisations.enums import Post
from organisations.services import appoint
from payments.models import Benefit, BenefitRevision
from tests.adjustments.builders import (
    JANUARY,
    carried_out,
    changed,
    ground,
    receiving,
    standard,
)
from tests.cases.builders import person_with

pytestmark = pytest.mark.django_db
APRIL = dt.date(2026, 4, 1)


@pytest.fixture
def here(clock):
    return ground()


def one_change(here):
    """585.00 → 635.00 for one household; another, with 1200.00 of wages, is for people."""
    gains, by_hand = receiving(here, "585.00", "500.00"), receiving(here, "100.00", "1200.00")
    run = changed(here, standard(here, "1135.00", JANUARY))
    return run, gains, run.items.get(benefit=by_hand)


def proposed(here, run):
    return services.propose(run=run, township=here.town, actor=here.reviewer)


def returned(here, run, actor, reason="林家收入须先核实。"):
    return services.return_drafts(run=run, township=here.town, reason=reason, actor=actor)


def settled(here, item, outcome="kept", note="已核实，不调整。"):
    return services.settle(item=item, outcome=outcome, note=note, actor=here.reviewer)


def actions(user):
    user.__dict__.pop("_scope", None)
    return [todo.action for todo in tasks_for(user)]


@pytest.mark.clause("SY-7.2")
def test_the_approver_sends_drafts_back_and_they_are_computed_again(here):
    """Returned with the reason, never carried out; the new drafts see that the household has ended since."""
    run, gains, _ = one_change(here)
    proposal = proposed(here, run)
    back = returned(here, run, here.approver)
    assert (back.proposal, back.by, back.reason) == (proposal, here.approver, "林家收入须先核实。")
    with pytest.raises(Refused, match="已退回"):
        services.confirm(proposal=proposal, actor=here.approver)
    assert gains.revisions.count() == 1
    Benefit.objects.filter(pk=gains.pk).update(ends_on=APRIL)
    again = services.compute_again(returned=back, actor=here.reviewer)
    services.work_on_adjustment(again.pk)
    assert (again.area, again.again_for, again.rules) == (here.town, back, run.rules)
    assert again.items.get(benefit=gains).kind == ItemKind.MANUAL
    # The old drafts stay as they were; the change they belong to has nothing left to do.
    assert run.items.get(benefit=gains).kind == ItemKind.CHANGE
    run.refresh_from_db()
    assert run.closed_at
    with pytest.raises(Refused, match="已经重新测算"):
        services.compute_again(returned=back, actor=here.reviewer)


def test_the_reviewer_sends_drafts_back_before_they_are_proposed(here):
    run, gains, _ = one_change(here)
    back = returned(here, run, here.reviewer)
    assert back.proposal is None
    with pytest.raises(Refused, match="已退回"):
        proposed(here, run)
    again = services.compute_again(returned=back, actor=here.publisher)
    services.work_on_adjustment(again.pk)
    again.refresh_from_db()
    carried_out(here, again)
    assert [str(r.monthly) for r in gains.revisions.order_by("pk")] == ["585.00", "635.00"]


@pytest.mark.clause("SY-7.2")
def test_who_may_send_back(here):
    run, _, _ = one_change(here)
    with pytest.raises(Refused, match="审核岗退回"):
        returned(here, run, here.approver)
    with pytest.raises(Refused, match="填写退回原因"):
        returned(here, run, here.reviewer, " ")
    proposal = proposed(here, run)
    with pytest.raises(Refused, match="审批岗退回"):
        returned(here, run, here.reviewer)
    appoint(
        user=here.reviewer, post=Post.APPROVER, area=here.town, valid_from=dt.date(2020, 1, 1), actor=None
    )
    here.reviewer.__dict__.pop("_scope", None)
    with pytest.raises(Refused, match="本人"):
        returned(here, run, here.reviewer)
    back = returned(here, run, here.approver)
    with pytest.raises(Refused, match="已退回"):
        returned(here, run, here.approver)
    with pytest.raises(Refused, match="审核岗或规则发布岗"):
        services.compute_again(returned=back, actor=here.approver)
    assert proposal.confirmed_at is None


def test_what_is_confirmed_is_not_sent_back(here):
    run, _, _ = one_change(here)
    carried_out(here, run)
    with pytest.raises(Refused, match="已确认"):
        returned(here, run, here.approver)


def test_a_change_closes_only_when_every_household_is_settled(here):
    run, gains, item = one_change(here)
    carried_out(here, run)
    run.refresh_from_db()
    assert (run.closed_at, run.badge["text"]) == (None, "待办理")
    with pytest.raises(Refused, match="可以自动调整"):
        settled(here, run.items.get(benefit=gains))
    with pytest.raises(Refused, match="没有变更"):
        settled(here, item, "changed")
    with pytest.raises(Refused, match="没有停发"):
        settled(here, item, "ended")
    with pytest.raises(Refused, match="处理说明"):
        settled(here, item, note=" ")
    with pytest.raises(Refused, match="审核岗登记"):
        services.settle(item=item, outcome="kept", note="x", actor=here.approver)
    done = settled(here, item)
    assert (done.by, done.get_outcome_display(), done.note) == (
        here.reviewer,
        "核实后金额不变",
        "已核实，不调整。",
    )
    with pytest.raises(Refused, match="已经登记"):
        settled(here, item)
    run.refresh_from_db()
    assert (run.closed_at, run.badge["text"]) == (done.at, "已办结")
    assert broken_links(AdjustmentSettlement) == broken_links(AdjustmentReturn) == []


@pytest.mark.parametrize("outcome", ["changed", "ended"])
def test_what_the_register_shows_can_be_recorded(here, outcome):
    run, _, item = one_change(here)
    carried_out(here, run)
    if outcome == "ended":
        Benefit.objects.filter(pk=item.benefit_id).update(ends_on=APRIL)
    else:
        old = BenefitRevision.objects.get(benefit=item.benefit_id)
        BenefitRevision.objects.filter(pk=old.pk).update(valid_to=APRIL)
        old.pk, old.valid_from, old.created_at = None, APRIL, run.started_at
        old.save()
    settled(here, item, outcome)
    assert Adjustment.objects.get(pk=run.pk).closed_at


def test_a_change_of_nothing_is_closed_at_once(here):
    receiving(here, "635.00", "500.00")
    run = changed(here, standard(here, "1135.00", JANUARY))
    assert (run.n_equal, run.items.count(), run.badge["text"]) == (1, 0, "已办结")


def refused_by_sql(match, sql, *values):
    with pytest.raises(IntegrityError, match=match), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


RETURN = (
    "INSERT INTO adjustments_adjustmentreturn"
    " (stream, sequence, hash, run_id, township_id, proposal_id, reason, by_id, at)"
    " VALUES ('x', 0, '', %s, %s, %s, 'x', %s, now())"
)
SETTLE = (
    "INSERT INTO adjustments_adjustmentsettlement (stream, sequence, hash, item_id, outcome, note, by_id, at)"
    " VALUES ('x', 0, '', %s, 'kept', 'x', %s, now())"
)


def test_the_database_keeps_who_sends_back_apart_from_who_proposed(here):
    run, _, _ = one_change(here)
    proposal = proposed(here, run)
    by = here.reviewer.pk
    refused_by_sql("another person", RETURN, run.pk, here.town.pk, proposal.pk, by)
    refused_by_sql("as it was proposed", RETURN, run.pk, here.town.pk, None, here.approver.pk)
    refused_by_sql(
        "adjustment_return_says_why",
        RETURN.replace("'x', %s, now", "'', %s, now"),
        run.pk,
        here.town.pk,
        proposal.pk,
        here.approver.pk,
    )
    returned(here, run, here.approver)
    confirm = (
        "UPDATE adjustments_adjustmentproposal SET confirmed_by_id = %s, confirmed_at = now(), n_applied = 1"
    )
    refused_by_sql("neither proposed nor confirmed", confirm, here.approver.pk)
    refused_by_sql("append-only", "UPDATE adjustments_adjustmentreturn SET reason = 'y'")


def test_the_database_refuses_what_was_confirmed_or_returned(here):
    run, _, _ = one_change(here)
    proposal = carried_out(here, run)
    other = person_with(Post.APPROVER, here.town)
    refused_by_sql("another person", RETURN, run.pk, here.town.pk, proposal.pk, other.pk)
    fresh = changed(here, standard(here, "1150.00", dt.date(2026, 2, 1)))
    returned(here, fresh, here.reviewer)
    insert = (
        "INSERT INTO adjustments_adjustmentproposal"
        " (run_id, township_id, n_items, difference, proposed_by_id, proposed_at)"
        " VALUES (%s, %s, 1, 1, %s, now())"
    )
    refused_by_sql("neither proposed nor", insert, fresh.pk, here.town.pk, here.reviewer.pk)


def test_the_database_closes_nothing_early_and_keeps_the_drafts(here):
    run, gains, item = one_change(here)
    close = "UPDATE adjustments_adjustment SET closed_at = now() WHERE id = %s"
    refused_by_sql("every draft is settled", close, run.pk)
    draft = run.items.get(benefit=gains)
    refused_by_sql("only a draft for people", SETTLE, draft.pk, here.reviewer.pk)
    refused_by_sql("kept as it was", "UPDATE adjustments_adjustmentitem SET amount = 9000")
    refused_by_sql("kept as it was", "UPDATE adjustments_adjustmentitem SET kind = 'change'")
    refused_by_sql("kept as it was", "DELETE FROM adjustments_adjustmentitem")
    carried_out(here, run)
    refused_by_sql("every draft is settled", close, run.pk)
    refused_by_sql("kept as it was", "UPDATE adjustments_adjustmentitem SET applied_id = NULL")
    settled(here, item)
    refused_by_sql("stays closed", "UPDATE adjustments_adjustment SET closed_at = NULL")
    refused_by_sql("closed_adjustment_was_computed", "UPDATE adjustments_adjustment SET finished_at = NULL")
    refused_by_sql("append-only", "DELETE FROM adjustments_adjustmentsettlement")


def test_the_workbench_says_what_waits_for_whom(here):
    run, _, item = one_change(here)
    elsewhere = person_with(Post.REVIEWER, here.payer.places.other_township)
    assert actions(here.reviewer) == ["提出调整", "登记处理结果"]
    assert actions(here.approver) == actions(elsewhere) == []
    proposed(here, run)
    assert actions(here.reviewer) == ["登记处理结果"]
    (todo,) = tasks_for(here.approver)
    assert (todo.action, todo.number, todo.place) == ("确认调整", "1 户 50.00 元/月", "北岙街道")
    assert todo.url == reverse("adjustments:change", args=[run.pk])
    back = returned(here, run, here.approver)
    assert actions(here.approver) == []
    assert actions(here.reviewer) == ["重新测算"]
    again = services.compute_again(returned=back, actor=here.reviewer)
    assert actions(here.reviewer) == []
    services.work_on_adjustment(again.pk)
    again.refresh_from_db()
    carried_out(here, again)
    assert (actions(here.reviewer), actions(here.approver)) == (["登记处理结果"], [])
    settled(here, again.items.get(benefit=item.benefit_id))
    assert actions(here.reviewer) == []


def test_the_publisher_is_told_of_a_standard_that_no_household_has_yet(here):
    """Only where somebody is in receipt, and until the change is started. What a pack brought is old."""
    rule = standard(here, "1135.00", JANUARY)
    assert actions(here.publisher) == []
    receiving(here, "585.00", "500.00")
    todos = tasks_for(here.publisher)
    assert [(t.action, t.stage, t.place) for t in todos] == [("发起调整", "低保标准已发布", "北岙街道")] * 2
    client = Client()
    client.force_login(here.publisher)
    page = client.get(todos[-1].url).text
    assert f'<option value="{here.town.pk}" selected>' in page
    for each in type(rule).objects.published().filter(area=here.town, key="standard.dibao"):
        changed(here, each)
    assert actions(here.publisher) == []
    assert actions(here.writer) == []


def test_who_proposed_is_not_asked_to_confirm(here):
    run, _, _ = one_change(here)
    appoint(
        user=here.reviewer, post=Post.APPROVER, area=here.town, valid_from=dt.date(2020, 1, 1), actor=None
    )
    proposed(here, run)
    assert "确认调整" not in actions(here.reviewer)
    client = Client()
    client.force_login(here.approver)
    assert "确认调整" in client.get(reverse("workbench:home")).text


def test_the_pages_return_settle_and_keep_what_was_typed(here):
    run, _, item = one_change(here)
    client = Client()
    client.force_login(here.reviewer)
    page = reverse("adjustments:return_drafts", args=[run.pk, here.town.code])
    assert "请填写退回原因" in client.post(page, {"reason": ""}).text
    assert client.post(page, {"reason": "林家收入须先核实。"}).status_code == 302
    shown = client.get(reverse("adjustments:change", args=[run.pk])).text
    assert "林家收入须先核实。" in shown
    assert "重新测算" in shown
    response = client.post(reverse("adjustments:compute_again", args=[run.pk, here.town.code]))
    again = Adjustment.objects.get(again_for__run=run)
    assert response.url == reverse("adjustments:change", args=[again.pk])
    services.work_on_adjustment(again.pk)
    assert "林家收入须先核实。" in client.get(response.url).text
    page = reverse("adjustments:settle", args=[again.items.get(benefit=item.benefit_id).pk])
    refused = client.post(page, {"outcome": "ended", "note": "已搬离。"}).text
    assert "没有停发" in refused
    assert "已搬离。" in refused
    assert client.post(page, {"outcome": "kept", "note": "核实后不变。"}).status_code == 302
    assert "核实后不变。" in client.get(page).text
    assert "核实后金额不变" in client.get(reverse("adjustments:change", args=[again.pk])).text
