"""Very many cases at once, for the sizes `district` and `province` and for the benchmarks.

A million cases cannot walk the services in an evening, so these stand for the caseload that an office brings
along from its former system: decided long ago, without a trace here. Everything that has to be found or paid
is real: encrypted numbers with their search digests, names, places, benefits and revisions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import connection, transaction

from cases.models import Application, Household, Member, Person
from common.clock import next_month
from common.fields import encrypt, lookup_digest
from organisations.models import Area, User
from payments.models import Benefit, BenefitRevision
from workbench.demo.people import someone

_CHUNK = 50_000
_FIRST_INDEX = 1_000_000
_OPENED = datetime(2024, 1, 2, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """A village with what lies above it."""

    village: int
    township: int
    county: int
    abbreviation: str


def places_in(counties: Iterable[str]) -> list[Place]:
    """The villages of the counties; a township without villages stands for its own."""
    found = []
    for county in Area.objects.filter(code__in=counties):
        for township in county.children.order_by("code"):
            villages = list(township.children.order_by("code")) or [township]
            found += [
                Place(v.pk, township.pk, county.pk, county.abbreviation or county.code) for v in villages
            ]
    return found


def add_caseload(*, n_cases: int, places: list[Place], actor: User, programme: str = "dibao") -> None:
    """Bring the caseload to `n_cases` one-person households in receipt, spread evenly over the places."""
    already = Application.objects.filter(number__contains="-QR-").count()
    for start in range(already, n_cases, _CHUNK):
        with transaction.atomic():
            _add_chunk(range(start, min(start + _CHUNK, n_cases)), places, actor, programme)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _add_chunk(cases: range, places: list[Place], actor: User, programme: str) -> None:
    people = {n: someone(_FIRST_INDEX + n) for n in cases}
    ids = {model: _reserve(model, len(cases)) for model in (Person, Household, Member, Application, Benefit)}
    place = {n: places[n % len(places)] for n in cases}
    decided = {n: _OPENED + timedelta(minutes=n % 900_000) for n in cases}

    def key(model: type, n: int) -> int:
        return ids[model][n - cases.start]

    def copy(model: type, columns: dict[str, Callable[[int], object]]) -> None:
        rows = ([value(n) for value in columns.values()] for n in cases)
        _copy(model._meta.db_table, list(columns), rows)

    copy(
        Person,
        {
            "id": lambda n: key(Person, n),
            "name": lambda n: people[n].name,
            "id_number": lambda n: encrypt(people[n].id_number),
            "id_digest": lambda n: lookup_digest(people[n].id_number, "id_number"),
            "birth_date": lambda n: people[n].birth_date,
            "sex": lambda n: people[n].sex,
        },
    )
    copy(
        Household,
        {
            "id": lambda n: key(Household, n),
            "address": lambda n: f"{n % 200 + 1} 号",
            "deposits": lambda n: n % 12_000,
            "vehicles": lambda n: 0,
            "houses": lambda n: 1,
            "non_residential_houses": lambda n: 0,
            "registered_capital": lambda n: 0,
            "rigid_expenditure_monthly": lambda n: 0,
            "rigid_expenditure_note": lambda n: "",
        },
    )
    copy(
        Member,
        {
            "id": lambda n: key(Member, n),
            "household_id": lambda n: key(Household, n),
            "person_id": lambda n: key(Person, n),
            "programme": lambda n: programme,
            "relation": lambda n: "self",
            "co_living": lambda n: True,
            "excluded": lambda n: "",
            "disability_kind": lambda n: "",
            "severe_illness": lambda n: False,
            "employment_cost": lambda n: 0,
            "occupies": lambda n: True,
            "authorised_by_guardian": lambda n: "",
        },
    )
    copy(
        Application,
        {
            "id": lambda n: key(Application, n),
            "number": lambda n: f"{place[n].abbreviation}-QR-{n + 1:07d}",
            "programme": lambda n: programme,
            "channel": lambda n: "window",
            "state": lambda n: "approved",
            "investigation_round": lambda n: 1,
            "village_id": lambda n: place[n].village,
            "township_id": lambda n: place[n].township,
            "county_id": lambda n: place[n].county,
            "household_id": lambda n: key(Household, n),
            "applicant_name": lambda n: people[n].name,
            "n_members": lambda n: 1,
            "cause": lambda n: "illness",
            "statement": lambda n: "由原系统迁入。",
            "payee_name": lambda n: people[n].name,
            "payee_bank": lambda n: "演示银行",
            "created_by_id": lambda n: actor.pk,
            "created_at": lambda n: decided[n],
            "accepted_at": lambda n: decided[n],
            "decided_at": lambda n: decided[n],
        },
    )
    copy(
        Benefit,
        {
            "id": lambda n: key(Benefit, n),
            "application_id": lambda n: key(Application, n),
            "programme": lambda n: programme,
            "county_id": lambda n: place[n].county,
            "township_id": lambda n: place[n].township,
            "village_id": lambda n: place[n].village,
            "head_name": lambda n: people[n].name,
            "starts_on": lambda n: _starts_on(decided[n]),
            "first_approved_at": lambda n: decided[n],
            "payee_name": lambda n: people[n].name,
            "payee_bank": lambda n: "演示银行",
            "payee_account": lambda n: encrypt(people[n].account),
        },
    )
    copy(
        BenefitRevision,
        {
            "benefit_id": lambda n: key(Benefit, n),
            "monthly": lambda n: 300 + n % 700,
            "valid_from": lambda n: _starts_on(decided[n]),
            "lines": lambda n: "[]",
            "rule_ids": lambda n: "[]",
            "reason": lambda n: "由原系统迁入",
            "decided_by_id": lambda n: actor.pk,
            "created_at": lambda n: decided[n],
        },
    )


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
