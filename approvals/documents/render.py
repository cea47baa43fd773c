"""From the stored data of forms to one PDF. One run for many: fonts are read, cut down and embedded once."""

from __future__ import annotations

from collections.abc import Sequence

from django.template.loader import render_to_string

from approvals.documents.checking import qr_code
from common.pdf import render_pdf, render_pdf_apart
from common.pdf_cut import render_cut_apart

_TEMPLATE = "approvals/print/document.html"
# A form takes about 5 MB while it is laid out: more at once would burst the bound of a worker; fewer would
# read the fonts too often. The numbers of a slice's papers are held from others until it is drawn (seconds).
SLICE = 50


def forms_html(data: list[dict], *, draft: bool = False) -> str:
    """One document with a form a dict, each beginning on a new page with page number 1.

    `draft`: 草稿 stands across every page.
    """
    forms = [
        {"template": f"approvals/print/{form['kind']}.html", "data": brought_up_to_date(form)}
        for form in data
    ]
    title = data[0]["title"] if len({form["title"] for form in data}) == 1 else "文书"
    return render_to_string(_TEMPLATE, {"forms": forms, "title": title, "draft": draft})


def brought_up_to_date(form: dict) -> dict:
    """Forms made when there was only 低保 keep the amount in columns of their own: the same words of them."""
    form = form | {"qr": qr_code(form.get("check_url", ""))}
    office = form["place"]["township"]
    if form["kind"] == "notice_form":
        return {"once": False, "board": form["village"]} | form
    if form["kind"] == "refusal_notice":
        return {"office": office} | form
    if form["kind"] != "decision_form":
        return form
    form = {"findings": []} | form
    if "given" in form["decision"]:
        return form
    decided, proposed = form["decision"], form["proposal"]
    given = (
        f"自{decided['starts_on']}起，每月发放保障金人民币（大写）{decided['capitals']}"
        f"（小写 {decided['monthly']} 元）。"
        if decided["approved"]
        else ""
    )
    was = f"拟每月保障{proposed['monthly']}元。" if proposed["monthly"] else ""
    return form | {
        "decision": decided | {"given": given, "office": office},
        "proposal": proposed | {"given": was},
    }


def render_batch(data: list[dict]) -> bytes:
    """All forms in one PDF, drawn in a process of its own. The same data gives the same bytes."""
    return render_pdf_apart(forms_html(data))


def draw_slice(data: list[dict], singly: Sequence[int]) -> tuple[bytes, list[bytes]]:
    """(all forms in one PDF, those at the places `singly` as files of their own), from one layout."""
    return render_cut_apart(forms_html(data), len(data), singly)


def render_one(data: dict, *, draft: bool = False) -> bytes:
    """The PDF of a single form."""
    return render_pdf(forms_html([data], draft=draft))


def render_case_file(front: dict) -> bytes:
    """Cover and index of a case's file."""
    return render_pdf_apart(render_to_string("approvals/print/_case_file.html", {"f": front}))
