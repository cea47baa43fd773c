"""The .xlsx file as a ZIP of XML: opened, measured and walked without believing what it says of itself."""

from __future__ import annotations

import posixpath
import re
import struct
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import IO
from xml.parsers import expat

from common.spreadsheets.columns import SpreadsheetErrors

MAX_BYTES = 10 * 1024 * 1024
MAX_ENTRIES = 1000
MAX_UNPACKED = 50 * 1024 * 1024
MAX_RATIO = 100
MAX_SECONDS = 20
# Small parts may compress well without being a bomb: a sheet of one repeated line does.
_RATIO_COUNTS_FROM = 1024 * 1024
_CHUNK = 64 * 1024
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"

BROKEN = "文件已损坏，或不是有效的 Excel 文件；请用 Excel 或 WPS 打开，另存为 .xlsx 后再上传。"
TOO_BIG = "文件展开后过大，请删除多余的工作表、图片和格式后再上传。"

# Whatever a damaged ZIP or XML can provoke in the standard library; anything else is our own error.
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    expat.ExpatError,
    struct.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    UnicodeError,
    LookupError,
    ValueError,
)


def read_upload(file: IO[bytes], *, extension: str) -> bytes:
    """The bytes of the upload after its name and size were looked at."""
    name = getattr(file, "name", "") or ""
    if isinstance(name, str) and name and not name.lower().endswith(extension):
        raise SpreadsheetErrors.of_file(f"请上传扩展名为 {extension} 的文件。")
    file.seek(0)
    content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise SpreadsheetErrors.of_file(f"文件不能超过 {MAX_BYTES // 1024 // 1024} MB。")
    if not content:
        raise SpreadsheetErrors.of_file("文件是空的。")
    return content


def refuse_other_formats(content: bytes) -> None:
    """The old .xls and password-protected files share a container; each gets its own advice."""
    if content.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise SpreadsheetErrors.of_file("文件设有打开密码，请去掉密码后再上传。")
        raise SpreadsheetErrors.of_file("这是旧版 .xls 文件，请另存为 .xlsx 后再上传。")
    if not content.startswith(b"PK"):
        raise SpreadsheetErrors.of_file(BROKEN)


class Package:
    """The parts of one workbook; every byte unpacked is counted against one budget."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._left = MAX_UNPACKED
        self._deadline = time.monotonic() + MAX_SECONDS
        self._names = {info.filename.lower(): info for info in archive.infolist()}
        self._refuse_bombs(archive.infolist())
        self._refuse_macros()

    def _refuse_bombs(self, entries: list[zipfile.ZipInfo]) -> None:
        if len(entries) > MAX_ENTRIES or sum(info.file_size for info in entries) > MAX_UNPACKED:
            raise SpreadsheetErrors.of_file(TOO_BIG)
        if len(self._names) != len(entries):
            raise SpreadsheetErrors.of_file(BROKEN)
        for info in entries:
            if info.flag_bits & 1:
                raise SpreadsheetErrors.of_file("文件设有打开密码，请去掉密码后再上传。")
            if info.file_size > _RATIO_COUNTS_FROM and info.file_size > MAX_RATIO * max(
                info.compress_size, 1
            ):
                raise SpreadsheetErrors.of_file(TOO_BIG)

    def _refuse_macros(self) -> None:
        macros = any("vbaproject" in name or "macrosheets/" in name for name in self._names)
        types: list[str] = []
        self.walk(
            "[Content_Types].xml", lambda tag, attributes: types.append(attributes.get("ContentType", ""))
        )
        if macros or any("macroEnabled" in kind for kind in types):
            raise SpreadsheetErrors.of_file("文件带有宏，不能导入；请另存为不带宏的 .xlsx 后再上传。")
        if _WORKBOOK_TYPE not in types:
            raise SpreadsheetErrors.of_file(BROKEN)

    def has(self, name: str) -> bool:
        return name.lower() in self._names

    def _chunks(self, name: str) -> Iterator[bytes]:
        with self._archive.open(self._names[name.lower()]) as part:
            while chunk := part.read(_CHUNK):
                self._left -= len(chunk)
                if self._left < 0:
                    raise SpreadsheetErrors.of_file(TOO_BIG)
                if time.monotonic() > self._deadline:
                    raise SpreadsheetErrors.of_file("文件过于复杂，处理超时；请分成几份上传。")
                yield chunk

    def walk(
        self,
        name: str,
        on_start: Callable[[str, dict[str, str]], None] | None = None,
        on_end: Callable[[str], None] | None = None,
        on_text: Callable[[str], None] | None = None,
    ) -> None:
        """Feed one XML part to the callbacks; names come without prefix. A document type is refused."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        if on_start:
            parser.StartElementHandler = lambda tag, attributes: on_start(_local(tag), attributes)
        if on_end:
            parser.EndElementHandler = lambda tag: on_end(_local(tag))
        if on_text:
            parser.CharacterDataHandler = on_text
        for chunk in self._chunks(name):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)

    def relations(self, name: str) -> dict[str, tuple[str, str]]:
        """Relationship id → (last word of its type, path of the part) of one part's .rels file."""
        folder, base = posixpath.split(name)
        found: dict[str, tuple[str, str]] = {}

        def note(tag: str, attributes: dict[str, str]) -> None:
            if tag != "Relationship" or attributes.get("TargetMode") == "External":
                return
            kind = attributes.get("Type", "").rsplit("/", 1)[-1]
            path = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", ""))).lstrip("/")
            found[attributes.get("Id", "")] = (kind, path)

        rels = posixpath.join(folder, "_rels", base + ".rels")
        if self.has(rels):
            self.walk(rels, note)
        return found


def _local(tag: str) -> str:
    return tag.rsplit(":", 1)[-1]


def _refuse_doctype(*args) -> None:
    # No office program writes one; entities are how a small XML grows or fetches files.
    raise SpreadsheetErrors.of_file(BROKEN)


_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def unescape(text: str) -> str:
    """Excel writes what XML cannot hold as `_x000D_`; control characters are left out."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(_plain, text)


def _plain(match: re.Match) -> str:
    code = int(match[1], 16)
    if code < 0x20 and code not in (9, 10, 13) or 0xD800 <= code <= 0xDFFF:
        return ""
    return chr(code)
