"""What the database itself refuses about changes of benefits, whoever writes them."""

from __future__ import annotations

from functools import reduce
from operator import or_

import pgtrigger
from django.db.models import F, Q

from approvals.changing.enums import ChangeKind, EvidenceKind, Reason
from approvals.changing.enums import ChangeState as State
from approvals.changing.workflow import TRANSITIONS
from approvals.serving.chain import SERVING
from approvals.workflow import Transition
from cases.enums import Programme
from organisations.enums import Post

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
    return reduce(or_, map(_allowed, TRANSITIONS.values()))


def _allowed(move: Transition) -> Q:
    return Q(
        transition=move.name,
        from_state__in=sorted(state.value for state in move.sources),
        to_state=move.target.value,
        post__in=sorted({*move.posts, *([""] if move.by_system else [])}),
    )


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
    follows = pgtrigger.Trigger(
        name="change_state_follows_the_steps",
        when=pgtrigger.After,
        operation=pgtrigger.UpdateOf("state"),
        timing=pgtrigger.Deferred,
        condition=pgtrigger.Condition("OLD.state IS DISTINCT FROM NEW.state"),
        declare=[("stands", "TEXT")],
        func=f"""
            SELECT to_state INTO stands FROM changing_changestep
             WHERE change_id = NEW.id ORDER BY id DESC LIMIT 1;
            IF stands IS DISTINCT FROM (SELECT state FROM changing_benefitchange WHERE id = NEW.id) THEN
                RAISE EXCEPTION 'change %: state moved without its step', NEW.id {_RAISE}
            END IF;
            RETURN NULL;
        """,  # noqa: S608 - names of our own only
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
    return [_follows_the_last(), _handlers_do_not_review(), _rests_on_a_finding(), _unheard(), _leads()]


def _follows_the_last() -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="change_step_follows_the_last",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        declare=[("stands", "TEXT")],
        func=f"""
            SELECT to_state INTO stands FROM changing_changestep
             WHERE change_id = NEW.change_id ORDER BY id DESC LIMIT 1;
            IF NEW.from_state <> COALESCE(stands, 'draft') THEN
                RAISE EXCEPTION 'change step: it stands at %, not at %', stands, NEW.from_state {_RAISE}
            END IF;
            RETURN NEW;
        """,  # noqa: S608 - names of our own only
    )


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


def _leads() -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="change_steps_lead_to_the_state",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        timing=pgtrigger.Deferred,
        declare=[("stands", "TEXT")],
        func=f"""
            SELECT to_state INTO stands FROM changing_changestep
             WHERE change_id = NEW.change_id ORDER BY id DESC LIMIT 1;
            IF stands IS DISTINCT FROM
               (SELECT state FROM changing_benefitchange WHERE id = NEW.change_id) THEN
                RAISE EXCEPTION 'change %: step without its move', NEW.change_id {_RAISE}
            END IF;
            RETURN NULL;
        """,  # noqa: S608 - names of our own only
    )
