"""What the database itself refuses about an emergency relief, whoever writes it."""

from __future__ import annotations

from collections.abc import Iterable

import pgtrigger

from approvals.steps import follows_the_last, stands_where_steps_lead

_REFUSE = "RAISE EXCEPTION '%s' USING ERRCODE = 'integrity_constraint_violation';"
_TRACE = {"steps": "relief_reliefstep", "matter": "relief_id"}


def kept_but_for(name: str, columns: Iterable[str]) -> pgtrigger.Trigger:
    """Rows stay; only the named columns, which later steps fill in, may change."""
    late = ",".join(sorted(columns))
    return pgtrigger.Trigger(
        name=f"{name}_is_kept",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=f"""
            IF TG_OP = 'UPDATE' THEN
                IF to_jsonb(NEW) - '{{{late}}}'::text[] = to_jsonb(OLD) - '{{{late}}}'::text[] THEN
                    RETURN NEW;
                END IF;
            END IF;
            {_REFUSE % f"{name}: what was registered is kept"}
        """,
    )


def filled_in_once(name: str, columns: Iterable[str]) -> pgtrigger.Trigger:
    """What a step filled in (who, when, how much) is not altered by a later one."""
    changed = " OR ".join(
        f"(OLD.{column} IS NOT NULL AND NEW.{column} IS DISTINCT FROM OLD.{column})"
        for column in sorted(columns)
    )
    return pgtrigger.Trigger(
        name=f"{name}_is_filled_in_once",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        func=f"""
            IF {changed} THEN
                {_REFUSE % f"{name}: what a step has signed is not altered"}
            END IF;
            RETURN NEW;
        """,
    )


def relatives_keep_away() -> pgtrigger.Trigger:
    """Whoever is a relative of the person neither registers, agrees, hands over nor settles (JZ-12.1)."""
    return pgtrigger.Trigger(
        name="relatives_keep_away",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update,
        func=f"""
            IF NEW.recused && ARRAY_REMOVE(ARRAY[NEW.registered_by_id, NEW.decided_by_id, NEW.paid_by_id,
                                                 NEW.closed_by_id]::bigint[], NULL) THEN
                {_REFUSE % "relief: a relative keeps away"}
            END IF;
            RETURN NEW;
        """,
    )


def step_follows_the_last() -> pgtrigger.Trigger:
    """Each step begins where the last one ended."""
    return follows_the_last(
        "relief_step_follows_the_last",
        **_TRACE,
        begins="",
        refusal="'relief step: the relief stands elsewhere'",
    )


def state_follows_the_steps() -> pgtrigger.Trigger:
    """At commit, a relief stands where its last step leads."""
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("state")
    return _stands("relief_state_follows_the_steps", key="NEW.id", operation=operation)


def steps_lead_to_the_state() -> pgtrigger.Trigger:
    """The other way round: at commit, a new step has moved its relief."""
    return _stands("relief_steps_lead_to_the_state", key="NEW.relief_id", operation=pgtrigger.Insert)


def _stands(name: str, **where) -> pgtrigger.Trigger:
    return stands_where_steps_lead(
        name, **_TRACE, table="relief_emergencyrelief", refusal="'relief: state and steps part'", **where
    )


def told_to_the_district() -> pgtrigger.Trigger:
    """Whoever pays tells the district in the same transaction, and the township's reserve is less by as much
    (DT-4.3, SY-4.4b).
    """
    return pgtrigger.Trigger(
        name="paid_relief_is_told",
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update,
        timing=pgtrigger.Deferred,
        condition=pgtrigger.Q(new__state__in=["paid", "completed", "closed"]),
        func=f"""
            IF NOT EXISTS (SELECT FROM relief_districtnotice WHERE relief_id = NEW.id) THEN
                {_REFUSE % "relief: paid without telling the district"}
            END IF;
            IF NOT EXISTS (
                SELECT FROM payments_fundmove m JOIN payments_fund f ON f.id = m.fund_id
                 WHERE m.id = NEW.fund_move_id AND m.kind = 'relief' AND m.amount = -NEW.amount
                   AND f.area_id = NEW.township_id) THEN
                {_REFUSE % "relief: not what the reserve paid"}
            END IF;
            RETURN NULL;
        """,  # noqa: S608 - our own text
    )


def completed_by_an_approval() -> pgtrigger.Trigger:
    """补办手续 ends with an approved application and nothing less."""
    return pgtrigger.Trigger(
        name="relief_is_completed_by_an_approval",
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update,
        timing=pgtrigger.Deferred,
        condition=pgtrigger.Q(new__state="completed"),
        func=f"""
            IF NOT EXISTS (
                SELECT FROM relief_emergencyrelief r
                  JOIN cases_application a ON a.id = r.application_id AND a.programme = 'linshi'
                  JOIN payments_grant g ON g.application_id = a.id
                  JOIN payments_instalment i ON i.grant_id = g.id AND i.amount = r.amount
                                            AND i.advanced_on IS NOT NULL
                 WHERE r.id = NEW.id AND a.state = 'approved') THEN
                {_REFUSE % "relief: completed without an approval that counts it"}
            END IF;
            RETURN NULL;
        """,
    )
