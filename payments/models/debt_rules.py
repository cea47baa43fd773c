"""What the database itself refuses about overpaid money, whoever writes it.

The one rule behind it, for each line of a month with its corrections: what the household was paid, less what
lists took off by themselves, less what is claimed of it, is never below what it may keep. Whoever claims and
whoever takes off wait for the line, so nothing is taken twice, once as 抵扣 and once by a recovery.
"""

from __future__ import annotations

import pgtrigger

from payments.models.asking import decided_once

_REFUSE = "RAISE EXCEPTION '%s' USING ERRCODE = 'integrity_constraint_violation';"
_FIX = "CASE {kind} WHEN 'care' THEN 'care_fix' ELSE 'correction' END"
# What is kept of month and line: lines that the bank has paid, less what lists took off without a recovery.
_KEPT = """
    SELECT COALESCE(sum(p.amount), 0) INTO kept FROM payments_payment p
     WHERE p.benefit_id = {benefit} AND p.month = {month} AND p.debt_id IS NULL
       AND p.kind IN ({kind}, {fix})
       AND (p.amount < 0 OR EXISTS (SELECT FROM payments_transfer t
                                    WHERE t.payment_id = p.id AND t.result = 'paid'));
"""
_CLAIMED = """
    SELECT COALESCE(sum(o.amount), 0), min(o.due) INTO claimed, keeps
      FROM payments_overpayment o JOIN payments_debt d ON d.id = o.debt_id AND d.state <> 'released'
     WHERE {which};
"""
_NOT_TWICE = "IF claimed > 0 AND kept - claimed < keeps THEN %s END IF;" % (
    _REFUSE % "overpaid money is taken back once"
)
_SUMS = [("kept", "NUMERIC"), ("claimed", "NUMERIC"), ("keeps", "NUMERIC")]


def _of_the_month(benefit: str, month: str, kind: str) -> str:
    names = {"benefit": benefit, "month": month, "kind": kind, "fix": _FIX.format(kind=kind)}
    which = f"o.benefit_id = {benefit} AND o.month = {month} AND o.kind = {kind}"
    return _KEPT.format(**names) + _CLAIMED.format(which=which) + _NOT_TWICE


def taken_back_once() -> pgtrigger.Trigger:
    """On lines: what a list takes off by itself leaves what is claimed."""
    kind = "CASE NEW.kind WHEN 'care_fix' THEN 'care' ELSE 'regular' END"
    return pgtrigger.Trigger(
        name="set_off_leaves_what_is_claimed",
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update,
        condition=pgtrigger.Condition("NEW.amount < 0 AND NEW.debt_id IS NULL"),
        declare=[*_SUMS, ("head", "TEXT")],
        func=f"""
            head := {kind};
            PERFORM FROM payments_payment p WHERE p.benefit_id = NEW.benefit_id AND p.month = NEW.month
                AND p.kind = head FOR NO KEY UPDATE;
            {_of_the_month("NEW.benefit_id", "NEW.month", "head")}
            RETURN NULL;
        """,
    )


def set_off_of_a_debt() -> list[pgtrigger.Trigger]:
    """On lines for a debt: decided, of a month that it claims, within its share and what is open."""
    added = pgtrigger.Trigger(
        name="set_off_is_what_was_decided",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Condition("NEW.debt_id IS NOT NULL"),
        declare=[("d", "payments_debt"), ("head", "TEXT"), ("host", "NUMERIC"), ("most", "NUMERIC")],
        func=f"""
            SELECT * INTO d FROM payments_debt WHERE id = NEW.debt_id FOR UPDATE;
            IF d.state <> 'owed' OR d.share IS NULL THEN
                {_REFUSE % "only a decided debt is set off"}
            END IF;
            head := CASE NEW.kind WHEN 'care_fix' THEN 'care' ELSE 'regular' END;
            SELECT sum(o.amount) INTO most FROM payments_overpayment o
             WHERE o.debt_id = d.id AND o.benefit_id = NEW.benefit_id AND o.month = NEW.month
               AND o.kind = head;
            IF most IS NULL OR most < (SELECT -sum(amount) FROM payments_payment WHERE debt_id = d.id
                                       AND month = NEW.month AND kind = NEW.kind) THEN
                {_REFUSE % "a month is set off for what is claimed of it"}
            END IF;
            SELECT p.amount INTO host FROM payments_payment p JOIN payments_batch b ON b.id = p.batch_id
             WHERE p.batch_id = NEW.batch_id AND p.benefit_id = NEW.benefit_id AND p.kind = head
               AND p.month = b.month;
            IF host IS NULL OR trunc(host * d.share, 2) < (SELECT -sum(amount) FROM payments_payment
                WHERE batch_id = NEW.batch_id AND benefit_id = NEW.benefit_id AND kind = NEW.kind
                  AND debt_id IS NOT NULL) THEN
                {_REFUSE % "a month is set off within the share of its own money"}
            END IF;
            UPDATE payments_debt SET set_off = set_off - NEW.amount WHERE id = d.id;
            RETURN NULL;
        """,  # noqa: S608 - our own text
    )
    removed = pgtrigger.Trigger(
        name="set_off_removed_is_open_again",
        when=pgtrigger.After,
        operation=pgtrigger.Delete,
        condition=pgtrigger.Condition("OLD.debt_id IS NOT NULL"),
        func="""
            UPDATE payments_debt SET set_off = set_off + OLD.amount WHERE id = OLD.debt_id;
            RETURN NULL;
        """,
    )
    kept = pgtrigger.Trigger(
        name="set_off_is_not_altered",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition("OLD.debt_id IS NOT NULL OR NEW.debt_id IS NOT NULL"),
        func=_REFUSE % "a line of a debt is removed or kept",
    )
    return [added, removed, kept]


