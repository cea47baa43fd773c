"""The registration screen: one page for the household and its members, kept as a draft at every step."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from cases import perms, queries, services
from cases.enums import Relation
from cases.forms.fields import id_number_or_none
from cases.forms.members import MemberForm, MemberRows, MembersFormSet, describe_number
from cases.forms.papers import DiscardForm
from cases.forms.registration import RegistrationForm, declaration_of, initial_of
from cases.models import Application
from cases.naming import id_digest
from cases.views.shared import case_of, case_url, sentences, to_case
from common.errors import Refused
from organisations.access import require
from organisations.scope import scope_of

PREFIX = "members"
_BOXES = [name for name, field in MemberForm.base_fields.items() if field.widget.input_type == "checkbox"]


@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """A new registration."""
    require(perms.can_register_somewhere(scope_of(request.user)))
    return _screen(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, number: str) -> HttpResponse:
    """The same screen for a draft, or for one sent back for more papers."""
    application, scope = case_of(request, number)
    require(perms.can_edit(scope, application))
    return _screen(request, application)


def _screen(request: HttpRequest, application: Application | None) -> HttpResponse:
    if request.method != "POST":
        form, rows = _unbound(request, application)
    elif "add_member" in request.POST:
        form, rows = _one_row_more(request, application)
    else:
        form, rows = _bound(request, application)
        whole = all([form.is_valid(), rows.is_valid()])
        if whole and "check" not in request.POST and _save(request, application, form, rows):
            return to_case(application or form.application)
    return _render(request, application, form, rows)


def _options(request: HttpRequest, application: Application | None) -> tuple[dict, dict]:
    existing = {}
    if application is not None:
        existing = {member.pk: member for member in application.household.members.select_related("person")}
    form = {"scope": scope_of(request.user), "application": application}
    return form, {"form_kwargs": {"existing": existing}, "prefix": PREFIX}


def _unbound(
    request: HttpRequest, application: Application | None
) -> tuple[RegistrationForm, MembersFormSet]:
    form, rows = _options(request, application)
    values, members = ({}, [{"relation": Relation.SELF}]) if application is None else initial_of(application)
    return RegistrationForm(initial=values, **form), MemberRows(initial=members, **rows)


def _bound(request: HttpRequest, application: Application | None) -> tuple[RegistrationForm, MembersFormSet]:
    form, rows = _options(request, application)
    return RegistrationForm(request.POST, **form), MemberRows(request.POST, **rows)


def _one_row_more(
    request: HttpRequest, application: Application | None
) -> tuple[RegistrationForm, MembersFormSet]:
    """The page as it was typed, with one more row and without complaints about what is still empty."""
    form, rows = _options(request, application)
    try:
        count = min(max(int(request.POST.get(f"{PREFIX}-TOTAL_FORMS", "1")), 0), MemberRows.max_num - 1)
    except ValueError:
        count = 1
    typed = []
    for index in range(count):
        start = f"{PREFIX}-{index}-"
        row = {key.removeprefix(start): value for key, value in request.POST.items() if key.startswith(start)}
        typed.append(row | {name: name in row for name in _BOXES})
    typed.append({"relation": Relation.OTHER_SUPPORTED})
    return RegistrationForm(initial=request.POST.dict(), **form), MemberRows(initial=typed, **rows)


def _save(
    request: HttpRequest, application: Application | None, form: RegistrationForm, rows: MembersFormSet
) -> bool:
    """Keep the draft; False with the sentence beside its field when it is refused."""
    try:
        declaration = declaration_of(form, rows)
        if application is None:
            form.application = services.register_application(declaration=declaration, actor=request.user)
            messages.success(request, f"已登记，编号 {form.application.number}。核对无误后提交。")
        else:
            services.update_draft(application=application, declaration=declaration, actor=request.user)
            messages.success(request, "已保存。")
    except Refused as refusal:
        _place(refusal, form, rows)
        return False
    for warning in [form.account_warning, *(d["sentence"] for d in _duplicates(form, rows, application))]:
        if warning:
            messages.warning(request, warning)
    return True


def _place(refusal: Refused, form: RegistrationForm, rows: MembersFormSet) -> None:
    """`members-2-name` belongs to the third filled row."""
    prefix, _, rest = refusal.field.partition("-")
    index, _, field = rest.partition("-")
    if prefix == PREFIX and index.isdigit():
        rows.filled()[int(index)].add_error(field if field in MemberForm.base_fields else None, str(refusal))
    else:
        refusal.add_to(form)


def _duplicates(form: RegistrationForm, rows: MembersFormSet, application: Application | None) -> list[dict]:
    numbers = {row.checked_number for row in rows.forms} - {None}
    if not numbers:
        return []
    found = queries.duplicates_of([id_digest(number) for number in numbers], None, exclude=application)
    return sentences(found, form["programme"].value())


def _render(
    request: HttpRequest, application: Application | None, form: RegistrationForm, rows: MembersFormSet
) -> HttpResponse:
    checked = form.is_bound and not form.errors and rows.is_valid()
    context = {
        "form": form,
        "rows": rows,
        "application": application,
        "back_url": case_url(application) if application else "",
        "duplicates": _duplicates(form, rows, application),
        "account_warning": form.account_warning if form.is_bound else "",
        "checked": checked,
        "can_discard": application is not None and perms.can_discard(scope_of(request.user), application),
    }
    return render(request, "cases/register.html", context, status=200)


@require_POST
def read_id(request: HttpRequest) -> HttpResponse:
    """What one number says and whether its person is in a case already, while the form is filled in.

    The number comes in the body, never in the address.
    """
    require(perms.can_register_somewhere(scope_of(request.user)))
    typed = next((value for key, value in request.POST.items() if key.endswith("-id_number")), "")
    number = id_number_or_none(typed[:40])
    found = queries.duplicates_of([id_digest(number)], None) if number else []
    return render(
        request,
        "cases/_read_id.html",
        {
            "text": describe_number(number) if number else "",
            "wrong": bool(typed) and not number and "*" not in typed,
            "duplicates": sentences(found, request.POST.get("programme", "")),
        },
    )


@require_POST
def discard(request: HttpRequest, number: str) -> HttpResponse:
    """Throw a draft away."""
    application, scope = case_of(request, number)
    require(perms.can_discard(scope, application))
    form = DiscardForm(request.POST)
    if form.is_valid():
        services.discard_draft(
            application=application, reason=form.cleaned_data["reason"], actor=request.user
        )
        messages.success(request, f"草稿 {number} 已作废，个人信息已删除。")
        return redirect("cases:list")
    messages.error(request, "作废草稿须填写原因（200 字以内）。")
    return redirect("cases:edit", number=number)
