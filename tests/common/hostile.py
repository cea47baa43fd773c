"""Generators of hostile and odd workbooks, small ones written by hand so that every byte is ours."""

import zipfile
from collections.abc import Mapping
from io import BytesIO

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
DOC = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
MACRO_TYPE = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"


def cell(reference: str, value: str, kind: str = "inlineStr", style: str = "0") -> str:
    if kind == "inlineStr":
        return f'<c r="{reference}" t="inlineStr" s="{style}"><is><t>{value}</t></is></c>'
    return f'<c r="{reference}" t="{kind}" s="{style}"><v>{value}</v></c>'


def rows(*lines: str, first: int = 1) -> str:
    return "".join(f'<row r="{number}">{line}</row>' for number, line in enumerate(lines, start=first))


def header(*labels: str) -> str:
    return "".join(cell(f"{chr(65 + place)}1", label) for place, label in enumerate(labels))


def sheet(data: str, tail: str = "", prolog: str = "") -> str:
    return f'{HEAD}{prolog}<worksheet xmlns="{MAIN}"><sheetData>{data}</sheetData>{tail}</worksheet>'


# Style 0 general, 1 a built-in date, 2 a custom date, 3 an amount whose literal text has a d in it.
STYLES = (
    f'{HEAD}<styleSheet xmlns="{MAIN}"><numFmts count="2">'
    '<numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/>'
    '<numFmt numFmtId="165" formatCode="0.00&quot;yuan paid&quot;"/></numFmts>'
    '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs>'
    "</styleSheet>"
)


def parts(
    *sheets: str, workbook_pr: str = "", content_type: str = SHEET_TYPE, states: tuple[str, ...] = ()
) -> dict:
    """The parts of a workbook with these worksheets, by name."""
    count = range(1, len(sheets) + 1)
    state = [*states, *["visible"] * len(sheets)]
    listed = "".join(
        f'<sheet name="S{n}" sheetId="{n}" state="{state[n - 1]}" r:id="rId{n}"/>' for n in count
    )
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{DOC}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in count
    )
    return {
        "[Content_Types].xml": f'{HEAD}<Types><Override PartName="/xl/workbook.xml" '
        f'ContentType="{content_type}"/></Types>',
        "_rels/.rels": f'{HEAD}<Relationships xmlns="{RELS}"><Relationship Id="rId1" '
        f'Type="{DOC}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{DOC}">{workbook_pr}'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'{HEAD}<Relationships xmlns="{RELS}">{related}'
        f'<Relationship Id="rId90" Type="{DOC}/styles" Target="styles.xml"/>'
        f'<Relationship Id="rId91" Type="{DOC}/sharedStrings" Target="/xl/sharedStrings.xml"/>'
        "</Relationships>",
        "xl/styles.xml": STYLES,
        **{f"xl/worksheets/sheet{n}.xml": text for n, text in enumerate(sheets, start=1)},
    }


def pack(content: Mapping[str, str | bytes], *, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, part in content.items():
            archive.writestr(name, part)
    return buffer.getvalue()


def workbook(data: str, *, tail: str = "", prolog: str = "", **options) -> bytes:
    return pack(parts(sheet(data, tail, prolog), **options))
