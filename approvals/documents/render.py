"""From the stored data of forms to one PDF. One run for many: fonts are read, cut down and embedded once."""

from __future__ import annotations

from django.template.loader import render_to_string

from common.pdf import render_pdf

_TEMPLATE = "approvals/print/document.html"


def render_batch(data: list[dict]) -> bytes:
    """One PDF with a form a dict, each beginning on a new page with page number 1. Same data, same bytes."""
    forms = [{"template": f"approvals/print/{form['kind']}.html", "data": form} for form in data]
    title = data[0]["title"] if len({form["title"] for form in data}) == 1 else "文书"
    return render_pdf(render_to_string(_TEMPLATE, {"forms": forms, "title": title}))


def render_one(data: dict) -> bytes:
    """The PDF of a single form."""
    return render_batch([data])
