"""The tabs of the case page: each room brings its templates and what they need."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from approvals.changing.queries import changes_panel
from approvals.conferring.queries import conferring_panel
from approvals.documents.panel import documents_panel
from approvals.queries import assessment_panel, trace_panel
from approvals.rechecking.queries import rechecking_panel, renewal_panel
from approvals.recovering.queries import recoveries_panel
from approvals.relief.queries import case_panel as relief_panel
from approvals.settling.queries import settling_panel
from cases.models import Application
from cases.queries import (
    attachments_panel,
    care_panel,
    check_panel,
    household_panel,
    materials_panel,
    visit_panel,
)
from organisations.models import User
from payments.queries import grant_panel, money_panel
from publicity.queries import notice_panel
from supervision.queries import review_panel


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab: its label, the templates shown in order, and the functions that fill them."""

    label: str
    templates: tuple[str, ...]
    sources: tuple[Callable[[Application, User], dict], ...]

    def context(self, application: Application, user: User) -> dict:
        """What the templates of this tab need."""
        found: dict = {}
        for source in self.sources:
            found |= source(application, user)
        return found


DEFAULT_TAB = "household"
TABS = {
    "household": Tab(
        "家庭与材料",
        ("cases/_household.html", "cases/_care.html", "cases/_materials.html", "cases/_attachments.html"),
        (household_panel, care_panel, materials_panel, attachments_panel),
    ),
    "check": Tab("核对报告", ("cases/_check.html",), (check_panel,)),
    "visit": Tab("入户调查", ("cases/_visit.html",), (visit_panel,)),
    "assessment": Tab("测算", ("approvals/_assessment.html",), (assessment_panel,)),
    "settling": Tab(
        "一事一议",
        ("rechecking/_renewal.html", "settling/_panel.html", "conferring/_panel.html"),
        (renewal_panel, settling_panel, conferring_panel),
    ),
    "notice": Tab("公示", ("publicity/_notice.html",), (notice_panel,)),
    "documents": Tab("文书", ("approvals/_documents.html",), (documents_panel,)),
    "money": Tab(
        "资金",
        (
            "payments/_money.html",
            "changing/_panel.html",
            "rechecking/_panel.html",
            "recovering/_panel.html",
            "relief/_panel.html",
        ),
        (money_panel, grant_panel, changes_panel, rechecking_panel, recoveries_panel, relief_panel),
    ),
    "reviews": Tab("抽查", ("supervision/_reviews.html",), (review_panel,)),
    "trace": Tab("痕迹", ("approvals/_trace.html",), (trace_panel,)),
}


def tabs_for(application: Application, current: str) -> list[dict]:
    """The row of tabs with addresses."""
    address = reverse("workbench:case", kwargs={"number": application.number})
    return [
        {"label": tab.label, "url": f"{address}?tab={key}", "current": key == current}
        for key, tab in TABS.items()
    ]
