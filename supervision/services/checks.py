"""Small things that each write of this room asks first."""

from __future__ import annotations

from common.errors import Refused
from common.verdict import Verdict


def require(verdict: Verdict) -> None:
    """Refused with the verdict's reason unless it allows."""
    if not verdict:
        raise Refused(verdict.reason)


def words(text: str, *, longest: int, missing: str, field: str) -> str:
    """What somebody wrote, trimmed; Refused when there is nothing, or more than the column holds."""
    text = text.strip()
    if not text:
        raise Refused(missing, field=field)
    if len(text) > longest:
        raise Refused(f"不能超过 {longest} 字，现为 {len(text)} 字。", field=field)
    if "\x00" in text:
        raise Refused("有无法保存的字符，请删除后重新填写。", field=field)
    return text
