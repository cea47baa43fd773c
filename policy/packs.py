"""The rule packs: one readable file an area, loaded as published rules without drafter or publisher.

Loading again changes nothing. A published value that differs from its pack is reported and left alone:
published values are only succeeded, by two people, in the rule tables.
"""

from __future__ import annotations

import csv
import json
import re
import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from django.db import transaction

from common.errors import Refused
from organisations.models import Area
from policy.enums import Certainty
from policy.keys import clean_value
from policy.models import Clause, Document, Rule

DATA = Path(__file__).parent / "data"
_FIELDS = frozenset(
    {"key", "value", "unit", "items", "clause", "document", "from", "to", "certainty", "note", "area"}
)


@dataclass(slots=True)
class LoadReport:
    """What a load did; `differences` are sentences about what it left alone."""

    documents: int = 0
    clauses: int = 0
    rules: int = 0
    unchanged: int = 0
    differences: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Entry:
    """One rule of a pack, its value checked and in canonical form."""

    pack: str
    area_code: str
    key: str
    value: str
    unit: str
    clause_id: str | None
    document_id: str
    valid_from: date
    valid_to: date | None
    certainty: str
    note: str

    def overlaps(self, rule: Rule) -> bool:
        starts_before_end = self.valid_to is None or rule.valid_from < self.valid_to
        return starts_before_end and (rule.valid_to is None or self.valid_from < rule.valid_to)

    def difference(self, rule: Rule) -> str:
        """What the published rule says otherwise; a rule that was closed since is no difference."""
        names = ("value", "unit", "clause_id", "document_id", "certainty", "note")
        changed = [name for name in names if getattr(self, name) != getattr(rule, name)]
        if self.valid_to is not None and self.valid_to != rule.valid_to:
            changed.append("valid_to")
        return "、".join(changed)


def load_packs(*, now: datetime, folder: Path = DATA / "packs", offices: Collection[str] = ()) -> LoadReport:
    """Load documents, clauses and the packs, all or nothing. Refused when an area is not in the tree.

    `offices`: codes of areas; only what holds in them, above them or below them is loaded. Empty: everything.
    """
    entries = [
        entry
        for path in sorted(folder.glob("*.toml"))
        for entry in read_pack(path)
        if not offices or any(_concerns(entry.area_code, office) for office in offices)
    ]
    with transaction.atomic():
        report = LoadReport(documents=_load_documents(), clauses=_load_clauses())
        _load_rules(entries, report, now)
    return report


def _concerns(code: str, office: str) -> bool:
    """Does one of the two areas lie within the other?"""
    one, other = _prefix(code), _prefix(office)
    return one.startswith(other) or other.startswith(one)


def _prefix(code: str) -> str:
    """The digits that the codes of everything below share: `350800` → `3508`."""
    while len(code) in (2, 4, 6) and code.endswith("00"):
        code = code[:-2]
    return code


def read_pack(path: Path) -> Iterator[Entry]:
    """The entries of one file; ValueError names the file, the key and what is wrong."""
    pack = tomllib.loads(path.read_text(encoding="utf-8"))
    for row in pack["rules"]:
        for key in _expand(row["key"]):
            try:
                yield _entry(path.stem, _area_of(pack["area"], row), key, row)
            except (ValueError, KeyError) as error:
                raise ValueError(f"{path.name} {key}：{error}") from error


def _area_of(pack_area: str, row: dict) -> str:
    """A rule may name one place within the pack's own, such as the county whose minimum wage it is."""
    code = row.get("area", pack_area)
    if not code.startswith(_prefix(pack_area)):
        raise ValueError(f"{code} 不在 {pack_area} 之内")
    return code


def _expand(key: str) -> list[str]:
    """`deadline.{dibao,dibian}.total` stands for one rule each."""
    match = re.search(r"\{([^}]*)\}", key)
    if not match:
        return [key]
    return [key[: match.start()] + name + key[match.end() :] for name in match[1].split(",")]


