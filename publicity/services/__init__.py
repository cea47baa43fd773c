"""Every write to what is shown to the public."""

from publicity.services.notices import close_notice, handle_objection, post_notice, record_objection
from publicity.services.standing import StandingRow, add_photo, post_standing

__all__ = [
    "StandingRow",
    "add_photo",
    "close_notice",
    "handle_objection",
    "post_notice",
    "post_standing",
    "record_objection",
]
