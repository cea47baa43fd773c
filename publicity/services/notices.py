"""Every write to notices and objections. What a notice shows is copied here once and never changed again."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from cases.models import Application
from common import clock
from common.errors import Refused
from common.identity import age_on
from common.masking import mask_name
from organisations.models import User
from publicity import perms
from publicity.enums import ClosingReason, NoticePurpose, ObjectionOutcome, ObjectionSource
from publicity.models import Notice, Objection

ADULT = 18
NUMBER = re.compile(r"[0-9０-９]{6}")


@transaction.atomic
def post_notice(
    *,
    application: Application,
    actor: User,
    n_members: int,
    n_covered: int,
    monthly: Decimal | None,
    ends_at: datetime,
    hotlines: list[str],
    at: datetime,
    name: str = "",
    amount: Decimal | None = None,
    board: str = "",
    purpose: NoticePurpose = NoticePurpose.GRANT,
) -> Notice:
    """Put the preliminary result on public view until `ends_at` (SY-A1.4a); or, by `purpose`, that 特困 shall
    end (SY-A2.6).

    `monthly` and `amount`, paid once, in yuan; both None for a status without money. `board`: where it hangs,
    the village unless said otherwise. Only name, place, programme, heads and amount are copied. `name` is the
    applicant's unless another is given; a minor's is published masked (浙江省社会救助条例第五十五条). Refused
    while one is on view already.
    """
    if application.notices.filter(closed_at__isnull=True).exists():
        raise Refused("该申请已在公示中。")
    if ends_at <= at:
        raise Refused("公示期满时间应晚于发布时间。", field="ends_at")
    if n_covered > n_members:
        raise Refused("保障人数不能多于家庭人数。", field="n_covered")
    published = _published_name(application, name or application.applicant_name, at)
    if NUMBER.search(published):
        raise Refused("公示姓名中不能有证件号码、账号或电话，请先更正姓名。", field="name")
    return Notice.objects.create(
        application=application,
        investigation_round=application.investigation_round,
        purpose=purpose,
        county_id=application.county_id,
        township_id=application.township_id,
        village_id=application.village_id,
        programme_label=application.get_programme_display(),
        published_name=published,
        n_members=n_members,
        n_covered=n_covered,
        monthly=monthly,
        amount=amount,
        board=board or application.village.name,
        hotlines=hotlines,
        posted_by=actor,
        posted_at=at,
        ends_at=ends_at,
    )


def _published_name(application: Application, name: str, at: datetime) -> str:
    """The name in full, or masked when it belongs to somebody under 18 in the household."""
    members = application.household.members.select_related("person")
    bearer = next((m.person for m in members if m.person.name == name), None) or application.applicant.person
    is_minor = age_on(bearer.birth_date, timezone.localtime(at).date()) < ADULT
    return mask_name(name) if is_minor else name


@transaction.atomic
def close_notice(*, notice: Notice, reason: ClosingReason, at: datetime) -> Notice:
    """Take a notice down; not as expired before its time, nor while an objection wants an investigation."""
    notice = Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
    if notice.closed_at is not None:
        raise Refused("该公示已经撤下。")
    if reason == ClosingReason.EXPIRED:
        if at < notice.ends_at:
            raise Refused("公示期未满，不得提前结束。", clause="SY-A1.4a")
        if notice.objections.exclude(outcome=ObjectionOutcome.NOT_ABOUT_CASE).exists():
            raise Refused("公示期间有异议，须重新调查或开展民主评议后才能继续。", clause="SY-A1.4b")
    notice.closed_at = at
    notice.closed_because = reason
    notice.save(update_fields=["closed_at", "closed_because"])
    return notice


@transaction.atomic
def record_objection(
    *,
    notice: Notice,
    source: ObjectionSource,
    content: str,
    name: str = "",
    phone: str = "",
    actor: User | None,
    at: datetime,
) -> Objection:
    """Take an objection down as it came. `at` is when it was received, within the days of the notice.

    `actor` is None for one sent from the public page, else the clerk who wrote it down.
    """
    if actor is not None and not (verdict := perms.can_record_objection(actor, notice)):
        raise Refused(verdict.reason)
    notice = Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
    if notice.closed_at is not None:
        raise Refused("公示已经结束，不再登记异议；如对结果有意见，请按投诉举报登记。")
    if not notice.posted_at <= at <= notice.ends_at:
        raise Refused("收到时间不在公示期内。", field="received_at")
    if at > clock.now():
        raise Refused("收到时间不能晚于现在。", field="received_at")
    if not content.strip():
        raise Refused("请写明异议内容。", field="content")
    return Objection.objects.create(
        notice=notice,
        source=source,
        content=content.strip(),
        name=name.strip(),
        phone=phone or None,
        recorded_by=actor,
        received_at=at,
    )


@transaction.atomic
def handle_objection(
    *, objection: Objection, outcome: ObjectionOutcome, handling: str, actor: User
) -> Objection:
    """Say what comes of an objection, once, and why (SY-A1.4b). The conductor reopens the case."""
    objection = (
        Objection.objects.select_for_update(of=("self",))
        .select_related("notice__village")
        .get(pk=objection.pk)
    )
    if objection.outcome:
        raise Refused("该异议已经处理。")
    if not (verdict := perms.can_decide_outcome(actor, objection, outcome)):
        raise Refused(verdict.reason, field="outcome")
    if not handling.strip():
        raise Refused("请填写处理说明。", field="handling")
    objection.outcome = outcome
    objection.handling = handling.strip()
    objection.handled_by = actor
    objection.handled_at = clock.now()
    objection.save(update_fields=["outcome", "handling", "handled_by", "handled_at"])
    return objection