def debt_triggers() -> list[pgtrigger.Trigger]:
    """States go forward; what is owed is frozen once decided; the three sums are moved by their rows."""
    return [_begins(), _forward(), _is_its_months(), _settled()]


def _begins() -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="debt_begins_as_claimed",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Condition(
            "NEW.state <> 'claimed' OR NEW.returned <> 0 OR NEW.set_off <> 0 OR NEW.waived <> 0"
        ),
        func=_REFUSE % "a debt begins as claimed",
    )


def _forward() -> pgtrigger.Trigger:
    sums = "'{returned,set_off,waived}'::text[]"
    late = "'{returned,set_off,waived,state,share,settled_at}'::text[]"
    return pgtrigger.Trigger(
        name="debt_goes_forward",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=f"""
            IF TG_OP = 'DELETE' THEN {_REFUSE % "a debt is kept"} END IF;
            IF (NEW.returned, NEW.set_off, NEW.waived)
               IS DISTINCT FROM (OLD.returned, OLD.set_off, OLD.waived)
               AND (pg_trigger_depth() < 2 OR to_jsonb(NEW) - {sums} <> to_jsonb(OLD) - {sums}
                    OR OLD.state NOT IN ('claimed', 'owed')) THEN
                {_REFUSE % "a debt is made good by its rows, while it is open"}
            END IF;
            IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (('claimed', 'owed'),
                ('claimed', 'released'), ('claimed', 'settled'), ('owed', 'settled')) THEN
                {_REFUSE % "a debt goes forward"}
            END IF;
            IF OLD.state IN ('settled', 'released') OR to_jsonb(NEW) - {late} <> to_jsonb(OLD) - {late}
               AND (OLD.state <> 'claimed' OR to_jsonb(NEW) - 'owed' <> to_jsonb(OLD) - 'owed') THEN
                {_REFUSE % "what is owed is not altered"}
            END IF;
            RETURN NEW;
        """,
    )


_IS_THE_SUM = f"""
    IF (SELECT owed FROM payments_debt WHERE id = %(debt)s) IS DISTINCT FROM
       (SELECT sum(amount) FROM payments_overpayment WHERE debt_id = %(debt)s) THEN
        {_REFUSE % "what is owed is the sum of the months"}
    END IF;
    RETURN NULL;
"""  # noqa: S608 - our own text


def _is_its_months() -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="debt_is_its_months",
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf("owed"),
        timing=pgtrigger.Deferred,
        func=_IS_THE_SUM % {"debt": "NEW.id"},
    )


def _settled() -> pgtrigger.Trigger:
    """What stands in an open list may still leave it."""
    return pgtrigger.Trigger(
        name="debt_is_settled_by_what_is_final",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition("NEW.state = 'settled' AND OLD.state <> 'settled'"),
        func=f"""
            IF EXISTS (SELECT FROM payments_payment p JOIN payments_batch b ON b.id = p.batch_id
                       WHERE p.debt_id = NEW.id AND b.state IN ('prepared', 'checked')) THEN
                {_REFUSE % "a debt is not settled by an open list"}
            END IF;
            RETURN NEW;
        """,
    )


def overpayment_triggers() -> list[pgtrigger.Trigger]:
    """Claimed of what was paid, out of the place that paid it, and while nobody has decided."""
    return [_paid_by_its_payer(), _claimed_once(), _frozen(), _sums_to_the_debt()]


