"""What every page needs to know about this installation."""

from django.conf import settings
from django.http import HttpRequest


def deployment(request: HttpRequest) -> dict:
    return {"SITE_NAME": settings.SITE_NAME, "DEMO": settings.DEMO}
