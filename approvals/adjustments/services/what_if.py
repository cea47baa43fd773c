"""Trying draft rules on the real caseload: amounts by case, nothing stored in the cases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial

from django.db import transaction

from approvals.adjustments import perms, slices
from approvals.adjustments.enums import Effect, Source
from approvals.adjustments.models import WhatIfRow, WhatIfRun, WhatIfSlice
from approvals.adjustments.queries.population import cases_of, monthly_of
from approvals.adjustments.testing import Answer, Books, ask
from cases.queries import Known, bulk_facts
from common import clock
from common.errors import Refused
from organisations.models import Area, User
from policy.models import Rule
from policy.rules import would_hold

MOST_DRAFTS = 50


@transaction.atomic
def start_what_if(*, area: Area, drafts: Sequence[Rule], on: date, actor: User) -> WhatIfRun:
    """Freeze the drafts (ids and values) and the cases, and leave the rest to the workers.

    Live cases: benefits in force in the month of `on`; open applications whose investigation is finished;
    applications refused in the year before, who might enter. Refused without a draft, for one that would not
    be in force on the day or does not concern the area, and where there is no case.
    """
    verdict = perms.can_try(actor, area)
    if not verdict:
        raise Refused(verdict.reason)
    _refuse_unfit(area, drafts, on)
    run = WhatIfRun.objects.create(
        area=area, on=on, drafts=[_kept(d) for d in drafts], started_by=actor, started_at=clock.now()
    )
    made = [
        WhatIfSlice(run=run, source=source, cases=part)
        for source, ids in cases_of(area, on).items()
        for part in slices.cut(ids)
    ]
    if not made:
        raise Refused(f"{area.name}没有可以试算的在册、在办或近一年未批准的对象。", field="area")
    from approvals.adjustments.tasks import run_what_if

    slices.hand_over(run, made, run_what_if)
    return run


def _refuse_unfit(area: Area, drafts: Sequence[Rule], on: date) -> None:
    if not drafts or len(drafts) > MOST_DRAFTS:
        raise Refused(f"请选择 1 至 {MOST_DRAFTS} 条草案规则。", field="drafts")
    today = clock.today()
    if not today - timedelta(days=366) <= on <= today + timedelta(days=3 * 366):
        raise Refused("基准日应在过去一年至未来三年之内。", field="on")
    seen = set()
    for draft in drafts:
        if draft.published_at is not None:
            raise Refused(f"“{draft.key}”已经发布，请选择草案。", field="drafts")
        if not would_hold(draft, on):
            raise Refused(f"草案“{draft.key}”在基准日 {on:%Y-%m-%d} 不生效，请调整基准日。", field="on")
        near = draft.area.prefix.startswith(area.prefix) or area.prefix.startswith(draft.area.prefix)
        if not near:
            raise Refused(f"草案“{draft.key}”属于{draft.area.name}，与{area.name}无关。", field="drafts")
        if (draft.area_id, draft.key) in seen:
            raise Refused(f"同一区域的“{draft.key}”选择了两条草案。", field="drafts")
        seen.add((draft.area_id, draft.key))


def _kept(draft: Rule) -> dict:
    """What the run needs of a draft even if it is changed or thrown away meanwhile."""
    return {
        "id": draft.pk,
        "area": draft.area_id,
        "place": draft.area.name,
        "key": draft.key,
        "value": draft.value,
        "unit": draft.unit,
        "clause": draft.clause_id,
        "document": draft.document_id,
        "certainty": draft.certainty,
        "valid_from": f"{draft.valid_from:%Y-%m-%d}",
        "valid_to": f"{draft.valid_to:%Y-%m-%d}" if draft.valid_to else None,
    }


def _again(kept: Sequence[dict]) -> list[Rule]:
    areas = Area.objects.in_bulk([row["area"] for row in kept])
    return [
        Rule(
            pk=row["id"],
            area=areas[row["area"]],
            key=row["key"],
            value=row["value"],
            unit=row["unit"],
            clause_id=row["clause"],
            document_id=row["document"],
            certainty=row["certainty"],
            valid_from=date.fromisoformat(row["valid_from"]),
            valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        )
        for row in kept
    ]


def work_on_what_if(run_id: int) -> None:
    """Work off what is left of a run; harmless when it comes twice, together or after a crash."""
    run = WhatIfRun.objects.filter(pk=run_id, finished_at__isnull=True).first()
    if run is None:
        return
    now, then = Books(run.on), Books(run.on, _again(run.drafts))
    slices.work_off(run, partial(_work, run, now, then))


def _work(run: WhatIfRun, now: Books, then: Books, part: WhatIfSlice) -> None:
    money = monthly_of(part.cases, run.on) if part.source == Source.LIVE else {}
    known = bulk_facts(part.cases)
    townships = Area.objects.in_bulk({one.application.township_id for one in known.values()})
    WhatIfRow.objects.bulk_create(
        _row(part, one, townships[one.application.township_id], money.get(pk), now, then)
        for pk, one in known.items()
    )


def _row(part: WhatIfSlice, one: Known, township: Area, receives, now: Books, then: Books) -> WhatIfRow:
    published = ask(one, now, township, receives=receives)
    tried = ask(one, then, township, receives=receives)
    row = WhatIfRow(run_id=part.run_id, application=one.application, township=township, source=part.source)
    row.before = receives if receives is not None else published.monthly
    row.effect, row.after, why = _effect(part.source, row.before, published, tried)
    row.why = why[:200]
    return row


def _effect(source: str, before, published: Answer, tried: Answer) -> tuple[Effect, object, str]:
    """What the drafts change for a case, its amount then, and why it leaves or cannot be told.

    Where both rule sets answer the same, the drafts change nothing, whatever is being paid: that the facts
    have moved since is no effect of the drafts.
    """
    same = (published.entitled, published.monthly, published.unknown) == (
        tried.entitled,
        tried.monthly,
        tried.unknown,
    )
    if source == Source.LIVE and same and not tried.unknown:
        return Effect.SAME, before, ""
    if tried.unknown:
        return Effect.UNKNOWN, before, tried.why
    held = source == Source.LIVE or published.entitled
    if held and not tried.entitled:
        return Effect.LEAVES, tried.monthly, tried.why
    if not held:
        return (Effect.ENTERS if tried.entitled else Effect.SAME), tried.monthly, ""
    if tried.monthly == before:
        return Effect.SAME, before, ""
    return (Effect.GAINS if tried.monthly > before else Effect.LOSES), tried.monthly, ""
