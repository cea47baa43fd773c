"""What each programme gives, as conditions in the database: no row says more, less or something else.

低保: an amount a month. 低边: a status, no money. 特困: an amount a month, the care fee in it and the pocket
money named. 临时救助: one amount, in one payment or in dated instalments that add up to it (DT-3.3).
"""

from __future__ import annotations

import pgtrigger
from django.db.models import F, Q

from approvals.enums import Outcome
from cases.enums import Programme

_MONEY = ("monthly", "care_fee", "pocket_money", "amount")


def _without(*names: str) -> Q:
    return Q(**{f"{name}__isnull": True for name in names})


def _is_more_than_nothing(name: str) -> Q:
    # IS NOT NULL is spelt out: a comparison with NULL is not false, and a check admits it.
    return Q(**{f"{name}__isnull": False, f"{name}__gt": 0})


def _within(name: str, room) -> Q:
    return Q(**{f"{name}__gte": 0, f"{name}__lte": room})


def _monthly_money() -> Q:
    """低保 and 特困."""
    dibao = Q(programme=Programme.DIBAO) & _without("care_fee", "pocket_money", "amount")
    pocket = _without("pocket_money") | _within("pocket_money", F("monthly") - F("care_fee"))
    tekun = Q(programme=Programme.TEKUN, care_fee__isnull=False) & _within("care_fee", F("monthly"))
    return (
        _is_more_than_nothing("monthly") & Q(instalments=[]) & (dibao | tekun & _without("amount") & pocket)
    )


def _status() -> Q:
    """低边."""
    return Q(programme=Programme.DIBIAN, instalments=[]) & _without(*_MONEY)


def _one_off() -> Q:
    """临时救助."""
    others = _without("monthly", "care_fee", "pocket_money")
    return Q(programme=Programme.LINSHI) & _is_more_than_nothing("amount") & others


def proposal_shape() -> Q:
    """A favourable opinion says what its programme gives, a one-off amount within its limit; another one
    nothing.
    """
    limited = Q(one_off_max__isnull=False, amount__lte=F("one_off_max"))
    given = _monthly_money() & _without("one_off_max") | _status() & _without("one_off_max")
    favourable = Q(outcome=Outcome.APPROVED, n_covered__gt=0) & (given | _one_off() & limited)
    nothing = Q(outcome=Outcome.REFUSED, instalments=[]) & _without(*_MONEY)
    return favourable | nothing


def decision_shape() -> Q:
    """An approval says what its programme gives, and from which month where it goes on; a refusal nothing."""
    from_a_month = Q(starts_on__isnull=False, starts_on__day=1)
    given = (_monthly_money() | _status()) & from_a_month | _one_off() & _without("starts_on")
    nothing = Q(outcome=Outcome.REFUSED, instalments=[]) & _without(*_MONEY, "starts_on")
    return Q(outcome=Outcome.APPROVED) & given | nothing


def instalments_sum_up(name: str) -> pgtrigger.Trigger:
    """Each instalment is more than nothing, no two share a day, and together they are the amount (DT-3.3)."""
    return pgtrigger.Trigger(
        name=f"{name}_instalments_sum_up",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Condition("NEW.instalments <> '[]'::jsonb"),
        declare=[("total", "NUMERIC"), ("smallest", "NUMERIC"), ("days", "INTEGER"), ("parts", "INTEGER")],
        func=f"""
            SELECT sum((part->>'amount')::numeric), min((part->>'amount')::numeric),
                   count(DISTINCT (part->>'on')::date), count(*)
              INTO total, smallest, days, parts
              FROM jsonb_array_elements(NEW.instalments) AS part;
            IF total IS DISTINCT FROM NEW.amount OR smallest <= 0 OR days <> parts THEN
                RAISE EXCEPTION '{name}: the instalments are not the amount'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NULL;
        """,  # noqa: S608 - a name of our own only
    )


def programme_is_the_applications(name: str) -> pgtrigger.Trigger:
    """The programme that a row repeats is that of its application."""
    return pgtrigger.Trigger(
        name=f"{name}_is_of_its_programme",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        func=f"""
            IF NEW.programme <> (SELECT programme FROM cases_application WHERE id = NEW.application_id) THEN
                RAISE EXCEPTION '{name}: of another programme than its application'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NULL;
        """,  # noqa: S608 - a name of our own only
    )


def approved_as_proposed() -> pgtrigger.Trigger:
    """What is approved is what was proposed in this round, to the fen: 审批 confirms, it invents nothing."""
    same = " AND ".join(f"p.{column} IS NOT DISTINCT FROM NEW.{column}" for column in _MONEY)
    return pgtrigger.Trigger(
        name="approved_as_proposed",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Q(new__outcome=Outcome.APPROVED.value),
        func=f"""
            IF NOT EXISTS (
                SELECT FROM approvals_proposal p JOIN cases_application a ON a.id = p.application_id
                 WHERE p.id = NEW.proposal_id AND p.application_id = NEW.application_id
                   AND p.investigation_round = a.investigation_round AND p.outcome = 'approved'
                   AND {same} AND p.instalments = NEW.instalments) THEN
                RAISE EXCEPTION 'decision: not what was proposed'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NULL;
        """,  # noqa: S608 - names of our own columns only
    )


def tekun_rests_on_agreement() -> pgtrigger.Trigger:
    """SY-A2.1a, DT-2.2: no 特困 without a signed service agreement and a self-care assessment."""
    return pgtrigger.Trigger(
        name="tekun_rests_on_agreement",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Q(new__outcome=Outcome.APPROVED.value, new__programme=Programme.TEKUN.value),
        func="""
            IF NOT EXISTS (SELECT FROM cases_careagreement WHERE application_id = NEW.application_id)
               OR NOT EXISTS (SELECT FROM cases_selfcareassessment s JOIN cases_application a
                              ON a.id = s.application_id AND a.investigation_round = s.investigation_round
                              WHERE a.id = NEW.application_id) THEN
                RAISE EXCEPTION 'decision: 特困 without service agreement or self-care assessment'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NULL;
        """,
    )
