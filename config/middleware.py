"""What holds for every request and cannot be a setting."""

from collections.abc import Callable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse


class HealthAsksNobody:
    """/healthz knows no visitor: a session would need the very database whose failure it reports."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/healthz":
            request.COOKIES.clear()
        return self.get_response(request)


class NoStoreMiddleware:
    """Pages of a signed-in person stay in no cache: the next one at a shared desk must not page back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # The cookie, not the user: asking for the user would make /healthz depend on the database.
        name = settings.SESSION_COOKIE_NAME
        if name in request.COOKIES or name in response.cookies:
            response["Cache-Control"] = "no-store, private"
        return response


class NoNulInAddress:
    """No case number, token or key holds a NUL, and PostgreSQL takes none: there is no such page.

    Asked after log-in, so that strangers learn nothing new.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict) -> None:
        if "\x00" in request.path_info:
            raise Http404