def _entry(pack: str, area_code: str, key: str, row: dict) -> Entry:
    if unknown := set(row) - _FIELDS:
        raise ValueError(f"没有名为 {'、'.join(sorted(unknown))} 的栏目")
    text = json.dumps(row["items"], ensure_ascii=False) if "items" in row else row["value"]
    value, unit = clean_value(key, text, row.get("unit", ""))
    clause = row.get("clause")
    return Entry(
        pack=pack,
        area_code=area_code,
        key=key,
        value=value,
        unit=unit,
        clause_id=clause,
        document_id=row.get("document") or clause.split("-")[0],
        valid_from=row["from"],
        valid_to=row.get("to"),
        certainty=Certainty(row.get("certainty", Certainty.LAW)).value,
        note=row.get("note", ""),
    )


def _load_documents() -> int:
    wanted = tomllib.loads((DATA / "documents.toml").read_text(encoding="utf-8"))
    blank = {"number": "", "issued_on": None, "in_force_from": None, "note": ""}
    return _upsert(Document, {code: blank | values for code, values in wanted.items()})


def _load_clauses() -> int:
    with (DATA / "clauses.csv").open(encoding="utf-8", newline="") as file:
        rows = {
            row["id"]: {
                "document_id": row["id"].split("-")[0],
                "binding": row["binding"] == "1",
                "text": row["text"],
            }
            for row in csv.DictReader(file)
        }
    return _upsert(Clause, rows)


def _upsert(model: type[Document] | type[Clause], wanted: dict[str, dict]) -> int:
    """Insert or correct the rows by primary key; how many were written."""
    here = model.objects.in_bulk(list(wanted))
    changed = [
        model(pk=pk, **values)
        for pk, values in wanted.items()
        if pk not in here or any(getattr(here[pk], name) != value for name, value in values.items())
    ]
    if changed:
        columns = list(next(iter(wanted.values())))
        fields = [name.removesuffix("_id") for name in columns]
        model.objects.bulk_create(
            changed, update_conflicts=True, unique_fields=[model._meta.pk.name], update_fields=fields
        )
    return len(changed)


def _load_rules(entries: list[Entry], report: LoadReport, now: datetime) -> None:
    areas = dict(Area.objects.filter(code__in={e.area_code for e in entries}).values_list("code", "pk"))
    if missing := sorted({entry.area_code for entry in entries} - set(areas)):
        raise Refused(f"区划表中没有 {'、'.join(missing)}，请先执行 load_areas。")
    published: dict[tuple[int, str], list[Rule]] = {}
    for rule in Rule.objects.published().filter(area__in=areas.values()):
        published.setdefault((rule.area_id, rule.key), []).append(rule)
    new = []
    for entry in entries:
        others = published.get((areas[entry.area_code], entry.key), [])
        rivals = [rule for rule in others if entry.overlaps(rule)]
        if not rivals:
            new.append(_published_rule(entry, areas[entry.area_code], now))
        elif same := next((rule for rule in rivals if rule.valid_from == entry.valid_from), None):
            _compare(entry, same, report)
        else:
            report.differences.append(f"{_name(entry)}：与已发布的规则期间重叠，未装入。")
    Rule.objects.bulk_create(new)
    report.rules = len(new)


def _compare(entry: Entry, rule: Rule, report: LoadReport) -> None:
    if changed := entry.difference(rule):
        report.differences.append(f"{_name(entry)}：已发布的规则与规则包不同（{changed}），未改动。")
    else:
        report.unchanged += 1


def _name(entry: Entry) -> str:
    return f"{entry.pack} {entry.key} {entry.valid_from:%Y-%m-%d}"


def _published_rule(entry: Entry, area_id: int, now: datetime) -> Rule:
    return Rule(
        area_id=area_id,
        key=entry.key,
        value=entry.value,
        unit=entry.unit,
        valid_from=entry.valid_from,
        valid_to=entry.valid_to,
        clause_id=entry.clause_id,
        document_id=entry.document_id,
        certainty=entry.certainty,
        note=entry.note,
        loaded_from=entry.pack,
        published_at=now,
    )
