"""Who draws, who reviews, who answers and who closes."""

from __future__ import annotations

from django.db.models import Q

from approvals.models import Step
from cases.models import Application, CheckReport
from common.verdict import ALLOWED, Verdict, denied
from organisations.enums import Post
from organisations.models import Area, User
from organisations.scope import scope_of
from supervision.enums import FindingState, ReviewState
from supervision.models import Finding, Review, SamplingRun

# Those who see draws and reviews; the others learn of a drawn case when there is a finding to answer.
OVERSEERS = (Post.AUDITOR, Post.DISCIPLINE)
# The township's side of a finding: all three see it, the leading two answer for the office.
ANSWERERS = (Post.REVIEWER, Post.APPROVER)
TOWNSHIP = (Post.HANDLER, *ANSWERERS)
FINDING_READERS = (*OVERSEERS, *TOWNSHIP)


def can_read_run(actor: User, run: SamplingRun) -> Verdict:
    """Auditors and discipline observers of the county; those of a township too: a draw is of the whole."""
    prefixes = scope_of(actor).areas(*OVERSEERS)
    if any(run.county.prefix.startswith(prefix[:6]) for prefix in prefixes):
        return ALLOWED
    return denied(f"抽查由{run.county.name}的区级监督岗和纪（工）委监督岗查看。")


def can_read_review(actor: User, review: Review) -> Verdict:
    """Those who oversee the place of the case."""
    if scope_of(actor).covers(review.application.village, *OVERSEERS):
        return ALLOWED
    return denied("核查记录由区级监督岗和纪（工）委监督岗查看；需要整改的问题在“问题整改”中。")


def can_read_finding(actor: User, finding: Finding) -> Verdict:
    """Overseers, and the township whose work it is about."""
    if scope_of(actor).covers(finding.village, *FINDING_READERS):
        return ALLOWED
    return denied("问题整改由监督岗和所在街道（乡镇）的经办岗、审核岗、审批岗查看。")


def can_draw(actor: User | None, county: Area) -> Verdict:
    """The auditor of the county; None is the monthly job."""
    if actor is None or scope_of(actor).covers(county, Post.AUDITOR):
        return ALLOWED
    return denied(f"抽取由{county.name}的区级监督岗办理。")


def has_handled(person: User, application: Application) -> bool:
    """Did the person register, check, visit or move the case? The database asks the same again by trigger."""
    if application.created_by_id == person.pk:
        return True
    if Step.objects.filter(application=application, actor=person).exists():
        return True
    visitor = Q(first_visitor=person) | Q(second_visitor=person) | Q(recorded_by=person)
    if application.visits.filter(visitor).exists():
        return True
    if application.checks.filter(entrusted_by=person).exists():
        return True
    return CheckReport.objects.filter(check_entrusted__application=application, recorded_by=person).exists()


def can_review(actor: User, review: Review) -> Verdict:
    """The auditor of the county records a review once, unless the auditor had a hand in the case."""
    if not scope_of(actor).covers(review.run.county, Post.AUDITOR):
        return denied(f"核查由{review.run.county.name}的区级监督岗办理。")
    if review.state == ReviewState.DONE:
        return denied("此件已核查，核查记录不能修改。")
    if has_handled(actor, review.application):
        return denied("您经办过此件，须由另一位监督人员核查。")
    return ALLOWED


def can_answer(actor: User, finding: Finding) -> Verdict:
    """The reviewer or the approver of the township that the finding concerns."""
    if not scope_of(actor).covers(finding.township, *ANSWERERS):
        return denied(f"整改答复由{finding.township.name}的审核岗或审批岗办理。")
    if finding.state != FindingState.OPEN:
        return denied(f"该问题{finding.get_state_display()}，现在不能答复。")
    return ALLOWED


def can_settle(actor: User, finding: Finding) -> Verdict:
    """Closing or returning is for an auditor of the county who has never answered this finding."""
    if not scope_of(actor).covers(finding.county, Post.AUDITOR):
        return denied(f"销号和退回由{finding.county.name}的区级监督岗办理。")
    if finding.state == FindingState.OPEN:
        return denied("街道（乡镇）尚未答复，不能销号或退回。")
    if finding.state == FindingState.CLOSED:
        return denied("该问题已销号。")
    if finding.events.filter(move="answered", actor=actor).exists():
        return denied("您答复过该问题，须由另一位监督人员销号。")
    return ALLOWED
