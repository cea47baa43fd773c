"""Papers and signatures as they come in; scans in and out; full numbers with a reason."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases import perms, services
from cases.forms.care import CareForm
from cases.forms.papers import AuthorisationForm, ReceiveForm, UnmaskForm, UploadForm
from cases.models import Application, Attachment
from cases.views.shared import case_of, case_url, to_case
from common.errors import Refused
from common.uploads import send_upload
from organisations.access import client_ip, require
from organisations.services import log_personal_data_read


def _page(
    request: HttpRequest, application: Application, form, title: str, button: str, **more
) -> HttpResponse:
    context = {"application": application, "form": form, "heading": title, "button": button}
    return render(request, "cases/form_page.html", context | {"back_url": case_url(application)} | more)


@require_http_methods(["GET", "HEAD", "POST"])
def receive_materials(request: HttpRequest, number: str) -> HttpResponse:
    """Tick the papers of the checklist that are in."""
    application, scope = case_of(request, number)
    require(perms.can_receive_materials(scope, application))
    form = ReceiveForm(request.POST or None, application=application)
    if form.is_valid():
        received = set(form.cleaned_data["material"])
        for material in application.materials.all():
            if material in received and material.received_on is None:
                services.receive_material(
                    material=material, received_on=form.cleaned_data["received_on"], actor=request.user
                )
            elif material not in received and material.received_on is not None:
                services.return_material(material=material, actor=request.user)
        messages.success(request, "收件情况已登记。")
        return to_case(application)
    return _page(request, application, form, "登记收件", "保存收件情况")


@require_http_methods(["GET", "HEAD", "POST"])
def sign_authorisations(request: HttpRequest, number: str) -> HttpResponse:
    """Record who signed the authorisation to check."""
    application, scope = case_of(request, number)
    require(perms.can_sign_authorisations(scope, application))
    form = AuthorisationForm(request.POST or None, application=application)
    if form.is_valid():
        try:
            for member, guardian in form.signatures():
                services.sign_authorisation(
                    member=member,
                    signed_on=form.cleaned_data["signed_on"],
                    guardian=guardian,
                    actor=request.user,
                )
        except Refused as refusal:
            refusal.add_to(form)
        else:
            messages.success(request, "核对授权已登记。")
            return to_case(application)
    return _page(request, application, form, "登记核对授权", "保存授权签署")


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, number: str) -> HttpResponse:
    """Add a scan or photo."""
    application, scope = case_of(request, number)
    require(perms.can_upload(scope, application))
    posted = request.method == "POST"
    form = UploadForm(*((request.POST, request.FILES) if posted else ()), application=application)
    if posted and form.is_valid():
        values = form.cleaned_data
        try:
            services.add_attachment(
                application=application,
                kind=values["kind"],
                upload=values["file"],
                material=values["material"],
                title=values["title"],
                actor=request.user,
            )
        except Refused as refusal:
            refusal.add_to(form)
        else:
            messages.success(request, "文件已上传。")
            return to_case(application)
    return _page(request, application, form, "上传材料", "上传", multipart=True)


@require_http_methods(["GET", "HEAD", "POST"])
def record_agreement(request: HttpRequest, number: str) -> HttpResponse:
    """Enter the service agreement of 特困; a later one replaces it."""
    application, scope = case_of(request, number)
    require(perms.can_record_agreement(scope, application))
    posted = request.method == "POST"
    form = CareForm(*((request.POST, request.FILES) if posted else ()), application=application)
    if posted and form.is_valid():
        try:
            services.record_care_agreement(
                application=application,
                entry=form.entry(),
                scan=form.cleaned_data["scan"],
                actor=request.user,
            )
        except Refused as refusal:
            refusal.add_to(form)
        else:
            messages.success(request, "供养服务协议已登记。")
            return to_case(application)
    return _page(request, application, form, "登记供养服务协议", "保存服务协议", multipart=True)


@require_safe
def attachment(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """A file of a case in the person's reach, decrypted on the way out; anything else is 404."""
    application, _ = case_of(request, number)
    found = get_object_or_404(Attachment, application=application, pk=pk)
    name, inline = f"{application.number}-{found.pk}", "download" not in request.GET
    return send_upload(found.file, content_type=found.content_type, name=name, inline=inline)


@require_POST
def withdraw(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Take a wrong scan out of a draft."""
    application, scope = case_of(request, number)
    require(perms.can_withdraw_attachment(scope, application))
    found = get_object_or_404(Attachment, application=application, pk=pk)
    services.withdraw_attachment(attachment=found, actor=request.user)
    messages.success(request, "附件已撤下。")
    return to_case(application)


@require_http_methods(["GET", "HEAD", "POST"])
def unmask(request: HttpRequest, number: str) -> HttpResponse:
    """Show one person's full numbers once; who looked, and why, is recorded first."""
    application, scope = case_of(request, number)
    require(perms.can_unmask(scope, application))
    form = UnmaskForm(request.POST or None, application=application)
    if not form.is_valid():
        return _page(request, application, form, "查看完整信息", "查看（留下记录）")
    member = form.cleaned_data["member"]
    fields = ["身份证号", "联系电话", *(["收款账号"] if member.relation == "self" else [])]
    try:
        log_personal_data_read(
            user=request.user,
            subject=f"person:{member.person_id}",
            fields=fields,
            reason=form.cleaned_data["reason"],
            ip=client_ip(request),
        )
    except Refused as refusal:
        refusal.add_to(form)
        return _page(request, application, form, "查看完整信息", "查看（留下记录）")
    context = {"application": application, "member": member, "back_url": case_url(application)}
    return render(request, "cases/unmasked.html", context | {"show_account": member.relation == "self"})
