"""The list, one record with its trace, and what a case shows of the relief behind it."""

from __future__ import annotations

from django.db.models import QuerySet

from approvals.relief.models import EmergencyRelief, ReliefStep
from approvals.relief.papers import PRINTED
from approvals.relief.perms import can_acknowledge, can_unmask, legal_moves
from approvals.relief.queries.limits import limit_view, running_limit
from cases.models import Application
from common import clock
from organisations.models import User
from organisations.scope import Scope
from payments.queries import reserve_of
from policy.calendars import working_calendar
from publicity.queries import Page, page_of


def relief_list(scope: Scope, *, state: str, before: int | None) -> Page:
    """Reliefs in reach, newest first, each with the limit that runs."""
    reliefs: QuerySet = EmergencyRelief.objects.visible_to(scope).with_place().prefetch_related("limits")
    page = page_of(reliefs.filter(state=state) if state else reliefs, before)
    now, calendar = clock.now(), working_calendar()
    rows = [
        {
            "relief": relief,
            "limit": limit_view(limit, now, calendar) if (limit := running_limit(relief)) else None,
        }
        for relief in page.rows
    ]
    return Page(rows, page.before)


def record_context(relief: EmergencyRelief, user: User) -> dict:
    """All that the page of one relief shows, but for its forms."""
    now, calendar = clock.now(), working_calendar()
    notice = getattr(relief, "district_notice", None)
    limits = [limit_view(limit, now, calendar) for limit in relief.limits.all()]
    moves = legal_moves(relief, user)
    held = [move for move, verdict in moves if verdict]
    return {
        "relief": relief,
        "limits": limits,
        "entries": [_entry(step) for step in relief.steps.select_related("actor").order_by("-sequence")],
        "allowed": held,
        "forbidden": [(move, verdict) for move, verdict in moves if not verdict],
        "reserve": reserve_of(relief.township, clock.today()),
        "notice": notice,
        "can_acknowledge": can_acknowledge(user, notice) if notice is not None else None,
        "can_unmask": can_unmask(user, relief),
        "recused": list(User.objects.filter(pk__in=relief.recused).order_by("name", "pk")),
        "may_print": relief.state in PRINTED and can_unmask(user, relief),
    }


def _entry(step: ReliefStep) -> dict:
    """One line of the trace, as `components/_timeline.html` takes it."""
    changes = "；".join(step.changes)
    return {
        "sentence": f"{step.label}：{changes}" if changes else step.label,
        "at": step.at,
        "post_label": step.get_post_display(),
        "actor": step.actor.display_name if step.actor else "系统",
        "opinion": step.opinion,
    }


def case_panel(application: Application, user: User) -> dict:
    """What the 资金 tab of a case says of the relief behind it; its template is relief/_panel.html."""
    return {"relief_panel": EmergencyRelief.objects.filter(application=application).first()}
