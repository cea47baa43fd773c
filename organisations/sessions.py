"""What a session knows about its own age, in the session itself: the server decides, not the cookie."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest

from common import clock

STARTED_AT = "started_at"
SEEN_AT = "seen_at"
# Writing the session at each click would double a page's writes; half a minute of idle time is given up.
_RESOLUTION_SECONDS = 30


def start(request: HttpRequest) -> None:
    """Stamp a fresh session with its beginning."""
    stamp = clock.now().timestamp()
    request.session[STARTED_AT] = request.session[SEEN_AT] = stamp


def _start_at_log_in(sender, request: HttpRequest, user, **kwargs) -> None:
    start(request)


def watch_log_ins() -> None:
    """Every way in (our page, the test client, a later one) ends in Django's own log-in signal."""
    user_logged_in.connect(_start_at_log_in, dispatch_uid="organisations.sessions")


def ended(request: HttpRequest) -> str:
    """`idle` or `absolute` when the session is past its limit; else empty, and this click is kept."""
    session, stamp = request.session, clock.now().timestamp()
    if STARTED_AT not in session:
        start(request)
    if stamp - session[STARTED_AT] >= settings.SESSION_ABSOLUTE_SECONDS:
        return "absolute"
    idle = stamp - session[SEEN_AT]
    if idle >= settings.SESSION_IDLE_SECONDS:
        return "idle"
    if idle >= min(_RESOLUTION_SECONDS, settings.SESSION_IDLE_SECONDS / 2):
        session[SEEN_AT] = stamp
    return ""
