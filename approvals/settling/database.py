"""What the database itself refuses about 一事一议, whoever writes it."""

from __future__ import annotations

import pgtrigger
from django.db.models import F, Q

from approvals.enums import Outcome

_REFUSED = "USING ERRCODE = 'integrity_constraint_violation'"


def valid_appraisal() -> Q:
    """LC-4.2b, DT-4.1: enough people, of all four capacities, watched where that is needed; or defects."""
    everybody = Q(
        n_staff__gte=F("min_people") + F("n_recused") - F("n_committee") - F("n_cadre") - F("n_resident"),
        n_staff__gt=0,
        n_committee__gt=0,
        n_cadre__gt=0,
        n_resident__gt=0,
    )
    watched = Q(observer_needed=False) | Q(n_observer__gt=0)
    return Q(valid=True, defects=[]) & everybody & watched | (Q(valid=False) & ~Q(defects=[]))


def within_the_limit() -> Q:
    """A favourable determination gives a sum within its limit, or the mere status; another one nothing."""
    # IS NOT NULL is spelt out: a comparison with NULL is not false, and a check admits it.
    nothing = Q(monthly__isnull=True, care_fee__isnull=True, amount__isnull=True)
    monthly = Q(
        monthly__isnull=False,
        monthly__gt=0,
        monthly_max__isnull=False,
        monthly__lte=F("monthly_max"),
        standard__isnull=False,
        amount__isnull=True,
    )
    by_heads = Q(care_fee__isnull=True, monthly_max=F("standard") * F("n_covered"))
    with_care = Q(care_fee__isnull=False, monthly_max=F("standard") + F("care_fee"), n_covered=1)
    once = Q(
        amount__isnull=False,
        amount__gt=0,
        one_off_max__isnull=False,
        amount__lte=F("one_off_max"),
        monthly__isnull=True,
        care_fee__isnull=True,
    )
    status = nothing & Q(monthly_max__isnull=True, one_off_max__isnull=True)
    given = monthly & (by_heads | with_care) | once | status
    return Q(outcome=Outcome.APPROVED, n_covered__gt=0) & given | Q(outcome=Outcome.REFUSED) & nothing


def only_late_columns() -> pgtrigger.Trigger:
    """A settlement is kept as it was begun; its confirmation and its lapse are each written once, and it is
    renewed as far as its renewals say.
    """
    late = "'{confirmed_on,valid_until,renewed_until,lapsed_on}'::text[]"
    return pgtrigger.Trigger(
        name="settlement_is_kept_as_begun",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=f"""
            IF TG_OP = 'UPDATE' THEN
                IF to_jsonb(NEW) - {late} = to_jsonb(OLD) - {late}
                   AND (OLD.confirmed_on IS NULL OR (NEW.confirmed_on, NEW.valid_until)
                        IS NOT DISTINCT FROM (OLD.confirmed_on, OLD.valid_until))
                   AND OLD.lapsed_on IS NULL
                   AND (NEW.renewed_until IS NOT DISTINCT FROM OLD.renewed_until
                        OR NEW.renewed_until = (SELECT max(r.valid_until) FROM settling_renewal r
                                                WHERE r.settlement_id = NEW.id)) THEN
                    RETURN NEW;
                END IF;
            END IF;
            RAISE EXCEPTION 'settlement: kept as it was begun' {_REFUSED};
        """,  # noqa: S608 - a phrase of our own only
    )


def renewal_follows_the_last_term() -> pgtrigger.Trigger:
    """LC-4.4b: terms form one chain, each beginning on the day after the last; what has lapsed is over."""
    return pgtrigger.Trigger(
        name="renewal_follows_the_last_term",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=f"""
            PERFORM FROM settling_casebycase s
              WHERE s.id = NEW.settlement_id AND s.lapsed_on IS NULL
                AND coalesce(s.renewed_until, s.valid_until) + 1 = NEW.valid_from
                AND (NEW.at AT TIME ZONE 'Asia/Shanghai')::date < NEW.valid_from
                AND NEW.number = 1 + (SELECT count(*) FROM settling_renewal r WHERE r.settlement_id = s.id)
              FOR UPDATE;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'renewal: does not follow the last term' {_REFUSED};
            END IF;
            RETURN NEW;
        """,  # noqa: S608 - a phrase of our own only
    )


