"""What the database refuses about collective decisions, by raw SQL past every service."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from approvals.conferring.models import JointItem, JointMeeting
from approvals.models import Decision
from approvals.services import move
from tests.approvals.builders import REASON
from tests.conferring.builders import case_entry, conferred
from tests.settling.test_database import copied, refused

DECIDE = """
    INSERT INTO approvals_decision
           (application_id, programme, proposal_id, outcome, monthly, instalments, starts_on, lines, facts,
            rule_ids, reason, by_id, at)
    SELECT application_id, programme, id, %s, CASE WHEN %s = 'approved' THEN monthly END, '[]',
           CASE WHEN %s = 'approved' THEN DATE '2026-04-01' END, lines, '{}', rule_ids, '同意。', %s, now()
      FROM approvals_proposal WHERE application_id = %s
"""


MEETING = """
    INSERT INTO conferring_jointmeeting
           (county_id, township_id, held_at, place, chair, attendance, n_present, minutes, scan, scan_type,
            scan_sha256, recorded_by_id, recorded_at)
    SELECT county_id, {town}, {at}, place, chair, attendance, n_present, minutes, scan, scan_type,
           scan_sha256, recorded_by_id, recorded_at
      FROM conferring_jointmeeting WHERE id = %s RETURNING id
"""


def decide(application, outcome, office) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(DECIDE, [outcome] * 3 + [office.approver.pk, application.pk])


@pytest.mark.clause("JZ-5.1")
@pytest.mark.parametrize("outcome", ["approved", "refused"])
def test_no_decision_without_the_meeting_or_against_it(waiting, office, outcome):
    with pytest.raises(IntegrityError, match="not what the joint meeting decided"):
        decide(waiting, outcome, office)
    conferred(office, case_entry(waiting))
    with pytest.raises(IntegrityError, match="not what the joint meeting decided"):
        decide(waiting, "refused", office)
    decide(waiting, "approved", office)
    assert Decision.objects.get().outcome == "approved"


@pytest.mark.clause("JZ-5.1")
def test_an_item_is_of_its_case_township_and_meeting(waiting, unfavourable, office):
    meeting = conferred(office, case_entry(waiting))
    item = JointItem.objects.get()
    other = unfavourable.proposals.get()
    because = "not the opinion of its case"
    copied("conferring_jointitem", item, because, proposal_id=other.pk)
    copied("conferring_jointitem", item, because, n_present=7, n_for=7)
    for town, at in (("township_id", "held_at - interval '60 days'"), ("county_id", "held_at")):
        with connection.cursor() as cursor:
            cursor.execute(MEETING.format(town=town, at=at), [meeting.pk])
            [(key,)] = cursor.fetchall()
        copied("conferring_jointitem", item, because, meeting_id=key)


@pytest.mark.clause("JZ-5.1")
def test_votes_and_conclusion_agree_and_each_opinion_is_conferred_on_once(waiting, unfavourable, office):
    conferred(office, case_entry(waiting))
    item, fresh = JointItem.objects.get(), unfavourable
    fresh_item = {"application_id": fresh.pk, "proposal_id": fresh.proposals.get().pk}
    copied("conferring_jointitem", item, "conferred_once_on_an_opinion|one_item_a_case_and_meeting")
    copied("conferring_jointitem", item, "joint_votes_are_those_of_the_voters", n_for=4, **fresh_item)
    follows = "joint_conclusion_follows_the_votes"
    copied("conferring_jointitem", item, follows, conclusion="refused", **fresh_item)
    copied("conferring_jointitem", item, follows, n_for=2, n_against=3, **fresh_item)
    copied("conferring_jointitem", item, follows, n_for=2, n_recused=3, **fresh_item)
    copied("conferring_jointitem", item, "joint_item_has_an_opinion", opinion="", **fresh_item)


@pytest.mark.clause("LC-5.2")
def test_nothing_on_record_is_altered_or_deleted(waiting, office):
    conferred(office, case_entry(waiting))
    move(application_id=waiting.pk, transition="approve", actor=office.approver, opinion=REASON)
    for model in (JointMeeting, JointItem):
        table, row = model._meta.db_table, model.objects.get()
        refused(f"DELETE FROM {table} WHERE id = %s", [row.pk], "append-only")
        refused(f"UPDATE {table} SET id = id WHERE id = %s", [row.pk], "append-only")
    refused(
        "UPDATE approvals_proposal SET meeting_due = false WHERE application_id = %s",
        [waiting.pk],
        "append-only",
    )
    meeting = JointMeeting.objects.get()
    copied("conferring_jointmeeting", meeting, "joint_meeting_is_whole", chair="")
    later = "joint_meeting_is_recorded_afterwards"
    copied("conferring_jointmeeting", meeting, later, held_at="2030-01-01 09:00+08")
