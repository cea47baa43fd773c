"""抽查 and 问题整改 in the browser."""

from supervision.views.findings import finding, finding_answer, finding_close, finding_list, finding_return
from supervision.views.money import money, money_export
from supervision.views.reviews import review
from supervision.views.runs import draw, frame, run, run_list, run_redraw

__all__ = [
    "draw",
    "finding",
    "finding_answer",
    "finding_close",
    "finding_list",
    "finding_return",
    "frame",
    "money",
    "money_export",
    "review",
    "run",
    "run_list",
    "run_redraw",
]
