"""联审联批会议纪要 as paper, for the file of one case: the meeting, and this case only."""

from __future__ import annotations

from approvals.conferring.models import JointItem
from approvals.documents import parts
from approvals.documents.registry import Form, register
from approvals.enums import DocumentKind
from approvals.given import as_given
from cases.models import Application

_MATTER = "joint:"


def _items(application: Application) -> list[str]:
    found = JointItem.objects.filter(application=application).order_by("pk")
    return [f"{_MATTER}{pk}" for pk in found.values_list("pk", flat=True)]


def _item(application: Application, matter: str) -> JointItem | None:
    number = matter.removeprefix(_MATTER)
    if not number.isdecimal():
        return None
    rows = JointItem.objects.filter(application=application)
    return rows.select_related("meeting__recorded_by", "proposal").filter(pk=int(number)).first()


def _minutes(application: Application, item: JointItem) -> dict:
    meeting, proposal = item.meeting, item.proposal
    given = as_given(proposal) if proposal.outcome == "approved" else ""
    return {
        "applicant_name": application.applicant_name,
        "n_members": application.n_members,
        "held_at": parts.moment(meeting.held_at),
        "held_in": meeting.place,
        "chair": meeting.chair,
        "members": [{"name": name, "office": office} for name, office in meeting.members],
        "recused": item.stayed_away,
        "n_cases": meeting.items.count(),
        "proposed": f"初审{proposal.get_outcome_display()}{'，' + given if given else ''}。{proposal.reason}",
        "votes": [item.n_for, item.n_against, item.n_abstained],
        "n_voters": item.n_voters,
        "opinion": item.opinion,
        "conclusion": item.get_conclusion_display(),
        "recorded_by": meeting.recorded_by.display_name,
        "recorded_on": parts.day(meeting.recorded_at),
    }


def register_papers() -> None:
    """Add the kind to the table of all papers."""
    register(
        Form(
            DocumentKind.JOINT_MINUTES,
            "",
            "社救联",
            "没有这次联审联批会议。",
            _item,
            _minutes,
            matters=_items,
            named=lambda application, matter: "社会救助联审联批会议纪要",
        )
    )
