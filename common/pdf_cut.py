"""One layout for two uses: all papers in one PDF for the printer, and papers of it as files of their own.

Laying out costs most of the time, and embedding fonts most of the rest; so both are done once for all papers,
and each file is cut from the result. It keeps the fonts as cut down for all of them: it holds letters that
only its neighbours need, but no word of theirs.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
from collections.abc import Sequence
from io import BytesIO
from itertools import accumulate, pairwise

from common.pdf import MAX_BYTES, layout, run_apart


def render_cut_apart(html: str, n_papers: int, singly: Sequence[int]) -> tuple[bytes, list[bytes]]:
    """(all papers of the document, those at the places `singly` alone), drawn in a process of its own.

    Each of the `n_papers` begins a page with its only h1. DrawingFailed beyond the bounds of `common.pdf`.
    """
    head = json.dumps({"n_papers": n_papers, "singly": list(singly)}).encode() + b"\n"
    told, _, content = run_apart("common.pdf_cut", head + html.encode()).partition(b"\n")
    whole, *parts = (content[start:end] for start, end in pairwise(accumulate(json.loads(told), initial=0)))
    return whole, parts


def _cut(whole: bytes, starts: list[int], singly: list[int]) -> list[bytes]:
    from pypdf import PdfReader, PdfWriter

    reader, parts = PdfReader(BytesIO(whole)), []
    for place in singly:
        writer, buffer = PdfWriter(), BytesIO()
        writer.append(reader, pages=(starts[place], starts[place + 1]), import_outline=False)
        writer.write(buffer)
        parts.append(buffer.getvalue())
    return parts


def _work() -> None:
    """What to cut on the first line of standard input, then HTML; answers in the same shape."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_BYTES, MAX_BYTES))
    # Nothing is garbage before the end of this process, so looking for it only costs time.
    gc.disable()
    asked = json.loads(sys.stdin.buffer.readline())
    document = layout(sys.stdin.buffer.read().decode())
    # A heading makes a bookmark, so the page with one is the first of a paper.
    starts = [n for n, page in enumerate(document.pages) if page.bookmarks]
    if len(starts) != asked["n_papers"]:
        sys.exit("papers and headings differ")
    whole = document.write_pdf()
    files = [whole, *_cut(whole, [*starts, len(document.pages)], asked["singly"])]
    sys.stdout.buffer.write(
        json.dumps([len(content) for content in files]).encode() + b"\n" + b"".join(files)
    )


if __name__ == "__main__":
    _work()
