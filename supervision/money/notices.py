"""The list of the boards held against the register, village by village (名册 = 公示, every month)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection

from organisations.models import Area
from publicity.enums import StandingKind

# Of several boards of a village and month the last is the one that hung. 一事一议 hangs in a list of its own.
_DIFFERENCES = """
    WITH register AS (
        SELECT b.village_id, b.programme AS kind, count(*) AS n, COALESCE(sum(r.monthly), 0) AS amount
        FROM payments_benefit b LEFT JOIN payments_benefitrevision r ON r.benefit_id = b.id
             AND r.valid_from <= %(month)s AND (r.valid_to IS NULL OR r.valid_to > %(month)s)
        WHERE b.county_id = %(county)s AND b.starts_on <= %(month)s
          AND (b.ends_on IS NULL OR b.ends_on > %(month)s)
        GROUP BY 1, 2
    ), boards AS (
        SELECT DISTINCT ON (area_id) id, village_id FROM publicity_standingnotice
        WHERE county_id = %(county)s AND month = %(month)s AND village_id = area_id
        ORDER BY area_id, id DESC
    ), hung AS (
        SELECT board.village_id, l.kind, count(*) AS n, COALESCE(sum(l.monthly), 0) AS amount
        FROM boards board JOIN publicity_standingline l ON l.notice_id = board.id
        WHERE l.kind = ANY(%(kinds)s)
        GROUP BY 1, 2
    )
    SELECT t.name, v.name, kind, COALESCE(register.n, 0), COALESCE(register.amount, 0),
           COALESCE(hung.n, 0), COALESCE(hung.amount, 0), board.id IS NOT NULL
    FROM register FULL JOIN hung USING (village_id, kind)
    JOIN organisations_area v ON v.id = village_id JOIN organisations_area t ON t.id = v.parent_id
    LEFT JOIN boards board USING (village_id)
    WHERE (register.n, register.amount) IS DISTINCT FROM (hung.n, hung.amount)
    ORDER BY v.code, kind
"""


@dataclass(frozen=True, slots=True)
class Hung:
    """A programme in a village whose board says something else than the register, in households and yuan.
    `there` False: no board hung at all in that month.
    """

    township: str
    village: str
    kind: str
    n_register: int
    register: Decimal
    n_hung: int
    hung: Decimal
    there: bool

    @property
    def label(self) -> str:
        return StandingKind(self.kind).label


def hung_otherwise(county: Area, month: date) -> list[Hung]:
    """Where the boards of a county differ from its register of a month."""
    kinds = [kind.value for kind in StandingKind if kind != StandingKind.CASE_BY_CASE]
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENCES, {"county": county.pk, "month": month, "kinds": kinds})
        return [Hung(*row) for row in cursor.fetchall()]
