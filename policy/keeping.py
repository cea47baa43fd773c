"""The pages of those who keep the rules: succeed, look at the difference, publish, retire, look back."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from common.errors import Refused
from organisations.access import posts_required, require
from organisations.enums import Post
from organisations.models import Area
from organisations.scope import scope_of
from policy import changes, perms, services
from policy.forms import CompareForm, PublishForm, RetireForm, SuccessorForm
from policy.keys import KEYS
from policy.models import Rule
from policy.queries import row_of

_BIGGEST_KEY = 2**63 - 1
_FORM = ("GET", "HEAD", "POST")


def _rule_or_404(request: HttpRequest, pk: int) -> Rule:
    """A rule of the areas where the person keeps rules."""
    return get_object_or_404(changes.visible_rules(request.user), pk=min(pk, _BIGGEST_KEY))


@require_http_methods(_FORM)
@posts_required(*perms.RULE_POSTS)
def succeed(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft of what comes after a published rule: only value and first day are asked."""
    rule = _rule_or_404(request, pk)
    require(perms.can_succeed(request.user, rule))
    if rule.key not in KEYS:
        raise Http404("没有这条规则")
    form = SuccessorForm(request.POST or None, rule=rule)
    if request.method == "POST" and form.is_valid():
        values = {"unit": rule.unit} | form.cleaned_data
        try:
            services.draft_rule(area=rule.area, key=rule.key, **values, actor=request.user)
        except Refused as refusal:
            refusal.add_to(form)
        else:
            messages.success(request, "草稿已保存，由另一位规则发布岗核对后发布。")
            return redirect("policy:history", code=rule.area.code, key=rule.key)
    return render(request, "policy/succeed.html", {"form": form, "row": row_of(rule)})


@require_http_methods(_FORM)
@posts_required(*perms.RULE_POSTS)
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    """The end of a rule that nothing succeeds."""
    rule = _rule_or_404(request, pk)
    require(perms.can_retire(request.user, rule))
    form = RetireForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.retire_rule(rule=rule, **form.cleaned_data, actor=request.user)
        except Refused as refusal:
            refusal.add_to(form)
        else:
            messages.success(request, "已记录停用日期和理由。")
            return redirect("policy:history", code=rule.area.code, key=rule.key)
    return render(request, "policy/retire.html", {"form": form, "row": row_of(rule)})


@require_http_methods(_FORM)
@posts_required(*perms.RULE_POSTS)
def drafts(request: HttpRequest) -> HttpResponse:
    """The drafts beside what they replace; a publisher ticks and publishes. `?rule=` shows only these."""
    shown = changes.visible_drafts(request.user)
    wanted = [int(pk) for pk in request.GET.getlist("rule") if pk.isascii() and pk.isdigit() and len(pk) < 19]
    rows = changes.changes_of(shown.filter(pk__in=wanted) if wanted else shown, request.user)
    form = PublishForm(drafts=shown)
    if request.method == "POST":
        require(perms.publishes_somewhere(request.user))
        form = PublishForm(request.POST, drafts=shown)
        if form.is_valid() and _published(request, form.cleaned_data["rule"]):
            return redirect("policy:drafts")
    context = {"changes": rows, "form": form, "publishes": perms.publishes_somewhere(request.user)}
    return render(request, "policy/drafts.html", context)


def _published(request: HttpRequest, rules) -> bool:
    """Each by itself: one that is refused says why and does not hold the others up."""
    published = 0
    for rule in rules.order_by("key", "valid_from"):
        try:
            services.publish_rule(rule=rule, actor=request.user)
            published += 1
        except Refused as refusal:
            messages.error(request, f"{row_of(rule).label}：{refusal}")
    if published:
        messages.success(request, f"已发布 {published} 条规则。")
    return bool(published)


@require_safe
def history(request: HttpRequest, code: str, key: str) -> HttpResponse:
    """All values that a rule ever had in an area, and who made them."""
    area = get_object_or_404(Area, code=code)
    if key not in KEYS:
        raise Http404("没有这条规则")
    own = changes.visible_drafts(request.user).filter(area=area, key=key)
    context = {
        "area": area,
        "known": KEYS[key],
        "rows": changes.values_of(area, key),
        "entries": changes.timeline_of(area, key),
        "drafts": changes.changes_of(own, request.user),
        "above": changes.areas_with(area, key),
        "may_draft": perms.can_draft(request.user, area),
        "may_retire": scope_of(request.user).covers(area, Post.RULE_PUBLISHER),
    }
    return render(request, "policy/history.html", context)


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """What another day brings: the rules of an area that differ between two days."""
    form = CompareForm(request.GET, scope=scope_of(request.user))
    rows, first, second = [], None, None
    if form.is_valid() and form.area_chosen:
        first, second = form.days_chosen
        rows = changes.differences(form.area_chosen, first, second)
    context = {"form": form, "area": form.area_chosen, "first": first, "second": second, "rows": rows}
    return render(request, "policy/compare.html", context)
