"""Where a request came from, without believing what the client says about itself."""

from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest, **_: object) -> str:
    """Each of our proxies appends the address it saw, so the entry to trust is the n-th from the right."""
    hops = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    count = settings.TRUSTED_PROXY_COUNT
    if count and len(hops) >= count:
        return hops[-count]
    return request.META.get("REMOTE_ADDR", "")
