"""Bank account numbers as clerks type them."""

import unicodedata

from stdnum import luhn

from common.errors import Refused
from common.fields import lookup_digest

# Keeps the digests of accounts apart from those of identity numbers.
ACCOUNT_PURPOSE = "account"
SHORTEST, LONGEST = 8, 30
_CARD_FROM = 16


def clean_account(text: str) -> str:
    """The digits of an account, without the blanks and hyphens of a card; full-width digits become plain.

    Refused when it holds anything else or cannot be an account by its length. The Luhn digit is asked for
    where a rule says so (`is_miswritten_card`): passbooks and village banks have accounts without one.
    """
    account = unicodedata.normalize("NFKC", text)
    account = "".join(character for character in account if not character.isspace() and character != "-")
    if not account.isascii() or not account.isdigit():
        raise Refused("收款账号只能由数字组成，请核对社保卡或存折。", field="account")
    if not SHORTEST <= len(account) <= LONGEST:
        raise Refused(
            f"收款账号应为 {SHORTEST} 至 {LONGEST} 位数字，现为 {len(account)} 位。", field="account"
        )
    return account


def account_digest(account: str) -> str:
    """By which an account is found in the columns beside the encrypted ones."""
    return lookup_digest(account, ACCOUNT_PURPOSE)


def is_miswritten_card(account: str) -> bool:
    """Is it a bank card (16 digits or more from 62 on) whose Luhn digit does not fit?"""
    return len(account) >= _CARD_FROM and account.startswith("62") and not luhn.is_valid(account)