def _paid_by_its_payer() -> pgtrigger.Trigger:
    """Two who claim what was paid by hand wait at its fund: moves are append-only, and the application has
    not the right that a lock on them asks for.
    """
    return pgtrigger.Trigger(
        name="overpayment_was_paid_by_its_payer",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        declare=[("d", "payments_debt")],
        func=f"""
            SELECT * INTO d FROM payments_debt WHERE id = NEW.debt_id FOR UPDATE;
            IF d.state <> 'claimed' THEN {_REFUSE % "what is owed is not altered"} END IF;
            IF NEW.payment_id IS NOT NULL THEN
                PERFORM FROM payments_payment WHERE id = NEW.payment_id FOR NO KEY UPDATE;
                PERFORM FROM payments_payment p JOIN payments_batch b ON b.id = p.batch_id
                    LEFT JOIN payments_benefit n ON n.id = p.benefit_id
                    LEFT JOIN payments_instalment i ON i.id = p.instalment_id
                    LEFT JOIN payments_grant g ON g.id = i.grant_id
                    JOIN payments_entry e ON e.batch_id = b.id AND e.kind = 'sealed'
                    LEFT JOIN payments_leg l ON l.entry_id = e.id AND l.account = 'fund'
                    WHERE p.id = NEW.payment_id AND p.kind = NEW.kind AND p.month = NEW.month
                      AND p.benefit_id IS NOT DISTINCT FROM NEW.benefit_id
                      AND d.application_id = COALESCE(n.application_id, g.application_id)
                      AND b.area_id = d.payer_id AND l.fund_id IS NOT DISTINCT FROM d.fund_id
                      AND EXISTS (SELECT FROM payments_transfer t WHERE t.payment_id = p.id
                                  AND t.result = 'paid');
            ELSE
                PERFORM FROM payments_fundmove m JOIN payments_fund f ON f.id = m.fund_id
                    WHERE m.id = NEW.fund_move_id AND f.id = d.fund_id AND f.area_id = d.payer_id
                      AND (m.kind = 'relief' OR m.kind = 'handed' AND EXISTS (
                          SELECT FROM payments_handover h JOIN payments_instalment i ON i.id = h.instalment_id
                          JOIN payments_grant g ON g.id = i.grant_id
                          WHERE h.fund_move_id = m.id AND g.application_id = d.application_id))
                    FOR NO KEY UPDATE OF f;
            END IF;
            IF NOT FOUND THEN {_REFUSE % "only what the payer has paid is claimed back"} END IF;
            RETURN NEW;
        """,  # noqa: S608 - our own text
    )


def _claimed_once() -> pgtrigger.Trigger:
    one_payment = """
        SELECT COALESCE(sum(p.amount), 0) INTO kept FROM payments_payment p WHERE p.id = NEW.payment_id;
    """
    one_move = "SELECT -m.amount INTO kept FROM payments_fundmove m WHERE m.id = NEW.fund_move_id;"
    return pgtrigger.Trigger(
        name="overpayment_is_claimed_once",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        declare=_SUMS,
        func=f"""
            IF NEW.benefit_id IS NOT NULL THEN
                {_of_the_month("NEW.benefit_id", "NEW.month", "NEW.kind")}
            ELSIF NEW.payment_id IS NOT NULL THEN
                {one_payment} {_CLAIMED.format(which="o.payment_id = NEW.payment_id")} {_NOT_TWICE}
            ELSE
                {one_move} {_CLAIMED.format(which="o.fund_move_id = NEW.fund_move_id")} {_NOT_TWICE}
            END IF;
            RETURN NULL;
        """,
    )


def _frozen() -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="overpayment_is_frozen",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=f"""
            IF TG_OP = 'DELETE' THEN
                PERFORM FROM payments_debt WHERE id = OLD.debt_id AND state = 'claimed' FOR UPDATE;
                IF FOUND THEN RETURN OLD; END IF;
            END IF;
            {_REFUSE % "what is owed is not altered"}
        """,
    )


def _sums_to_the_debt() -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="overpayments_sum_to_the_debt",
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Delete,
        timing=pgtrigger.Deferred,
        func=_IS_THE_SUM % {"debt": "COALESCE(NEW.debt_id, OLD.debt_id)"},
    )


def repayment_triggers() -> list[pgtrigger.Trigger]:
    """Booked to the fund it was paid from, to the fen, and counted on the debt."""
    return [
        pgtrigger.Trigger(
            name="repayment_is_booked_where_it_came_from",
            when=pgtrigger.After,
            operation=pgtrigger.Insert,
            func=f"""
                IF NOT EXISTS (
                    SELECT FROM payments_debt d
                      JOIN payments_leg back ON back.entry_id = NEW.entry_id AND back.amount = NEW.amount
                           AND back.area_id = d.payer_id AND back.fund_id IS NOT DISTINCT FROM d.fund_id
                           AND back.account = CASE WHEN d.fund_id IS NULL THEN 'budget' ELSE 'fund' END
                      JOIN payments_leg paid ON paid.entry_id = NEW.entry_id AND paid.account = 'paid'
                           AND paid.amount = -NEW.amount
                     WHERE d.id = NEW.debt_id AND d.payer_id = NEW.payer_id) THEN
                    {_REFUSE % "what comes back is booked to where it was paid from"}
                END IF;
                UPDATE payments_debt SET returned = returned + NEW.amount WHERE id = NEW.debt_id;
                RETURN NULL;
            """,  # noqa: S608 - our own text
        )
    ]


def waiver_triggers() -> list[pgtrigger.Trigger]:
    """Asked first, decided once, and counted on the debt when granted."""
    counts = pgtrigger.Trigger(
        name="waiver_granted_counts",
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition("NEW.granted AND OLD.granted IS NULL"),
        func="""
                UPDATE payments_debt SET waived = waived + NEW.amount WHERE id = NEW.debt_id;
                RETURN NULL;
            """,
    )
    return [*decided_once("waiver"), counts]
