"""What the database itself refuses about recoveries, whoever writes them."""

from __future__ import annotations

from functools import reduce
from operator import or_

import pgtrigger
from django.db.models import F, Q

from approvals.recovering.enums import RecoveryState as State
from approvals.recovering.enums import Way
from approvals.recovering.workflow import TRANSITIONS
from approvals.serving.chain import SERVING
from approvals.steps import follows_the_last, in_the_table, stands_where_steps_lead
from organisations.enums import Post
from payments.models.asking import decided_once

_TRACE = {"steps": "recovering_recoverystep", "matter": "recovery_id"}
_RAISE = "USING ERRCODE = 'integrity_constraint_violation';"
_MATTER = "'recovery:' || r.id || CASE WHEN r.round > 1 THEN '-' || r.round ELSE '' END"
_DECIDED = [State.DECIDED, State.REPAYING]


def allowed_moves() -> Q:
    """The transition table as a condition on a step."""
    return in_the_table(TRANSITIONS.values())


def target_shape() -> Q:
    """One of the three: a benefit, a grant, a relief."""
    none = {"benefit__isnull": True, "grant__isnull": True, "relief__isnull": True}
    return reduce(or_, (Q(**none | {name: False}) for name in none))


def way_shape() -> Q:
    """Only instalments are several; only a benefit that runs can be set off against."""
    several = Q(way=Way.INSTALMENTS, n_parts__gte=2)
    return several | Q(way=Way.AT_ONCE, n_parts=1) | Q(way=Way.SET_OFF, n_parts=1, benefit__isnull=False)


def decided_shape() -> Q:
    """Decided by another person than the one who wrote it up, and only then demanded."""
    undecided = Q(decided_by__isnull=True, decided_at__isnull=True) & ~Q(state__in=_DECIDED)
    decided = Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(decided_by=F("created_by"))
    return undecided | decided


def recovery_triggers() -> list[pgtrigger.Trigger]:
    """What was proposed stays as it was; the state is where the steps lead; demands rest on papers served."""
    moving = "'{state,round,prior_served_at,decided_by_id,decided_at,decision_served_at,closed_at}'::text[]"
    frozen = pgtrigger.Trigger(
        name="proposed_recovery_is_frozen",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=f"""
            IF TG_OP = 'UPDATE' AND (OLD.state = 'draft'
                OR to_jsonb(NEW) - {moving} = to_jsonb(OLD) - {moving}) THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'recovery: what was proposed is not altered' {_RAISE}
        """,
    )
    begins = pgtrigger.Trigger(
        name="recovery_begins_as_a_draft",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=~pgtrigger.Q(new__state=State.DRAFT.value),
        func=f"RAISE EXCEPTION 'recovery: begins as a draft' {_RAISE}",
    )
    changed = pgtrigger.Condition("OLD.state IS DISTINCT FROM NEW.state")
    follows = _stands(
        "recovery_state_follows_the_steps",
        key="NEW.id",
        operation=pgtrigger.UpdateOf("state"),
        condition=changed,
    )
    return [frozen, begins, follows, _demand_rests_on_papers(), _money_follows()]


def _served(kind: str) -> str:
    """The paper of this round has been served, by an attempt that serves."""
    events = ", ".join(f"'{event}'" for event in SERVING)
    return f"""
        EXISTS (SELECT FROM approvals_document d JOIN serving_serviceattempt a ON a.document_id = d.id
                WHERE d.application_id = r.application_id AND d.kind = '{kind}' AND d.matter = {_MATTER}
                  AND a.event IN ({events}))
    """  # noqa: S608 - names of our own only


def _demand_rests_on_papers() -> pgtrigger.Trigger:
    """SY-A1.6, JZ-12.5: told beforehand and heard before the decision, demanded only once that is served."""
    return pgtrigger.Trigger(
        name="demand_rests_on_papers",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf("state"),
        condition=pgtrigger.Condition("NEW.state IN ('decided', 'repaying') AND OLD.state <> NEW.state"),
        declare=[("r", "recovering_recovery")],
        func=f"""
            r := NEW;
            IF NOT {_served("recovery_notice")} OR NOT EXISTS (
                SELECT FROM recovering_recoverystep s WHERE s.recovery_id = r.id
                   AND s.transition = 'close_hearing') THEN
                RAISE EXCEPTION 'recovery: nobody decides before people were told and heard' {_RAISE}
            END IF;
            IF r.state = 'repaying' AND NOT {_served("recovery_decision")} THEN
                RAISE EXCEPTION 'recovery: nothing is demanded before the decision is served' {_RAISE}
            END IF;
            RETURN NEW;
        """,  # noqa: S608 - names of our own only
    )


