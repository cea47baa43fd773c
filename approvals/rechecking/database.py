"""What the database itself refuses about keeping a benefit by 一事一议."""

from __future__ import annotations

import pgtrigger

_REFUSED = "USING ERRCODE = 'integrity_constraint_violation'"


def keeping_rests_on_records() -> pgtrigger.Trigger:
    """LC-3.4: only after a re-check that allows it, a valid appraisal held since, and by another person;
    nothing is kept against the vote of the appraisal.
    """
    return pgtrigger.Trigger(
        name="keeping_rests_on_records",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=f"""
            IF NOT EXISTS (
                SELECT FROM rechecking_economicrecheck r
                  JOIN settling_appraisal a ON a.application_id = r.application_id
                 WHERE r.id = NEW.recheck_id AND a.id = NEW.appraisal_id
                   AND r.result = 'case_by_case' AND a.valid AND a.recorded_at >= r.recorded_at
                   AND a.held_at <= NEW.held_at
                   AND NEW.by_id NOT IN (r.recorded_by_id, a.recorded_by_id)
                   AND (NEW.outcome = 'refused'
                        OR 2 * a.n_for > a.n_for + a.n_against + a.n_abstained)) THEN
                RAISE EXCEPTION 'keeping: no re-check, appraisal or second person behind it' {_REFUSED};
            END IF;
            RETURN NEW;
        """,  # noqa: S608 - a phrase of our own only
    )
