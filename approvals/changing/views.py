"""Pages of changes: the list, writing one up, one change, hearing people, and making a move."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from approvals.changing import perms, queries, services
from approvals.changing.forms import ChangeFilter, ChangeForm, EvidenceForm
from approvals.changing.models import BenefitChange, Defence, Evidence
from approvals.changing.wording import consequences, proposed_opinion
from approvals.changing.workflow import TRANSITIONS
from approvals.procedure_forms import AnswerForm, MoveForm, SayForm
from common import clock
from common.errors import Refused
from common.uploads import send_upload
from organisations.access import client_ip, posts_required, require, scoped_or_404
from organisations.scope import scope_of
from organisations.services import log_personal_data_read
from payments.forms import page_key
from payments.models import Benefit
from payments.perms import can_propose_change


def _change_or_404(request: HttpRequest, pk: int) -> BenefitChange:
    return scoped_or_404(BenefitChange.objects.with_all(), scope_of(request.user), pk=pk)


def _form_page(request: HttpRequest, form, benefit: Benefit, back: str, **words) -> HttpResponse:
    context = {"form": form, "benefit": benefit, "back": back, "multipart": form.is_multipart()}
    return render(request, "changing/form.html", context | words)


@require_safe
@posts_required(*perms.READERS)
def change_list(request: HttpRequest) -> HttpResponse:
    """Changes in reach, newest first."""
    form = ChangeFilter(request.GET, scope=scope_of(request.user))
    rows = queries.change_list(scope_of(request.user), **form.chosen())
    page, before = queries.change_page(rows, page_key(request.GET, "before"))
    kept = {key: value for key, value in request.GET.items() if key in form.fields}
    next_url = f"?{urlencode({**kept, 'before': before})}" if before else ""
    return render(request, "changing/list.html", {"form": form, "rows": page, "next_url": next_url})


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose that a benefit changes or ends: the amount is computed when the draft is saved."""
    rows = Benefit.objects.select_related("application", "village", "township")
    benefit = scoped_or_404(rows, scope_of(request.user), pk=pk)
    require(can_propose_change(request.user, benefit))
    form = ChangeForm(request.POST or None, benefit=benefit)
    if request.method == "POST" and form.is_valid():
        try:
            change = services.draft_change(benefit=benefit, entry=form.entry(), actor=request.user)
        except Refused as refusal:
            refusal.add_to(form)
        else:
            messages.success(request, "变更草稿已保存，请添加依据后提出。")
            return redirect("changing:change", change.pk)
    current = benefit.revisions.filter(valid_to__isnull=True).first()
    back = reverse("payments:benefit", args=[benefit.pk])
    return _form_page(request, form, benefit, back, heading="提出变更", button="保存草稿", current=current)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a draft anew."""
    change = _change_or_404(request, pk)
    require(perms.can_edit(change, request.user))
    names = ("kind", "reason", "facts", "died_on", "member", "member_gone", "income_kind", "income")
    initial = {name: getattr(change, name) for name in (*names, "deposits", "screening")}
    if not change.income and not change.member_gone and change.deposits is None:
        initial |= {"monthly": change.monthly, "care_fee": change.care_fee}
    form = ChangeForm(request.POST or None, benefit=change.benefit, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.redraft(change=change, entry=form.entry(), actor=request.user)
        except Refused as refusal:
            refusal.add_to(form)
        else:
            messages.success(request, "变更草稿已保存。")
            return redirect("changing:change", change.pk)
    current = change.benefit.revisions.filter(valid_to__isnull=True).first()
    back = reverse("changing:change", args=[change.pk])
    return _form_page(
        request, form, change.benefit, back, heading="修改变更", button="保存草稿", current=current
    )


@require_safe
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Where a change stands, what it rests on, what was said, and what may be done next and why."""
    found = _change_or_404(request, pk)
    require(perms.can_read(request.user, found.village))
    sheet = queries.change_sheet(found, request.user)
    return render(request, "changing/change.html", {"change": found, "sheet": sheet})


