"""The monthly draw: freeze the frame, then make the seed, then draw; once a month, or again in the open."""

from __future__ import annotations

import logging
import secrets
from datetime import date, datetime
from itertools import cycle

from django.db import connection, transaction
from django.utils import timezone

from common.clock import add_months, month_of
from common.errors import Refused
from organisations.enums import Post
from organisations.models import Area, Posting, User
from policy.models import Rule
from policy.rules import NoRuleInForce, RuleBook
from supervision import perms, sampling
from supervision.enums import Frame
from supervision.frames import FrameRow, frame_of, last_day, month_span, newly_approved, of_frame
from supervision.models import Review, SamplingRun
from supervision.services.checks import require, words

logger = logging.getLogger(__name__)
# How far back the job looks for months that nobody drew: a quarter without a worker heals by itself.
LOOK_BACK_MONTHS = 3


@transaction.atomic
def draw_month(
    *, county: Area, programme: str, month: date, actor: User | None = None, at: datetime
) -> SamplingRun | None:
    """The sample of the cases newly approved in a month that has ended (DT-1.3, SY-4.3); made once.

    A second call returns the latest draw and changes nothing. None where the month brought no new case.
    NoRuleInForce where no rule gives the ratio; Refused before the month has ended.
    """
    require(perms.can_draw(actor, county))
    month = month_of(month)
    if at < month_span(month)[1]:
        raise Refused(f"{month.year} 年 {month.month} 月尚未结束，新增对象还会变化，月末之后方可抽取。")
    _hold(county, programme, month)
    drawn = SamplingRun.objects.of(county, programme, month).last()
    return drawn or _draw(county, programme, month, replaces=None, reason="", actor=actor, at=at)


@transaction.atomic
def redraw(*, run: SamplingRun, reason: str, actor: User, at: datetime) -> SamplingRun:
    """Draw a month again, in the open: a new attempt with its reason beside the old one.

    What was drawn before stays drawn and still has to be reviewed, so nobody can draw a case out of the
    sample. Refused unless `run` is the latest attempt.
    """
    require(perms.can_draw(actor, run.county))
    missing = "请填写重抽理由，理由会一直显示在抽查页面上。"
    reason = words(reason, longest=500, missing=missing, field="text")
    _hold(run.county, run.programme, run.month)
    latest = SamplingRun.objects.of(run.county, run.programme, run.month).last()
    if latest.pk != run.pk:
        raise Refused(f"此次抽查已由第 {latest.attempt} 次抽查替代，请在最近一次上重抽。", field="text")
    return _draw(run.county, run.programme, run.month, replaces=latest, reason=reason, actor=actor, at=at)


def draw_closed_months(*, at: datetime) -> list[SamplingRun]:
    """Draw what is due and not drawn: the ended months of the last quarter, wherever a rule gives a ratio.

    Each draw is a transaction of its own: one county's error leaves the others their samples and is logged.
    """
    this_month = month_of(timezone.localdate(at))
    months = [add_months(this_month, -back) for back in range(LOOK_BACK_MONTHS, 0, -1)]
    tried = [_try(county, programme, month, at) for month in months for county, programme in undrawn(month)]
    return [run for run in tried if run is not None]


def undrawn(month: date) -> list[tuple[Area, str]]:
    """Counties and frames that have new cases of the month and no draw."""
    rows = newly_approved(month).order_by()
    pairs = set(rows.values_list("application__county", "application__programme").distinct())
    settled = of_frame(rows, Frame.CASE_BY_CASE).values_list("application__county", flat=True).distinct()
    pairs |= {(county, Frame.CASE_BY_CASE.value) for county in settled}
    waiting = pairs - set(SamplingRun.objects.filter(month=month).values_list("county", "programme"))
    counties = Area.objects.in_bulk({county for county, _ in waiting})
    return sorted(
        ((counties[county], programme) for county, programme in waiting), key=lambda p: (p[0].code, p[1])
    )


def _try(county: Area, programme: str, month: date, at: datetime) -> SamplingRun | None:
    try:
        return draw_month(county=county, programme=programme, month=month, at=at)
    except NoRuleInForce:
        logger.info("no sampling ratio: %s %s %s", county.code, programme, month)
    except Exception:
        logger.exception("draw failed: %s %s %s", county.code, programme, month)
    return None


