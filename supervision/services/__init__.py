"""Every write of this room: draws, reviews, findings and what becomes of them."""

from supervision.services.drawing import draw_closed_months, draw_month, redraw
from supervision.services.rectifying import answer_finding, close_finding, return_finding
from supervision.services.reviewing import Given, NewFinding, record_review

__all__ = [
    "Given",
    "NewFinding",
    "answer_finding",
    "close_finding",
    "draw_closed_months",
    "draw_month",
    "record_review",
    "redraw",
    "return_finding",
]
