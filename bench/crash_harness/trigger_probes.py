"""What each trigger holds: one statement (or a few) that only it refuses, or that only the audit sees."""

from __future__ import annotations

from dataclasses import dataclass

from bench.crash_harness.guards import Guard

_OPEN = "(SELECT id FROM payments_batch WHERE state = 'prepared' AND programme = '{}' ORDER BY id LIMIT 1)"
_SENT = "(SELECT id FROM payments_batch WHERE state = 'sent' ORDER BY id LIMIT 1)"
_FUND = "(SELECT id FROM payments_fund WHERE purpose = 'linshi')"
_NEW_ENTRY = """
    INSERT INTO payments_entry (id, stream, sequence, hash, kind, at)
    VALUES (999999, 'ledger:probe', 0, '', 'fund', now())
"""
_LEGS = f"""
    INSERT INTO payments_leg (entry_id, area_id, account, fund_id, amount)
    SELECT 999999, area_id, account, fund, amount FROM payments_fund,
        (VALUES ('fund', {_FUND}, -5.00), ('paid', NULL, 5.00)) v (account, fund, amount)
    WHERE id = {_FUND}
"""  # noqa: S608 - our own text
_MOVE = f"""
    INSERT INTO payments_fundmove (fund_id, kind, amount, balance_after, reason, note, entry_id, by_id, at)
    SELECT fund_id, 'relief', -5.00, 0, '', '', {{entry}}, by_id, at FROM payments_fundmove
    WHERE fund_id = {_FUND} LIMIT 1
"""  # noqa: S608 - our own text
_NEW_PAYMENT = """
    INSERT INTO payments_payment (batch_id, benefit_id, revision_id, kind, month, amount, reverses_id)
    SELECT {batch}, benefit_id, revision_id, {kind}, {month}, amount, {reverses} FROM payments_payment p
    WHERE kind = 'regular' AND batch_id = {source} ORDER BY p.id LIMIT 1
"""  # noqa: S608 - our own text
_CHAINED = """
    INSERT INTO {table}
    SELECT (jsonb_populate_record(r, '{{"id": 999999, "hash": "0", "sequence": 0{more}}}')).*
    FROM {table} r ORDER BY id DESC LIMIT 1
"""

_FIRST_SEALED = "(SELECT id FROM payments_batch WHERE sealed_at IS NOT NULL AND programme = 'dibao' LIMIT 1)"
_NEW_FILE = f"""
    INSERT INTO payments_bankfile (id, batch_id, run, sequence, number, n_transfers, total, xlsx, xlsx_sha256,
        csv, csv_sha256, made_by_id, made_at)
    SELECT 999999, id, 9, 9, 'X-9', 1, 585, '', '', '', '', {{maker}}, now()
    FROM payments_batch WHERE id = {_SENT}
"""  # noqa: S608 - our own text


_COPY = """
    INSERT INTO payments_{table}
    SELECT (jsonb_populate_record(r, jsonb_build_object('id', 999999, {changed}))).*
    FROM payments_{table} r ORDER BY r.id LIMIT 1
"""
_CHECKED = "(SELECT id FROM payments_batch WHERE state = 'checked' AND programme = 'dibao' LIMIT 1)"
_NEW_DEBT = "'state', 'claimed', 'returned', 0, 'set_off', 0, 'waived', 0, 'share', NULL, 'settled_at', NULL"
_LISTED = "(SELECT instalment_id FROM payments_payment WHERE kind = 'instalment' ORDER BY id LIMIT 1)"


@dataclass(frozen=True, slots=True)
class Probe:
    """`is_audited`: nothing refuses, but the audit finds what the statements leave without the trigger."""

    statements: tuple[str, ...]
    is_audited: bool = False


