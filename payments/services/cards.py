"""Card numbers with a wrong digit, where the payer's bank has them checked (`payments.account.luhn`)."""

from __future__ import annotations

from collections.abc import Iterator

from common import clock
from common.errors import Refused
from common.masking import mask_account
from payments.accounts import is_miswritten_card
from payments.enums import OF_CARE
from payments.models import Batch, Benefit, Grant, Payment
from policy.rules import RuleBook

_SHOWN = 20
_KEY = "payments.account.luhn"
_COLUMNS = (
    "kind",
    "benefit__application__number",
    "benefit__payee_account",
    "benefit__care_account",
    "instalment__grant__application__number",
    "instalment__grant__payee_account",
)


def refuse_miswritten_card(account: str, recipient: Benefit | Grant) -> None:
    """An account that somebody types is refused at once."""
    if is_miswritten_card(account) and RuleBook(recipient.township, clock.today()).flag(_KEY):
        raise Refused("收款账号未通过银行卡校验位检查，请与卡面核对。", field="account")


def refuse_miswritten_cards(batch: Batch) -> None:
    """A list is not confirmed with accounts that the bank would return; says whose they are."""
    if not RuleBook(batch.area, batch.month).flag(_KEY):
        return
    wrong = [f"{number}（{mask_account(a)}）" for number, a in _payees(batch) if is_miswritten_card(a)]
    if wrong:
        more = f"等 {len(wrong)} 户" if len(wrong) > _SHOWN else ""
        shown = "、".join(wrong[:_SHOWN])
        raise Refused(f"收款账号未通过银行卡校验位检查，请更正后再复核：{shown}{more}。")


def _payees(batch: Batch) -> Iterator[tuple[str, str]]:
    """The number of the application and the account of each line that is paid."""
    rows = Payment.objects.filter(batch=batch, amount__gt=0).order_by("pk").values_list(*_COLUMNS)
    for kind, number, account, care, grant_number, grant_account in rows.iterator(chunk_size=2000):
        if number is None:
            yield grant_number, grant_account
        else:
            yield number, care if kind in OF_CARE else account
