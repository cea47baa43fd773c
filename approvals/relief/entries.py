"""What is reported and paid, as the services take it: plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from organisations.models import Area, User


@dataclass(frozen=True, slots=True)
class ReliefEntry:
    """One emergency. `id_number` empty needs `id_missing_reason`; `amount` in yuan; `goods` for 实物;
    `recused`: staff who are relatives of the person.
    """

    village: Area
    name: str
    cause: str
    happened: str
    n_people: int
    amount: Decimal
    paid_in: str
    reported_at: datetime
    id_number: str = ""
    id_missing_reason: str = ""
    phone: str = ""
    place: str = ""
    local: bool = True
    goods: str = ""
    recused: Sequence[User] = ()


@dataclass(frozen=True, slots=True)
class PaymentEntry:
    """Who received it, who else was there, that all signed. `reason`: why below the reserve's minimum."""

    received_by: str
    second_name: str
    receipt_signed: bool
    reason: str = ""
