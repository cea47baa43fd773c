"""Who may open what: every address of the system, by method and role. One line an address.

A role in `get` or `post` is let in. One in `hidden` meets 404, as if there were no such thing. Everybody else
meets 403 and the reason; without log-in everything but `public` leads to the log-in page. `object` names a
thing of `tests.access.world`; people of the same post elsewhere meet 404 there (`reach`: "town" asks the next
township and another county, "county" only the other county, "" nobody, for what is not bound to a place).
A method with None is not offered: 405.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.access.world import ROLES

NOBODY = frozenset({"nobody"})
ALL = frozenset(ROLES)
STAFF = ALL - NOBODY
HELPER, HANDLER, REVIEWER, APPROVER = (
    frozenset({role}) for role in ("helper", "handler", "reviewer", "approver")
)
DISCIPLINE, AUDITOR, FINANCE = (frozenset({role}) for role in ("discipline", "auditor", "district_finance"))
TOWN_PAYMENTS, DISTRICT_PAYMENTS = frozenset({"town_payments"}), frozenset({"district_payments"})
WRITER, PUBLISHER, ADMINISTRATOR = (
    frozenset({role}) for role in ("rule_writer", "rule_publisher", "administrator")
)
REGISTRARS = HELPER | HANDLER
TOWNSHIP = HANDLER | REVIEWER | APPROVER
OVERSEERS = AUDITOR | DISCIPLINE
PAYERS = TOWN_PAYMENTS | DISTRICT_PAYMENTS
READERS = REGISTRARS | TOWNSHIP | OVERSEERS | PAYERS | FINANCE
BATCHES = PAYERS | APPROVER | FINANCE | AUDITOR
BENEFITS = BATCHES | HANDLER | REVIEWER | DISCIPLINE
FIGURES = DISTRICT_PAYMENTS | FINANCE
TWO_FACTORS = APPROVER | AUDITOR | DISTRICT_PAYMENTS | PUBLISHER | ADMINISTRATOR
RULES = WRITER | PUBLISHER | ADMINISTRATOR
CHANGERS = REVIEWER | APPROVER | PUBLISHER | AUDITOR
RECOVERERS = TOWNSHIP | OVERSEERS | PAYERS | FINANCE
RELIEF = TOWNSHIP | OVERSEERS | TOWN_PAYMENTS | FINANCE
NONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Row:
    """What one address answers to whom. `data` names what a POST carries to get as far as it may."""

    get: frozenset[str] | None = None
    post: frozenset[str] | None = None
    object: str = ""
    hidden: frozenset[str] = NONE
    public: bool = False
    reach: str = "town"
    data: str = "nothing"
    query: str = ""
    extra: tuple = field(default=())

    @property
    def offered(self) -> frozenset[str]:
        """The methods that the address knows."""
        offered = {"GET", "HEAD"} if self.get is not None else set()
        return frozenset(offered | ({"POST"} if self.post is not None else set()))


def _move(name: str, state: str, roles: frozenset[str]) -> Row:
    return Row(get=roles, post=roles, object=f"key_{state}", hidden=NOBODY, extra=(name,))


MOVES = (
    _move("submit", "draft", REGISTRARS),
    _move("accept", "submitted", HANDLER),
    _move("request_materials", "submitted", HANDLER),
    _move("withdraw", "submitted", HANDLER),
    _move("entrust_check", "accepted", REVIEWER),
    _move("record_report", "checking", HANDLER),
    _move("finish_visit", "visiting", HANDLER),
    _move("agree", "reviewing", REVIEWER),
    _move("disagree", "reviewing", REVIEWER),
    _move("send_back", "reviewing", REVIEWER),
    _move("reopen", "disputed", REVIEWER),
    _move("close_notice", "published", HANDLER),
    _move("approve", "published", APPROVER),
    _move("refuse", "published", APPROVER),
    _move("return_to_visit", "published", APPROVER),
    _move("skip_check", "urgent", HANDLER),
    _move("agree_at_once", "urgent", REVIEWER),
    _move("agree", "aid", REVIEWER),
)


def _admin(
    model: str,
    *,
    view: frozenset[str],
    add: frozenset[str] = NONE,
    change: frozenset[str] = NONE,
    delete: frozenset[str] = NONE,
    reach: str = "",
) -> dict[str, Row]:
    """The addresses of one table in /admin/: `object` is the table's name."""
    app, _, name = model.partition("_")
    return {
        f"admin:{model}_changelist": Row(get=view, post=view),
        f"admin:{model}_add": Row(get=add, post=add),
        f"admin:{model}_change": Row(get=view, post=change, object=model, reach=reach),
        f"admin:{model}_delete": Row(get=delete, post=delete, object=model, reach=reach),
        f"admin:{model}_history": Row(get=view, post=view, object=model, reach=reach, hidden=RULES - view),
        f"admin/{app}/{name}/<path:object_id>/": Row(get=RULES, post=RULES, object=model, reach=""),
    }