def renewal_moves_the_end() -> pgtrigger.Trigger:
    """The settlement holds until the end of its newest renewal, whoever wrote that."""
    return pgtrigger.Trigger(
        name="renewal_moves_the_end",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        func="""
            UPDATE settling_casebycase SET renewed_until = NEW.valid_until WHERE id = NEW.settlement_id;
            RETURN NULL;
        """,
    )


def renewal_rests_on_a_determination() -> pgtrigger.Trigger:
    """At commit: a determination gave it, and the benefit goes on exactly as long as it does."""
    return pgtrigger.Trigger(
        name="renewal_rests_on_a_determination",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        timing=pgtrigger.Deferred,
        func=f"""
            IF NOT EXISTS (
                SELECT FROM rechecking_keeping k
                  JOIN settling_casebycase s ON s.id = NEW.settlement_id
                  JOIN payments_benefit b ON b.application_id = s.application_id
                 WHERE k.renewal_id = NEW.id
                   AND b.ends_on = date_trunc('month', s.renewed_until + interval '1 month')::date) THEN
                RAISE EXCEPTION 'renewal: no determination behind it, or another end' {_REFUSED};
            END IF;
            RETURN NULL;
        """,  # noqa: S608 - a phrase of our own only
    )


def urgent_is_an_emergency() -> pgtrigger.Trigger:
    """LC-4.2c: only 急难 may leave the appraisal for later."""
    return pgtrigger.Trigger(
        name="urgent_settlement_is_an_emergency",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Q(new__urgent=True),
        func=f"""
            IF NOT EXISTS (SELECT FROM cases_linshirequest
                           WHERE application_id = NEW.application_id AND kind = 'emergency') THEN
                RAISE EXCEPTION 'settlement: only 急难 is urgent' {_REFUSED};
            END IF;
            RETURN NEW;
        """,  # noqa: S608 - a phrase of our own only
    )


def proposal_says_the_same() -> pgtrigger.Trigger:
    """What was determined is what is proposed, to the fen, on the same application and round."""
    return pgtrigger.Trigger(
        name="determination_is_its_proposal",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=f"""
            IF NOT EXISTS (
                SELECT FROM approvals_proposal p JOIN settling_casebycase s ON s.id = NEW.settlement_id
                 WHERE p.id = NEW.proposal_id AND p.application_id = s.application_id
                   AND p.investigation_round = s.investigation_round AND p.outcome = NEW.outcome
                   AND p.by_id = NEW.by_id AND p.n_covered = NEW.n_covered
                   AND p.monthly IS NOT DISTINCT FROM NEW.monthly
                   AND p.care_fee IS NOT DISTINCT FROM NEW.care_fee
                   AND p.amount IS NOT DISTINCT FROM NEW.amount) THEN
                RAISE EXCEPTION 'determination: not what is proposed' {_REFUSED};
            END IF;
            RETURN NEW;
        """,  # noqa: S608 - a phrase of our own only
    )


def acknowledged_once() -> pgtrigger.Trigger:
    """A filing is kept as it was sent, and acknowledged once."""
    late = "'{acknowledged_by_id,acknowledged_at,answer}'::text[]"
    return pgtrigger.Trigger(
        name="filing_is_acknowledged_once",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=f"""
            IF TG_OP = 'UPDATE' THEN
                IF OLD.acknowledged_by_id IS NULL AND to_jsonb(NEW) - {late} = to_jsonb(OLD) - {late} THEN
                    RETURN NEW;
                END IF;
            END IF;
            RAISE EXCEPTION 'filing: kept as it was sent' {_REFUSED};
        """,  # noqa: S608 - a phrase of our own only
    )


