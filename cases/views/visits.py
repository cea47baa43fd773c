"""The home visit, written at somebody's door on a phone."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from cases import perms, queries, services
from cases.enums import AttachmentKind
from cases.forms.visit import PhotosForm, VisitForm, visit_initial
from cases.models import Application
from cases.views.shared import case_of, case_url, to_case
from common.errors import Refused
from organisations.access import require


@require_http_methods(["GET", "HEAD", "POST"])
def record_visit(request: HttpRequest, number: str) -> HttpResponse:
    """Keep a draft as often as wanted, then complete it; photos stay even when something else is wrong."""
    application, scope = case_of(request, number)
    require(perms.can_record_visit(scope, application))
    visit = queries.current_visit(application)
    if visit and visit.completed_at:
        messages.info(request, "入户调查已完成，记录不能更改。")
        return to_case(application, "visit")
    options = {"application": application, "first_visitor": visit.first_visitor if visit else request.user}
    if request.method != "POST":
        initial = visit_initial(visit, queries.self_care_assessment(application))
        return _page(request, application, VisitForm(initial=initial, **options), PhotosForm())
    photos = PhotosForm(request.POST, request.FILES)
    _keep_photos(request, application, photos)
    form = VisitForm(request.POST, **options)
    if form.is_valid() and not photos.errors:
        try:
            services.record_visit(application=application, entry=form.entry(), actor=request.user)
            if "complete" not in request.POST:
                messages.success(request, "已保存草稿。")
                return redirect("cases:record_visit", number=number)
            services.complete_visit(application=application, actor=request.user)
            messages.success(request, "入户调查已完成。")
            return to_case(application, "visit")
        except Refused as refusal:
            refusal.add_to(form)
    return _page(request, application, form, photos)


def _keep_photos(request: HttpRequest, application: Application, photos: PhotosForm) -> None:
    if not photos.is_valid():
        return
    signature = photos.cleaned_data["signature"]
    uploads = [(AttachmentKind.VISIT_PHOTO, "photos", photo) for photo in photos.cleaned_data["photos"]]
    uploads += [(AttachmentKind.SIGNATURE, "signature", signature)] if signature else []
    for kind, field, file in uploads:
        try:
            services.add_attachment(application=application, kind=kind, upload=file, actor=request.user)
        except Refused as refusal:
            photos.add_error(field, refusal.message)


def _page(
    request: HttpRequest, application: Application, form: VisitForm, photos: PhotosForm
) -> HttpResponse:
    panel = queries.visit_panel(application, request.user)["visit_panel"]
    context = {
        "application": application,
        "form": form,
        "photos_form": photos,
        "photos": panel["photos"],
        "gaps": panel["gaps"],
        "self_care": panel["self_care"],
        "saved": panel["visit"] is not None,
        "first_visitor": panel["visit"].first_visitor if panel["visit"] else request.user,
        "back_url": case_url(application, "visit"),
    }
    return render(request, "cases/visit.html", context)
