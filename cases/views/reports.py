"""The check report: by hand, or from a sheet with a preview before anything is kept."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases import perms, queries, services
from cases.declarations import IncomeLine, ReportEntry
from cases.enums import ExemptKind, IncomeKind
from cases.forms.report import ReportForm, ReportRow, ReportUploadForm
from cases.models import Application
from cases.report_sheet import read_report, template_of
from cases.views.shared import case_of, case_url, to_case
from common.errors import Refused
from common.spreadsheets import SpreadsheetErrors
from common.uploads import send_private
from organisations.access import require

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PREVIEW_SECONDS = 3600
_PROPERTY = ("deposits", "vehicles", "houses", "non_residential_houses", "registered_capital")


@require_http_methods(["GET", "HEAD", "POST"])
def record_report(request: HttpRequest, number: str) -> HttpResponse:
    """The report by hand."""
    application, scope = case_of(request, number)
    require(perms.can_record_check(scope, application))
    data = request.POST or None
    form = ReportForm(data)
    members = application.household.members.select_related("person")
    rows = [ReportRow(data, member=member) for member in members]
    if data and all([form.is_valid(), *(row.is_valid() for row in rows)]):
        try:
            services.record_report(
                application=application, entry=form.entry(rows), source="hand", actor=request.user
            )
        except Refused as refusal:
            refusal.add_to(form)
        else:
            messages.success(request, "核对报告已录入。")
            return to_case(application, "check")
    return _page(request, application, form, rows, ReportUploadForm(prefix="sheet"))


def _page(
    request: HttpRequest, application: Application, form, rows: list, upload, errors=()
) -> HttpResponse:
    context = {
        "application": application,
        "form": form,
        "rows": rows,
        "upload": upload,
        "sheet_errors": errors,
        "back_url": case_url(application, "check"),
        "check": queries.current_check(application),
    }
    return render(request, "cases/report.html", context)


@require_safe
def report_template(request: HttpRequest, number: str) -> HttpResponse:
    """The sheet to be filled in, with the household's names."""
    application, scope = case_of(request, number)
    require(perms.can_record_check(scope, application))
    return send_private(
        template_of(application), content_type=XLSX, filename=f"{application.number}-核对报告.xlsx"
    )


@require_POST
def preview_report(request: HttpRequest, number: str) -> HttpResponse:
    """Read the sheet, show what it says or every error by row and column; nothing is kept yet."""
    application, scope = case_of(request, number)
    require(perms.can_record_check(scope, application))
    form = ReportUploadForm(request.POST, request.FILES, prefix="sheet")
    errors: list = []
    if form.is_valid():
        try:
            found = read_report(form.cleaned_data["file"], application)
        except SpreadsheetErrors as refusal:
            errors = refusal.errors
            refusal.add_to(form)
        else:
            return _preview(request, application, {**form.cleaned_data, **found})
    members = application.household.members.select_related("person")
    rows = [ReportRow(member=member) for member in members]
    return _page(request, application, ReportForm(), rows, form, errors)


def _preview(request: HttpRequest, application: Application, values: dict) -> HttpResponse:
    members = {member.pk: member for member in application.household.members.select_related("person")}
    income = [
        {
            "name": members[pk].person.name,
            "kind": line.kind.label,
            "monthly": line.monthly,
            "exempt": ExemptKind(line.exempt).label if line.exempt else "",
        }
        for pk, lines in values["income"].items()
        for line in lines
    ]
    household = application.household
    property_rows = [
        {
            "label": household._meta.get_field(name).verbose_name,
            "value": values[name],
            "declared": getattr(household, name),
            "money": name in ("deposits", "registered_capital"),
        }
        for name in _PROPERTY
    ]
    context = {
        "application": application,
        "values": {name: values[name] for name in ("number", "issued_on", "data_as_of", "conclusion")},
        "income": income,
        "property": property_rows,
        "token": signing.dumps(_plain(values), salt=_salt(request, application)),
        "back_url": case_url(application, "check"),
    }
    return render(request, "cases/report_preview.html", context)


def _salt(request: HttpRequest, application: Application) -> str:
    """A preview is good for this case and this person only."""
    return f"cases.report:{application.pk}:{request.user.pk}"


def _plain(values: dict) -> dict:
    """As JSON: no identity numbers, only the members' keys."""
    plain = {
        name: str(values[name]) for name in ("number", "conclusion", "issued_on", "data_as_of", *_PROPERTY)
    }
    plain["income"] = {
        str(pk): [[line.kind.value, str(line.monthly), line.exempt] for line in lines]
        for pk, lines in values["income"].items()
    }
    return plain


def _entry(plain: dict) -> ReportEntry:
    counts = {name: int(plain[name]) for name in ("vehicles", "houses", "non_residential_houses")}
    amounts = {name: Decimal(plain[name]) for name in ("deposits", "registered_capital")}
    income = {
        int(pk): tuple(
            IncomeLine(IncomeKind(kind), Decimal(monthly), exempt) for kind, monthly, exempt in lines
        )
        for pk, lines in plain["income"].items()
    }
    return ReportEntry(
        number=plain["number"],
        conclusion=plain["conclusion"],
        issued_on=date.fromisoformat(plain["issued_on"]),
        data_as_of=date.fromisoformat(plain["data_as_of"]),
        income=income,
        **counts,
        **amounts,
    )


@require_POST
def confirm_report(request: HttpRequest, number: str) -> HttpResponse:
    """Keep what the preview showed, exactly: it comes back signed."""
    application, scope = case_of(request, number)
    require(perms.can_record_check(scope, application))
    try:
        plain = signing.loads(
            request.POST.get("token", ""), salt=_salt(request, application), max_age=PREVIEW_SECONDS
        )
        services.record_report(
            application=application, entry=_entry(plain), source="xlsx", actor=request.user
        )
    except signing.BadSignature:
        messages.error(request, "预览已失效，请重新上传表格。")
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "核对报告已从表格导入。")
    return to_case(application, "check")
