"""A copied ground is a loaded one."""

from django.db import transaction
from django.utils import timezone

from organisations.loading import load_areas
from organisations.models import Area
from policy.calendar_loading import load_calendar
from policy.models import Rule
from policy.packs import load_packs
from tests.ground import lay_ground


def test_a_copy_is_what_loading_makes(db, clock) -> None:
    """Nothing is missing, nothing differs, and whoever adds a row meets none of its ids."""
    with transaction.atomic():
        lay_ground(demo_villages=True)
        loaded = list(Rule.objects.order_by("pk").values())
        transaction.set_rollback(True)
    places = lay_ground(demo_villages=True)
    assert list(Rule.objects.order_by("pk").values()) == loaded
    n_areas = Area.objects.count()
    assert load_areas(demo_villages=True) <= n_areas == Area.objects.count()
    report = load_packs(now=timezone.now())
    assert (report.documents, report.clauses, report.rules, report.differences) == (0, 0, 0, [])
    assert report.unchanged == len(loaded)
    assert load_calendar(now=timezone.now()) == 0
    assert Area.objects.create(code="9", prefix="9", name="新村", level="village", parent=places.township).pk
