"""Where we differ from django-axes: whose failures a success forgives, and a page that says what to do."""

from __future__ import annotations

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


class LockoutHandler(AxesDatabaseHandler):
    """Five failures lock the account and the address.

    The package forgives, on a success, every failure of the address; anybody with an account of their own
    could so guess at others' for ever, four tries at a time. Here a success forgives only this name at this
    address.
    """

    def reset_user_attempts(self, request: HttpRequest, credentials: dict | None = None) -> int:
        username = get_client_username(request, credentials)
        count, _ = AccessAttempt.objects.filter(
            username=username, ip_address=request.axes_ip_address
        ).delete()
        return count


def locked_out(
    request: HttpRequest, original_response: HttpResponse | None = None, credentials: dict | None = None
) -> HttpResponse:
    """The page instead of the log-in form while the lock-out lasts."""
    return render(request, "organisations/locked_out.html", status=429)
