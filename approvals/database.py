"""What the database itself refuses about moves, opinions and decisions, whoever writes them."""

from __future__ import annotations

import pgtrigger
from django.db.models import Q

from approvals.settling.database import nobody_settles_and_acts_otherwise, steps_rest_on_records
from approvals.steps import in_the_table, stands_where_steps_lead
from approvals.workflow import EXTEND, TRANSITIONS
from cases.enums import ApplicationState as State
from organisations.enums import Post

_TRACE = {"steps": "approvals_step", "matter": "application_id"}
# Whoever registered, visited or entered the report investigated; that is 经办, and excludes 审核 and 审批.
_INVESTIGATED = """
    (EXISTS (SELECT FROM cases_application WHERE id = {application} AND created_by_id = {person})
     OR EXISTS (SELECT FROM cases_homevisit WHERE application_id = {application}
                AND {person} IN (first_visitor_id, second_visitor_id, recorded_by_id))
     OR EXISTS (SELECT FROM cases_checkreport r JOIN cases_economiccheck c ON c.id = r.check_entrusted_id
                WHERE c.application_id = {application} AND r.recorded_by_id = {person})
     OR EXISTS (SELECT FROM settling_appraisal
                WHERE application_id = {application} AND recorded_by_id = {person}))
"""


def allowed_moves() -> Q:
    """The transition table as a condition on a step: this move, from there, to there, in such a post."""
    states = sorted(state.value for state in State)
    extension = Q(transition=EXTEND, post=Post.APPROVER, from_state__in=states, to_state__in=states)
    return extension | in_the_table(TRANSITIONS.values())


def step_triggers() -> list[pgtrigger.Trigger]:
    """Each step begins where the last one ended; investigators neither review nor approve."""
    follows = pgtrigger.Trigger(
        name="step_follows_the_last",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        declare=[("stands", "TEXT")],
        func="""
            SELECT to_state INTO stands FROM approvals_step
             WHERE application_id = NEW.application_id ORDER BY id DESC LIMIT 1;
            IF NEW.from_state <> COALESCE(stands, 'draft') THEN
                RAISE EXCEPTION 'step: the application stands at %, not at %', stands, NEW.from_state
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            IF NEW.transition = 'extend_deadline' AND NEW.to_state <> NEW.from_state THEN
                RAISE EXCEPTION 'step: an extension moves nothing'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        """,
    )
    separate = pgtrigger.Trigger(
        name="investigators_do_not_review",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Q(new__post__in=[Post.REVIEWER.value, Post.APPROVER.value]),
        func=f"""
            IF {_INVESTIGATED.format(application="NEW.application_id", person="NEW.actor_id")} THEN
                RAISE EXCEPTION 'step: whoever investigated neither reviews nor approves'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        """,
    )
    short = pgtrigger.Trigger(
        name="only_one_off_aid_takes_the_short_way",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Q(new__transition__in=["skip_check", "agree_at_once"]),
        func="""
            IF NOT EXISTS (SELECT FROM cases_application
                           WHERE id = NEW.application_id AND programme = 'linshi') THEN
                RAISE EXCEPTION 'step: only 临时救助 goes without check or notice'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        """,
    )
    settled = [steps_rest_on_records(), nobody_settles_and_acts_otherwise()]
    return [follows, separate, short, *settled, steps_lead_to_the_state()]


def signed_in_one_post(post: Post) -> pgtrigger.Trigger:
    """Whoever signs (`by`) has acted on the application in no other post."""
    return pgtrigger.Trigger(
        name=f"signed_only_as_{post.value}",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=f"""
            IF EXISTS (SELECT FROM approvals_step WHERE application_id = NEW.application_id
                       AND actor_id = NEW.by_id AND post <> '{post.value}')
               OR {_INVESTIGATED.format(application="NEW.application_id", person="NEW.by_id")} THEN
                RAISE EXCEPTION 'signed by a person who acted in another post'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        """,
    )


def approval_rests_on_investigation() -> pgtrigger.Trigger:
    """JZ-12.3, SY-A1.4a: no approval without report, completed visit and a notice that ran its full time.

    临时救助 may have left out the report, or the notice of this round, by a step of its own in the trace,
    which `only_one_off_aid_takes_the_short_way` admits for no other programme; 一事一议 the notice where its
    rules want none (`settling_steps_rest_on_records`). Nobody ever leaves out the visit.
    """
    return pgtrigger.Trigger(
        name="approval_rests_on_investigation",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Q(new__outcome="approved"),
        declare=[("this_round", "INTEGER")],
        func="""
            SELECT investigation_round INTO this_round FROM cases_application WHERE id = NEW.application_id;
            IF NOT EXISTS (SELECT FROM cases_checkreport r
                           JOIN cases_economiccheck c ON c.id = r.check_entrusted_id
                           WHERE c.application_id = NEW.application_id)
                   AND NOT EXISTS (SELECT FROM approvals_step WHERE application_id = NEW.application_id
                                   AND transition = 'skip_check')
               OR NOT EXISTS (SELECT FROM cases_homevisit WHERE application_id = NEW.application_id
                              AND investigation_round = this_round AND completed_at IS NOT NULL)
               OR NOT EXISTS (SELECT FROM publicity_notice WHERE application_id = NEW.application_id
                              AND investigation_round = this_round AND closed_because = 'expired')
                   AND COALESCE((SELECT transition FROM approvals_step
                        WHERE application_id = NEW.application_id AND to_state = 'deciding'
                        ORDER BY id DESC LIMIT 1), '') NOT IN ('agree_at_once', 'settle_at_once') THEN
                RAISE EXCEPTION 'decision: no approval without check, visit and full notice'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        """,
    )


def steps_lead_to_the_state() -> pgtrigger.Trigger:
    """At commit, a new step has moved its application."""
    return stands_where_steps_lead(
        "steps_lead_to_the_state",
        **_TRACE,
        table="cases_application",
        key="NEW.application_id",
        operation=pgtrigger.Insert,
        refusal="'application %: step without its move', NEW.application_id",
    )


def state_follows_the_steps() -> pgtrigger.Trigger:
    """At commit, an application whose state was changed stands where its last step leads."""
    return stands_where_steps_lead(
        "state_follows_the_steps",
        **_TRACE,
        table="cases_application",
        key="NEW.id",
        operation=pgtrigger.UpdateOf("state"),
        condition=pgtrigger.Condition("OLD.state IS DISTINCT FROM NEW.state"),
        refusal="'application %: state moved without its step', NEW.id",
    )
