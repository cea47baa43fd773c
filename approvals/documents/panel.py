"""The 文书 tab of a case: what has been made, what can be made, and why not."""

from __future__ import annotations

from approvals.documents import perms
from approvals.documents.data import NO_FORM_YET, subject_of
from approvals.documents.service import existing_document
from approvals.documents.titles import title_of
from approvals.enums import DocumentKind
from approvals.models import Document
from cases.models import Application
from organisations.models import User


def documents_panel(application: Application, user: User) -> dict:
    """A row a kind of form; earlier rounds below. Its template is approvals/_documents.html."""
    may_make = perms.can_make_document(user, application)
    rows = [_row(application, kind, may_make) for kind in DocumentKind]
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


def _row(application: Application, kind: DocumentKind, may_make) -> dict:
    document = existing_document(application, kind)
    why_not = ""
    if document is None:
        why_not = NO_FORM_YET[kind] if subject_of(application, kind) is None else may_make.reason
    return {"kind": str(kind), "title": title_of(application, kind), "document": document, "why_not": why_not}
