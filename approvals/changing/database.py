"""What the database itself refuses about changes of benefits, whoever writes them."""

from __future__ import annotations

import pgtrigger
from django.db.models import F, Q

from approvals.changing.enums import ChangeKind, Reason
from approvals.changing.enums import ChangeState as State
from approvals.changing.workflow import TRANSITIONS
from approvals.enums import EvidenceKind
from approvals.serving.chain import SERVING
from approvals.steps import follows_the_last, in_the_table, stands_where_steps_lead
from cases.enums import Programme
from organisations.enums import Post

_TABLE = "changing_benefitchange"
_TRACE = {"steps": "changing_changestep", "matter": "change_id"}
_RAISE = "USING ERRCODE = 'integrity_constraint_violation';"
# Whoever wrote a change up or looked into it handled it, in whatever post.
_HANDLED = """
    (EXISTS (SELECT FROM changing_benefitchange WHERE id = NEW.change_id AND created_by_id = NEW.actor_id)
     OR EXISTS (SELECT FROM changing_evidence WHERE change_id = NEW.change_id
                AND recorded_by_id = NEW.actor_id))
"""
# A change that nobody has to be told of beforehand: more money, the own wish, nobody left to hear.
_GAINS = f"(c.kind = '{ChangeKind.ADJUST.value}' AND c.monthly > c.was)"
_NOBODY_LEFT = f"(c.reason = '{Reason.DEATH.value}' AND c.kind = '{ChangeKind.TERMINATE.value}')"
_UNHEARD = f"({_GAINS} OR {_NOBODY_LEFT} OR c.reason = '{Reason.VOLUNTARY.value}')"
_MATTER = "'change:' || c.id || CASE WHEN c.round > 1 THEN '-' || c.round ELSE '' END"


def allowed_moves() -> Q:
    """The transition table as a condition on a step."""
    return in_the_table(TRANSITIONS.values())


def _served(kind: str) -> str:
    """The paper of this round has been served, by an attempt that serves."""
    events = ", ".join(f"'{event}'" for event in SERVING)
    return f"""
        EXISTS (SELECT FROM approvals_document d JOIN serving_serviceattempt a ON a.document_id = d.id
                WHERE d.application_id = c.application_id AND d.kind = '{kind}' AND d.matter = {_MATTER}
                  AND a.event IN ({events}))
    """  # noqa: S608 - names of our own only


def change_shape() -> Q:
    """An adjustment names the new amount, other than the old; an end names none. 低边 has no amount."""
    adjusts = Q(kind=ChangeKind.ADJUST, was__isnull=False, monthly__isnull=False, monthly__gt=0) & ~Q(
        monthly=F("was")
    )
    ends = Q(kind__in=[ChangeKind.STOP, ChangeKind.TERMINATE], monthly__isnull=True, care_fee__isnull=True)
    return (adjusts & ~Q(programme=Programme.DIBIAN)) | ends


def in_effect_shape() -> Q:
    """In effect only from a first day, after a decision; for whoever loses, a decision that was served."""
    favourable = Q(kind=ChangeKind.ADJUST, monthly__gt=F("was"))
    nobody_left = Q(reason=Reason.DEATH, kind=ChangeKind.TERMINATE)
    reached = Q(decision_served_at__isnull=False) | favourable | nobody_left
    return (~Q(state=State.IN_EFFECT) & Q(effective_on__isnull=True)) | (
        Q(state=State.IN_EFFECT, effective_on__isnull=False, effective_on__day=1, decided_at__isnull=False)
        & reached
    )


def change_triggers() -> list[pgtrigger.Trigger]:
    """What was proposed stays as it was; the state is where the steps lead; effect rests on papers served."""
    frozen = pgtrigger.Trigger(
        name="proposed_change_is_frozen",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        declare=[("moving", "TEXT[]")],
        func=f"""
            moving := ARRAY['state', 'round', 'prior_served_at', 'decision_served_at', 'decided_at',
                            'effective_on'];
            IF TG_OP = 'UPDATE' AND (OLD.state = 'draft'
                OR to_jsonb(NEW) - moving = to_jsonb(OLD) - moving) THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'change: what was proposed is not altered' {_RAISE}
        """,
    )
    follows = stands_where_steps_lead(
        "change_state_follows_the_steps",
        **_TRACE,
        table=_TABLE,
        key="NEW.id",
        operation=pgtrigger.UpdateOf("state"),
        condition=pgtrigger.Condition("OLD.state IS DISTINCT FROM NEW.state"),
        refusal="'change %: state moved without its step', NEW.id",
    )
    begins = pgtrigger.Trigger(
        name="change_begins_as_a_draft",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=~pgtrigger.Q(new__state=State.DRAFT.value),
        func=f"RAISE EXCEPTION 'change: begins as a draft' {_RAISE}",
    )
    return [frozen, follows, begins, _effect_rests_on_papers()]


