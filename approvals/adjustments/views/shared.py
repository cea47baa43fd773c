"""What the pages of both kinds of run share."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN_RUNS = 50
REFRESH_SECONDS = 5


def workbook(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response


def run_page(request: HttpRequest, template: str, context: dict, run) -> HttpResponse:
    """The page of a run; while it works, the browser asks again by itself (without a script)."""
    response = render(request, template, context)
    if run.finished_at is None and not run.is_stuck:
        response["Refresh"] = str(REFRESH_SECONDS)
    return response
