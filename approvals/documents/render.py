"""From the stored data of forms to one PDF. One run for many: fonts are read, cut down and embedded once."""

from __future__ import annotations

from django.template.loader import render_to_string

from common.pdf import render_pdf, render_pdf_apart

_TEMPLATE = "approvals/print/document.html"


def forms_html(data: list[dict]) -> str:
    """One document with a form a dict, each beginning on a new page with page number 1."""
    forms = [{"template": f"approvals/print/{form['kind']}.html", "data": form} for form in data]
    title = data[0]["title"] if len({form["title"] for form in data}) == 1 else "文书"
    return render_to_string(_TEMPLATE, {"forms": forms, "title": title})


def render_batch(data: list[dict]) -> bytes:
    """All forms in one PDF, drawn in a process of its own. The same data gives the same bytes."""
    return render_pdf_apart(forms_html(data))


def render_one(data: dict) -> bytes:
    """The PDF of a single form."""
    return render_pdf(forms_html([data]))
