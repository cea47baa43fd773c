"""Pages of recoveries: list, writing one up, one recovery, hearing people, and moves."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from approvals.changing.enums import Reason
from approvals.changing.models import BenefitChange
from approvals.enums import EvidenceKind
from approvals.procedure_forms import AnswerForm, MoveForm, SayForm
from approvals.recovering import perms, queries, services
from approvals.recovering.enums import Ground
from approvals.recovering.forms import RecoveryFilter, RecoveryForm
from approvals.recovering.models import Defence, Recovery
from approvals.recovering.views.shared import form_page, recovery_or_404, saved
from approvals.recovering.wording import consequences, proposed_opinion
from approvals.recovering.workflow import TRANSITIONS
from approvals.relief.enums import Finding
from approvals.relief.models import EmergencyRelief
from cases.models import Application
from common import clock
from common.spreadsheets import write_workbook
from common.uploads import send_private
from organisations.access import posts_required, require, scoped_or_404
from organisations.scope import scope_of
from payments.forms import page_key
from payments.queries import PaidLine, paid_lines
from payments.views.shared import XLSX


def _chosen(request: HttpRequest) -> tuple[RecoveryFilter, object]:
    form = RecoveryFilter(request.GET, scope=scope_of(request.user))
    rows = queries.recovery_list(scope_of(request.user), today=clock.today(), **form.chosen())
    return form, rows


@require_safe
@posts_required(*perms.READERS)
def recovery_list(request: HttpRequest) -> HttpResponse:
    """Recoveries in reach, newest first, with what is open by township."""
    form, rows = _chosen(request)
    page, before = queries.recovery_page(rows, page_key(request.GET, "before"))
    kept = {key: value for key, value in request.GET.items() if key in form.fields}
    context = {
        "form": form,
        "rows": page,
        "statement": queries.statement(rows),
        "next_url": f"?{urlencode({**kept, 'before': before})}" if before else "",
        "export_query": urlencode(kept),
    }
    return render(request, "recovering/list.html", context)


@require_safe
@posts_required(*perms.READERS)
def export(request: HttpRequest) -> HttpResponse:
    """追缴台账 as filtered, names masked."""
    _, rows = _chosen(request)
    title = f"追缴台账　{clock.today():%Y-%m-%d}"
    content = write_workbook(title, queries.EXPORT_COLUMNS, queries.export_rows(rows[: queries.EXPORT_MOST]))
    return send_private(content, content_type=XLSX, filename=f"追缴台账-{clock.today():%Y%m%d}.xlsx")


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """Claim back what was overpaid to a case; what is too much by the register is ticked already."""
    rows = Application.objects.select_related("township", "village", "county")
    application = scoped_or_404(rows, scope_of(request.user), pk=pk)
    require(perms.can_open(request.user, application))
    lines = paid_lines(application)
    keeps = {line.key: line.due for line in lines if line.too_much}
    form = RecoveryForm(
        request.POST if request.method == "POST" else None,
        lines=lines,
        keeps=keeps,
        initial=_proposed(application),
    )
    made = saved(
        form,
        lambda: services.draft_recovery(application=application, entry=form.entry(), actor=request.user),
    )
    if made is not None:
        messages.success(request, "追缴草稿已保存，请核对后提出。")
        return redirect("recovering:recovery", made.pk)
    back = f"{reverse('workbench:case', kwargs={'number': application.number})}?tab=money"
    return form_page(request, form, application, back, heading="追缴多发款", button="保存草稿")


def _proposed(application: Application) -> dict:
    """After a death all is known but who pays, of a relief everything; else only the name and the day."""
    facts = {"debtor": application.applicant_name, "found_on": clock.today(), "way": "at_once"}
    deaths = BenefitChange.objects.filter(application=application, reason=Reason.DEATH, state="in_effect")
    if death := deaths.order_by("-pk").first():
        died, ended = f"{death.died_on:%Y 年 %m 月 %d 日}", f"{death.effective_on:%Y 年 %m 月}"
        words = f"{died}死亡，自 {ended}起停发；此后已发放的月份应予追回。"
        named = {"ground": Ground.DEATH, "evidence": EvidenceKind.PROOF, "debtor": ""}
        return facts | named | {"facts": words}
    reliefs = EmergencyRelief.objects.filter(application=application, finding=Finding.RECOVER)
    if relief := reliefs.first():
        closed = timezone.localdate(relief.closed_at)
        words = f"急难先行救助 {relief.number} 于 {closed:%Y 年 %m 月 %d 日}认定为不符合，应予追回。"
        return facts | {"ground": Ground.RELIEF, "facts": words, "debtor": relief.received_by}
    return facts


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a draft anew; its own months count as free."""
    found = recovery_or_404(request, pk)
    require(perms.can_edit(found, request.user))
    lines, keeps = _lines_of(found)
    names = ("ground", "evidence", "found_on", "debtor", "way", "n_parts", "facts")
    form = RecoveryForm(
        request.POST if request.method == "POST" else None,
        lines=lines,
        keeps=keeps,
        initial={name: getattr(found, name) for name in names},
    )
    made = saved(form, lambda: services.redraft(recovery=found, entry=form.entry(), actor=request.user))
    if made is not None:
        messages.success(request, "追缴草稿已保存。")
        return redirect("recovering:recovery", found.pk)
    back = reverse("recovering:recovery", args=[found.pk])
    return form_page(request, form, found.application, back, heading="修改追缴", button="保存草稿")