def one_post_in_both_traces() -> pgtrigger.Trigger:
    """Nobody stands in the trace of the application in one post and in that of its settlement in another."""
    return pgtrigger.Trigger(
        name="one_post_in_both_traces",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Q(new__actor__isnull=False),
        func=f"""
            IF EXISTS (SELECT FROM approvals_step WHERE application_id = NEW.application_id
                       AND actor_id = NEW.actor_id AND post <> NEW.post) THEN
                RAISE EXCEPTION 'settling: acted on the application in another post' {_REFUSED};
            END IF;
            RETURN NEW;
        """,  # noqa: S608 - a phrase of our own only
    )


def steps_rest_on_records() -> pgtrigger.Trigger:
    """On `Step`: 一事一议 goes on only by its record of this round, and by the way that its rules took."""
    return pgtrigger.Trigger(
        name="settling_steps_rest_on_records",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Q(new__transition__in=["refer", "settle", "settle_at_once", "settle_against"]),
        declare=[("settled", "RECORD")],
        func=f"""
            SELECT s.notice_due, d.outcome INTO settled
              FROM settling_casebycase s
              JOIN cases_application a ON a.id = s.application_id
               AND a.investigation_round = s.investigation_round
              LEFT JOIN settling_determination d ON d.settlement_id = s.id
             WHERE s.application_id = NEW.application_id;
            IF NOT FOUND
               OR NEW.transition = 'settle' AND (settled.outcome, settled.notice_due)
                  IS DISTINCT FROM ('approved', true)
               OR NEW.transition = 'settle_at_once' AND (settled.outcome, settled.notice_due)
                  IS DISTINCT FROM ('approved', false)
               OR NEW.transition = 'settle_against' AND settled.outcome IS DISTINCT FROM 'refused' THEN
                RAISE EXCEPTION 'step: 一事一议 without its record' {_REFUSED};
            END IF;
            RETURN NEW;
        """,  # noqa: S608 - a phrase of our own only
    )


def nobody_settles_and_acts_otherwise() -> pgtrigger.Trigger:
    """On `Step`: the other direction of `one_post_in_both_traces`."""
    return pgtrigger.Trigger(
        name="one_post_in_both_traces_too",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Q(new__actor__isnull=False),
        func=f"""
            IF EXISTS (SELECT FROM settling_entry WHERE application_id = NEW.application_id
                       AND actor_id = NEW.actor_id AND post <> NEW.post) THEN
                RAISE EXCEPTION 'step: acted on the settlement in another post' {_REFUSED};
            END IF;
            RETURN NEW;
        """,  # noqa: S608 - a phrase of our own only
    )


def settled_approval_rests_on_records() -> pgtrigger.Trigger:
    """On `Decision`: what came by 一事一议 is approved only as determined, after a favourable appraisal where
    one is due, and after the district has acknowledged where filing comes first (SY-4.4a).
    """
    return pgtrigger.Trigger(
        name="settled_approval_rests_on_records",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Q(new__outcome="approved"),
        declare=[("settled", "RECORD")],
        func=f"""
            SELECT s.*, d.proposal_id, d.outcome INTO settled
              FROM settling_casebycase s
              JOIN cases_application a ON a.id = s.application_id
               AND a.investigation_round = s.investigation_round
              LEFT JOIN settling_determination d ON d.settlement_id = s.id
             WHERE s.application_id = NEW.application_id;
            IF NOT FOUND THEN
                RETURN NEW;
            END IF;
            IF (settled.outcome, settled.proposal_id) IS DISTINCT FROM ('approved', NEW.proposal_id)
               OR settled.appraisal_required AND NOT settled.urgent AND NOT EXISTS (
                    SELECT FROM settling_appraisal WHERE settlement_id = settled.id AND valid
                    AND 2 * n_for > n_for + n_against + n_abstained)
               OR settled.filing_first AND NOT EXISTS (
                    SELECT FROM settling_filing WHERE settlement_id = settled.id AND body = 'district'
                    AND acknowledged_at IS NOT NULL) THEN
                RAISE EXCEPTION 'decision: 一事一议 without determination, appraisal or filing' {_REFUSED};
            END IF;
            RETURN NEW;
        """,  # noqa: S608 - a phrase of our own only
    )
