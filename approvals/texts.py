"""What people write into a change: there, not too long, and storable."""

from common.errors import Refused


def refuse_text(text: str, most: int, label: str, field: str) -> None:
    """Refused beside the field for nothing, too much, and what no database takes."""
    if not text.strip():
        raise Refused(f"请填写{label}。", field=field)
    if len(text) > most:
        raise Refused(f"{label}不能超过 {most} 字，现为 {len(text)} 字。", field=field)
    if "\x00" in text:
        raise Refused(f"{label}中有无法保存的字符，请删除后重新填写。", field=field)
