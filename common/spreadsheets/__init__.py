"""Sheets from and for offices: read without trusting them, written so that nothing in them can run.

Reading (`read_rows`, `read_csv_rows`) is all or nothing: rows with typed values, or `SpreadsheetErrors` with
every error by row and column. Writing (`write_workbook`, `write_csv`) turns no text into a formula.

Why no openpyxl and no subprocess for reading (trust.md 5 asks for them or an equally safe way): openpyxl and
django-import-export fill in every cell between the outermost ones, so 4 KB of hostile file cost gigabytes.
Our reader walks the XML once, keeps only cells that have content and only the declared columns, and counts
what it unpacks; there is nothing left whose size the file could choose.
"""

from common.spreadsheets.columns import CellError, Column, Kind, Row, SpreadsheetErrors
from common.spreadsheets.reading import (
    Sheet,
    read_csv_rows,
    read_rows,
    read_sheet,
    read_table,
    read_text_sheet,
)
from common.spreadsheets.writing import write_csv, write_plain_workbook, write_workbook

__all__ = [
    "CellError",
    "Column",
    "Kind",
    "Row",
    "Sheet",
    "SpreadsheetErrors",
    "read_csv_rows",
    "read_rows",
    "read_sheet",
    "read_table",
    "read_text_sheet",
    "write_csv",
    "write_plain_workbook",
    "write_workbook",
]
