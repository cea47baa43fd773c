"""分散供养 care: the list with its gaps, an agreement signed later, its confirmation, visits (JZ-3.1)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.errors import Refused
from common.paging import paged
from common.uploads import send_upload
from organisations.access import client_ip, posts_required, require
from organisations.scope import scope_of
from organisations.services import log_personal_data_read
from payments import perms, services
from payments.care_forms import CareVisitForm, LaterAgreementForm
from payments.models import Benefit, LaterAgreement
from payments.queries.care import SHOWN, CareState, Intervals, care_rows, coverage_of
from payments.views.shared import do


@require_safe
@posts_required(*perms.BENEFIT_POSTS)
def care(request: HttpRequest) -> HttpResponse:
    """Everybody in 分散供养 within reach, gaps first, and the coverage of each township."""
    people = care_rows(scope_of(request.user))
    page, pager = paged(people, request.GET, size=SHOWN, unit="人")
    intervals = Intervals()
    context = {
        "coverage": coverage_of(people),
        "rows": [_row(request, person, intervals) for person in page],
    }
    return render(request, "payments/care.html", context | pager)


def _row(request: HttpRequest, person: Benefit, intervals: Intervals) -> dict:
    waits = person.newest_id is not None and person.newest_confirmed is None
    return {
        "person": person,
        "state": CareState(person.care_state),
        "gap": person.care_state != CareState.SIGNED,
        "waits": waits,
        "due": intervals.due(person),
        "may_record": bool(perms.can_record_care(request.user, person)),
        "may_confirm": waits and bool(perms.can_see_confirmation(request.user, person)),
    }


def _person_or_404(request: HttpRequest, pk: int) -> Benefit:
    person = get_object_or_404(care_rows(scope_of(request.user)), pk=pk)
    require(perms.can_record_care(request.user, person))
    return person


@require_http_methods(["GET", "HEAD", "POST"])
@posts_required(*perms.BENEFIT_POSTS)
def agree(request: HttpRequest, pk: int) -> HttpResponse:
    """An agreement for somebody who has none in force."""
    person = _person_or_404(request, pk)
    return _form_page(
        request,
        person,
        LaterAgreementForm(request.POST or None, request.FILES or None),
        services.record_later_agreement,
        "照料协议",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@posts_required(*perms.BENEFIT_POSTS)
def visit(request: HttpRequest, pk: int) -> HttpResponse:
    """One visit."""
    person = _person_or_404(request, pk)
    form = CareVisitForm(request.POST or None, initial={"visitor": person.visitor})
    return _form_page(request, person, form, services.record_care_visit, "照料走访")


def _form_page(request: HttpRequest, person: Benefit, form, service: Callable, what: str) -> HttpResponse:
    """Ask, record by the service, and go back to the list; refusals stand beside their field."""
    if request.method == "POST" and form.is_valid():
        try:
            service(benefit=person, actor=request.user, **form.cleaned_data)
        except Refused as refused:
            refused.add_to(form)
        else:
            messages.success(request, f"已登记{what}。")
            return redirect("payments:care")
    context = {
        "person": person,
        "form": form,
        "what": what,
        "visits": person.care_visits.select_related("recorded_by")[:SHOWN],
    }
    return render(request, "payments/care_form.html", context)


def _agreement_or_404(request: HttpRequest, pk: int) -> LaterAgreement:
    people = Benefit.objects.visible_to(scope_of(request.user), *perms.BENEFIT_POSTS).order_by()
    rows = LaterAgreement.objects.select_related("benefit__village", "benefit__township")
    return get_object_or_404(rows.filter(benefit__in=people.values("pk")), pk=pk)


@require_safe
@posts_required(*perms.BENEFIT_POSTS)
def scan(request: HttpRequest, pk: int) -> HttpResponse:
    """The signed paper of a later agreement; who reads it is on record."""
    found = _agreement_or_404(request, pk)
    log_personal_data_read(
        user=request.user,
        subject=f"later_agreement:{found.pk}",
        fields="照料协议扫描件",
        reason="查阅照料协议",
        ip=client_ip(request),
    )
    return send_upload(found.scan, content_type=found.scan_type, name=f"照料协议-{found.pk}")


@require_POST
@posts_required(*perms.BENEFIT_POSTS)
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """A second person confirms the newest agreement."""
    found = _agreement_or_404(request, pk)
    require(perms.can_see_confirmation(request.user, found.benefit))
    act = partial(services.confirm_later_agreement, agreement=found, actor=request.user)
    do(request, act, "照料协议已确认，自现在起有效。")
    return redirect("payments:care")
