"""Pages of 联审联批: the list, recording a meeting with its cases, one meeting, its signed minutes."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from approvals.conferring import perms, queries, records, services
from approvals.conferring.forms import JointForm
from approvals.conferring.models import JointMeeting
from approvals.given import as_given
from approvals.settling.perms import READERS
from common.errors import Refused
from common.uploads import send_upload
from organisations.access import client_ip, posts_required, scoped_or_404
from organisations.enums import Post
from organisations.models import Area
from organisations.scope import scope_of
from organisations.services import log_personal_data_read

MOST_CASES = 60


@require_safe
@posts_required(*READERS)
def meetings(request: HttpRequest) -> HttpResponse:
    """Meetings within reach, newest first."""
    context = queries.meetings(scope_of(request.user), request.GET)
    context["townships"] = perms.townships_of(request.user)
    return render(request, "conferring/meetings.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@posts_required(Post.HANDLER)
def record(request: HttpRequest) -> HttpResponse:
    """Record a meeting: every case that waits can be ticked."""
    township = _township(request)
    if township is None:
        return render(request, "conferring/record.html", {"form": None})
    proposals = list(records.waiting_in(township)[:MOST_CASES])
    form = JointForm(proposals, *((request.POST, request.FILES) if request.method == "POST" else ()))
    if request.method == "POST" and form.is_valid():
        try:
            made = services.record_meeting(township=township, entry=form.entry(), actor=request.user)
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, f"会议已登记，研究 {made.items.count()} 件。")
            return redirect("conferring:meeting", made.pk)
    rows = [(case, _proposed(case.proposal)) for case in form.cases]
    return render(request, "conferring/record.html", {"form": form, "rows": rows, "township": township})


def _township(request: HttpRequest) -> Area | None:
    """The one asked for, else the first in which the person works; None where no rule wants a meeting."""
    mine = perms.townships_of(request.user)
    asked = request.GET.get("township", "")
    if not asked:
        return mine[0] if mine else None
    found = next((area for area in mine if area.code == asked), None)
    if found is None:
        raise Http404("没有这个街道（乡镇）")
    return found


def _proposed(proposal) -> str:
    given = as_given(proposal) if proposal.outcome == "approved" else ""
    return f"初审{proposal.get_outcome_display()}{'：' + given if given else ''}"


def _meeting(request: HttpRequest, pk: int) -> JointMeeting:
    rows = JointMeeting.objects.select_related("township", "recorded_by")
    found = scoped_or_404(rows, scope_of(request.user), scope_posts=READERS, pk=pk)
    log_personal_data_read(
        user=request.user,
        subject=f"joint_meeting:{found.pk}",
        fields="会议人员和记录",
        reason="查阅联审联批会议",
        ip=client_ip(request),
    )
    return found


@require_safe
@posts_required(*READERS)
def meeting(request: HttpRequest, pk: int) -> HttpResponse:
    """One meeting with names; who reads it is on record (LC-4.5)."""
    found = _meeting(request, pk)
    return render(request, "conferring/meeting.html", {"meeting": found, "items": queries.items_of(found)})


@require_safe
@posts_required(*READERS)
def scan(request: HttpRequest, pk: int) -> HttpResponse:
    """The signed minutes; reading them is on record."""
    found = _meeting(request, pk)
    return send_upload(found.scan, content_type=found.scan_type, name=f"联审联批会议纪要-{found.pk}")