def _kept(model: str) -> dict[str, Row]:
    """A table that the administrator keeps for the own county: nothing is ever deleted there."""
    return _admin(model, view=ADMINISTRATOR, add=ADMINISTRATOR, change=ADMINISTRATOR, reach="county")


def _sheets(model: str, *, upload: frozenset[str]) -> dict[str, Row]:
    return {
        f"admin:{model}_import": Row(get=upload, post=upload),
        f"admin:{model}_process_import": Row(post=upload),
        f"admin:{model}_export": Row(get=RULES, post=RULES),
    }


def _change(name: str, state: str, roles: frozenset[str]) -> Row:
    return Row(get=roles, post=roles, object=f"change_{state}", hidden=NOBODY, extra=(name,))


def _recovery(name: str, state: str, roles: frozenset[str]) -> Row:
    return Row(get=roles, post=roles, object=f"recovery_{state}", hidden=NOBODY, extra=(name,))


RECOVERY_MOVES = (
    _recovery("propose", "draft", HANDLER),
    _recovery("withdraw", "draft", HANDLER),
    _recovery("send_back", "draft", APPROVER),
    _recovery("give_notice", "draft", APPROVER),
    _recovery("close_hearing", "hearing", HANDLER),
    _recovery("reconsider", "hearing", APPROVER),
    _recovery("drop", "hearing", APPROVER),
    _recovery("decide", "hearing", APPROVER),
    _recovery("settle", "repaying", HANDLER),
)
# Moves that only the service of a paper makes have no address.
CHANGE_MOVES = (
    _change("propose", "draft", HANDLER),
    _change("withdraw", "draft", HANDLER),
    _change("review", "reviewed", REVIEWER),
    _change("send_back", "reviewed", REVIEWER),
    _change("agree", "reviewed", APPROVER),
    _change("agree_at_once", "reviewed", APPROVER),
    _change("return_to_draft", "reviewed", APPROVER),
    _change("give_notice", "reviewed", HANDLER),
    _change("close_hearing", "hearing", HANDLER),
    _change("reconsider", "hearing", APPROVER),
    _change("drop", "hearing", APPROVER),
    _change("decide", "hearing", APPROVER),
    _change("publish", "hearing", HANDLER),
    _change("finish_notice", "hearing", HANDLER),
    _change("investigate", "hearing", REVIEWER),
    _change("publish_again", "hearing", APPROVER),
    _change("uphold", "hearing", APPROVER),
)


# 送达: an attempt of each shape of form.
ATTEMPTS = tuple(
    Row(get=TOWNSHIP, post=TOWNSHIP, object="refusal", hidden=NOBODY, extra=(event,))
    for event in ("handed_over", "left", "mailed", "mail_returned", "announced", "announcement_over")
)


