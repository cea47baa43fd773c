"""Reads for the screens of money, the case page, the workbench and the monthly job."""

from payments.queries.batches import (
    LINES_SHOWN,
    Action,
    batch_lines,
    batch_page,
    failed_lines,
    month_rows,
    months_to_choose,
)
from payments.queries.benefits import (
    EXPORT_COLUMNS,
    EXPORT_MOST,
    benefit_list,
    benefit_page,
    export_rows,
    money_of,
    money_panel,
    overpaid,
    places_to_choose,
)
from payments.queries.certificates import certificate_list
from payments.queries.debts import PaidLine, paid_lines
from payments.queries.due import months_to_prepare, paying_areas
from payments.queries.payouts import (
    grant_panel,
    grant_payments,
    parts_of,
    waiting_instalments,
    waiting_page,
)
from payments.queries.price_tasks import months_set_off
from payments.queries.tasks import tasks_for
from payments.reserve import Minimum, Reserve, minimum_of, reserve_of

__all__ = [
    "PaidLine",
    "paid_lines",
    "certificate_list",
    "EXPORT_COLUMNS",
    "EXPORT_MOST",
    "LINES_SHOWN",
    "Action",
    "Minimum",
    "Reserve",
    "batch_lines",
    "batch_page",
    "benefit_list",
    "benefit_page",
    "export_rows",
    "failed_lines",
    "grant_panel",
    "grant_payments",
    "minimum_of",
    "money_of",
    "money_panel",
    "month_rows",
    "months_set_off",
    "months_to_choose",
    "months_to_prepare",
    "overpaid",
    "parts_of",
    "paying_areas",
    "places_to_choose",
    "reserve_of",
    "tasks_for",
    "waiting_instalments",
    "waiting_page",
]
