"""Every write to benefits and money."""

from payments.services.answers import (
    confirm_answer,
    discard_old_previews,
    import_answer,
    settle_unknown,
    upload_answer,
)
from payments.services.bank_files import make_bank_files, retry_failed, write_bank_file
from payments.services.batches import (
    check_batch,
    departs_from_register,
    prepare_month,
    return_batch,
    seal_batch,
)
from payments.services.benefits import correct_grant_payee, correct_payee, open_benefit
from payments.services.care import confirm_later_agreement, record_care_visit, record_later_agreement
from payments.services.certificates import destroy_certificate, issue_certificate, review_certificate
from payments.services.changes import end_benefit, prolong_benefit, revise_benefit
from payments.services.debts import (
    Claim,
    ask_waiver,
    claim_back,
    claim_relief,
    confirm_debt,
    decide_waiver,
    release_debt,
    settle_debt,
    take_repayment,
    unclaim,
)
from payments.services.funds import (
    allocate_funds,
    ask_for_funds,
    ask_for_month,
    pay_from_reserve,
    refuse_funds,
)
from payments.services.grants import Advance, open_grant
from payments.services.hand_overs import (
    Goods,
    Handing,
    ask_hand_over,
    decide_hand_over,
    hand_over,
    keep_receipt,
)
from payments.services.payouts import prepare_payout, take_out
from payments.services.price_figures import confirm_figure, correct_figure, enter_figure
from payments.services.price_lists import prepare_subsidy
from payments.services.proxies import consent_to_proxy, end_proxy, file_proxy

__all__ = [
    "Advance",
    "Claim",
    "Goods",
    "Handing",
    "allocate_funds",
    "ask_for_funds",
    "ask_for_month",
    "ask_hand_over",
    "ask_waiver",
    "check_batch",
    "claim_back",
    "claim_relief",
    "confirm_answer",
    "confirm_figure",
    "consent_to_proxy",
    "correct_figure",
    "confirm_debt",
    "confirm_later_agreement",
    "correct_grant_payee",
    "correct_payee",
    "decide_hand_over",
    "decide_waiver",
    "departs_from_register",
    "destroy_certificate",
    "discard_old_previews",
    "end_benefit",
    "end_proxy",
    "enter_figure",
    "file_proxy",
    "hand_over",
    "import_answer",
    "issue_certificate",
    "keep_receipt",
    "make_bank_files",
    "open_benefit",
    "open_grant",
    "pay_from_reserve",
    "prepare_month",
    "prepare_payout",
    "prolong_benefit",
    "prepare_subsidy",
    "record_care_visit",
    "record_later_agreement",
    "refuse_funds",
    "release_debt",
    "retry_failed",
    "return_batch",
    "review_certificate",
    "revise_benefit",
    "seal_batch",
    "settle_debt",
    "settle_unknown",
    "take_out",
    "take_repayment",
    "unclaim",
    "upload_answer",
    "write_bank_file",
]
