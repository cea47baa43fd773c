"""Very many cases at once, for the sizes `district` and `province` and for the benchmarks.

A million cases cannot walk the services in an evening, so these stand for the caseload that an office brings
along from its former system: decided long ago, without a trace here. Everything that has to be found or paid
is real: encrypted numbers with their search digests, names, places, benefits, whom they cover, and amounts
by the standard of each place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.db import connection, transaction

from cases.models import Application, Household, Member, Person
from cases.naming import id_digest
from common.clock import next_month
from common.fields import encrypt
from organisations.models import Area, User
from payments.accounts import account_digest
from payments.models import Benefit, BenefitCover, BenefitRevision
from policy.models import Rule
from policy.rules import RuleBook
from workbench.demo.people import Someone, someone

_PROGRAMME = "dibao"
_CHUNK = 50_000
_FIRST_INDEX = 1_000_000
_OPENED = datetime(2024, 1, 2, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """A village with what lies above it, and the 低保 standard there when the cases were decided."""

    village: int
    township: int
    county: int
    abbreviation: str
    standard: Rule


def places_in(counties: Iterable[str]) -> list[Place]:
    """The villages of the counties; a township without villages stands for its own."""
    found = []
    for county in Area.objects.filter(code__in=counties).order_by("code"):
        for township in county.children.order_by("code"):
            standard = RuleBook(township, _OPENED.date()).rule("standard.dibao")
            villages = list(township.children.order_by("code")) or [township]
            found += [
                Place(v.pk, township.pk, county.pk, county.abbreviation or county.code, standard)
                for v in villages
            ]
    return found


def add_caseload(*, n_cases: int, places: list[Place], actor: User) -> None:
    """Bring the caseload to `n_cases` one-person households in receipt, spread evenly over the places."""
    already = Application.objects.filter(number__contains="-QR-").count()
    for start in range(already, n_cases, _CHUNK):
        with transaction.atomic():
            _add_chunk(range(start, min(start + _CHUNK, n_cases)), places, actor)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Some consecutive cases with what their rows share; `ids[model][case]` are reserved primary keys."""

    cases: range
    people: dict[int, Someone]
    places: dict[int, Place]
    decided: dict[int, datetime]
    ids: dict[type, dict[int, int]]
    actor: int


_Columns = dict[str, Callable[[int], object]]


def _add_chunk(cases: range, places: list[Place], actor: User) -> None:
    models = (Person, Household, Member, Application, Benefit)
    chunk = _Chunk(
        cases,
        people={n: someone(_FIRST_INDEX + n) for n in cases},
        places={n: places[n % len(places)] for n in cases},
        decided={n: _OPENED + timedelta(minutes=n % 900_000) for n in cases},
        ids={model: dict(zip(cases, _reserve(model, len(cases)), strict=True)) for model in models},
        actor=actor.pk,
    )
    for model, columns in (
        (Person, _person_columns),
        (Household, _household_columns),
        (Member, _member_columns),
        (Application, _application_columns),
        (Benefit, _benefit_columns),
        (BenefitCover, _cover_columns),
        (BenefitRevision, _revision_columns),
    ):
        values = columns(chunk)
        _copy(model._meta.db_table, list(values), ([value(n) for value in values.values()] for n in cases))


def _always(value: object) -> Callable[[int], object]:
    return lambda n: value


def _person_columns(chunk: _Chunk) -> _Columns:
    return {
        "id": chunk.ids[Person].__getitem__,
        "name": lambda n: chunk.people[n].name,
        "id_number": lambda n: encrypt(chunk.people[n].id_number),
        "id_digest": lambda n: id_digest(chunk.people[n].id_number),
        "birth_date": lambda n: chunk.people[n].birth_date,
        "sex": lambda n: chunk.people[n].sex,
    }


def _household_columns(chunk: _Chunk) -> _Columns:
    zeros = ("vehicles", "non_residential_houses", "registered_capital", "rigid_expenditure_monthly")
    return {
        "id": chunk.ids[Household].__getitem__,
        "address": lambda n: f"{n % 200 + 1} 号",
        "deposits": lambda n: n % 12_000,
        "houses": _always(1),
        "rigid_expenditure_note": _always(""),
    } | dict.fromkeys(zeros, _always(0))