_REFUSED: dict[str, tuple[str, ...]] = {
    "confirmed_answer_is_frozen": (
        "UPDATE payments_bankanswer SET n_paid = n_paid + 1 WHERE confirmed_at IS NOT NULL",
    ),
    "bank_file_is_written_once": ("UPDATE payments_bankfile SET total = total + 1",),
    "bank_file_of_two_people": (_NEW_FILE.format(maker="checked_by_id"),),
    "batch_moves_forward_and_stays_sealed": (
        "UPDATE payments_batch SET total = total + 1 WHERE state = 'settled'",
    ),
    "cover_lasts_as_long_as_its_benefit": ("UPDATE payments_benefitcover SET ends_on = '2040-01-01'",),
    "a_status_has_no_amount": (
        """
        INSERT INTO payments_benefitrevision (benefit_id, monthly, care_fee, valid_from, valid_to, lines,
            rule_ids, reason, decided_by_id, created_at)
        SELECT r.benefit_id, 2, 1, '2019-01-01', '2019-02-01', r.lines, rule_ids, r.reason, decided_by_id,
            created_at
        FROM payments_benefitrevision r JOIN payments_benefit b ON b.id = r.benefit_id
        WHERE programme = 'dibao' LIMIT 1
        """,
    ),
    "revision_is_only_ever_closed": ("UPDATE payments_benefitrevision SET monthly = monthly + 1",),
    "entry_has_its_legs": (_NEW_ENTRY,),
    "only_the_ledger_moves_a_balance": ("UPDATE payments_fund SET balance = balance + 1",),
    "a_move_is_what_the_ledger_says": (
        _MOVE.format(
            entry="(SELECT e.id FROM payments_entry e WHERE kind = 'sealed' AND NOT EXISTS"
            " (SELECT FROM payments_fundmove m WHERE m.entry_id = e.id) LIMIT 1)"
        ),
    ),
    "fund_request_is_decided_once": (
        "UPDATE payments_fundrequest SET amount = amount + 1 WHERE state = 'allocated'",
    ),
    "grant_has_its_instalments": (
        """
        INSERT INTO payments_grant SELECT (jsonb_populate_record(g, jsonb_build_object('id', 999999,
            'application_id', (SELECT application_id FROM payments_benefit LIMIT 1)))).*
        FROM payments_grant g LIMIT 1
        """,
    ),
    "only_what_was_advanced_needs_no_account": (
        "UPDATE payments_grant SET payee_account = NULL, payee_digest = ''",
    ),
    "grant_is_kept": ("UPDATE payments_grant SET amount = amount + 1",),
    "instalments_sum_to_the_grant": (
        """
        INSERT INTO payments_instalment (grant_id, number, due_on, due_why, amount)
        SELECT grant_id, 99, due_on, due_why, 1 FROM payments_instalment LIMIT 1
        """,
    ),
    "handed_money_has_its_hand_over": (
        _NEW_ENTRY,
        _LEGS,
        _MOVE.format(entry="999999").replace("'relief'", "'handed'"),
    ),
    "hand_over_fits_its_instalment": (
        _COPY.format(
            table="handoverrequest",
            changed="""'kind', 'goods', 'state', 'refused', 'remark', 'x',
                'goods', '[{"name": "米", "quantity": "1 袋", "value": "1.00"}]'::jsonb""",
        ),
    ),
    "hand_over_request_is_kept": ("UPDATE payments_handoverrequest SET reason = 'x'",),
    "hand_over_is_as_approved": (
        _COPY.format(
            table="handover", changed="'second_id', (SELECT decided_by_id FROM payments_handoverrequest)"
        ),
    ),
    "hand_over_is_what_the_fund_paid": (
        _COPY.format(
            table="handover",
            changed="'fund_move_id', (SELECT id FROM payments_fundmove WHERE kind = 'relief' LIMIT 1)",
        ),
    ),
    "hand_over_of_what_no_list_pays": (
        "ALTER TABLE payments_fundmove DISABLE TRIGGER USER",
        f"""
        UPDATE payments_fundmove SET amount = -(SELECT amount FROM payments_instalment WHERE id = {_LISTED})
        WHERE kind = 'handed'
        """,  # noqa: S608 - our own text
        _COPY.format(table="handoverrequest", changed=f"'instalment_id', {_LISTED}"),
        _COPY.format(table="handover", changed=f"'instalment_id', {_LISTED}, 'request_id', 999999"),
    ),
    "entry_balances": (
        """
        INSERT INTO payments_leg (entry_id, area_id, account, amount)
        SELECT entry_id, area_id, 'paid', 1 FROM payments_leg LIMIT 1
        """,
    ),
    "leg_on_a_fund_has_its_move": (_NEW_ENTRY, _LEGS),
    "correction_corrects_a_sealed_line_of_its_own": (
        _NEW_PAYMENT.format(
            batch=_OPEN.format("tekun"),
            kind="'correction'",
            month="month",
            reverses="p.id",
            source=_OPEN.format("tekun"),
        ),
    ),
    "no_payment_joins_a_sealed_batch": (
        _NEW_PAYMENT.format(
            batch=_FIRST_SEALED,
            kind="'regular'",
            month="'2019-01-01'",
            reverses="NULL",
            source=_FIRST_SEALED,
        ),
    ),
    "payment_is_its_instalment": (
        "UPDATE payments_payment SET amount = amount + 1 WHERE batch_id = " + _OPEN.format("linshi"),  # noqa: S608 - our own text
    ),
    "payment_of_sealed_batch_is_frozen": (
        f"UPDATE payments_payment SET amount = amount + 1 WHERE batch_id = {_FIRST_SEALED}",  # noqa: S608
    ),
    "transfer_is_answered_once": ("UPDATE payments_transfer SET amount = amount + 1 WHERE result = 'paid'",),
    "transfer_is_its_payment": (
        _NEW_FILE.format(
            maker="(SELECT made_by_id FROM payments_bankfile WHERE batch_id = payments_batch.id LIMIT 1)"
        ),
        """
        INSERT INTO payments_transfer (bank_file_id, line, payment_id, payee_name, payee_bank, payee_account,
            amount, result, failure)
        SELECT 999999, 1, payment_id, payee_name, payee_bank, payee_account, amount + 0.01, 'pending', ''
        FROM payments_transfer WHERE result = 'failed' ORDER BY id DESC LIMIT 1
        """,
    ),
    "sealed_money_reaches_its_holder": (
        "UPDATE payments_benefit SET payee_name = '外人'",
        "UPDATE payments_batch SET state = 'sealed', sealed_by_id = checked_by_id, sealed_at = now()"
        " WHERE state = 'checked'",
    ),
    "what_was_ended_is_not_prolonged": (
        "UPDATE payments_benefit SET ends_on = NULL WHERE ends_on IS NOT NULL",
    ),
    "debt_begins_as_claimed": (_COPY.format(table="debt", changed="'returned', 1"),),
    "debt_goes_forward": ("UPDATE payments_debt SET owed = owed + 1 WHERE state = 'owed'",),
    "debt_is_its_months": ("UPDATE payments_debt SET owed = owed + 1 WHERE state = 'claimed'",),
    "debt_is_settled_by_what_is_final": (
        "UPDATE payments_debt SET state = 'settled', settled_at = now() WHERE set_off > 0",
    ),
    "overpayment_was_paid_by_its_payer": (
        _COPY.format(table="overpayment", changed="'month', '2020-01-01'"),
    ),
    "overpayment_is_claimed_once": (
        _COPY.format(table="debt", changed=_NEW_DEBT),
        _COPY.format(table="overpayment", changed="'debt_id', 999999"),
    ),
    "overpayment_is_frozen": ("UPDATE payments_overpayment SET month = month",),
    "overpayments_sum_to_the_debt": (
        """
        DELETE FROM payments_overpayment o USING payments_debt d
        WHERE d.id = o.debt_id AND d.state = 'claimed'
        """,
    ),
    "set_off_is_not_altered": ("UPDATE payments_payment SET amount = amount - 1 WHERE debt_id IS NOT NULL",),
    "set_off_is_what_was_decided": (
        "CREATE TEMPORARY TABLE set_off AS SELECT * FROM payments_payment WHERE debt_id IS NOT NULL",
        "DELETE FROM payments_payment WHERE debt_id IS NOT NULL",
        """
        INSERT INTO payments_payment
        SELECT (jsonb_populate_record(s, '{"amount": -9999}')).* FROM set_off s
        """,
    ),
    "set_off_leaves_what_is_claimed": (
        f"""
        INSERT INTO payments_payment (batch_id, benefit_id, revision_id, kind, month, amount, reverses_id)
        SELECT {_CHECKED}, p.benefit_id, p.revision_id, 'correction', p.month, -p.amount, p.id
        FROM payments_payment p JOIN payments_overpayment o ON o.payment_id = p.id
        JOIN payments_debt d ON d.id = o.debt_id AND d.state = 'claimed'
        """,  # noqa: S608 - our own text
    ),
    "repayment_is_booked_where_it_came_from": (
        _COPY.format(
            table="repayment",
            changed="'amount', 1, 'receipt', 'X-1', 'entry_id', (SELECT max(id) FROM payments_entry)",
        ),
    ),
    "waiver_is_asked_first": (_COPY.format(table="waiver", changed="'reason', '另一份'"),),
    "waiver_is_decided_once": ("UPDATE payments_waiver SET reason = 'x'",),
    "price_subsidy_is_what_was_computed": (
        "UPDATE payments_payment SET amount = amount + 1 WHERE kind = 'price'",
    ),
    "price_subsidy_follows_a_confirmed_index": (
        f"UPDATE payments_pricesubsidy SET batch_id = {_OPEN.format('tekun')}",  # noqa: S608
    ),
    "price_index_is_only_ever_confirmed": ("UPDATE payments_priceindex SET cpi = cpi + 1",),
    "price_index_is_of_a_city_and_published": (
        """
        INSERT INTO payments_priceindex SELECT (jsonb_populate_record(i, '{"id": 999999,
            "month": "2019-01-01", "published_on": "2019-01-02", "confirmed_at": null,
            "confirmed_by_id": null}')).*
        FROM payments_priceindex i LIMIT 1
        """,
    ),
}
_AUDITED: dict[str, tuple[str, ...]] = {
    "set_off_removed_is_open_again": (
        "DELETE FROM payments_payment WHERE debt_id IS NOT NULL",
        f"""
        UPDATE payments_batch b SET (n_payments, total) =
            (SELECT count(*), sum(amount) FROM payments_payment WHERE batch_id = b.id) WHERE id = {_CHECKED}
        """,  # noqa: S608 - our own text
    ),
    "waiver_granted_counts": (
        """
        UPDATE payments_waiver SET granted = true, decided_at = now(), remark = '同意', decided_by_id =
            (SELECT checked_by_id FROM payments_batch WHERE checked_by_id <> asked_by_id LIMIT 1)
        WHERE granted IS NULL
        """,
    ),
    "leg_moves_the_balance": (_NEW_ENTRY, _LEGS, _MOVE.format(entry="999999")),
    "cover_ends_with_its_benefit": (
        "UPDATE payments_benefit SET ends_on = '2040-01-01' WHERE id IN"
        " (SELECT benefit_id FROM payments_benefitcover)",
    ),
    "ledger_entry_chain": (_NEW_ENTRY, _LEGS, _MOVE.format(entry="999999")),
    "batch_event_chain": (_CHAINED.format(table="payments_batchevent", more=', "action": "prepared"'),),
    "payee_change_chain": (_CHAINED.format(table="payments_payeechange", more=""),),
}


def probe_of(guard: Guard) -> Probe | None:
    """Append-only tables are all tried alike."""
    name = guard.short
    if name.endswith("_no_truncate"):
        return Probe((f"TRUNCATE {guard.table} CASCADE",))
    if name.endswith("_no_change"):
        return Probe((f"UPDATE {guard.table} SET id = id + 1000000",))  # noqa: S608 - a name of our own
    if name in _AUDITED:
        return Probe(_AUDITED[name], is_audited=True)
    return Probe(_REFUSED[name]) if name in _REFUSED else None
