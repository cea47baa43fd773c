"""What is handed out bears a code that leads to a public page: is this paper ours, of which day?

The page confirms number, kind, township and date, and nothing about anybody (trust.md P1).
"""

from __future__ import annotations

import secrets
from itertools import groupby

from django.conf import settings
from django.urls import reverse

from approvals.enums import DocumentKind

CHECKABLE = frozenset(
    {
        DocumentKind.MATERIALS_NOTICE,
        DocumentKind.NOTICE_FORM,
        DocumentKind.DECISION_FORM,
        DocumentKind.REFUSAL_NOTICE,
        DocumentKind.CHANGE_PRIOR_NOTICE,
        DocumentKind.CHANGE_DECISION,
        DocumentKind.RECOVERY_NOTICE,
        DocumentKind.RECOVERY_DECISION,
        DocumentKind.REPAYMENT_PLAN,
        DocumentKind.RENEWAL_REFUSAL,
        DocumentKind.ENDING_NOTICE,
    }
)


def new_token(kind: DocumentKind) -> str | None:
    """An address nobody guesses, for a paper that can be checked; None for others."""
    return secrets.token_urlsafe(12) if kind in CHECKABLE else None


def check_address(token: str | None) -> str:
    """Where the paper is confirmed; empty for one that cannot be checked."""
    if token is None:
        return ""
    return settings.PUBLIC_URL.rstrip("/") + reverse("papers:check", args=[token])


def qr_code(text: str) -> dict | None:
    """A QR code as a path on a square of `size` modules; None for an empty text."""
    if not text:
        return None
    from qrcode import QRCode

    code = QRCode(border=0)
    code.add_data(text)
    matrix = code.get_matrix()
    return {"size": len(matrix), "path": "".join(_row(y, row) for y, row in enumerate(matrix))}


def _row(y: int, row: list[bool]) -> str:
    """The dark runs of a row as rectangles one module high."""
    path, x = "", 0
    for dark, run in groupby(row):
        n = len(list(run))
        if dark:
            path += f"M{x} {y}h{n}v1h-{n}z"
        x += n
    return path
