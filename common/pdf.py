"""HTML to PDF by WeasyPrint, shut off from network and disk.

Where it runs. A single form is drawn in the request: its templates are ours, all data in them is escaped and
of bounded length, so one form takes about half a second and cannot loop; `MAX_CHARACTERS` refuses what is no
form. A batch is drawn for a Celery task by `render_pdf_apart`: in a process of its own, with a bound on its
memory and time, so that the worker neither grows nor hangs. WeasyPrint is imported on first use: processes
that never draw do not carry it.
"""

from __future__ import annotations

import gc
import logging
import resource
import subprocess
import sys
from functools import cache
from pathlib import Path

# Some hundred full forms; a longer batch is cut into several files before it comes here.
MAX_CHARACTERS = 4_000_000
# Bounds of a process that draws a batch (measured: 100 forms take half of the one and a fifth of the other).
MAX_BYTES = 1024**3
MAX_SECONDS = 120

# WeasyPrint reports each refused address and each unknown property here; our templates have none,
# and a refused address could carry a name into the log.
logging.getLogger("weasyprint").setLevel(logging.CRITICAL)


class DocumentTooLong(ValueError):
    """More text than one document may have."""


@cache
def _closed_fetcher():
    from weasyprint.urls import FatalURLFetchingError, URLFetcher

    class ClosedFetcher(URLFetcher):
        """Fetches nothing: no host, no file, not even data inside an address. Fonts come from the system.

        Subclassed rather than configured: attachments, style sheets, images and fonts all ask `fetch`,
        redirects and `open` included, so one refusal covers them (GHSA-35jj-wx47-4w8r, CVE-2025-68616).
        """

        def fetch(self, url, headers=None):
            raise ValueError("documents load nothing")

        def open(self, url, data=None, timeout=None):
            raise FatalURLFetchingError("documents load nothing")

    return ClosedFetcher(allowed_protocols=(), allow_redirects=False)


def layout(html: str):
    """The pages of a complete HTML document, ready to be written. DocumentTooLong beyond MAX_CHARACTERS.

    Style must stand in the document itself.
    """
    if len(html) > MAX_CHARACTERS:
        raise DocumentTooLong(f"{len(html)} characters")
    from weasyprint import HTML

    return HTML(string=html, url_fetcher=_closed_fetcher()).render()


def render_pdf(html: str) -> bytes:
    """The PDF of a document. The same text, fonts and WeasyPrint give the same bytes."""
    return layout(html).write_pdf()


class DrawingFailed(RuntimeError):
    """The process that drew was stopped at its bounds, or fell."""


def render_pdf_apart(html: str) -> bytes:
    """The same PDF by a process of its own, within MAX_BYTES and MAX_SECONDS; DrawingFailed beyond."""
    return run_apart("common.pdf", html.encode())


def run_apart(module: str, given: bytes) -> bytes:
    """What a module makes of its input in a process of its own; it bounds its memory itself."""
    root = Path(__file__).resolve().parent.parent
    try:
        done = subprocess.run(
            [sys.executable, "-m", module],
            input=given,
            cwd=root,
            capture_output=True,
            timeout=MAX_SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired:
        raise DrawingFailed(f"longer than {MAX_SECONDS} s") from None
    except subprocess.CalledProcessError as fallen:
        # Not its output: a traceback of the layout quotes the text it fell over.
        raise DrawingFailed(f"exit status {fallen.returncode}") from None
    return done.stdout


def _draw() -> None:
    """HTML on standard input, PDF on standard output."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_BYTES, MAX_BYTES))
    # Nothing is garbage before the end of this process, so looking for it only costs time.
    gc.disable()
    sys.stdout.buffer.write(render_pdf(sys.stdin.buffer.read().decode()))


if __name__ == "__main__":
    _draw()
