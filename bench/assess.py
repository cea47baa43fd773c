"""How many households a second one core puts through the means test.

.venv/bin/python bench/assess.py [number of households, 20,000 if absent]

Bound (issue 3): ≥ 2,000 a second for each programme. The rules are read once, as what-if does.
"""

from __future__ import annotations

import sys
import time
from datetime import date
from decimal import Decimal

from scratch import scratch_database, verdict

A_SECOND = 2_000
TOWN, DAY = "330305001", date(2026, 3, 2)


def households(n: int, programme: str) -> list:
    """Three people each; incomes go through below, at and above the lines."""
    from policy.household import Assets, Disability, Facts, IncomeFact, LinshiFacts, MemberFacts, TekunFacts

    made = []
    for number in range(n):
        wage = IncomeFact("wage", Decimal(number % 4000))
        members = (
            MemberFacts("A", "self", date(1950, 1, 1), income=(wage,), employment_cost=Decimal("50.00")),
            MemberFacts("B", "spouse", date(1955, 1, 1), disability=Disability("mental", 1 + number % 4)),
            MemberFacts("C", "other_supported", date(2015, 1, 1)),
        )
        made.append(
            Facts(
                programme=programme,
                on=DAY,
                members=members,
                assets=Assets(deposits=Decimal(number % 90_000)),
                rigid_expenditure_monthly=Decimal(number % 500),
                linshi=LinshiFacts("expenditure", "medical", Decimal(1 + number % 9000), Decimal("20000.00")),
                tekun=TekunFacts(True, True, "none", number % 7, "home"),
            )
        )
    return made


def measure(n: int) -> list[tuple[str, str, bool]]:
    from organisations.models import Area
    from policy.assess import assess
    from policy.rules import RuleBook
    from workbench.demo.world import load_ground

    load_ground()
    book = RuleBook(Area.objects.get(code=TOWN), DAY)
    results = []
    for programme in ("dibao", "dibian", "tekun", "linshi"):
        tried = households(n, programme)
        started = time.process_time()
        for facts in tried:
            assess(facts, book.fresh())
        rate = n / (time.process_time() - started)
        results.append((f"测算 {programme}", f"每秒 {rate:,.0f} 户（≥ {A_SECOND:,}）", rate >= A_SECOND))
    return results


def main() -> None:
    with scratch_database("assess"):
        rows = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
    verdict(rows)


if __name__ == "__main__":
    main()
