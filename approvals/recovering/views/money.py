"""Pages of a recovery's money: what came back, what is let go, and on which dates the rest falls due."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from approvals.recovering import perms, services
from approvals.recovering.forms import ConsentForm, PlanForm, RepaymentForm, WaiverForm
from approvals.recovering.instalments import instalments
from approvals.recovering.models import Plan, Recovery
from approvals.recovering.services.money import waiver_limit
from approvals.recovering.views.shared import form_page, recovery_or_404, saved
from common import clock
from common.money import show_yuan
from organisations.access import require, scoped_or_404
from organisations.scope import scope_of
from payments.models import Waiver
from payments.models.asking import Asked


@require_http_methods(["GET", "HEAD", "POST"])
def repay(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter what came back, with its receipt."""
    found = recovery_or_404(request, pk)
    require(perms.can_take_money(found, request.user))
    initial = {"way": "family", "received_on": clock.today(), "amount": show_yuan(found.debt.open)}
    form = RepaymentForm(request.POST or None, initial=initial)
    made = saved(form, lambda: services.take_money(recovery=found, actor=request.user, **form.cleaned_data))
    if made is not None:
        messages.success(request, f"已登记收款 {show_yuan(made.amount)} 元。")
        return redirect("recovering:recovery", found.pk)
    back = reverse("recovering:recovery", args=[found.pk])
    note = f"未追回 {show_yuan(found.debt.open)} 元，记入{found.debt.payer.name}的原支出资金。"
    return form_page(request, form, found.application, back, heading="登记收款", button="登记", note=note)


@require_http_methods(["GET", "HEAD", "POST"])
def waive(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask that what is open be let go."""
    found = recovery_or_404(request, pk)
    require(perms.can_ask_waiver(found, request.user))
    form = WaiverForm(request.POST or None, initial={"amount": show_yuan(found.debt.open)})
    made = saved(form, lambda: services.ask_waiver(recovery=found, actor=request.user, **form.cleaned_data))
    if made is not None:
        messages.success(request, "免追申请已提出，由审批岗决定。")
        return redirect("recovering:recovery", found.pk)
    back = reverse("recovering:recovery", args=[found.pk])
    limit = waiver_limit(found)
    rule = f"免追限额 {show_yuan(limit)} 元" if limit is not None else "当地没有免追限额的规则"
    note = f"未追回 {show_yuan(found.debt.open)} 元；{rule}，困难免追须写明情况。"
    return form_page(request, form, found.application, back, heading="申请免追", button="提出", note=note)


@require_http_methods(["GET", "HEAD", "POST"])
def decide_waiver(request: HttpRequest, pk: int) -> HttpResponse:
    """Let it go or not."""
    rows = Waiver.objects.filter(debt__recovery__isnull=False).select_related("debt", "asked_by")
    asked = scoped_or_404(rows, scope_of(request.user), scope_path="debt__recovery__", pk=pk)
    found = Recovery.objects.with_all().get(debt=asked.debt_id)
    require(perms.can_decide_waiver(found, asked, request.user))
    return _decision(request, found, asked, services.decide_waiver, heading="决定免追申请", waiver=asked)


@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask that what is open fall due on other dates."""
    found = recovery_or_404(request, pk)
    require(perms.can_ask_plan(found, request.user))
    form = PlanForm(request.POST or None)
    made = saved(form, lambda: services.ask_plan(recovery=found, actor=request.user, **form.cleaned_data))
    if made is not None:
        messages.success(request, "缴款计划调整已提出，由审批岗决定。")
        return redirect("recovering:recovery", found.pk)
    back = reverse("recovering:recovery", args=[found.pk])
    note = f"未追回 {show_yuan(found.debt.open)} 元。审批岗同意后，按新的期次缴款，原期次保留备查。"
    words = {"heading": "调整缴款计划", "button": "提出", "note": note}
    return form_page(request, form, found.application, back, **words)


@require_http_methods(["GET", "HEAD", "POST"])
def decide_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree to other dates or not, the new instalments in sight."""
    asked = scoped_or_404(
        Plan.objects.select_related("asked_by"), scope_of(request.user), scope_path="recovery__", pk=pk
    )
    found = Recovery.objects.with_all().get(pk=asked.recovery_id)
    require(perms.can_decide_plan(found, asked, request.user))
    words = {"heading": "决定缴款计划调整", "plan": asked}
    words["parts"] = instalments(found, asked.n_parts, asked.first_due_on)
    return _decision(request, found, asked, services.decide_plan, **words)


def _decision(
    request: HttpRequest, found: Recovery, asked: Asked, decide: Callable[..., Asked], **words
) -> HttpResponse:
    """Yes or no by another person."""
    form = ConsentForm(request.POST or None)
    name = asked._meta.model_name
    done = saved(form, lambda: decide(**{name: asked}, actor=request.user, **form.answer()))
    if done is not None:
        messages.success(request, f"{asked._meta.verbose_name}申请已决定。")
        return redirect("recovering:recovery", found.pk)
    back = reverse("recovering:recovery", args=[found.pk])
    return form_page(request, form, found.application, back, button="保存", **words)
