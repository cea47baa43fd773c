"""Several PDFs in one file. Papers of our own are joined in place; what people handed in, in a process apart.

A PDF from outside may be damaged, locked or made to exhaust whoever reads it: `join_apart` reads it within
bounds on memory and time, and leaves out, with a sentence, what cannot be read. Nothing touches the disk.
"""

from __future__ import annotations

import json
import logging
import resource
import subprocess
import sys
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from common.pdf import DrawingFailed

MAX_BYTES = 1024**3
MAX_SECONDS = 120
MOST_PAGES = 300
UNREADABLE = "文件损坏或者加密，无法读取"
TOO_LONG = f"超过 {MOST_PAGES} 页"

# It reports what is odd about a file, and could quote from it.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def join_pdfs(files: Sequence[bytes]) -> bytes:
    """PDFs of our own making, one after the other. One file stays as it is, byte for byte."""
    if len(files) == 1:
        return files[0]
    from pypdf import PdfWriter

    writer = PdfWriter()
    for content in files:
        writer.append(BytesIO(content), import_outline=False)
    return _written(writer)


def _written(writer) -> bytes:
    buffer = BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def join_apart(files: Sequence[bytes]) -> tuple[bytes, list[int | str]]:
    """(one PDF of what could be read, for each file its number of pages or why it was left out).

    Its pages are numbered from 1 at the upper right; JPEG and PNG become a page each. DrawingFailed when the
    process was stopped at its bounds.
    """
    head = json.dumps([len(content) for content in files]).encode() + b"\n"
    try:
        done = subprocess.run(
            [sys.executable, "-m", "common.pdf_join"],
            input=head + b"".join(files),
            cwd=Path(__file__).resolve().parent.parent,
            capture_output=True,
            timeout=MAX_SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired:
        raise DrawingFailed(f"longer than {MAX_SECONDS} s") from None
    except subprocess.CalledProcessError as fallen:
        raise DrawingFailed(f"exit status {fallen.returncode}") from None
    told, _, content = done.stdout.partition(b"\n")
    return content, json.loads(told)


def _add(writer, content: bytes) -> int | str:
    """Append one file; its pages, or why not. What cannot be read leaves nothing behind in the writer."""
    from pypdf import PdfReader, PdfWriter

    try:
        if not content.startswith(b"%PDF-"):
            content = _page_of_picture(content)
        reader = PdfReader(BytesIO(content))
        if len(reader.pages) > MOST_PAGES:
            return TOO_LONG
        # Written once on trial: a fault deep inside shows only now, and must not spoil the whole file.
        trial = PdfWriter()
        trial.append(reader, import_outline=False)
        clean = _written(trial)
        writer.append(BytesIO(_numbered(clean, len(writer.pages) + 1)), import_outline=False)
        return len(reader.pages)
    except Exception:
        # Whatever a broken file makes the reader raise: the file is left out and named, the rest goes on.
        return UNREADABLE


def _numbered(content: bytes, first: int) -> bytes:
    """With a number on each page, as an archive has it; a file whose pages take none stays as it is."""
    from pypdf import PdfWriter

    try:
        writer = PdfWriter()
        writer.append(BytesIO(content), import_outline=False)
        for number, page in enumerate(writer.pages, start=first):
            if page.rotation:
                page.transfer_rotation_to_content()
            page.merge_page(_stamp(page.mediabox, number))
        return _written(writer)
    except Exception:
        # Odd contents that can be shown all the same: better bound without a number than not at all.
        return content


def _stamp(box, number: int):
    """An empty page of the same size with the number at its upper right."""
    from pypdf import PageObject
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

    page = PageObject.create_blank_page(width=box.width, height=box.height)
    page.mediabox = box
    named = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    font = DictionaryObject({NameObject(key): NameObject(value) for key, value in named.items()})
    fonts = DictionaryObject({NameObject("/Number"): font})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    text = DecodedStreamObject()
    x, y = float(box.right) - 48, float(box.top) - 30
    text.set_data(f"BT /Number 10 Tf {x:.1f} {y:.1f} Td ({number}) Tj ET".encode())
    page[NameObject("/Contents")] = text
    return page


def _page_of_picture(content: bytes) -> bytes:
    """A picture on a page of A4, as large as fits."""
    from PIL import Image

    width, height, margin = 1240, 1754, 60
    with Image.open(BytesIO(content), formats=["JPEG", "PNG"]) as picture:
        picture = picture.convert("RGB")
        picture.thumbnail((width - 2 * margin, height - 2 * margin))
        page = Image.new("RGB", (width, height), "white")
        page.paste(picture, ((width - picture.width) // 2, (height - picture.height) // 2))
    buffer = BytesIO()
    page.save(buffer, "PDF", resolution=150)
    return buffer.getvalue()


def _work() -> None:
    """Lengths on the first line of standard input, then the files; the answer in the same shape."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_BYTES, MAX_BYTES))
    from pypdf import PdfWriter

    lengths = json.loads(sys.stdin.buffer.readline())
    writer = PdfWriter()
    told = [_add(writer, sys.stdin.buffer.read(length)) for length in lengths]
    content = _written(writer) if any(isinstance(pages, int) for pages in told) else b""
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n" + content)


if __name__ == "__main__":
    _work()