def _effect_rests_on_papers() -> pgtrigger.Trigger:
    """SY-A1.6, SY-A2.6: prior notice served, period run out, decision made, for 特困 the full notice."""
    return pgtrigger.Trigger(
        name="effect_rests_on_papers",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition("NEW.state = 'in_effect' AND OLD.state <> 'in_effect'"),
        declare=[("c", "changing_benefitchange")],
        func=f"""
            c := NEW;
            IF NOT EXISTS (SELECT FROM approvals_document d WHERE d.application_id = c.application_id
                           AND d.kind = 'change_decision' AND d.matter = {_MATTER}) THEN
                RAISE EXCEPTION 'change: no effect without a decision on paper' {_RAISE}
            END IF;
            IF NOT {_UNHEARD} AND (c.prior_served_at IS NULL
                OR NOT {_served("change_prior_notice")}
                OR NOT EXISTS (SELECT FROM changing_changestep WHERE change_id = c.id
                               AND transition = 'close_hearing')) THEN
                RAISE EXCEPTION 'change: whoever loses is told beforehand and heard' {_RAISE}
            END IF;
            IF NOT {_GAINS} AND NOT {_NOBODY_LEFT} AND NOT {_served("change_decision")} THEN
                RAISE EXCEPTION 'change: no effect before the decision is served' {_RAISE}
            END IF;
            IF c.programme = 'tekun' AND c.kind <> 'adjust' AND c.reason <> 'death'
               AND NOT EXISTS (SELECT FROM publicity_notice n WHERE n.application_id = c.application_id
                               AND n.purpose = 'ending' AND n.closed_because = 'expired'
                               AND n.posted_at >= c.decided_at) THEN
                RAISE EXCEPTION 'change: 特困 ends only after its full notice' {_RAISE}
            END IF;
            RETURN NEW;
        """,  # noqa: S608 - names of our own only
    )


def step_triggers() -> list[pgtrigger.Trigger]:
    """Steps form a line and lead to the state; who looked into it does not decide; JZ-12.3; SY-A1.6."""
    follows = follows_the_last(
        "change_step_follows_the_last",
        **_TRACE,
        begins="draft",
        refusal="'change step: it stands at %, not at %', stands, NEW.from_state",
    )
    leads = stands_where_steps_lead(
        "change_steps_lead_to_the_state",
        **_TRACE,
        table=_TABLE,
        key="NEW.change_id",
        operation=pgtrigger.Insert,
        refusal="'change %: step without its move', NEW.change_id",
    )
    return [follows, _handlers_do_not_review(), _rests_on_a_finding(), _unheard(), leads]


def _handlers_do_not_review() -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="handlers_do_not_review_changes",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Q(new__post__in=[Post.REVIEWER.value, Post.APPROVER.value]),
        func=f"""
            IF {_HANDLED} THEN
                RAISE EXCEPTION 'change step: whoever handled it neither reviews nor agrees' {_RAISE}
            END IF;
            RETURN NEW;
        """,
    )


def _rests_on_a_finding() -> pgtrigger.Trigger:
    """JZ-12.3: no benefit is cut or stopped on a data match alone; death and own wish are proved on paper."""
    return pgtrigger.Trigger(
        name="change_rests_on_a_finding",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Q(new__transition="propose"),
        func=f"""
            IF EXISTS (SELECT FROM changing_benefitchange c WHERE c.id = NEW.change_id
                AND NOT {_GAINS}
                AND NOT EXISTS (SELECT FROM changing_evidence e WHERE e.change_id = c.id AND CASE c.reason
                    WHEN '{Reason.DEATH.value}' THEN e.kind = '{EvidenceKind.PROOF.value}'
                    WHEN '{Reason.VOLUNTARY.value}' THEN e.kind = '{EvidenceKind.STATEMENT.value}'
                    ELSE e.kind <> '{EvidenceKind.DATA_MATCH.value}' END)) THEN
                RAISE EXCEPTION 'change: a data match alone stops nobody' {_RAISE}
            END IF;
            RETURN NEW;
        """,  # noqa: S608 - names of our own only
    )


def _unheard() -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="only_some_go_without_a_hearing",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Q(new__transition="agree_at_once"),
        func=f"""
            IF NOT EXISTS (SELECT FROM changing_benefitchange c
                           WHERE c.id = NEW.change_id AND {_UNHEARD}) THEN
                RAISE EXCEPTION 'change: whoever loses is told beforehand and heard' {_RAISE}
            END IF;
            RETURN NEW;
        """,
    )
