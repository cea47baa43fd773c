"""Without log-in: is this paper one of ours?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from approvals.models import Document
from publicity.public_views import public_page


@public_page
@require_safe
def check(request: HttpRequest, token: str) -> HttpResponse:
    """Confirm number, kind, township and date of one paper; nothing about anybody, and no list."""
    papers = Document.objects.select_related("application__township", "application__county")
    # A NUL cannot be a part of any token, and PostgreSQL does not take one.
    paper = get_object_or_404(papers, token=token.replace("\x00", " "))
    return render(request, "approvals/public_paper.html", {"paper": paper})
