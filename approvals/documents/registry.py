"""Every kind of paper this office puts out, in one table. Each part of the room adds its own (`register`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from approvals.enums import DocumentKind
from cases.models import Application


def always_final(application: Application) -> str:
    """Most papers are final as soon as there is something to print."""
    return ""


def the_case_itself(application: Application) -> list[str]:
    """Of most kinds there is one a case and round."""
    return [""]


@dataclass(frozen=True, slots=True)
class Form:
    """One kind of paper: its name and number, when there is something to print, and what it says.

    `title` may hold {province}, {subject} and {refusal}; `word` is the middle of its number. `subject` gives
    the record that goes on paper, None while there is none, which `missing` then says; `build` turns it into
    JSON-able data. `matters` are what there can be one of each about, such as `change:12`. `event` selects
    the cases whose paper belongs to a span of time, for printing many. `once`: whatever the round. `public`:
    it shows no personal numbers. `named`: the title of the paper about one matter, where it differs.
    `not_final`: why it can only be looked at as a draft yet; empty when it can be made.
    """

    kind: DocumentKind
    title: str
    word: str
    missing: str
    subject: Callable[[Application, str], object | None]
    build: Callable[[Application, object], dict]
    matters: Callable[[Application], list[str]] = the_case_itself
    event: Callable[[datetime, datetime], Q] | None = None
    once: bool = False
    public: bool = False
    named: Callable[[Application, str], str] | None = None
    not_final: Callable[[Application], str] = always_final


FORMS: dict[str, Form] = {}


def register(*forms: Form) -> None:
    """Add kinds to the table; called once when the applications are loaded."""
    for form in forms:
        FORMS[form.kind] = form


def of_the_case(
    subject: Callable[[Application], object | None],
) -> Callable[[Application, str], object | None]:
    """A subject that asks for no matter."""
    return lambda application, matter: subject(application)