ACCESS: dict[str, Row | tuple[Row, ...]] = {
    # --- for everybody ------------------------------------------------------------------------------
    "healthz": Row(get=ALL, public=True),
    "organisations:login": Row(get=ALL, post=ALL, public=True),
    "organisations:logout": Row(post=ALL, public=True),
    "public:index": Row(get=ALL, public=True),
    "public:standing": Row(get=ALL, public=True, object="standing_code", reach=""),
    "public:notice": Row(get=ALL, public=True, object="token", reach=""),
    "public:object": Row(get=ALL, post=ALL, public=True, object="token", reach=""),
    "public:object_sent": Row(get=ALL, public=True, object="token", reach=""),
    # --- one's own account --------------------------------------------------------------------------
    "organisations:password_change": Row(get=ALL, post=ALL),
    "organisations:second_factor": Row(get=ALL, post=ALL),
    "organisations:second_factor_enrol": Row(get=TWO_FACTORS, post=TWO_FACTORS),
    # Nobody here has begun an enrolment, so there is no picture.
    "organisations:second_factor_qr": Row(get=NONE, hidden=TWO_FACTORS),
    "organisations:recovery_codes": Row(post=NONE),
    # --- pages that span rooms ----------------------------------------------------------------------
    "workbench:home": Row(get=ALL),
    "workbench:search": Row(get=READERS, post=READERS),
    "workbench:statistics": Row(get=READERS),
    "workbench:month": Row(get=BENEFITS),
    "workbench:month_gap": Row(get=BENEFITS, object="gap", reach=""),
    "workbench:case": Row(get=READERS, object="case_checking"),
    # A script is answered with 401, not led to a log-in page.
    "policy_api:assess": Row(post=STAFF, public=True),
    "policy:rules": Row(get=ALL),
    "policy:trial": Row(get=ALL, post=ALL),
    "policy:readiness": Row(get=ALL),
    "policy:clause": Row(get=ALL, object="clause", reach=""),
    "policy:clauses": Row(get=ALL),
    "policy:compare": Row(get=ALL),
    "policy:history": Row(get=ALL, object="rule_history", reach=""),
    "policy:drafts": Row(get=RULES, post=PUBLISHER),
    "policy:succeed": Row(get=WRITER, post=WRITER, object="rule_published", reach="county"),
    "policy:retire": Row(get=PUBLISHER, post=PUBLISHER, object="rule_published", reach="county"),
    # --- cases --------------------------------------------------------------------------------------
    "cases:list": Row(get=READERS),
    "cases:export": Row(get=READERS),
    "cases:register": Row(get=REGISTRARS, post=REGISTRARS),
    "cases:read_id": Row(post=REGISTRARS),
    "cases:edit": Row(get=REGISTRARS, post=REGISTRARS, object="case_draft"),
    "cases:discard": Row(post=REGISTRARS, object="case_draft"),
    "cases:receive_materials": Row(get=REGISTRARS, post=REGISTRARS, object="case_submitted"),
    "cases:sign_authorisations": Row(get=REGISTRARS, post=REGISTRARS, object="case_submitted"),
    "cases:upload": Row(get=REGISTRARS, post=REGISTRARS, object="case_draft"),
    "cases:attachment": Row(get=READERS, object="attachment"),
    "cases:withdraw": Row(post=REGISTRARS, object="attachment"),
    "cases:unmask": Row(get=READERS - FINANCE, post=READERS - FINANCE, object="case_checking"),
    "cases:record_agreement": Row(get=HANDLER, post=HANDLER, object="case_tekun"),
    "cases:record_report": Row(get=HANDLER, post=HANDLER, object="case_checking"),
    "cases:report_template": Row(get=HANDLER, object="case_checking"),
    "cases:preview_report": Row(post=HANDLER, object="case_checking"),
    "cases:confirm_report": Row(post=HANDLER, object="case_checking"),
    "cases:record_visit": (
        Row(get=HANDLER, post=HANDLER, object="case_visiting"),
        Row(get=HANDLER, post=HANDLER, object="case_tekun"),
    ),
    # --- emergency relief ---------------------------------------------------------------------------
    "relief:list": Row(get=RELIEF),
    "relief:register": Row(get=HANDLER, post=HANDLER),
    "relief:detail": (
        Row(get=RELIEF, object="relief_registered"),
        Row(get=RELIEF, object="relief_agreed"),
        Row(get=RELIEF, object="relief_paid"),
    ),
    "relief:acknowledge": Row(post=AUDITOR, object="relief_paid"),
    "relief:unmask": Row(post=RELIEF - FINANCE, object="relief_paid"),
    "relief:receipt": Row(get=RELIEF - FINANCE, object="relief_agreed"),
    "relief:move": (
        Row(post=APPROVER, object="relief_registered", extra=("agree",)),
        Row(post=APPROVER, object="relief_registered", extra=("decline",)),
        Row(post=HANDLER | TOWN_PAYMENTS, object="relief_agreed", extra=("pay",)),
        Row(post=HANDLER, object="relief_paid", extra=("begin_papers",)),
        Row(post=APPROVER, object="relief_paid", extra=("close",)),
    ),
    # --- notices ------------------------------------------------------------------------------------
    "publicity:list": Row(get=READERS),
    "publicity:standing_list": Row(get=READERS),
    "publicity:standing": Row(get=READERS, object="standing"),
    "publicity:standing_poster": Row(get=READERS, object="standing"),
    "publicity:standing_photo": Row(get=REGISTRARS, post=REGISTRARS, object="standing", hidden=NOBODY),
    "publicity:photo": Row(get=READERS, object="board_photo"),
    "approvals:refresh_standing": Row(post=HANDLER),
    "publicity:objection_new": Row(
        get=REGISTRARS | REVIEWER, post=REGISTRARS | REVIEWER, object="notice", hidden=NOBODY
    ),
    "publicity:board_photo": Row(get=HANDLER, post=HANDLER, object="notice", hidden=NOBODY),
    "publicity:objection_handle": Row(
        get=HANDLER | REVIEWER, post=HANDLER | REVIEWER, object="objection", hidden=NOBODY
    ),
    "publicity:objection_phone": Row(post=HANDLER | REVIEWER, object="objection", hidden=NOBODY),
    # --- money: 洞头 pays by township (DT-8.2), so the district's posts only look ---------------------
    "payments:batches": Row(get=BATCHES),
    "payments:prepare_new": Row(post=TOWN_PAYMENTS, hidden=ALL - BATCHES, data="prepare_new"),
    "payments:batch": (
        Row(get=BATCHES, object="batch", hidden=ALL - BATCHES),
        Row(get=BATCHES, object="payout_list", hidden=ALL - BATCHES),
    ),
    "payments:batch_part": tuple(
        Row(get=BATCHES, object="batch", hidden=ALL - BATCHES, extra=(name,))
        for name in ("files", "entries", "events")
    ),
    "payments:prepare": Row(post=TOWN_PAYMENTS, object="batch", hidden=ALL - BATCHES),
    "payments:check": Row(post=APPROVER, object="batch", hidden=ALL - BATCHES, data="seen"),
    "payments:return": Row(post=TOWN_PAYMENTS | APPROVER, object="batch", hidden=ALL - BATCHES),
    "payments:ask_month": Row(post=TOWN_PAYMENTS, object="batch", hidden=ALL - BATCHES),
    "payments:seal": Row(post=TOWN_PAYMENTS | APPROVER, object="batch", hidden=ALL - BATCHES),
    "payments:bank_file": Row(post=TOWN_PAYMENTS, object="batch", hidden=ALL - BATCHES),
    "payments:retry": Row(post=TOWN_PAYMENTS, object="batch", hidden=ALL - BATCHES),
    "payments:progress": Row(get=BATCHES, object="batch", hidden=ALL - BATCHES),
    "payments:waiting": Row(get=BATCHES),
    "payments:price_figures": Row(get=BATCHES),
    "payments:price_new": Row(get=FIGURES, post=FIGURES),
    "payments:price_correct": Row(
        get=FIGURES, post=FIGURES, object="price_figure", hidden=ALL - BATCHES, reach="county"
    ),
    "payments:price_confirm": Row(post=FIGURES, object="price_waiting", hidden=ALL - BATCHES, reach="county"),
    # The district pays the price subsidy.
    "payments:price_month": Row(
        get=FIGURES | AUDITOR, object="price_month", hidden=ALL - FIGURES - AUDITOR, reach="county"
    ),
    "payments:price_prepare": Row(
        post=DISTRICT_PAYMENTS, object="price_month", hidden=ALL - FIGURES - AUDITOR, reach="county"
    ),
    "payments:funds": Row(get=BATCHES),
    "payments:finance_export": Row(get=BATCHES, object="month_csv", reach=""),
    "payments:fund_request": Row(get=PAYERS, post=PAYERS),
    "payments:fund_decide": Row(post=FINANCE, object="fund_request", hidden=ALL - BATCHES),
    "payments:fund": Row(get=BATCHES, object="fund", hidden=ALL - BATCHES),
    "payments:fund_export": Row(get=BATCHES, object="fund", hidden=ALL - BATCHES),
    "payments:payout_prepare": Row(post=PAYERS),
    "payments:take_out": Row(post=TOWN_PAYMENTS, object="payout_line", hidden=ALL - BATCHES),
    "payments:care": Row(get=BENEFITS),
    "payments:care_agree": Row(get=HANDLER, post=HANDLER, object="cared_for"),
    "payments:care_visit": Row(get=HANDLER, post=HANDLER, object="cared_for"),
    "payments:care_scan": Row(get=BENEFITS, object="later_agreement"),
    "payments:care_confirm": Row(post=REVIEWER | APPROVER, object="later_agreement"),
    "payments:proxies": Row(get=BENEFITS),
    "payments:proxy_new": Row(get=HANDLER, post=HANDLER, object="proxy_case"),
    "payments:proxy_file": Row(get=BENEFITS, object="proxy"),
    "payments:proxy_consent": Row(post=REVIEWER | APPROVER, object="proxy"),
    "payments:proxy_end": Row(get=HANDLER, post=HANDLER, object="proxy"),
    "payments:certificates": Row(get=BENEFITS, post=HANDLER),
    "payments:certificate_review": Row(post=HANDLER, object="certificate"),
    "payments:certificate_destroy": Row(get=HANDLER, post=HANDLER, object="certificate"),
    "payments:grant": Row(get=BENEFITS, post=HANDLER | PAYERS, object="grant", hidden=ALL - BENEFITS),
    "payments:hand_overs": Row(get=BENEFITS),
    "payments:hand_over": (
        Row(get=BENEFITS, object="hand_none"),
        Row(get=BENEFITS, object="hand_asked"),
        Row(get=BENEFITS, object="hand_approved"),
        Row(get=BENEFITS, object="hand_given"),
    ),
    "payments:hand_over_step": (
        Row(post=HANDLER | PAYERS, object="hand_none", extra=("ask",)),
        Row(post=APPROVER, object="hand_asked", extra=("decide",)),
        Row(post=TOWN_PAYMENTS, object="hand_approved", extra=("give",)),
        Row(post=HANDLER | PAYERS, object="hand_given", extra=("receipt",)),
    ),
    "payments:hand_over_receipt": Row(get=BENEFITS, object="hand_signed"),
    "payments:download": Row(post=TOWN_PAYMENTS, object="bank_file_csv", hidden=ALL - BATCHES),
    "payments:answer": Row(get=TOWN_PAYMENTS, post=TOWN_PAYMENTS, object="bank_file", hidden=ALL - BATCHES),
    "payments:answer_template": Row(get=TOWN_PAYMENTS, object="bank_file", hidden=ALL - BATCHES),
    "payments:answer_preview": Row(get=TOWN_PAYMENTS, object="answer", hidden=ALL - BATCHES),
    "payments:answer_return": Row(get=TOWN_PAYMENTS, object="answer", hidden=ALL - BATCHES),
    "payments:answer_confirm": Row(post=TOWN_PAYMENTS, object="answer", hidden=ALL - BATCHES),
    "payments:unknown": Row(get=TOWN_PAYMENTS, post=TOWN_PAYMENTS, object="unknown", hidden=ALL - BATCHES),
    "payments:benefits": Row(get=BENEFITS),
    "payments:benefits_export": Row(get=BENEFITS),
    "payments:benefit": Row(get=BENEFITS, object="benefit", hidden=ALL - BENEFITS),
    "payments:benefit_account": Row(post=HANDLER | PAYERS | AUDITOR, object="benefit", hidden=ALL - BENEFITS),
    "payments:payee": Row(
        get=HANDLER | PAYERS, post=HANDLER | PAYERS, object="benefit", hidden=ALL - BENEFITS
    ),
    "payments:care_payee": Row(
        get=HANDLER | PAYERS, post=HANDLER | PAYERS, object="benefit", hidden=ALL - BENEFITS
    ),
    # --- the procedure ------------------------------------------------------------------------------
    "approvals:move": MOVES,
    "approvals:extend": Row(get=APPROVER, post=APPROVER, object="deadline", hidden=NOBODY),
    "approvals:statement": Row(get=BENEFITS, object="key_draft"),
    "approvals:document": Row(get=TOWNSHIP | OVERSEERS, object="document", hidden=NOBODY),
    "approvals:document_make": Row(post=TOWNSHIP, object="key_published", hidden=NOBODY),
    "approvals:document_draft": Row(
        get=TOWNSHIP, object="key_published", hidden=NOBODY, extra=("visit_form",)
    ),
    "papers:check": Row(get=ALL, public=True, object="paper_token", reach=""),
    "approvals:case_file_order": Row(post=TOWNSHIP | OVERSEERS, object="key_published", hidden=NOBODY),
    "approvals:case_file": Row(get=TOWNSHIP | OVERSEERS, object="case_file", hidden=NOBODY),
    "approvals:case_file_pdf": Row(get=TOWNSHIP | OVERSEERS, object="case_file", hidden=NOBODY),
    "approvals:documents_batch": Row(get=TOWNSHIP, post=TOWNSHIP),
    "approvals:documents_progress": Row(get=HANDLER, object="document_order", hidden=ALL - HANDLER),
    "approvals:documents_file": Row(get=HANDLER, object="document_order", hidden=ALL - HANDLER),
    "serving:service": Row(get=TOWNSHIP | OVERSEERS, object="refusal", hidden=NOBODY),
    "serving:blank": Row(get=TOWNSHIP, object="refusal", hidden=NOBODY),
    "serving:attempt": ATTEMPTS,
    "serving:proof": Row(get=TOWNSHIP | OVERSEERS, object="service_proof", hidden=NOBODY),
    # --- 一事一议 -------------------------------------------------------------------------------------
    "settling:register": Row(get=READERS),
    "settling:move": (
        _move("refer", "visiting", HANDLER),
        _move("settle", "settling", REVIEWER),
        _move("settle_at_once", "settling", REVIEWER),
        _move("settle_against", "settling", REVIEWER),
    ),
    "settling:appraise": Row(get=HANDLER, post=HANDLER, object="key_settling", hidden=NOBODY),
    "settling:record": Row(get=TOWNSHIP | OVERSEERS, object="settlement", hidden=NOBODY),
    "settling:file": Row(
        get=HANDLER, post=HANDLER, object="settlement", hidden=NOBODY, extra=("discipline",)
    ),
    "settling:feed_back": Row(get=HANDLER, post=HANDLER, object="settlement", hidden=NOBODY),
    "settling:recheck": Row(get=HANDLER, post=HANDLER, object="settlement", hidden=NOBODY),
    "settling:acknowledge": Row(get=AUDITOR, post=AUDITOR, object="filing", hidden=NOBODY),
    # --- 联审联批 -------------------------------------------------------------------------------------
    "conferring:meetings": Row(get=TOWNSHIP | OVERSEERS),
    "conferring:record": Row(get=HANDLER, post=HANDLER),
    "conferring:meeting": Row(get=TOWNSHIP | OVERSEERS, object="joint_meeting", hidden=NONE),
    "conferring:scan": Row(get=TOWNSHIP | OVERSEERS, object="joint_meeting", hidden=NONE),
    # --- 经济复核 -------------------------------------------------------------------------------------
    "rechecking:new": Row(get=HANDLER, post=HANDLER, object="benefit", hidden=NOBODY),
    "rechecking:recheck": Row(get=TOWNSHIP | OVERSEERS, object="recheck", hidden=NOBODY),
    "rechecking:determine": (
        Row(get=REVIEWER, post=REVIEWER, object="recheck", hidden=NOBODY),
        Row(get=REVIEWER, post=REVIEWER, object="renewal_check", hidden=NOBODY),
    ),
    "rechecking:renew": Row(get=HANDLER, post=HANDLER, object="renewable", hidden=NOBODY),
    "rechecking:file": Row(
        get=HANDLER, post=HANDLER, object="renewal_check", hidden=NOBODY, extra=("district",)
    ),
    "rechecking:feed_back": Row(get=HANDLER, post=HANDLER, object="renewal_check", hidden=NOBODY),
    # --- supervision: a draw is of a whole county -----------------------------------------------------
    "supervision:runs": Row(get=OVERSEERS),
    "supervision:draw": Row(post=AUDITOR, data="draw"),
    "supervision:run": Row(get=OVERSEERS, object="run", hidden=NOBODY, reach="county"),
    "supervision:frame": Row(get=OVERSEERS, object="run", hidden=NOBODY, reach="county"),
    "supervision:redraw": Row(post=AUDITOR, object="run", hidden=NOBODY, reach="county"),
    "supervision:review": Row(get=OVERSEERS, post=AUDITOR, object="review", hidden=NOBODY, data="review"),
    "supervision:money": Row(get=AUDITOR),
    "supervision:money_export": Row(get=AUDITOR),
    "supervision:findings": Row(get=OVERSEERS | TOWNSHIP),
    "supervision:finding": Row(get=OVERSEERS | TOWNSHIP, object="finding", hidden=NOBODY),
    "supervision:finding_answer": Row(post=REVIEWER | APPROVER, object="finding", hidden=NOBODY),
    "supervision:finding_close": Row(post=AUDITOR, object="finding_answered", hidden=NOBODY),
    "supervision:finding_return": Row(post=AUDITOR, object="finding_answered", hidden=NOBODY),
    # --- draft rules on the caseload, and changes of a standard ------------------------------------------
    "adjustments:what_ifs": Row(get=RULES, post=RULES),
    "adjustments:what_if": Row(get=RULES, object="what_if", reach="county"),
    "adjustments:what_if_export": Row(get=RULES, object="what_if", reach="county"),
    "adjustments:changes": Row(get=CHANGERS, post=PUBLISHER),
    "adjustments:change": Row(get=CHANGERS, object="change", reach="county"),
    "adjustments:change_export": Row(get=CHANGERS, object="change", reach="county"),
    "adjustments:propose": Row(post=REVIEWER, object="change_town"),
    "adjustments:confirm": Row(post=APPROVER, object="change_town", data="adjustment"),
    "adjustments:return_drafts": (
        Row(get=REVIEWER, post=REVIEWER, object="change_fresh", data="return"),
        Row(get=APPROVER, post=APPROVER, object="change_town", data="return"),
    ),
    "adjustments:compute_again": Row(post=REVIEWER | PUBLISHER, object="change_returned"),
    "adjustments:settle": Row(get=CHANGERS, post=REVIEWER, object="draft", data="settle"),
    # --- changes and ends of benefits -------------------------------------------------------------------
    "changing:list": Row(get=TOWNSHIP | OVERSEERS),
    "changing:new": Row(get=HANDLER, post=HANDLER, object="benefit", hidden=NOBODY),
    "changing:change": Row(get=TOWNSHIP | OVERSEERS, object="change_hearing", hidden=NOBODY),
    "changing:edit": Row(get=HANDLER, post=HANDLER, object="change_draft", hidden=NOBODY),
    "changing:evidence": Row(get=HANDLER, post=HANDLER, object="change_draft", hidden=NOBODY),
    "changing:evidence_file": Row(get=TOWNSHIP | OVERSEERS, object="change_evidence", hidden=NOBODY),
    "changing:defence": Row(get=HANDLER, post=HANDLER, object="change_hearing", hidden=NOBODY),
    "changing:answer": Row(get=REVIEWER, post=REVIEWER, object="change_defence", hidden=NOBODY),
    "changing:move": CHANGE_MOVES,
    # --- overpaid money claimed back ---------------------------------------------------------------------
    "recovering:list": Row(get=RECOVERERS),
    "recovering:export": Row(get=RECOVERERS),
    "recovering:new": Row(get=HANDLER, post=HANDLER, object="recovery_case", hidden=NOBODY),
    "recovering:recovery": Row(get=RECOVERERS, object="recovery_repaying", hidden=NOBODY),
    "recovering:edit": Row(get=HANDLER, post=HANDLER, object="recovery_draft", hidden=NOBODY),
    "recovering:defence": Row(get=HANDLER, post=HANDLER, object="recovery_hearing", hidden=NOBODY),
    "recovering:answer": Row(get=REVIEWER, post=REVIEWER, object="recovery_defence", hidden=NOBODY),
    "recovering:repay": Row(get=TOWN_PAYMENTS, post=TOWN_PAYMENTS, object="recovery_repaying", hidden=NOBODY),
    "recovering:waive": Row(get=HANDLER, post=HANDLER, object="recovery_repaying", hidden=NOBODY),
    "recovering:decide_waiver": Row(get=APPROVER, post=APPROVER, object="recovery_waiver", hidden=NOBODY),
    "recovering:plan": Row(get=HANDLER, post=HANDLER, object="recovery_repaying", hidden=NOBODY),
    "recovering:decide_plan": Row(get=APPROVER, post=APPROVER, object="recovery_plan", hidden=NOBODY),
    "recovering:move": RECOVERY_MOVES,
    # --- /admin/: accounts and areas for the administrator, rules for those who write and publish ------
    "admin/login/": Row(get=NONE, post=NONE),
    "admin:login": Row(get=NONE, post=NONE),
    "admin:index": Row(get=RULES, post=RULES),
    # Others are led to the admin's front page, and find there what they find.
    "admin:logout": Row(get=RULES, post=RULES, hidden=ALL - RULES),
    "admin:password_change": Row(get=RULES, post=RULES),
    "admin:password_change_done": Row(get=RULES),
    "admin:autocomplete": Row(
        get=ADMINISTRATOR,
        query="?app_label=organisations&model_name=posting&field_name=area&term=",
    ),
    "admin:jsi18n": Row(get=RULES),
    "admin:view_on_site": Row(get=NONE, post=NONE, object="on_site", hidden=RULES, reach=""),
    "admin:app_list": Row(
        get=ADMINISTRATOR, post=ADMINISTRATOR, object="app", hidden=WRITER | PUBLISHER, reach=""
    ),
    "admin/(?P<url>.*)$": Row(get=NONE, post=NONE, object="no_page", hidden=RULES, reach=""),
    **_admin(
        "organisations_user", view=ADMINISTRATOR, add=ADMINISTRATOR, change=ADMINISTRATOR, reach="county"
    ),
    **_admin(
        "organisations_posting", view=ADMINISTRATOR, add=ADMINISTRATOR, change=ADMINISTRATOR, reach="county"
    ),
    **_admin(
        "organisations_area", view=ADMINISTRATOR, add=ADMINISTRATOR, change=ADMINISTRATOR, reach="county"
    ),
    **_kept("organisations_apitoken"),
    **_kept("organisations_population"),
    **_admin("organisations_personaldataread", view=ADMINISTRATOR, reach="county"),
    **_admin("organisations_accountevent", view=ADMINISTRATOR, reach="county"),
    **_admin("policy_document", view=RULES, add=WRITER, change=WRITER),
    **_admin("policy_clause", view=RULES, add=WRITER, change=WRITER),
    **_admin("policy_rule", view=RULES, add=WRITER, change=WRITER, delete=WRITER),
    **_admin("policy_calendaryear", view=RULES),
    **_admin("policy_calendarday", view=RULES, add=ADMINISTRATOR, change=ADMINISTRATOR, delete=ADMINISTRATOR),
    **_sheets("policy_rule", upload=WRITER),
    **_sheets("policy_calendarday", upload=ADMINISTRATOR),
}
