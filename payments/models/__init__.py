"""Benefits and the money: who gets how much from when, what was sent to the bank, what the bank answered."""

from payments.models.bank import BankAnswer, BankFile, Transfer, UnknownAnswer
from payments.models.batch import Batch, BatchEvent
from payments.models.benefit import Benefit, BenefitCover, BenefitRevision
from payments.models.care import CareVisit, LaterAgreement
from payments.models.certificate import Certificate, CertificateReview
from payments.models.debt import Debt, Overpayment, Repayment, Waiver
from payments.models.fund import Fund, FundMove, FundRequest
from payments.models.grant import Grant, Instalment
from payments.models.hand_over import HandOver, HandOverReceipt, HandOverRequest
from payments.models.ledger import Entry, Leg
from payments.models.payee import PayeeChange
from payments.models.payment import RECIPIENT_PLACES, Payment
from payments.models.price import PriceIndex, PriceSubsidy
from payments.models.proxy import ProxyAgreement

__all__ = [
    "RECIPIENT_PLACES",
    "BankAnswer",
    "BankFile",
    "Batch",
    "BatchEvent",
    "Benefit",
    "BenefitCover",
    "BenefitRevision",
    "CareVisit",
    "Certificate",
    "CertificateReview",
    "Debt",
    "Entry",
    "Fund",
    "FundMove",
    "FundRequest",
    "Grant",
    "HandOver",
    "HandOverReceipt",
    "HandOverRequest",
    "Instalment",
    "LaterAgreement",
    "Leg",
    "Overpayment",
    "PayeeChange",
    "Payment",
    "PriceIndex",
    "PriceSubsidy",
    "ProxyAgreement",
    "Repayment",
    "Transfer",
    "UnknownAnswer",
    "Waiver",
]
