"""The 文书 tab of a case: what has been made, what can be made, and why not."""

from __future__ import annotations

from approvals.documents import perms
from approvals.documents.registry import FORMS, Form
from approvals.documents.service import existing_document
from approvals.documents.titles import title_of
from approvals.models import Document
from approvals.serving.queries import service_label
from cases.models import Application
from organisations.models import User


def documents_panel(application: Application, user: User) -> dict:
    """A row a kind of form; earlier rounds below. Its template is approvals/_documents.html."""
    may_make = perms.can_make_document(user, application)
    rows = [
        _row(application, form, matter, may_make)
        for form in FORMS.values()
        for matter in form.matters(application)
    ]
    current = [row["document"].pk for row in rows if row["document"] is not None]
    earlier = (
        Document.objects.filter(application=application).exclude(pk__in=current).select_related("made_by")
    )
    panel = {
        "application": application,
        "rows": rows,
        "earlier": list(earlier),
        "may_make": bool(may_make),
        "may_read": bool(perms.can_read_document(user, application)),
    }
    return {"documents_panel": panel}


def _row(application: Application, form: Form, matter: str, may_make) -> dict:
    document = existing_document(application, form.kind, matter)
    why_not, draft = "", False
    if document is None:
        draft = bool(may_make) and form.subject(application, matter) is not None
        why_not = _why_not(application, form, matter) or may_make.reason
    return {
        "kind": str(form.kind),
        "matter": matter,
        "title": title_of(application, form.kind, matter),
        "document": document,
        "why_not": why_not,
        "draft": draft,
        "served": service_label(document) if document is not None else "",
    }


def _why_not(application: Application, form: Form, matter: str) -> str:
    """Why the paper cannot be made yet, whoever asks."""
    if form.subject(application, matter) is None:
        return form.missing
    return form.not_final(application)
