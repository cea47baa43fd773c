"""Card numbers and their Luhn digit, where a rule has it checked: 焦作 pays to social cards (JZ-6.1)."""

import pytest

from common.errors import Refused
from payments import services
from payments.accounts import is_miswritten_card
from payments.models import Batch, PayeeChange
from tests.payments import builders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.mark.parametrize(
    ("account", "is_wrong"),
    [
        # 6222020000000007: every second digit from the right doubled: 3 + 4, the others 2 + 2 + 2 + 7: 20.
        ("6222020000000007", False),
        ("6222020000000003", True),
        ("622202000000003", False),
        ("5222020000000003", False),
        (builders.CARD, False),
        (builders.ACCOUNT, True),
    ],
)
def test_only_a_card_with_a_wrong_digit_is_miswritten(account, is_wrong):
    assert is_miswritten_card(account) is is_wrong


def test_a_list_with_a_miswritten_card_is_not_confirmed_and_says_whose_it_is():
    payer = builders.allocated_county()
    builders.benefits(payer, "585.00")
    wrong = builders.benefit(payer.villages[0], name="林错", account=builders.ACCOUNT)
    batch = builders.prepared(payer)
    with pytest.raises(Refused, match="校验位") as refused:
        services.check_batch(batch=batch, actor=payer.checker)
    assert wrong.application.number in str(refused.value)
    assert builders.ACCOUNT not in str(refused.value)
    assert Batch.objects.get().state == "prepared"
    lead(wrong, builders.CARD, payer)
    assert services.check_batch(batch=batch, actor=payer.checker).state == "checked"


def lead(benefit, account: str, payer) -> PayeeChange:
    return services.correct_payee(
        benefit=benefit, name="林错", bank="演示银行", account=account, reason="卡号抄错", actor=payer.clerk
    )


def test_an_account_is_refused_as_it_is_typed_where_the_rule_says_so():
    payer = builders.allocated_county()
    (benefit,) = builders.benefits(payer, "585.00")
    with pytest.raises(Refused, match="请与卡面核对"):
        lead(benefit, builders.ACCOUNT, payer)
    assert not PayeeChange.objects.exists()


def test_other_districts_take_passbooks_too():
    payer = builders.town()
    builders.benefits(payer, "585.00")
    assert builders.checked(payer).state == "checked"