def _money_follows() -> pgtrigger.Trigger:
    """At commit the debt stands as the procedure does, and is set off only as was decided and served."""
    return pgtrigger.Trigger(
        name="debt_stands_as_its_recovery",
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update,
        timing=pgtrigger.Deferred,
        declare=[("r", "recovering_recovery"), ("d", "payments_debt")],
        func=f"""
            SELECT * INTO r FROM recovering_recovery WHERE id = NEW.id;
            SELECT * INTO d FROM payments_debt WHERE id = r.debt_id;
            IF d.application_id <> r.application_id OR d.state <> (CASE r.state
                   WHEN 'decided' THEN 'owed' WHEN 'repaying' THEN 'owed' WHEN 'settled' THEN 'settled'
                   WHEN 'dropped' THEN 'released' WHEN 'withdrawn' THEN 'released' ELSE 'claimed' END)
               OR (d.share IS NOT NULL AND (r.way <> 'set_off' OR r.decision_served_at IS NULL)) THEN
                RAISE EXCEPTION 'recovery: its debt stands elsewhere' {_RAISE}
            END IF;
            RETURN NULL;
        """,  # noqa: S608 - names of our own only
    )


def plan_triggers() -> list[pgtrigger.Trigger]:
    """Decided once, about all that is open of a claim that is demanded, and then made up of its parts."""
    takes_up = pgtrigger.Trigger(
        name="plan_takes_up_what_is_open",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition("NEW.granted AND OLD.granted IS NULL"),
        declare=[("still", "NUMERIC")],
        func=f"""
            SELECT d.owed - d.returned - d.set_off - d.waived INTO still
              FROM recovering_recovery r JOIN payments_debt d ON d.id = r.debt_id
             WHERE r.id = NEW.recovery_id AND r.state = 'repaying' FOR UPDATE OF d;
            IF NEW.amount IS DISTINCT FROM still THEN
                RAISE EXCEPTION 'plan: it takes up what is open of a demanded recovery' {_RAISE}
            END IF;
            RETURN NEW;
        """,  # noqa: S608 - names of our own only
    )
    return [*decided_once("plan", late=["amount"]), takes_up, parts_are_their_plan("recovering_plan")]


def parts_are_their_plan(table: str) -> pgtrigger.Trigger:
    """At commit the parts of a plan sum to what it took up, and end where all that is owed is made good."""
    plan = "NEW.id" if table == "recovering_plan" else "NEW.plan_id"
    operation = pgtrigger.Insert | pgtrigger.Update if table == "recovering_plan" else pgtrigger.Insert
    return pgtrigger.Trigger(
        name="parts_are_their_plan",
        when=pgtrigger.After,
        operation=operation,
        timing=pgtrigger.Deferred,
        declare=[("p", "recovering_plan")],
        func=f"""
            SELECT * INTO p FROM recovering_plan WHERE id = {plan};
            IF p.id IS NOT NULL AND NOT (
                SELECT sum(t.amount) IS NOT DISTINCT FROM p.amount
                   AND count(*) = CASE WHEN p.granted THEN p.n_parts ELSE 0 END
                   AND COALESCE(bool_and(t.recovery_id = p.recovery_id), true)
                   AND COALESCE(max(t.in_all) = max(d.owed), true)
                   AND COALESCE(min(t.due_on) = p.first_due_on, true)
                  FROM recovering_part t JOIN recovering_recovery r ON r.id = t.recovery_id
                  JOIN payments_debt d ON d.id = r.debt_id WHERE t.plan_id = p.id) THEN
                RAISE EXCEPTION 'plan: its parts are what it took up' {_RAISE}
            END IF;
            RETURN NULL;
        """,  # noqa: S608 - names of our own only
    )


def step_triggers() -> list[pgtrigger.Trigger]:
    """Steps form a line and lead to the state; whoever wrote it up does not agree to it."""
    line = follows_the_last(
        "recovery_step_follows_the_last",
        **_TRACE,
        begins="draft",
        refusal="'recovery step: it stands at %, not at %', stands, NEW.from_state",
    )
    others = pgtrigger.Trigger(
        name="handlers_do_not_agree_to_recoveries",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Q(new__post=Post.APPROVER.value),
        func=f"""
            IF EXISTS (SELECT FROM recovering_recovery
                       WHERE id = NEW.recovery_id AND created_by_id = NEW.actor_id) THEN
                RAISE EXCEPTION 'recovery step: whoever wrote it up does not agree to it' {_RAISE}
            END IF;
            RETURN NEW;
        """,  # noqa: S608 - names of our own only
    )
    leads = _stands("recovery_steps_lead_to_the_state", key="NEW.recovery_id", operation=pgtrigger.Insert)
    return [line, others, leads]


def _stands(name: str, **where) -> pgtrigger.Trigger:
    return stands_where_steps_lead(
        name, **_TRACE, table="recovering_recovery", refusal="'recovery: state and steps part'", **where
    )