def _member_columns(chunk: _Chunk) -> _Columns:
    return {
        "id": chunk.ids[Member].__getitem__,
        "household_id": chunk.ids[Household].__getitem__,
        "person_id": chunk.ids[Person].__getitem__,
        "programme": _always(_PROGRAMME),
        "relation": _always("self"),
        "co_living": _always(True),
        "excluded": _always(""),
        "disability_kind": _always(""),
        "severe_illness": _always(False),
        "employment_cost": _always(0),
        "occupies": _always(True),
        "authorised_by_guardian": _always(""),
    }


def _place_columns(chunk: _Chunk) -> _Columns:
    return {
        "village_id": lambda n: chunk.places[n].village,
        "township_id": lambda n: chunk.places[n].township,
        "county_id": lambda n: chunk.places[n].county,
    }


def _application_columns(chunk: _Chunk) -> _Columns:
    return _place_columns(chunk) | {
        "id": chunk.ids[Application].__getitem__,
        "number": lambda n: f"{chunk.places[n].abbreviation}-QR-{n + 1:07d}",
        "programme": _always(_PROGRAMME),
        "channel": _always("window"),
        "state": _always("approved"),
        "investigation_round": _always(1),
        "household_id": chunk.ids[Household].__getitem__,
        "applicant_name": lambda n: chunk.people[n].name,
        "n_members": _always(1),
        "cause": _always("illness"),
        "statement": _always("由原系统迁入。"),
        "payee_name": lambda n: chunk.people[n].name,
        "payee_bank": _always("演示银行"),
        "created_by_id": _always(chunk.actor),
        "created_at": chunk.decided.__getitem__,
        "accepted_at": chunk.decided.__getitem__,
        "decided_at": chunk.decided.__getitem__,
    }


def _benefit_columns(chunk: _Chunk) -> _Columns:
    return _place_columns(chunk) | {
        "id": chunk.ids[Benefit].__getitem__,
        "application_id": chunk.ids[Application].__getitem__,
        "programme": _always(_PROGRAMME),
        "head_name": lambda n: chunk.people[n].name,
        "starts_on": lambda n: _starts_on(chunk.decided[n]),
        "first_approved_at": chunk.decided.__getitem__,
        "payee_name": lambda n: chunk.people[n].name,
        "payee_bank": _always("演示银行"),
        "payee_account": lambda n: encrypt(chunk.people[n].account),
        "payee_digest": lambda n: account_digest(chunk.people[n].account),
    }


def _cover_columns(chunk: _Chunk) -> _Columns:
    return {
        "benefit_id": chunk.ids[Benefit].__getitem__,
        "person_id": chunk.ids[Person].__getitem__,
        "starts_on": lambda n: _starts_on(chunk.decided[n]),
    }


def _revision_columns(chunk: _Chunk) -> _Columns:
    return {
        "benefit_id": chunk.ids[Benefit].__getitem__,
        "monthly": lambda n: _monthly(n, Decimal(chunk.places[n].standard.value)),
        "valid_from": lambda n: _starts_on(chunk.decided[n]),
        "lines": _always("[]"),
        "rule_ids": lambda n: f"[{chunk.places[n].standard.pk}]",
        "reason": _always("由原系统迁入"),
        "decided_by_id": _always(chunk.actor),
        "created_at": chunk.decided.__getitem__,
    }


def _monthly(n: int, standard: Decimal) -> Decimal:
    """The difference between the standard and an income below it (DT-1.2)."""
    return standard - n * 37 % int(standard)


def _starts_on(decided: datetime) -> date:
    return next_month(decided.date())


def _reserve(model: type, count: int) -> list[int]:
    """Ids out of the table's own sequence, so that ordinary inserts go on after them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [new_id for (new_id,) in cursor.fetchall()]


def _copy(table: str, columns: list[str], rows: Iterator[list[object]]) -> None:
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)
