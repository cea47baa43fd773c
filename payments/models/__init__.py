"""Benefits and the money: who gets how much from when, what was sent to the bank, what the bank answered."""

from payments.models.bank import BankAnswer, BankFile, Transfer, UnknownAnswer
from payments.models.batch import Batch, BatchEvent, Payment
from payments.models.benefit import Benefit, BenefitRevision, PayeeChange
from payments.models.ledger import Entry, Leg

__all__ = [
    "BankAnswer",
    "BankFile",
    "Batch",
    "BatchEvent",
    "Benefit",
    "BenefitRevision",
    "Entry",
    "Leg",
    "PayeeChange",
    "Payment",
    "Transfer",
    "UnknownAnswer",
]