def _lines_of(found: Recovery) -> tuple[list[PaidLine], dict[str, Decimal]]:
    """The lines that a draft can claim, those that it claims already with what is left to the household."""
    lines = paid_lines(found.application, besides=found.debt)
    return lines, {item.key: item.due for item in found.debt.overpayments.all()}


@require_safe
def recovery(request: HttpRequest, pk: int) -> HttpResponse:
    """Where a recovery stands, what is open, what was said, and what may be done next and why."""
    found = recovery_or_404(request, pk)
    require(perms.can_read(request.user, found.village))
    sheet = queries.recovery_sheet(found, request.user)
    return render(request, "recovering/recovery.html", {"recovery": found, "sheet": sheet})


@require_http_methods(["GET", "HEAD", "POST"])
def defence(request: HttpRequest, pk: int) -> HttpResponse:
    """Take down statement and defence."""
    found = recovery_or_404(request, pk)
    require(perms.can_record_defence(found, request.user))
    now = timezone.localtime(clock.now()).replace(second=0, microsecond=0)
    form = SayForm(request.POST or None, initial={"received_at": now, "form": "oral"})
    made = saved(
        form, lambda: services.record_defence(recovery=found, entry=form.entry(), actor=request.user)
    )
    if made is not None:
        messages.success(request, "陈述申辩已登记，由审核岗复核。")
        return redirect("recovering:recovery", found.pk)
    back = reverse("recovering:recovery", args=[found.pk])
    return form_page(request, form, found.application, back, heading="登记陈述申辩", button="登记")


@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Say whether a defence is taken up, and why."""
    rows = Defence.objects.select_related("recovery__village", "recovery__township", "recovery__application")
    said = scoped_or_404(rows, scope_of(request.user), scope_path="recovery__", pk=pk)
    require(perms.can_answer_defence(said, request.user))
    form = AnswerForm(request.POST or None)
    made = saved(form, lambda: services.answer_defence(defence=said, actor=request.user, **form.cleaned_data))
    if made is not None:
        messages.success(request, "陈述申辩已复核。")
        return redirect("recovering:recovery", said.recovery_id)
    back = reverse("recovering:recovery", args=[said.recovery_id])
    application = said.recovery.application
    return form_page(request, form, application, back, heading="复核陈述申辩", button="保存", said=said)


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, pk: int, transition: str) -> HttpResponse:
    """One move: GET shows what it means and asks for the opinion, POST makes it."""
    rule = TRANSITIONS.get(transition)
    if rule is None or not rule.posts:
        raise Http404("没有这个办理动作")
    found = recovery_or_404(request, pk)
    require(perms.may_move(found, rule, request.user))
    posted = request.POST if request.method == "POST" else None
    form = MoveForm(rule, posted, initial={"opinion": proposed_opinion(found, rule)})

    def make() -> Recovery:
        opinion = form.cleaned_data["opinion"]
        return services.move_recovery(
            recovery_id=found.pk, transition=rule.name, actor=request.user, opinion=opinion
        )

    if saved(form, make) is not None:
        messages.success(request, f"已办理“{rule.label}”。")
        return redirect("recovering:recovery", found.pk)
    verdict = perms.why_not(found, rule, request.user, clock.now())
    context = {
        "recovery": found,
        "rule": rule,
        "form": form,
        "why_not": verdict.reason,
        "consequences": consequences(rule) if verdict else [],
    }
    return render(request, "recovering/move.html", context)
