"""What the database itself refuses about keeping a benefit by 一事一议, and about renewing one."""

from __future__ import annotations

import pgtrigger

from approvals.settling.validity import RENEWABLE_DAYS

_REFUSED = "USING ERRCODE = 'integrity_constraint_violation'"


def renewal_is_asked_for_in_time() -> pgtrigger.Trigger:
    """LC-4.4b: for the next term of the settlement behind the benefit, from so many days before the end of
    this one to its last day; what was refused once is asked for anew by an application.
    """
    return pgtrigger.Trigger(
        name="renewal_is_asked_for_in_time",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Q(new__settlement__isnull=False),
        declare=[("day", "DATE")],
        func=f"""
            day := (NEW.recorded_at AT TIME ZONE 'Asia/Shanghai')::date;
            IF NOT EXISTS (
                SELECT FROM settling_casebycase s
                  JOIN payments_benefit b ON b.application_id = s.application_id
                 WHERE s.id = NEW.settlement_id AND b.id = NEW.benefit_id
                   AND b.application_id = NEW.application_id
                   AND s.confirmed_on IS NOT NULL AND s.lapsed_on IS NULL
                   AND day BETWEEN coalesce(s.renewed_until, s.valid_until) - {RENEWABLE_DAYS}
                       AND coalesce(s.renewed_until, s.valid_until)
                   AND NEW.renewal = 1 + (
                        SELECT count(*) FROM settling_renewal n WHERE n.settlement_id = s.id))
               OR EXISTS (
                SELECT FROM rechecking_economicrecheck r JOIN rechecking_keeping k ON k.recheck_id = r.id
                 WHERE r.settlement_id = NEW.settlement_id AND r.renewal = NEW.renewal) THEN
                RAISE EXCEPTION 'recheck: no renewal can be asked for now' {_REFUSED};
            END IF;
            RETURN NEW;
        """,  # noqa: S608 - a phrase and a number of our own only
    )


def keeping_rests_on_records() -> pgtrigger.Trigger:
    """LC-3.4, LC-4.4b: only after a re-check that allows it and a valid appraisal held since, where one is
    due, and by another person; nothing is kept against the vote, above the limit, or before the district has
    acknowledged where filing comes first (SY-4.4a); a term is given exactly where one was asked for.
    """
    return pgtrigger.Trigger(
        name="keeping_rests_on_records",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=f"""
            IF NOT EXISTS (
                SELECT FROM rechecking_economicrecheck r
                  LEFT JOIN settling_appraisal a ON a.id = NEW.appraisal_id
                   AND a.application_id = r.application_id AND a.purpose = 'check' AND a.valid
                   AND a.recorded_at >= r.recorded_at AND a.held_at <= coalesce(NEW.held_at, NEW.at)
                  LEFT JOIN settling_renewal n ON n.id = NEW.renewal_id
                 WHERE r.id = NEW.recheck_id AND r.result = 'case_by_case'
                   AND NEW.by_id <> r.recorded_by_id
                   AND (a.id IS NULL AND NEW.appraisal_id IS NULL AND NOT r.appraisal_required
                        OR a.id IS NOT NULL AND NEW.by_id <> a.recorded_by_id
                        AND (NEW.outcome = 'refused' OR 2 * a.n_for > a.n_for + a.n_against + a.n_abstained))
                   AND (r.settlement_id IS NULL AND NEW.held_at IS NOT NULL AND NEW.renewal_id IS NULL
                        OR r.settlement_id IS NOT NULL AND NEW.opinion IS NOT NULL
                        AND (NEW.outcome = 'refused' AND NEW.renewal_id IS NULL
                             OR NEW.outcome = 'approved'
                             AND (n.settlement_id, n.number, n.valid_until, n.by_id)
                                 = (r.settlement_id, r.renewal, NEW.valid_until, NEW.by_id)
                             AND (NOT r.filing_first OR EXISTS (
                                  SELECT FROM settling_filing f WHERE f.settlement_id = r.settlement_id
                                  AND f.renewal = r.renewal AND f.body = 'district'
                                  AND f.acknowledged_at IS NOT NULL))
                             AND NOT EXISTS (
                                  SELECT FROM payments_benefitrevision v WHERE v.benefit_id = r.benefit_id
                                  AND v.valid_to IS NULL AND v.monthly > r.monthly_max)))) THEN
                RAISE EXCEPTION 'keeping: no re-check, appraisal or second person behind it' {_REFUSED};
            END IF;
            RETURN NEW;
        """,  # noqa: S608 - a phrase of our own only
    )