def _hold(county: Area, programme: str, month: date) -> None:
    """Of two who draw the same month at once, the second waits here and then finds the first one's draw."""
    name = f"supervision.draw:{county.code}:{programme}:{month}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def new_seed(county: Area, programme: str, month: date, attempt: int, frame_sha256: str) -> str:
    """The seed of one draw: what is drawn, the fingerprint of its frame, and 128 random bits of the server.

    Nobody can choose it to suit a sample: it is made here, after the frame is frozen and hashed (the database
    refuses a seed that does not contain the hash), of randomness that no person types; and it is written in
    the same transaction to a row that cannot be altered, one a month. Trying again until the sample pleases
    would need a redraw, which shows with its reason and takes no case out. Nobody in a township can foresee
    it, because its random part does not exist before the draw. What remains is trust in the machine: whoever
    controls server and database before the insert could try seeds unseen; only a seed thrown in public after
    the frame is published would exclude that too.
    """
    token = secrets.token_hex(16)
    return f"{county.code}-{programme}-{month:%Y%m}-{attempt}-{frame_sha256[:16]}-{token}"


def _draw(
    county: Area,
    programme: str,
    month: date,
    *,
    replaces: SamplingRun | None,
    reason: str,
    actor: User | None,
    at: datetime,
) -> SamplingRun | None:
    rows = frame_of(county, programme, month)
    if not rows:
        return None
    frame = sampling.frame_csv((row.number, row.township) for row in rows)
    digest = sampling.frame_sha256(frame.encode())
    attempt = replaces.attempt + 1 if replaces else 1
    seed = new_seed(county, programme, month, attempt, digest)
    rule = RuleBook(county, last_day(month)).rule(f"sampling.{programme}.ratio")
    run = SamplingRun.objects.create(
        county=county,
        programme=programme,
        month=month,
        attempt=attempt,
        replaces=replaces,
        redraw_reason=reason,
        frame=frame,
        frame_sha256=digest,
        seed=seed,
        inspectors=_inspectors(county, seed, at),
        drawn_at=at,
        drawn_by=actor,
        **_sample(seed, rule, rows),
    )
    _open_reviews(run, rows)
    return run


def _sample(seed: str, rule: Rule, rows: list[FrameRow]) -> dict:
    """The columns of a run that say how and what was drawn."""
    ratio = sampling.parse_ratio(rule.value)
    strata = sampling.draw(seed, ratio, ((row.number, row.township) for row in rows))
    return {
        "ratio": ratio,
        "clause": rule.clause_id or "",
        "rule": rule,
        "method": sampling.METHOD,
        "n_frame": len(rows),
        "n_drawn": sum(len(stratum.drawn) for stratum in strata.values()),
        "drawn": {township: stratum.as_json() for township, stratum in strata.items()},
    }


def _inspectors(county: Area, seed: str, at: datetime) -> list[str]:
    """The county's own auditors of the day, in the random order in which cases are dealt to them (LY-7.1)."""
    held = Posting.objects.on(timezone.localdate(at)).filter(post=Post.AUDITOR, area=county)
    names = held.filter(user__is_active=True).values_list("user__username", flat=True).distinct()
    return sampling.dealt(seed, names)


def _open_reviews(run: SamplingRun, rows: list[FrameRow]) -> None:
    """One review a drawn case, dealt to the inspectors in turn; a case drawn before keeps its review.

    Dealing makes the inspector as random as the case. It binds nobody: a colleague may take a case over,
    for instance from one who has handled it, and the page shows both names.
    """
    siblings = SamplingRun.objects.of(run.county, run.programme, run.month)
    reviewed = set(Review.objects.filter(run__in=siblings).values_list("application", flat=True))
    by_number = {row.number: row for row in rows}
    drawn = (
        (rank, by_number[number])
        for stratum in run.drawn.values()
        for rank, number in enumerate(stratum["drawn"], start=1)
    )
    people = {user.username: user for user in User.objects.filter(username__in=run.inspectors)}
    turn = cycle([people[name] for name in run.inspectors] or [None])
    Review.objects.bulk_create(
        Review(
            run=run,
            application_id=row.application_id,
            township_id=row.township_id,
            rank=rank,
            assigned_to=next(turn),
        )
        for rank, row in drawn
        if row.application_id not in reviewed
    )
