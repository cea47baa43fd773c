"""Reads of what is shown to the public."""

from publicity.queries.notices import (
    PAGE,
    Page,
    areas_to_choose,
    notice_list,
    notice_panel,
    open_objections,
    page_of,
    running_notice,
    wants_reinvestigation,
)
from publicity.queries.standing import boards_of, on_view, standing_list, standing_page, standing_record
from publicity.queries.tasks import tasks_for

__all__ = [
    "PAGE",
    "Page",
    "areas_to_choose",
    "boards_of",
    "notice_list",
    "notice_panel",
    "on_view",
    "open_objections",
    "page_of",
    "running_notice",
    "standing_list",
    "standing_page",
    "standing_record",
    "tasks_for",
    "wants_reinvestigation",
]
