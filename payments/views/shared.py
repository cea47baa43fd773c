"""What the views of this room start and end with."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect

from common.errors import Refused
from organisations.scope import scope_of
from payments import perms
from payments.forms import CarePayeeForm
from payments.models import BankAnswer, BankFile, Batch, Benefit, Grant
from payments.queries.accounts import others_at

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"


def visible_batches(request: HttpRequest) -> QuerySet[Batch]:
    batches = Batch.objects.visible_to(scope_of(request.user), *perms.BATCH_POSTS)
    return batches.select_related("area", "prepared_by", "checked_by", "sealed_by")


def batch_or_404(request: HttpRequest, pk: int) -> Batch:
    """A batch in the reach of one of the posts that work with batches; otherwise as if there were none."""
    return get_object_or_404(visible_batches(request), pk=pk)


def file_or_404(request: HttpRequest, pk: int) -> BankFile:
    """A bank file of such a batch."""
    files = BankFile.objects.select_related("batch__area", "made_by")
    return get_object_or_404(files.filter(batch__in=visible_batches(request).order_by().values("pk")), pk=pk)


def answer_or_404(request: HttpRequest, pk: int) -> BankAnswer:
    """A bank's answer to such a file."""
    answers = BankAnswer.objects.select_related("bank_file__batch__area", "uploaded_by", "confirmed_by")
    batches = visible_batches(request).order_by().values("pk")
    return get_object_or_404(answers.filter(bank_file__batch__in=batches), pk=pk)


def benefit_or_404(request: HttpRequest, pk: int) -> Benefit:
    """A benefit in the reach of one of the posts that see who is in receipt."""
    visible = Benefit.objects.visible_to(scope_of(request.user), *perms.BENEFIT_POSTS)
    return get_object_or_404(visible.select_related("application", "county", "township", "village"), pk=pk)


def payee_now(recipient: Benefit | Grant) -> dict[str, str]:
    """What the form of a correction begins with; the account is typed anew."""
    return {
        "name": recipient.payee_name,
        "bank": recipient.payee_bank,
        "relation": recipient.payee_relation,
    }


def may_go_on(request: HttpRequest, form: CarePayeeForm, recipient: Benefit | Grant) -> bool:
    """Not yet where others use the account and nobody has ticked that this was looked into."""
    if form.cleaned_data["shared_seen"]:
        return True
    said = others_at(form.cleaned_data["account"], recipient.application, scope_of(request.user))
    if said:
        form.warn(said)
    return not said


def do(request: HttpRequest, act: Callable[[], object], done: str) -> bool:
    """Run a service and tell the clerk: what was done, or why it was refused."""
    try:
        act()
    except Refused as refused:
        messages.error(request, str(refused))
        return False
    messages.success(request, done)
    return True


def to_batch(pk: int) -> HttpResponseRedirect:
    return redirect("payments:batch", pk)
