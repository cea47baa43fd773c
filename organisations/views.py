"""Log-in, log-out, password and second factor."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_otp import login as log_in_device

from common.errors import Refused
from organisations import second_factor, services
from organisations.access import require
from organisations.forms import CodeForm, EnrolmentCodeForm, LogInForm, OwnPasswordForm

ENDED = {
    "idle": "您离开超过 {idle} 分钟，为防止他人使用，系统已自动退出，请重新登录。",
    "absolute": "本次登录已满 {absolute} 小时，请重新登录。",
}


def _ended_text(request: HttpRequest) -> str:
    text = ENDED.get(request.GET.get("ended", ""), "")
    return text.format(
        idle=settings.SESSION_IDLE_SECONDS // 60, absolute=settings.SESSION_ABSOLUTE_SECONDS // 3600
    )


def _next_url(request: HttpRequest) -> str:
    """Where the person wanted to go, if that lies on this site; the start page otherwise."""
    target = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME) or ""
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else resolve_url(settings.LOGIN_REDIRECT_URL)


class LogIn(LoginView):
    """Django's log-in view (new session key, safe `next`) with a word on why the last session ended."""

    # Django's form views take PUT for POST.
    http_method_names = ["get", "head", "post", "options"]
    template_name = "organisations/login.html"
    authentication_form = LogInForm

    def get_context_data(self, **kwargs) -> dict:
        unsaved = self.request.GET.get("unsaved") == "1"
        return super().get_context_data(ended=_ended_text(self.request), unsaved=unsaved, **kwargs)


@method_decorator(login_not_required, name="dispatch")
class LogOut(LogoutView):
    """POST only. The browser of a shared desk forgets what it kept of us."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        response = super().post(request, *args, **kwargs)
        response["Clear-Site-Data"] = '"cache", "cookies", "storage"'
        return response


@require_http_methods(["GET", "HEAD", "POST"])
def password_change(request: HttpRequest) -> HttpResponse:
    """One's own new password; other sessions of the account end, this one goes on under a new key."""
    form = OwnPasswordForm(request.user, request.POST or None)
    if form.is_valid():
        try:
            services.change_own_password(user=request.user, password=form.cleaned_data["new_password1"])
        except Refused as refused:
            refused.add_to(form)
        else:
            update_session_auth_hash(request, request.user)
            messages.success(request, "密码已修改。其他电脑上的登录已退出。")
            return redirect(_next_url(request))
    context = {"form": form, "next": _next_url(request)}
    return render(request, "organisations/password_change.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def second_factor_verify(request: HttpRequest) -> HttpResponse:
    """Asks for a code; a right one opens the session and gives it a new key."""
    if not second_factor.has_device(request.user):
        query = urlencode({REDIRECT_FIELD_NAME: _next_url(request)})
        return redirect(f"{reverse('organisations:second_factor_enrol')}?{query}")
    form = CodeForm(request.POST or None)
    if form.is_valid():
        try:
            device = second_factor.check_code(user=request.user, code=form.cleaned_data["code"])
        except Refused as refused:
            refused.add_to(form)
        else:
            _open_session(request, device)
            return redirect(_next_url(request))
    context = {"form": form, "next": _next_url(request)}
    return render(request, "organisations/second_factor.html", context)


def _open_session(request: HttpRequest, device) -> None:
    request.session.cycle_key()
    log_in_device(request, device)


@require_http_methods(["GET", "HEAD", "POST"])
def second_factor_enrol(request: HttpRequest) -> HttpResponse:
    """Three steps on one address: start, scan and prove by a code, recovery codes shown once."""
    require(second_factor.can_enrol(request.user))
    if request.method == "POST" and "start" in request.POST:
        second_factor.begin_enrolment(user=request.user)
        query = urlencode({REDIRECT_FIELD_NAME: _next_url(request)})
        return redirect(f"{reverse('organisations:second_factor_enrol')}?{query}")
    form = EnrolmentCodeForm(request.POST or None)
    if form.is_valid():
        try:
            device, codes = second_factor.confirm_enrolment(user=request.user, code=form.cleaned_data["code"])
        except Refused as refused:
            refused.add_to(form)
        else:
            if codes:
                _open_session(request, device)
                return _show_codes(request, codes)
            form.add_error("code", second_factor.wrong_code(device))
    device = second_factor.pending_device(request.user)
    context = {"form": form, "device": device, "secret": _in_groups(device), "next": _next_url(request)}
    return render(request, "organisations/second_factor_enrol.html", context)


def _in_groups(device) -> str:
    """The secret as people type it when they cannot scan: base32 in groups of four."""
    if device is None:
        return ""
    text = second_factor.secret_text(device)
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def _show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    context = {"codes": codes, "next": _next_url(request)}
    return render(request, "organisations/recovery_codes.html", context)


@require_safe
def second_factor_qr(request: HttpRequest) -> HttpResponse:
    """The picture to scan, only while an enrolment is under way."""
    require(second_factor.can_enrol(request.user))
    device = second_factor.pending_device(request.user)
    if device is None:
        raise Http404
    response = HttpResponse(second_factor.qr_svg(device), content_type="image/svg+xml")
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Fresh recovery codes for somebody whose session is verified."""
    require(second_factor.can_renew_codes(request.user))
    return _show_codes(request, second_factor.renew_recovery_codes(user=request.user))
