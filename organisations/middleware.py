"""Three conditions between log-in and work: a young enough session, an own password, a second factor."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from organisations import sessions
from organisations.second_factor import has_device, is_required_for

# Reachable before the password is changed or the code is given: otherwise nobody could do either, or leave.
_ALWAYS_OPEN = frozenset({"logout", "login", "password_change"})
_SECOND_FACTOR_PAGES = frozenset({"second_factor", "second_factor_enrol", "second_factor_qr"})


def _page_of(request: HttpRequest) -> str:
    match = request.resolver_match
    return match.url_name if match and match.app_names == ["organisations"] else ""


def _is_public(view: Callable) -> bool:
    return not getattr(view, "login_required", True)


def _return_path(request: HttpRequest) -> str:
    """Where to go on afterwards: this page, or for a sent form the page the form stood on."""
    if request.method == "GET" and not getattr(request, "htmx", False):
        return request.get_full_path()
    referer = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(referer, {request.get_host()}, require_https=request.is_secure()):
        return ""
    parts = urlsplit(referer)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _send_to(request: HttpRequest, page: str, **query: str) -> HttpResponse:
    if back := _return_path(request):
        query[REDIRECT_FIELD_NAME] = back
    url = reverse(f"organisations:{page}") + (f"?{urlencode(query)}" if query else "")
    # A fragment request would paste the log-in page into a corner of the old one.
    return HttpResponseClientRedirect(url) if getattr(request, "htmx", False) else redirect(url)


class SessionLimitsMiddleware:
    """Ends a session after SESSION_IDLE_SECONDS without a click or SESSION_ABSOLUTE_SECONDS in all.

    Stands after AuthenticationMiddleware. A form sent too late is not carried out; the log-in page says so.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.session_ended = ""
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            request.session_ended = sessions.ended(request)
            if request.session_ended:
                logout(request)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict
    ) -> HttpResponse | None:
        if not request.session_ended or _is_public(view):
            return None
        lost = {"unsaved": "1"} if request.method not in ("GET", "HEAD", "OPTIONS") else {}
        return _send_to(request, "login", ended=request.session_ended, **lost)


class OwnPasswordMiddleware:
    """Somebody whose password was set by another changes it before anything else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict
    ) -> HttpResponse | None:
        if _is_public(view) or _page_of(request) in _ALWAYS_OPEN or not request.user.is_authenticated:
            return None
        # The second factor comes first where it is due: a stolen first password alone must not set a new one.
        if not request.user.must_change_password or _page_of(request) in _SECOND_FACTOR_PAGES:
            return None
        return _send_to(request, "password_change")


class SecondFactorMiddleware:
    """Posts that decide, pay, publish, audit or administer work only with a verified device.

    Stands after OTPMiddleware and LoginRequiredMiddleware; switched by settings.SECOND_FACTOR_REQUIRED.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict
    ) -> HttpResponse | None:
        if not settings.SECOND_FACTOR_REQUIRED or _is_public(view) or not request.user.is_authenticated:
            return None
        page = _page_of(request)
        if page in _SECOND_FACTOR_PAGES or page == "logout":
            return None
        if request.user.is_verified() or not is_required_for(request.user):
            return None
        return _send_to(request, "second_factor" if has_device(request.user) else "second_factor_enrol")
