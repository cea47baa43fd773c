"""Reads across people, papers and investigations, for guards, screens and lists."""

from cases.queries.assessment import assessment_facts
from cases.queries.bulk_facts import Known, bulk_facts
from cases.queries.days import rule_day
from cases.queries.duplicates import Duplicate, duplicates_of
from cases.queries.facts import (
    current_check,
    current_report,
    current_visit,
    incomplete_fields,
    missing_materials,
    unauthorised_members,
    visit_gaps,
    wanted_materials,
)
from cases.queries.lists import Filters, Page, filtered, page_of, search
from cases.queries.obstacles import exclusivity_obstacle, is_concerned, place_obstacle
from cases.queries.panels import (
    attachments_panel,
    care_panel,
    check_panel,
    household_panel,
    materials_panel,
    visit_panel,
)
from cases.queries.programmes import (
    care_agreement,
    is_emergency,
    linshi_request,
    self_care_assessment,
    self_care_of,
    tekun_declaration,
)
from cases.queries.tasks import tasks_for

__all__ = [
    "Duplicate",
    "Filters",
    "Known",
    "Page",
    "assessment_facts",
    "attachments_panel",
    "care_agreement",
    "care_panel",
    "bulk_facts",
    "check_panel",
    "current_check",
    "current_report",
    "current_visit",
    "duplicates_of",
    "exclusivity_obstacle",
    "filtered",
    "household_panel",
    "incomplete_fields",
    "is_concerned",
    "is_emergency",
    "linshi_request",
    "materials_panel",
    "missing_materials",
    "page_of",
    "place_obstacle",
    "rule_day",
    "search",
    "self_care_assessment",
    "self_care_of",
    "tasks_for",
    "tekun_declaration",
    "unauthorised_members",
    "visit_gaps",
    "visit_panel",
    "wanted_materials",
]
