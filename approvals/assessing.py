"""The means test of an application as of now: its facts, by the rules of the day of its receipt."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import date
from decimal import Decimal

from cases.models import Application
from cases.queries import assessment_facts, rule_day
from policy.assess import assess
from policy.household import Facts
from policy.lines import Assessment
from policy.rules import RuleBook


def facts_of(application: Application, proposed: Decimal | None = None) -> Facts:
    """What is tested; for 临时救助 with the amount in yuan the office means to give, once it has said so."""
    facts = assessment_facts(application)
    if proposed is None or facts.linshi is None:
        return facts
    return replace(facts, linshi=replace(facts.linshi, proposed=proposed))


def assess_application(application: Application, proposed: Decimal | None = None) -> Assessment:
    """Outcome, amount and explained lines. NoRuleInForce where a standard is missing: never 0.

    Refused while something that the programme asks is not there yet. `proposed`: see `facts_of`.
    """
    return assess(facts_of(application, proposed), RuleBook(application.township, rule_day(application)))


def as_data(facts: Facts) -> dict:
    """The facts as JSON values, kept with a decision so that it can be replayed."""
    return json.loads(json.dumps(asdict(facts), default=_plain))


def _plain(value: object) -> str:
    if isinstance(value, Decimal | date):
        return str(value)
    raise TypeError(f"{type(value).__name__} does not belong into the facts of a decision")
