"""One spelling for names, one digest for identity numbers."""

from __future__ import annotations

import unicodedata

from common.fields import lookup_digest

ID_PURPOSE = "id_number"
# People type the dot of minority names in many ways; GB/T 36344 writes U+00B7.
_DOTS = str.maketrans({"•": "·", "・": "·", "‧": "·", "･": "·", "．": "·"})


def clean_name(text: str) -> str:
    """One spelling of a name: no outer or doubled spaces, one kind of dot, NFC."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_DOTS).split())


def id_digest(number: str) -> str:
    """The look-up digest of a checked identity number."""
    return lookup_digest(number, ID_PURPOSE)
