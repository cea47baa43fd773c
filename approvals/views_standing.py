"""Hanging a board anew by hand: the registers are collected here, the board is publicity's."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from approvals.standing import refresh_standing
from common.errors import Refused
from organisations.access import posts_required
from organisations.enums import Post
from organisations.scope import scope_of
from publicity.forms import StandingAreaForm


@require_POST
@posts_required(Post.HANDLER)
def refresh(request: HttpRequest) -> HttpResponse:
    """The handler brings a board of the own township up to date."""
    form = StandingAreaForm(request.POST, scope=scope_of(request.user))
    if not form.is_valid():
        messages.error(request, next(iter(form.errors["area"])))
        return redirect("publicity:standing_list")
    try:
        notice = refresh_standing(area=form.cleaned_data["area"], actor=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("publicity:standing_list")
    messages.success(request, f"{notice.title}已更新，共 {notice.n_lines} 户。请张贴后拍照上传。")
    return redirect("publicity:standing", notice.pk)