@require_http_methods(["GET", "HEAD", "POST"])
def evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """Add what was found, with its scan."""
    found = _change_or_404(request, pk)
    require(perms.can_edit(found, request.user))
    posted = request.method == "POST"
    form = EvidenceForm(
        *((request.POST, request.FILES) if posted else ()), initial={"found_on": clock.today()}
    )
    if posted and form.is_valid():
        try:
            services.add_evidence(change=found, entry=form.entry(), actor=request.user)
        except Refused as refusal:
            refusal.add_to(form)
        else:
            messages.success(request, "依据已添加。")
            return redirect("changing:change", found.pk)
    back = reverse("changing:change", args=[found.pk])
    return _form_page(request, form, found.benefit, back, heading="添加依据", button="保存依据")


@require_safe
def evidence_file(request: HttpRequest, pk: int) -> HttpResponse:
    """A scan, decrypted on the way out; the look is on record first."""
    rows = Evidence.objects.select_related("change__village").exclude(file="")
    found = scoped_or_404(rows, scope_of(request.user), scope_path="change__", pk=pk)
    require(perms.can_read(request.user, found.change.village))
    log_personal_data_read(
        user=request.user,
        subject=f"evidence:{found.pk}",
        fields=f"变更依据：{found.get_kind_display()}",
        reason="查阅待遇变更依据",
        ip=client_ip(request),
    )
    name, inline = f"变更依据-{found.pk}", "download" not in request.GET
    return send_upload(found.file, content_type=found.content_type, name=name, inline=inline)


@require_http_methods(["GET", "HEAD", "POST"])
def defence(request: HttpRequest, pk: int) -> HttpResponse:
    """Take down statement and defence."""
    found = _change_or_404(request, pk)
    require(perms.can_record_defence(found, request.user))
    now = timezone.localtime(clock.now()).replace(second=0, microsecond=0)
    form = SayForm(request.POST or None, initial={"received_at": now, "form": "oral"})
    if request.method == "POST" and form.is_valid():
        try:
            services.record_defence(change=found, entry=form.entry(), actor=request.user)
        except Refused as refusal:
            refusal.add_to(form)
        else:
            messages.success(request, "陈述申辩已登记，由审核岗复核。")
            return redirect("changing:change", found.pk)
    back = reverse("changing:change", args=[found.pk])
    return _form_page(request, form, found.benefit, back, heading="登记陈述申辩", button="登记")


@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Say whether a defence is taken up, and why."""
    places = ("change__village", "change__township", "change__application", "change__benefit__application")
    rows = Defence.objects.select_related(*places)
    said = scoped_or_404(rows, scope_of(request.user), scope_path="change__", pk=pk)
    require(perms.can_answer_defence(said, request.user))
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.answer_defence(defence=said, actor=request.user, **form.cleaned_data)
        except Refused as refusal:
            refusal.add_to(form)
        else:
            messages.success(request, "陈述申辩已复核。")
            return redirect("changing:change", said.change_id)
    back = reverse("changing:change", args=[said.change_id])
    return _form_page(
        request, form, said.change.benefit, back, heading="复核陈述申辩", button="保存", said=said
    )


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, pk: int, transition: str) -> HttpResponse:
    """One move: GET shows what it means and asks for the opinion, POST makes it."""
    rule = TRANSITIONS.get(transition)
    if rule is None or not rule.posts:
        raise Http404("没有这个办理动作")
    found = _change_or_404(request, pk)
    require(perms.may_move(found, rule, request.user))
    posted = request.POST if request.method == "POST" else None
    form = MoveForm(rule, posted, initial={"opinion": proposed_opinion(found, rule)})
    if request.method == "POST" and form.is_valid():
        try:
            services.move_change(
                change_id=found.pk,
                transition=rule.name,
                actor=request.user,
                opinion=form.cleaned_data["opinion"],
            )
        except Refused as refusal:
            refusal.add_to(form)
        else:
            messages.success(request, f"已办理“{rule.label}”。")
            return redirect("changing:change", found.pk)
    verdict = perms.why_not(found, rule, request.user, clock.now())
    context = {
        "change": found,
        "rule": rule,
        "form": form,
        "why_not": verdict.reason,
        "consequences": consequences(found, rule) if verdict else [],
    }
    return render(request, "changing/move.html", context)
