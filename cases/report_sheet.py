"""The check report as a sheet: one row a member, property on the row of whom it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import IO, Any

from cases.declarations import IncomeLine
from cases.enums import ExemptKind, IncomeKind
from cases.models import Application, Member
from cases.naming import clean_name
from common.identity import clean_id_number
from common.spreadsheets import CellError, Column, Kind, Row, SpreadsheetErrors, read_rows, write_workbook

ZERO = Decimal("0.00")
_INCOME = [Column(kind.value, kind.label, Kind.AMOUNT) for kind in IncomeKind]
# The key of an amount of property and its words; counts of shared things stand on one row only.
_PROPERTY = [
    Column("deposits", "存款等货币财产", Kind.AMOUNT),
    Column("vehicles", "机动车辆", Kind.INTEGER),
    Column("houses", "住房套数", Kind.INTEGER),
    Column("non_residential_houses", "非居住用房套数", Kind.INTEGER),
    Column("registered_capital", "认缴出资额", Kind.AMOUNT),
]
COLUMNS = [
    Column("name", "姓名", required=True, max_length=60),
    Column("id_number", "身份证号", Kind.TEXT_EXACT, required=True, max_length=40, width=22),
    *_INCOME,
    Column("exempt_kind", "不计入项目", max_length=40, width=24),
    Column("exempt_amount", "不计入金额", Kind.AMOUNT),
    *_PROPERTY,
]
_EXEMPT = {kind.label: kind.value for kind in ExemptKind}
_LABELS = {column.key: column.label for column in COLUMNS}
MAX_ROWS = 60


def template_of(application: Application) -> bytes:
    """An .xlsx with the household's names; the checking office fills in the identity numbers."""
    members = application.household.members.select_related("person")
    rows = [{"name": member.person.name} for member in members]
    title = f"家庭经济状况核对报告 {application.number}（共有财产只填在一人名下；没有查到填 0，未查询留空）"
    return write_workbook(title, COLUMNS, rows)


def read_report(file: IO[bytes], application: Application) -> dict[str, Any]:
    """What the sheet says: `income` by member id and property totals; SpreadsheetErrors by row and column.

    All or nothing: every member must have exactly one row, and nobody else may.
    """
    rows = read_rows(file, columns=COLUMNS, max_rows=MAX_ROWS)
    members = {m.person.id_number: m for m in application.household.members.select_related("person")}
    errors: list[CellError] = []
    income: dict[int, tuple[IncomeLine, ...]] = {}
    for row in rows:
        member = _member_of(row, members, income, errors)
        lines = _lines(row, errors)
        if member is not None:
            income[member.pk] = lines
    absent = [m.person.name for m in members.values() if m.pk not in income]
    if absent and not errors:
        errors.append(CellError(0, "", f"表中缺少成员：{'、'.join(absent)}；每名成员一行。"))
    if errors:
        raise SpreadsheetErrors(errors)
    return {"income": income, **_totals(rows)}


def _member_of(
    row: Row, members: Mapping[str, Member], taken: Mapping[int, Any], errors: list
) -> Member | None:
    member = members.get(clean_id_number(row["id_number"]))
    if member is None:
        errors.append(_error(row, "id_number", "不是本户成员的身份证号"))
        return None
    if clean_name(row["name"]) != member.person.name:
        errors.append(_error(row, "name", "姓名与该身份证号登记的姓名不一致"))
    if member.pk in taken:
        errors.append(_error(row, "id_number", "同一成员出现两次，请合并为一行"))
        return None
    return member


def _lines(row: Row, errors: list[CellError]) -> tuple[IncomeLine, ...]:
    for column in (*_INCOME, *_PROPERTY):
        if row[column.key] is not None and row[column.key] < 0:
            errors.append(_error(row, column.key, "不能为负"))
    lines = [IncomeLine(kind, row[kind.value]) for kind in IncomeKind if row[kind.value] is not None]
    label, amount = row["exempt_kind"], row["exempt_amount"]
    if label and label not in _EXEMPT:
        errors.append(_error(row, "exempt_kind", f"应为以下之一：{'、'.join(_EXEMPT)}"))
    elif bool(label) != bool(amount):
        errors.append(_error(row, "exempt_amount", "不计入项目与金额须同时填写"))
    elif amount and amount < 0:
        errors.append(_error(row, "exempt_amount", "不能为负"))
    elif label:
        lines.append(IncomeLine(IncomeKind.TRANSFER, amount, exempt=_EXEMPT[label]))
    return tuple(lines)


def _error(row: Row, key: str, message: str) -> CellError:
    return CellError(row.number, _LABELS[key], message)


def _totals(rows: list[Row]) -> dict[str, Any]:
    return {column.key: sum((row[column.key] or 0 for row in rows), _zero(column)) for column in _PROPERTY}


def _zero(column: Column) -> Decimal | int:
    return ZERO if column.kind == Kind.AMOUNT else 0
