"""What people declare and officials find, as the services take it: plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from cases.enums import Channel, IncomeKind, Programme, Relation
from organisations.models import Area

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class IncomeLine:
    """One stream of income in yuan a month; `exempt` (an ExemptKind) says that it is not counted."""

    kind: IncomeKind
    monthly: Decimal
    exempt: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class MemberLine:
    """One member. `correct_name`: the name differs from the one known for this number, and that is meant."""

    name: str
    id_number: str
    relation: Relation
    phone: str = ""
    co_living: bool = True
    excluded: str = ""
    disability_kind: str = ""
    disability_grade: int | None = None
    severe_illness: bool = False
    employment_cost: Decimal = ZERO
    income: tuple[IncomeLine, ...] = ()
    correct_name: bool = False


@dataclass(frozen=True, slots=True)
class TekunEntry:
    """The conditions of 特困; None and "" are answers that a draft still lacks."""

    no_work_ability: bool | None = None
    no_income: bool | None = None
    supporter: str = ""
    supporter_note: str = ""
    placement: str = ""


@dataclass(frozen=True, slots=True)
class LinshiEntry:
    """A request for 临时救助 in yuan. `instalments`: (day, yuan), empty for one payment. `advanced`: what was
    given in the emergency; None keeps what is known of it.
    """

    kind: str = ""
    cause: str = ""
    requested: Decimal | None = None
    residual_medical: Decimal = ZERO
    repeat_same_cause: bool = False
    happened_on: date | None = None
    note: str = ""
    advanced: Decimal | None = None
    instalments: tuple[tuple[date, Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class Declaration:
    """One registration. `received_on`: the day on which the office (村社代办: the village) got it."""

    programme: Programme
    channel: Channel
    village: Area
    members: tuple[MemberLine, ...]
    received_on: date | None = None
    address: str = ""
    cause: str = ""
    statement: str = ""
    deposits: Decimal = ZERO
    vehicles: int = 0
    houses: int = 1
    non_residential_houses: int = 0
    registered_capital: Decimal = ZERO
    rigid_expenditure_monthly: Decimal = ZERO
    rigid_expenditure_note: str = ""
    payee_name: str = ""
    payee_bank: str = ""
    payee_account: str = ""
    hukou_in_county: bool = True
    lives_in_county: bool = True
    tekun: TekunEntry | None = None
    linshi: LinshiEntry | None = None


@dataclass(frozen=True, slots=True)
class ReportEntry:
    """What a check report says. `income` maps a member's id to the streams found."""

    number: str
    issued_on: date
    data_as_of: date
    conclusion: str
    income: dict[int, tuple[IncomeLine, ...]] = field(default_factory=dict)
    deposits: Decimal = ZERO
    vehicles: int = 0
    houses: int = 0
    non_residential_houses: int = 0
    registered_capital: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class SelfCareEntry:
    """The self-care assessment so far; `answers` maps an indicator (`can_eat` …) to yes, no or not yet."""

    answers: dict[str, bool | None] = field(default_factory=dict)
    assessed_on: date | None = None
    assessors: str = ""
    entrusted_to: str = ""


@dataclass(frozen=True, slots=True)
class CareEntry:
    """One service agreement of a person in 特困: who cares, and the account that the care fee goes to."""

    kind: str
    name: str
    payee_name: str
    payee_bank: str
    payee_account: str
    signed_on: date
    contact: str = ""
    signed_by_person: bool = False


@dataclass(frozen=True, slots=True)
class VisitEntry:
    """What a home visit found so far; `findings` maps a Dimension to (choice, note)."""

    visited_at: object
    second_visitor_id: int | None = None
    second_visitor_name: str = ""
    present_member_id: int | None = None
    signed: bool = False
    neighbours: str = ""
    conclusion: str = ""
    findings: dict[str, tuple[str, str]] = field(default_factory=dict)
    self_care: SelfCareEntry | None = None
