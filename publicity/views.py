"""公示与异议 for clerks: the list, taking an objection down, handling it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.enums import READING_POSTS, AttachmentKind
from cases.perms import can_upload
from cases.services import add_attachment
from common import clock
from common.errors import Refused
from organisations.access import client_ip, posts_required, require, scoped_or_404
from organisations.scope import scope_of
from organisations.services import log_personal_data_read
from publicity import perms, queries, services
from publicity.enums import ObjectionOutcome, ObjectionSource
from publicity.forms import (
    BoardPhotoForm,
    HandlingForm,
    ListFilter,
    ReasonForm,
    TownshipObjectionForm,
    page_key,
)
from publicity.models import Notice, Objection
from publicity.public_views import next_url


@require_safe
@posts_required(*READING_POSTS)
def notice_list(request: HttpRequest) -> HttpResponse:
    """Notices in reach, newest first."""
    scope = scope_of(request.user)
    form = ListFilter(request.GET, scope=scope)
    rows, before = [], None
    now = clock.now()
    if form.is_valid():
        notices = queries.notice_list(
            scope, status=form.cleaned_data["status"], area=form.cleaned_data["area"], at=now
        )
        page = queries.page_of(notices, page_key(request.GET))
        rows, before = [_row(notice, now) for notice in page.rows], page.before
    context = {"form": form, "rows": rows, "next_url": next_url(request, before)}
    return render(request, "publicity/list.html", context)


def _row(notice: Notice, now) -> dict:
    """A line of the list with its badge."""
    objections = list(notice.objections.all())
    waiting = [objection for objection in objections if not objection.outcome]
    if notice.closed_at is not None:
        text, level = notice.get_closed_because_display(), "muted"
    elif notice.ends_at <= now:
        text, level = "期满待办理", "late" if waiting else "soon"
    else:
        text, level = "公示中", "info"
    return {
        "notice": notice,
        "text": text,
        "level": level,
        "n_objections": len(objections),
        "waiting": waiting,
    }


@require_http_methods(["GET", "HEAD", "POST"])
def objection_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down an objection that came by telephone or at the counter."""
    notice = scoped_or_404(
        Notice.objects.with_place().select_related("application"), scope_of(request.user), pk=pk
    )
    require(perms.can_record_objection(request.user, notice))
    now = timezone.localtime(clock.now()).replace(second=0, microsecond=0)
    form = TownshipObjectionForm(request.POST or None, initial={"received_at": now})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.record_objection(
                notice=notice,
                source=ObjectionSource.TOWNSHIP,
                content=data["content"],
                name=data["name"],
                phone=data["phone"],
                actor=request.user,
                at=data["received_at"],
            )
        except Refused as refused:
            refused.add_to(form)
        else:
            messages.success(request, "异议已登记，处理完毕前该申请不能进入审批。")
            return redirect("publicity:list")
    return render(request, "publicity/objection_new.html", {"notice": notice, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def board_photo(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a photo of the notice on the village's board."""
    notices = Notice.objects.with_place().select_related("application")
    notice = scoped_or_404(notices, scope_of(request.user), pk=pk)
    require(can_upload(scope_of(request.user), notice.application))
    form = BoardPhotoForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if request.method == "POST" and form.is_valid():
        try:
            add_attachment(
                application=notice.application,
                kind=AttachmentKind.BOARD_PHOTO,
                upload=form.cleaned_data["file"],
                title=form.cleaned_data["title"],
                actor=request.user,
            )
        except Refused as refused:
            refused.add_to(form)
        else:
            messages.success(request, "公示照片已保存。")
            return redirect(_notice_tab(notice))
    return render(request, "publicity/board_photo.html", {"notice": notice, "form": form})


def _notice_tab(notice: Notice) -> str:
    return f"{reverse('workbench:case', args=[notice.application.number])}?tab=notice"


def _objection_or_404(request: HttpRequest, pk: int) -> Objection:
    objections = Objection.objects.select_related(
        "notice__application", "notice__village", "notice__township", "recorded_by", "handled_by"
    )
    return scoped_or_404(objections, scope_of(request.user), scope_path="notice__", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def objection_handle(request: HttpRequest, pk: int) -> HttpResponse:
    """Read an objection and say what comes of it."""
    objection = _objection_or_404(request, pk)
    require(perms.can_handle_objection(request.user, objection))
    form = HandlingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        outcome = ObjectionOutcome(form.cleaned_data["outcome"])
        try:
            services.handle_objection(
                objection=objection,
                outcome=outcome,
                handling=form.cleaned_data["handling"],
                actor=request.user,
            )
        except Refused as refused:
            refused.add_to(form)
        else:
            messages.success(request, f"异议已处理：{outcome.label}。")
            if outcome == ObjectionOutcome.REINVESTIGATE:
                # The conductor reopens the case, and its button stands there.
                return redirect(_notice_tab(objection.notice))
            return redirect("publicity:list")
    context = {"objection": objection, "form": form, "reason_form": ReasonForm(), "phone": ""}
    return render(request, "publicity/objection_handle.html", context)


@require_POST
def objection_phone(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the telephone in full, with a reason, on record."""
    objection = _objection_or_404(request, pk)
    require(perms.can_handle_objection(request.user, objection))
    reason_form, phone = ReasonForm(request.POST), ""
    if reason_form.is_valid():
        try:
            log_personal_data_read(
                user=request.user,
                subject=f"objection:{objection.pk}",
                fields="异议提出人联系电话",
                reason=reason_form.cleaned_data["reason"],
                ip=client_ip(request),
            )
            phone = objection.phone
        except Refused as refused:
            refused.add_to(reason_form)
    context = {"objection": objection, "form": HandlingForm(), "reason_form": reason_form, "phone": phone}
    return render(request, "publicity/objection_handle.html", context)
