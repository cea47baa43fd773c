"""Pages read as a browser reads them: their forms, with what stands in every field."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

_NO_TYPING = {"submit", "button", "image", "reset", "file"}


@dataclass
class Field:
    """One control. `value` is what would be sent as it stands; `choices` what it offers."""

    name: str
    kind: str
    value: str | None = ""
    choices: list[str] = field(default_factory=list)

    @property
    def typed(self) -> bool:
        """May a person write anything into it?"""
        return self.kind not in {"hidden", "checkbox", "radio", "select", "password"}


@dataclass
class Form:
    """One form of a page."""

    action: str
    method: str
    fields: dict[str, Field] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._area: Field | None = None
        self._select: Field | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        attrs = dict(attributes)
        name = attrs.get("name") or ""
        if tag == "form":
            self._form = Form(attrs.get("action") or "", (attrs.get("method") or "get").lower())
            self.forms.append(self._form)
        elif self._form is None:
            return
        elif tag == "button" or (tag == "input" and attrs.get("type") == "submit"):
            if name:
                self._form.buttons.append((name, attrs.get("value") or ""))
        elif tag == "input" and name and attrs.get("type", "text") not in _NO_TYPING:
            self._input(name, attrs.get("type") or "text", attrs)
        elif tag == "textarea" and name:
            self._area = self._form.fields.setdefault(name, Field(name, "textarea"))
        elif tag == "select" and name:
            self._select = self._form.fields.setdefault(name, Field(name, "select", None))
        elif tag == "option" and self._select is not None:
            self._option(attrs)

    def _input(self, name: str, kind: str, attrs: dict) -> None:
        found = self._form.fields.setdefault(name, Field(name, kind, None))
        value = attrs.get("value") or ""
        if kind in {"checkbox", "radio"}:
            found.choices.append(value or "on")
            if "checked" in attrs:
                found.value = value or "on"
        else:
            found.value = value

    def _option(self, attrs: dict) -> None:
        self._select.choices.append(attrs.get("value") or "")
        if "selected" in attrs or self._select.value is None:
            self._select.value = attrs.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area.value += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea" and self._area is not None:
            # A browser drops the line break that stands right behind the tag.
            self._area.value = self._area.value.removeprefix("\r").removeprefix("\n")
            self._area = None
        elif tag == "select":
            self._select = None


def forms_of(text: str) -> list[Form]:
    """All forms of a page, in order."""
    reader = _Reader()
    reader.feed(text)
    return reader.forms


_PLAUSIBLE = {
    "date": "2026-03-02",
    "datetime-local": "2026-03-02T08:30",
    "month": "2026-03",
    "number": "1",
    "tel": "13800001234",
}
_BY_NAME = (("monthly", "100"), ("account", "6222020000000000008"), ("id_number", "330305198005010023"))


def _plausible(field: Field) -> str | None:
    if field.kind == "select":
        return next((choice for choice in field.choices if choice), "")
    if field.kind == "radio":
        return next((choice for choice in field.choices if choice), None)
    if field.kind == "checkbox":
        return None
    for part, value in _BY_NAME:
        if part in field.name:
            return value
    return _PLAUSIBLE.get(field.kind, "说明")


def filled(form: Form) -> dict[str, str]:
    """The form as it stands, what is empty filled with something that fits the control."""
    data = {}
    for each in form.fields.values():
        value = each.value if each.value else _plausible(each)
        if value is not None and each.name != "csrfmiddlewaretoken":
            data[each.name] = value
    return data


def kept(page: str, sent: dict[str, str]) -> dict[str, str]:
    """Those of the sent values that no form of the page shows any more, with what stands there instead."""
    shown: dict[str, Field] = {}
    for form in forms_of(page):
        for name, found in form.fields.items():
            shown.setdefault(name, found)
    return {
        name: str(shown[name].value)
        for name, value in sent.items()
        if name in shown
        and shown[name].kind not in {"hidden", "password"}
        and (shown[name].value or "") != value
    }
