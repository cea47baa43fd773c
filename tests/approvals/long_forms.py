"""Forms at their longest: twelve members, reasons of 400 characters, names long or rare."""

from __future__ import annotations

LONG_NAME = "阿卜杜热合曼·买买提吐尔逊"
RAREST = "𠮷㼆䶮𬭚"
LONG_ADDRESS = "北岙街道三盘村海滨路十二弄三号之一旁临时安置点第二排第七间（原海产品加工厂职工宿舍）"
_SENTENCE = "成员长期患病，收入不稳定，家中没有其他劳动力；"
REASON = ("经核对和入户调查，该户情况复杂，" + _SENTENCE * 20)[:399] + "。"
N_MEMBERS = 12

# What people write at length, where it is a plain text.
_WRITTEN = {
    "statement", "reason", "conclusion", "neighbours", "facts", "opinions", "opinion", "minutes", "note",
    "rigid_note", "screening", "proposed",
}  # fmt: skip
# What is so short was chosen from a list.
_CHOSEN = 9
_NAMES = {"name", "applicant_name", "recipient", "present", "by", "chair", "referred_by", "recorded_by"}
# Tables that grow with the household.
_PEOPLE = {"members", "signers", "people", "minors"}


def lengthened(data: dict) -> dict:
    """The same form with everything as long as it gets."""
    return {key: _value(key, value) for key, value in data.items()}


def _value(key: str, value):
    if isinstance(value, dict):
        return lengthened(value)
    if isinstance(value, list):
        return _rows(key, value)
    if not isinstance(value, str):
        return value
    if key in _NAMES:
        return LONG_NAME
    if key in _WRITTEN and len(value) >= _CHOSEN:
        return REASON
    return LONG_ADDRESS if key == "address" else value


def _rows(key: str, rows: list) -> list:
    if rows and key == "evidence":
        return [REASON, *rows]
    if key in {"heard", "facts", "items"} and rows and isinstance(rows[0], str):
        return [*rows, REASON]
    rows = [lengthened(row) if isinstance(row, dict) else row for row in rows]
    if key not in _PEOPLE or not rows or "capacity" in rows[0]:
        return rows
    grown = (rows * N_MEMBERS)[:N_MEMBERS]
    return [*grown[:-1], grown[-1] | {"name": f"林{RAREST}"}]
