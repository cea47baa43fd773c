"""资金核查 of a county and month."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common import clock
from common.spreadsheets import write_workbook
from common.uploads import send_private
from common.verdict import denied
from organisations.access import posts_required, require
from organisations.models import Area
from organisations.scope import scope_of
from payments.queries import months_to_choose
from payments.queries.accounts import shared_accounts
from payments.queries.price import subsidy_states
from payments.views.shared import XLSX
from supervision import perms
from supervision.money import queries
from supervision.money.notices import hung_otherwise


class MoneyForm(forms.Form):
    """Which county and month; what makes no sense is the first county and this month."""

    county = forms.ChoiceField(label="县（市、区）")
    month = forms.ChoiceField(label="月份")

    def __init__(self, data, *, counties: list[Area]) -> None:
        self._counties = {county.code: county for county in counties}
        defaults = {"county": counties[0].code, "month": f"{clock.today():%Y-%m}"}
        self._defaults = defaults
        super().__init__({**defaults, **{key: value for key, value in data.items() if value}})
        self.fields["county"].choices = [(code, area.name) for code, area in self._counties.items()]
        self.fields["month"].choices = months_to_choose(clock.today())

    def chosen(self) -> tuple[Area, date]:
        """The county and the first day of the month."""
        chosen = self.cleaned_data if self.is_valid() else self._defaults
        return self._counties[chosen["county"]], date.fromisoformat(f"{chosen['month']}-01")


def _form(request: HttpRequest) -> MoneyForm:
    counties = queries.counties_of(scope_of(request.user))
    if not counties:
        require(denied("资金核查由区级监督岗和区级纪（工）委监督岗查看。"))
    return MoneyForm(request.GET, counties=counties)


@require_safe
@posts_required(*perms.OVERSEERS)
def money(request: HttpRequest) -> HttpResponse:
    """A month's money from four sides, and every case of which something is the matter."""
    form = _form(request)
    county, month = form.chosen()
    shared, hung = list(shared_accounts(county, month)), hung_otherwise(county, month)
    context = {
        "form": form,
        "county": county,
        "month": month,
        "shared": shared[: queries.SHOWN],
        "n_shared": len(shared),
        "hung": hung[: queries.SHOWN],
        "n_hung": len(hung),
        "totals": queries.totals(county, month),
        "answers": queries.answers(county, month),
        "price_states": subsidy_states(county, month),
        "shown": queries.SHOWN,
        "export_query": urlencode({"county": county.code, "month": f"{month:%Y-%m}"}),
    }
    return render(request, "supervision/money.html", context)


@require_safe
@posts_required(*perms.OVERSEERS)
def money_export(request: HttpRequest) -> HttpResponse:
    """The same as .xlsx, whole."""
    county, month = _form(request).chosen()
    title = f"{county.name}资金核查　{month:%Y-%m}"
    content = write_workbook(title, queries.EXPORT_COLUMNS, queries.export_rows(county, month))
    return send_private(content, content_type=XLSX, filename=f"资金核查-{county.code}-{month:%Y%m}.xlsx")
