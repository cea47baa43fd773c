"""The part of a registration that only one programme asks: 特困 conditions, the 临时救助 request."""

from __future__ import annotations

from decimal import Decimal

from cases import queries
from cases.declarations import Declaration, LinshiEntry, TekunEntry
from cases.enums import Programme
from cases.models import Application, LinshiInstalment, LinshiRequest, TekunDeclaration
from common import clock
from common.errors import Refused
from policy.rules import RuleBook


def save_programme_facts(application: Application, declaration: Declaration) -> None:
    """Keep what the chosen programme asks and forget what another one asked before."""
    if declaration.programme != Programme.TEKUN:
        TekunDeclaration.objects.filter(application=application).delete()
    elif declaration.tekun is not None:
        _save_tekun(application, declaration.tekun)
    if declaration.programme != Programme.LINSHI:
        LinshiRequest.objects.filter(application=application).delete()
    elif declaration.linshi is not None:
        _save_linshi(application, declaration.linshi)
    # What was kept before is stale, whether it was written or removed.
    application._state.fields_cache.pop("tekun_declaration", None)
    application._state.fields_cache.pop("linshi_request", None)


def _save_tekun(application: Application, entry: TekunEntry) -> None:
    names = ("no_work_ability", "no_income", "supporter", "supporter_note", "placement")
    values = {name: getattr(entry, name) for name in names}
    TekunDeclaration.objects.update_or_create(application=application, defaults=values)


def _save_linshi(application: Application, entry: LinshiEntry) -> None:
    if entry.requested is not None and entry.requested <= 0:
        raise Refused("申请金额须大于 0。", field="linshi_requested")
    if entry.residual_medical < 0:
        raise Refused("自负医疗费用不能为负。", field="linshi_residual_medical")
    if entry.happened_on and entry.happened_on > clock.today():
        raise Refused("事件发生日期不能晚于今天。", field="linshi_happened_on")
    _check_plan(application, entry)
    names = (
        "kind",
        "cause",
        "requested",
        "residual_medical",
        "repeat_same_cause",
        "happened_on",
        "note",
    )
    values = {name: getattr(entry, name) for name in names}
    if entry.advanced is not None:
        values["advanced"] = entry.advanced
    request, _ = LinshiRequest.objects.update_or_create(application=application, defaults=values)
    request.instalments.all().delete()
    LinshiInstalment.objects.bulk_create(
        LinshiInstalment(request=request, due_on=day, amount=amount) for day, amount in entry.instalments
    )


def _check_plan(application: Application, entry: LinshiEntry) -> None:
    """Stages only where the rules of the place allow them, and then of the whole request (DT-3.3)."""
    if not entry.instalments:
        return
    book = RuleBook(application.township, queries.rule_day(application))
    key = "linshi.instalments"
    if not (book.has(key) and book.flag(key)):
        raise Refused(
            f"{application.township.name}没有“一次审批、分阶段救助”的规则，不能分期；请清空分阶段救助计划。",
            field="instalment_1_amount",
            clause="DT-3.3",
        )
    days = [day for day, _ in entry.instalments]
    if len(set(days)) != len(days):
        raise Refused("分阶段救助的日期不能重复。", field="instalment_1_day")
    if any(amount <= 0 for _, amount in entry.instalments):
        raise Refused("分阶段救助每期金额须大于 0。", field="instalment_1_amount")
    planned = sum((amount for _, amount in entry.instalments), Decimal("0.00"))
    if planned != entry.requested:
        raise Refused(
            f"分阶段救助各期合计 {planned:,.2f} 元，与申请金额不一致。",
            field="instalment_1_amount",
            clause="DT-3.3",
        )
