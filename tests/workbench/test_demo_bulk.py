"""The caseload of the sizes `district` and `province`: five districts by their own rules, always the same."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from cases.models import Application
from organisations.models import User
from payments.models import Benefit, BenefitCover, BenefitRevision
from payments.services import prepare_month
from policy.models import Rule
from tests.payments.builders import MARCH
from workbench.demo.bulk import add_caseload, places_in
from workbench.demo.staff import make_staff
from workbench.demo.world import COUNTIES, load_ground

pytestmark = pytest.mark.django_db
N = 250


@pytest.fixture
def staff(clock) -> dict[str, User]:
    load_ground()
    return make_staff()


def load(staff, n: int = N) -> None:
    add_caseload(n_cases=n, places=places_in(COUNTIES), actor=staff["admin"])


def rows() -> list[tuple]:
    """All that does not depend on keys."""
    amounts = BenefitRevision.objects.order_by("benefit__application__number")
    names = (
        "benefit__application__number",
        "benefit__head_name",
        "benefit__payee_name",
        "monthly",
        "valid_from",
    )
    return list(amounts.values_list(*names))


def test_five_districts_by_their_own_standards(staff) -> None:
    load(staff)
    assert Benefit.objects.count() == BenefitRevision.objects.count() == N
    standards = {rule.pk: Decimal(rule.value) for rule in Rule.objects.filter(key="standard.dibao")}
    used: dict[str, set[Decimal]] = defaultdict(set)
    for revision in BenefitRevision.objects.select_related("benefit__county"):
        (standard,) = (standards[pk] for pk in revision.rule_ids)
        used[revision.benefit.county.code].add(standard)
        assert 0 < revision.monthly <= standard
    # Those of January 2024, when the caseload was decided: 上虞 paid 1,134.00 until November.
    assert used == {
        "330302": {Decimal("1085.00")},
        "330305": {Decimal("1085.00")},
        "330604": {Decimal("1134.00")},
        "350802": {Decimal("800.00")},
        "410802": {Decimal("600.00")},
    }


def test_everybody_is_covered_and_can_be_covered_no_second_time(staff) -> None:
    load(staff, 10)
    assert BenefitCover.objects.count() == 10
    cover = BenefitCover.objects.select_related("benefit").first()
    assert cover.person.memberships.get().household == cover.benefit.application.household
    other = BenefitCover.objects.exclude(pk=cover.pk).first()
    with (
        pytest.raises(IntegrityError, match="nobody_in_two_exclusive_programmes"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO payments_benefitcover (benefit_id, person_id, starts_on)"
            " SELECT %s, %s, starts_on FROM payments_benefit WHERE id = %s",
            [other.benefit_id, cover.person_id, other.benefit_id],
        )


def test_loading_adds_only_what_is_missing_and_always_the_same(staff) -> None:
    with transaction.atomic():
        load(staff, 40)
        first = rows()
        load(staff, 40)
        assert rows() == first
        load(staff, 60)
        assert Benefit.objects.count() == 60
        transaction.set_rollback(True)
    load(staff, 40)
    assert rows() == first


def test_the_caseload_can_be_paid(staff) -> None:
    load(staff)
    area = Application.objects.filter(county__code="330604").first().county
    batch = prepare_month(area=area, programme="dibao", month=MARCH, actor=staff["sy-payments"])
    benefits = Benefit.objects.filter(county=area)
    assert batch.n_payments == benefits.count() > 0
    assert batch.total == sum(benefits.values_list("revisions__monthly", flat=True))
