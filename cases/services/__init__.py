"""Every write to what is known about people. The state of an application moves in approvals only."""

from cases.services.attachments import add_attachment, withdraw_attachment
from cases.services.care import record_care_agreement
from cases.services.investigation import complete_visit, entrust_check, record_report, record_visit
from cases.services.materials import (
    complete_materials,
    issue_materials_notice,
    receive_material,
    return_material,
    sign_authorisation,
)
from cases.services.people import remember_person
from cases.services.registration import discard_draft, next_number, register_application, update_draft
from cases.services.submission import prepare_submission, release_members

__all__ = [
    "add_attachment",
    "complete_materials",
    "complete_visit",
    "discard_draft",
    "entrust_check",
    "issue_materials_notice",
    "next_number",
    "prepare_submission",
    "receive_material",
    "record_care_agreement",
    "record_report",
    "record_visit",
    "register_application",
    "release_members",
    "remember_person",
    "return_material",
    "sign_authorisation",
    "update_draft",
    "withdraw_attachment",
]
