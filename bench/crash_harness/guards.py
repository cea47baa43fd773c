"""What guards money: everything the catalog holds of the payments tables, and every lock and every
transaction in the code of the services. Listed from where they are, never by hand.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

KINDS = {
    "c": "检查约束",
    "u": "唯一约束",
    "p": "主键",
    "x": "排他约束",
    "f": "外键",
    "n": "非空",
    "i": "唯一索引",
    "g": "触发器",
}
# A certificate is a paper about a benefit, care is agreed and visited; no money depends on them. On a proxy's
# agreement only the seal depends, and that is probed; how the paper itself is kept, its own tests break.
NOT_MONEY = (
    "payments_certificate",
    "payments_certificatereview",
    "payments_lateragreement",
    "payments_carevisit",
    "payments_proxyagreement",
)
# Nor do the services that keep these papers: `test_care.py` and `test_proxies.py` watch over them.
PAPERS = ("certificates", "care", "proxies")
SERVICES = Path(__file__).resolve().parents[2] / "payments" / "services"

_CATALOG = r"""
    SELECT t.relname, c.conname, c.contype::text, pg_get_constraintdef(c.oid),
           ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = t.oid AND attnum = ANY (c.conkey))
    FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
    WHERE t.relname LIKE 'payments\_%%' AND c.contype <> 't'
      AND NOT (c.contype = 'n' AND pg_get_constraintdef(c.oid) = 'NOT NULL id')
    UNION ALL
    SELECT t.relname, i.relname, 'i', pg_get_indexdef(i.oid), '{}'
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
    WHERE t.relname LIKE 'payments\_%%' AND x.indisunique
      AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.oid AND contype IN ('p', 'u', 'x'))
    UNION ALL
    SELECT t.relname, g.tgname, 'g', '', '{}'
    FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid
    WHERE t.relname LIKE 'payments\_%%' AND NOT g.tgisinternal
    ORDER BY 1, 3, 2
"""


@dataclass(frozen=True, slots=True)
class Guard:
    """One rule of the database; `kind` is a key of KINDS, `columns` those that the rule looks at."""

    table: str
    name: str
    kind: str
    definition: str
    columns: tuple[str, ...]

    @property
    def short(self) -> str:
        """A trigger without the package's prefix and hash."""
        return re.sub(r"^pgtrigger_(.*)_[0-9a-f]{5}$", r"\1", self.name)

    @property
    def removal(self) -> str:
        if self.kind == "g":
            return f'ALTER TABLE {self.table} DISABLE TRIGGER "{self.name}"'
        if self.kind == "i":
            return f'DROP INDEX "{self.name}"'
        return f'ALTER TABLE {self.table} DROP CONSTRAINT "{self.name}" CASCADE'


@dataclass(frozen=True, slots=True)
class Place:
    """One lock or transaction in the code: in which function of which service it is taken."""

    module: str
    function: str
    kind: str

    def __str__(self) -> str:
        return f"{self.module}.{self.function}"


def of_the_database() -> list[Guard]:
    with connection.cursor() as cursor:
        cursor.execute(_CATALOG, [])
        rows = [Guard(*row[:4], tuple(row[4])) for row in cursor.fetchall()]
    return [guard for guard in rows if guard.table not in NOT_MONEY]


def of_the_code() -> list[Place]:
    """Locks (`select_for_update`) and transactions (`atomic`), from the syntax trees of the services."""
    found = []
    for path in sorted(SERVICES.glob("*.py")):
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef):
                found += [Place(path.stem, function.name, kind) for kind in _taken_in(function)]
    return [place for place in found if place.module not in PAPERS]


def _taken_in(function: ast.FunctionDef) -> Iterator[str]:
    names = {node.attr for node in ast.walk(function) if isinstance(node, ast.Attribute)}
    if "select_for_update" in names:
        yield "lock"
    if "atomic" in names:
        yield "atomic"
