"""The .xlsx format of django-import-export with our reader and writer inside.

Its own reader turns 4 KB of hostile file into 2.5 GB of memory and its writer makes live formulas
(measured, trust.md 2.4 and 5). Named in settings.IMPORT_EXPORT_FORMATS.
"""

from __future__ import annotations

from io import BytesIO

import tablib
from import_export.formats.base_formats import XLSX

from common.spreadsheets.columns import Column, SpreadsheetErrors
from common.spreadsheets.reading import read_table
from common.spreadsheets.writing import write_plain_workbook


class GuardedXLSX(XLSX):
    """Reads and writes text only; the resource's widgets turn it into values."""

    def create_dataset(self, in_stream: bytes) -> tablib.Dataset:
        rows = read_table(BytesIO(in_stream))
        if not rows:
            raise SpreadsheetErrors.of_file("文件中没有内容。")
        width = len(rows[0])
        if any(len(row) > width for row in rows):
            raise SpreadsheetErrors.of_file("有的行比表头还长，请核对列数。")
        return tablib.Dataset(*[row + [""] * (width - len(row)) for row in rows[1:]], headers=rows[0])

    def export_data(self, dataset: tablib.Dataset, **kwargs) -> bytes:
        columns = [Column(key=str(place), label=str(name)) for place, name in enumerate(dataset.headers)]
        rows = ({str(place): value for place, value in enumerate(row)} for row in dataset)
        return write_plain_workbook(columns, rows)
