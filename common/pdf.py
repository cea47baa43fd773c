"""HTML to PDF by WeasyPrint, shut off from network and disk.

Where it runs. A single form is drawn in the request: its templates are ours, all data in them is escaped and
of bounded length, so one form takes about half a second and cannot loop; `MAX_CHARACTERS` refuses what is no
form. Everything longer (a batch) belongs to a Celery task, whose time and memory are bounded. WeasyPrint
is imported on first use: web processes that never draw do not carry it.
"""

from __future__ import annotations

import logging
from functools import cache

# About 400 full forms; a longer batch is cut into several files before it comes here.
MAX_CHARACTERS = 8_000_000

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


def render_pdf(html: str) -> bytes:
    """The PDF of a complete HTML document. The same text, fonts and WeasyPrint give the same bytes.

    Style must stand in the document itself. DocumentTooLong beyond MAX_CHARACTERS.
    """
    if len(html) > MAX_CHARACTERS:
        raise DocumentTooLong(f"{len(html)} characters")
    from weasyprint import HTML

    return HTML(string=html, url_fetcher=_closed_fetcher()).write_pdf()
