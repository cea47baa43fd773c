"""Lists and tables of grades as people type them: one entry a line, its parts between upright bars.

`id_card｜身份证｜｜DT-1.1｜必需` has code, label, no condition, clause, and `required` true.
JSON is understood as well: it is what a rule holds.
"""

from __future__ import annotations

import json

LIST = ("code", "label", "condition", "clause", "required")
GRADES = ("code", "label", "from", "ratio", "clause")
_REQUIRED = {"必需": True, "可选": False}
_BAR = "｜"
_HELP = {
    LIST: "每行一项：编码｜名称｜条件｜条款｜必需或可选。没有的留空，如 id_card｜身份证｜｜DT-1.1｜必需。",
    GRADES: (
        "每行一档：编码｜名称｜从几项起｜比例｜条款，从 0 项起逐档递增，如 full｜完全丧失｜3｜0.80｜DT-7.3。"
    ),
}


def help_of(names: tuple[str, ...]) -> str:
    """How an entry is typed."""
    return _HELP[names]


def as_lines(value: str, names: tuple[str, ...]) -> str:
    """The JSON of a rule as lines to type over."""
    return "\n".join(_as_line(item, names) for item in json.loads(value))


def _as_line(item: dict, names: tuple[str, ...]) -> str:
    words = {True: "必需", False: "可选"}
    parts = [item.get(name, "") for name in names]
    return _BAR.join(words.get(part, part) for part in parts).rstrip(_BAR)


def as_json(text: str, names: tuple[str, ...]) -> str:
    """What was typed as the JSON of a rule; ValueError names the line."""
    if text.lstrip().startswith("["):
        return text
    lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    return json.dumps([_item(line, number, names) for number, line in lines], ensure_ascii=False)


def _item(line: str, number: int, names: tuple[str, ...]) -> dict:
    parts = [part.strip() for part in line.replace("|", _BAR).split(_BAR)]
    if len(parts) > len(names):
        raise ValueError(f"第 {number} 行多于 {len(names)} 栏。{_HELP[names]}")
    item = {name: part for name, part in zip(names, parts, strict=False) if part}
    if not item.get("code") or not item.get("label"):
        raise ValueError(f"第 {number} 行应有编码和名称。{_HELP[names]}")
    if "required" in item:
        if item["required"] not in _REQUIRED:
            raise ValueError(f"第 {number} 行的末栏应为 必需 或 可选")
        item["required"] = _REQUIRED[item["required"]]
    return item
