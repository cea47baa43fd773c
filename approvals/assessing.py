"""The means test of an application as of now: its facts, by the rules of the day of its receipt."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from decimal import Decimal

from cases.models import Application
from cases.queries import assessment_facts, rule_day
from policy.assess import assess
from policy.household import Facts
from policy.lines import Assessment
from policy.rules import RuleBook


def assess_application(application: Application) -> Assessment:
    """Outcome, amount and explained lines. NoRuleInForce where a standard is missing: never 0."""
    facts = assessment_facts(application)
    return assess(facts, RuleBook(application.township, rule_day(application)))


def as_data(facts: Facts) -> dict:
    """The facts as JSON values, kept with a decision so that it can be replayed."""
    return json.loads(json.dumps(asdict(facts), default=_plain))


def _plain(value: object) -> str:
    if isinstance(value, Decimal | date):
        return str(value)
    raise TypeError(f"{type(value).__name__} does not belong into the facts of a decision")
