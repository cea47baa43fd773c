"""Every write to benefits and money."""

from payments.services.answers import (
    confirm_answer,
    discard_old_previews,
    import_answer,
    settle_unknown,
    upload_answer,
)
from payments.services.bank_files import make_bank_files, retry_failed, write_bank_file
from payments.services.batches import check_batch, prepare_month, return_batch, seal_batch
from payments.services.benefits import correct_grant_payee, correct_payee, open_benefit
from payments.services.grants import open_grant
from payments.services.payouts import prepare_payout, take_out

__all__ = [
    "check_batch",
    "confirm_answer",
    "correct_grant_payee",
    "correct_payee",
    "discard_old_previews",
    "import_answer",
    "make_bank_files",
    "open_benefit",
    "open_grant",
    "prepare_month",
    "prepare_payout",
    "retry_failed",
    "return_batch",
    "seal_batch",
    "settle_unknown",
    "take_out",
    "upload_answer",
    "write_bank_file",
]
