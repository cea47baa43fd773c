"""All writes of service: one attempt at a time, and what follows when the paper is served."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from approvals.deadlines import cancel_deadlines, end_deadlines, start_deadlines
from approvals.documents.perms import MAKERS
from approvals.enums import DeadlineState, DocumentKind
from approvals.models import Document
from approvals.serving import SERVED, queries
from approvals.serving.chain import ATTEMPTS, Attempt
from approvals.serving.enums import Event, ReceiverRelation
from approvals.serving.models import ServiceAttempt
from approvals.serving.perms import why_not
from approvals.workflow import REFUSAL_NOTICE, TimeLimit
from cases.models import Application
from common import clock
from common.errors import Refused
from common.uploads import CleanFile, clean_upload
from organisations.models import User
from organisations.queries import holders

# 公告送达: the period that must run out in full, by the rule of the place.
ANNOUNCEMENT = TimeLimit("announcement", required=True, minimum=True)
_COLUMNS = {field.name: field for field in ServiceAttempt._meta.concrete_fields}


@dataclass(frozen=True, slots=True)
class AttemptEntry:
    """What is written down about one attempt; which of it, `chain.Attempt.asks` says."""

    happened_at: datetime | None = None
    place: str = ""
    first_server_id: int | None = None
    second_server_id: int | None = None
    receiver_relation: str = ""
    receiver_name: str = ""
    reason: str = ""
    witness_1: str = ""
    witness_2: str = ""
    mail_number: str = ""


@transaction.atomic
def record_attempt(
    *,
    document: Document,
    event: Event,
    entry: AttemptEntry,
    actor: User,
    proof: UploadedFile | None = None,
) -> ServiceAttempt:
    """Record one attempt to serve the paper; when it serves, everything in `SERVED` is told.

    Refused with the reason when the chain does not allow it or a proof is missing (SY-A1.5b).
    """
    rule, now = ATTEMPTS[event], clock.now()
    # Two clerks at the same moment: the second meets the attempt of the first.
    application = (
        Application.objects.with_place().select_for_update(of=("self",)).get(pk=document.application_id)
    )
    document.application = application
    last = queries.last_attempt(document)
    if not (verdict := why_not(document, rule, last, actor, now)):
        raise Refused(verdict.reason)
    values = _values(document, rule, entry, last)
    clean = None
    if proof is not None and "proof" in rule.asks:
        clean = clean_upload(proof, field="proof", video=rule.event == Event.LEFT)
    _check(document, rule, values, clean, last, now)
    attempt = ServiceAttempt(
        stream=f"service:{document.pk}",
        document=document,
        event=rule.event,
        after=last.event if last is not None else "",
        recorded_by=actor,
        recorded_at=now,
        **values,
    )
    if rule.event == Event.ANNOUNCED:
        attempt.ends_at = _announce(application, attempt.happened_at)
    if clean is not None:
        attempt.proof_type, attempt.proof_sha256 = clean.content_type, clean.sha256
        attempt.proof.save(clean.name, ContentFile(clean.content), save=False)
    attempt.save()
    if attempt.event == Event.ANNOUNCED:
        # Nothing more is in the office's hands; the announcement has its own period.
        end_written_notice(document, attempt.happened_at)
    if attempt.serves:
        _served(attempt, last)
    return attempt


def _values(document: Document, rule: Attempt, entry: AttemptEntry, last: ServiceAttempt | None) -> dict:
    """The columns that this kind of attempt fills; whatever else was sent is left out."""
    if rule.event == Event.ANNOUNCEMENT_OVER:
        return {"happened_at": last.ends_at}
    given = asdict(entry)
    names = [name if name in given else f"{name}_id" for name in rule.asks if name != "proof"]
    values = {name: given[name].strip() if isinstance(given[name], str) else given[name] for name in names}
    if values.get("receiver_relation") == ReceiverRelation.SELF and not values["receiver_name"]:
        values["receiver_name"] = document.application.applicant_name
    return values


def _check(
    document: Document,
    rule: Attempt,
    values: dict,
    clean: CleanFile | None,
    last: ServiceAttempt | None,
    now: datetime,
) -> None:
    """The sentences for what the database would refuse without one."""
    for name in rule.asks:
        given = clean if name == "proof" else values.get(name)
        if name in rule.needs and not given:
            raise Refused(f"请填写{_COLUMNS[name].verbose_name}。", field=name, clause="SY-A1.5b")
    if rule.event == Event.LEFT and clean is None and not values["witness_1"]:
        raise Refused("留置送达须有照片或视频，或者有见证人。", field="proof", clause="SY-A1.5b")
    if rule.by_two:
        _check_servers(document, values)
    happened_at = values["happened_at"]
    if happened_at is None or happened_at > now:
        raise Refused("请填写时间，不能晚于现在。", field="happened_at")
    made_at = document.made_at.replace(second=0, microsecond=0)
    if happened_at < (last.happened_at if last is not None else made_at):
        before = "上一步" if last is not None else "文书制作"
        raise Refused(f"时间不能早于{before}。", field="happened_at")


def _check_servers(document: Document, values: dict) -> None:
    first, second = values["first_server_id"], values["second_server_id"]
    staff = set(holders(document.application.village, *MAKERS).values_list("pk", flat=True))
    if first not in staff:
        raise Refused("请选择送达人一。", field="first_server", clause="SY-A1.5b")
    if second not in staff:
        raise Refused("请选择送达人二。", field="second_server", clause="SY-A1.5b")
    if first == second:
        raise Refused("送达由两名不同的工作人员进行。", field="second_server", clause="SY-A1.5b")


def _announce(application: Application, at: datetime) -> datetime:
    """Start the period of the announcement by the rule of the place; its end."""
    if application.deadlines.filter(step=ANNOUNCEMENT.step, state=DeadlineState.RUNNING).exists():
        raise Refused("本申请另有一份文书正在公告送达，期满后再发布。")
    [deadline] = start_deadlines(application=application, limits=(ANNOUNCEMENT,), now=at)
    return deadline.due_at


def _served(attempt: ServiceAttempt, last: ServiceAttempt | None) -> None:
    """End what ran on the service, and tell the other parts of the room."""
    document = attempt.document
    if last is not None and last.event == Event.ANNOUNCED:
        over = attempt.event == Event.ANNOUNCEMENT_OVER
        stop = end_deadlines if over else cancel_deadlines
        stop(application=document.application, limits=(ANNOUNCEMENT,), at=attempt.happened_at)
    for tell in SERVED:
        tell(document, attempt.happened_at)


def end_written_notice(document: Document, at: datetime) -> None:
    """书面告知 is done when the refusal has been served, or announced.

    Where it came to an announcement, the office kept its limit when it first set out in time: the chain of
    service before that takes the time it takes (SY-A1.5b).
    """
    if document.kind != DocumentKind.REFUSAL_NOTICE:
        return
    announced = document.attempts.filter(event=Event.ANNOUNCED).exists()
    first = document.attempts.order_by("sequence").first()
    judged_at = first.happened_at if announced else at
    end_deadlines(application=document.application, limits=(REFUSAL_NOTICE,), at=judged_at)
