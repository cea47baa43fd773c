"""Every write to the rule tables by people; the packs have their own loader."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from common import clock
from common.errors import Refused
from common.verdict import Verdict
from organisations.models import Area, User
from policy import perms
from policy.enums import Certainty
from policy.keys import clean_value
from policy.models import CalendarDay, CalendarYear, Clause, Document, Rule, RuleClosure

_OVERLAP = "同一区域同一规则的生效期间重叠，请核对生效和失效日期。"


def _require(verdict: Verdict) -> None:
    if not verdict:
        raise Refused(verdict.reason)


def _checked(rule: Rule) -> None:
    """Canonical value, clause of the right document, the model's own rules; Refused with the first error."""
    try:
        rule.value, rule.unit = clean_value(rule.key, rule.value, rule.unit)
    except ValueError as error:
        raise Refused(f"{error}。", field="value") from None
    if rule.clause_id and rule.clause.document_id != rule.document_id:
        raise Refused("条款不属于所选文件。", field="clause")
    try:
        rule.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refused(messages[0], field="" if field == "__all__" else field) from None


@transaction.atomic
def draft_rule(
    *,
    area: Area,
    key: str,
    value: str,
    unit: str = "",
    valid_from: date,
    valid_to: date | None = None,
    clause: Clause | None = None,
    document: Document,
    certainty: str = Certainty.LAW,
    note: str = "",
    actor: User,
) -> Rule:
    """Write a rule that is not in force yet. `valid_to` is the first day without it."""
    _require(perms.can_draft(actor, area))
    rule = Rule(
        area=area,
        key=key,
        value=value,
        unit=unit,
        valid_from=valid_from,
        valid_to=valid_to,
        clause=clause,
        document=document,
        certainty=certainty,
        note=note,
        drafted_by=actor,
    )
    _checked(rule)
    rule.save()
    return rule


@transaction.atomic
def revise_draft(*, rule: Rule, changes: dict, actor: User) -> Rule:
    """Change a draft; whoever changes it becomes its drafter, so that another person still publishes."""
    rule = Rule.objects.select_for_update(of=("self",)).select_related("area", "clause").get(pk=rule.pk)
    _require(perms.can_change(actor, rule))
    for name, value in changes.items():
        setattr(rule, name, value)
    _require(perms.can_draft(actor, rule.area))
    rule.drafted_by = actor
    _checked(rule)
    rule.save()
    return rule


@transaction.atomic
def discard_draft(*, rule: Rule, actor: User) -> None:
    """Throw a draft away. A published rule stays for ever."""
    rule = Rule.objects.select_for_update(of=("self",)).select_related("area").get(pk=rule.pk)
    _require(perms.can_change(actor, rule))
    rule.delete()


@transaction.atomic
def publish_rule(*, rule: Rule, actor: User) -> Rule:
    """Put a draft into force; the rule that runs without end before it is closed on its first day.

    Refused when periods overlap all the same: a rule that begins on the same day or later is in the way.
    """
    # All rows of this area and key, so that two publications at once queue up here.
    rivals = list(
        Rule.objects.select_for_update(of=("self",)).filter(area_id=rule.area_id, key=rule.key).order_by("pk")
    )
    rule = next(rival for rival in rivals if rival.pk == rule.pk)
    _require(perms.can_publish(actor, rule))
    _checked(rule)
    for other in rivals:
        if other.published_at and other.valid_to is None and other.valid_from < rule.valid_from:
            _close(other, on=rule.valid_from, successor=rule, reason="", actor=actor)
    rule.published_by, rule.published_at = actor, clock.now()
    try:
        with transaction.atomic():
            rule.save(update_fields=["value", "unit", "published_by", "published_at"])
    except IntegrityError:
        raise Refused(_OVERLAP, field="valid_from") from None
    return rule


@transaction.atomic
def retire_rule(*, rule: Rule, valid_to: date, reason: str, actor: User) -> Rule:
    """End a published rule that nothing succeeds; `valid_to` is the first day without it, not before today.

    From then on the area above answers, or nobody: where no rule is in force, cases stop with a message.
    """
    rule = Rule.objects.select_for_update(of=("self",)).select_related("area").get(pk=rule.pk)
    _require(perms.can_retire(actor, rule))
    if valid_to < clock.today():
        raise Refused("停用日期不能早于今天：已过去的日子按当时的规则办理。", field="valid_to")
    if valid_to <= rule.valid_from:
        raise Refused("停用日期应晚于生效日期。", field="valid_to")
    if not reason.strip():
        raise Refused("请写明停用理由，如文件废止的文号。", field="reason")
    _close(rule, on=valid_to, successor=None, reason=reason.strip(), actor=actor)
    return rule


def _close(rule: Rule, *, on: date, successor: Rule | None, reason: str, actor: User) -> None:
    """Keep who ends a published rule and why, without which the database refuses the end."""
    RuleClosure.objects.create(
        stream=f"rules:{rule.area_id}",
        rule=rule,
        successor=successor,
        closes_on=on,
        reason=reason,
        closed_by=actor,
        closed_at=clock.now(),
    )
    rule.valid_to = on
    rule.save(update_fields=["valid_to"])


@transaction.atomic
def record_calendar_day(*, day: date, is_workday: bool, name: str, actor: User) -> CalendarDay:
    """Enter one day of a State Council arrangement; its year counts as announced from then on."""
    _require(perms.can_keep_calendar(actor))
    if not isinstance(day, date) or not 2004 <= day.year <= 2099:
        raise Refused("日期应在 2004 至 2099 年之间。", field="day")
    if is_workday and day.weekday() < 5:
        raise Refused("调休上班的应是周六或周日。", field="is_workday")
    CalendarYear.objects.get_or_create(
        year=day.year, defaults={"source": "后台录入", "loaded_at": clock.now()}
    )
    row = CalendarDay(day=day, year_id=day.year, is_workday=is_workday, name=name.strip())
    try:
        row.full_clean(validate_unique=False)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refused(messages[0], field="" if field == "__all__" else field) from None
    row.save()
    return row
