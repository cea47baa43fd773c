"""Who carries each clause: the rules that cite it, the code and pages that name it, the tests that claim it.

Nothing is kept by hand: rules are read from the tables, the rest off the source tree and the syntax trees of
the tests, so that the answer cannot be older than the code.
"""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from policy.models import Clause, Rule

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = Path(__file__).parent / "data" / "clauses.csv"
ISSUES = Path(__file__).parent / "data" / "coverage.csv"
ROOMS = (
    "common",
    "organisations",
    "policy",
    "cases",
    "publicity",
    "payments",
    "approvals",
    "monitoring",
    "supervision",
    "workbench",
    "templates",
)
_ID = re.compile(r"[0-9A-Z]+-[0-9A-Za-z.]*[0-9A-Za-z]")


@dataclass(slots=True)
class Carried:
    """One clause with all that carries it."""

    id: str
    text: str
    binding: bool
    rules: list[str] = field(default_factory=list)
    areas: list[str] = field(default_factory=list)
    screens: list[str] = field(default_factory=list)
    tests: list[str] = field(default_factory=list)

    def as_json(self) -> dict:
        """The form of `manage.py clauses --json`."""
        return {name: getattr(self, name) for name in self.__slots__}


def clause_coverage(root: Path = ROOT, *, area_prefix: str | None = None) -> list[Carried]:
    """Every clause of the catalogue; with `area_prefix`, only rules of areas above or below it count."""
    with CATALOGUE.open(encoding="utf-8-sig", newline="") as file:
        found = {
            row["id"]: Carried(row["id"], row["text"], row["binding"] == "1") for row in csv.DictReader(file)
        }
    _add_rules(found, area_prefix)
    for name, ids in screens_of(root).items():
        for clause in ids & found.keys():
            found[clause].screens.append(name)
    for clause, tests in claims_of(root / "tests").items():
        if clause in found:
            found[clause].tests = sorted(tests)
    return list(found.values())


def _add_rules(found: dict[str, Carried], area_prefix: str | None) -> None:
    rules = Rule.objects.published().filter(clause__in=Clause.objects.filter(pk__in=found))
    for clause, key, code, prefix in rules.order_by("key", "area__code").values_list(
        "clause_id", "key", "area__code", "area__prefix"
    ):
        near = area_prefix is None or area_prefix.startswith(prefix) or prefix.startswith(area_prefix)
        if not near:
            continue
        carried = found[clause]
        carried.rules += [key] * (key not in carried.rules)
        carried.areas += [code] * (code not in carried.areas)


@cache
def screens_of(root: Path = ROOT) -> dict[str, frozenset[str]]:
    """File of ours (templates and Python, no migrations, no packs) -> what looks like a clause in it."""
    named = {}
    for path in _sources(root):
        ids = frozenset(_ID.findall(path.read_text(encoding="utf-8")))
        if ids:
            named[path.relative_to(root).as_posix()] = ids
    return named


def _sources(root: Path) -> Iterator[Path]:
    for room in ROOMS:
        for path in sorted((root / room).rglob("*")):
            if path.suffix in {".py", ".html"} and "migrations" not in path.parts:
                yield path


@cache
def claims_of(tests: Path = ROOT / "tests") -> dict[str, set[str]]:
    """Clause -> the tests that claim it: by `@pytest.mark.clause`, or by the `clause` column of a table."""
    claims: dict[str, set[str]] = {}
    for path in sorted(tests.rglob("test_*.py")):
        where = path.relative_to(tests.parent).as_posix()
        for clause, name in claims_in(path.read_text(encoding="utf-8")):
            claims.setdefault(clause, set()).add(f"{where}::{name}")
    for path in sorted(tests.rglob("*.csv")):
        where = path.relative_to(tests.parent).as_posix()
        for clause, row in _claims_in_table(path):
            claims.setdefault(clause, set()).add(f"{where}::{row}")
    return claims


def claims_in(source: str) -> Iterator[tuple[str, str]]:
    """(clause, test) for each mark on a test or on its module; helpers and comments claim nothing."""
    tree = ast.parse(source)
    of_module = [node for node in tree.body if isinstance(node, ast.Assign) and _assigns_marks(node)]
    for clause in _marks(node.value for node in of_module):
        yield clause, "*"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            for clause in _marks(node.decorator_list):
                yield clause, node.name


def _assigns_marks(node: ast.Assign) -> bool:
    return any(isinstance(target, ast.Name) and target.id == "pytestmark" for target in node.targets)


def _marks(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for mark in (part for node in nodes for part in ast.walk(node)):
        if _is_clause(mark):
            yield from (argument.value for argument in mark.args if isinstance(argument, ast.Constant))


def _is_clause(node: ast.AST) -> bool:
    """`pytest.mark.clause("…")` as a decorator, or in a list of marks."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "clause"
        and isinstance(node.func.value, ast.Attribute)
        and node.func.value.attr == "mark"
    )


def _claims_in_table(path: Path) -> Iterator[tuple[str, str]]:
    """(clause, id of the row) of a table of examples; a row may name several, as text."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        if "clause" not in (rows.fieldnames or ()):
            return
        for number, row in enumerate(rows, start=2):
            for clause in _ID.findall(row["clause"] or ""):
                yield clause, row.get("id") or str(number)


def required_clauses() -> dict[str, set[str]]:
    """Issue -> the clauses that it must carry (`data/coverage.csv`); `DT-1.*` stands for all of these."""
    with CATALOGUE.open(encoding="utf-8-sig", newline="") as file:
        binding = [row["id"] for row in csv.DictReader(file) if row["binding"] == "1"]
    wanted: dict[str, set[str]] = {}
    with ISSUES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            named = row["clause"]
            fitting = {one for one in binding if one == named or _under(one, named)}
            if not fitting:
                raise ValueError(f"coverage.csv：{named} 不在条款目录中或无须由系统落实")
            wanted.setdefault(row["issue"], set()).update(fitting)
    return wanted


def _under(clause: str, named: str) -> bool:
    """`SY-A1.1a` lies under `SY-A1.1` and under `SY-A1.*`; `SY-A1.10` does not lie under `SY-A1.1`."""
    if named.endswith("*"):
        return clause.startswith(named[:-1])
    return clause[:-1] == named and clause[-1].isalpha()
