"""What every service of this room starts with."""

from __future__ import annotations

from cases.models import Application
from common.errors import Refused
from common.verdict import Verdict


def require_allowed(verdict: Verdict) -> None:
    """Go on when allowed; otherwise the clerk reads the reason."""
    if not verdict:
        raise Refused(verdict.reason)


def locked(application: Application) -> Application:
    """The application as it is now, locked until commit, so that two clerks work one after the other."""
    return Application.objects.with_place().select_for_update(of=("self",)).get(pk=application.pk)
