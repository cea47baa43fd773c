"""An office may load its own rules alone. Apart from `test_packs.py`, whose tables hold everything."""

import pytest

from organisations.loading import load_areas
from policy.models import Rule
from policy.packs import load_packs
from tests.policy.conftest import LOADED_AT


@pytest.mark.django_db
def test_an_office_loads_what_holds_above_and_below_it() -> None:
    load_areas(demo_villages=False)
    load_packs(now=LOADED_AT, offices=["330305"])
    codes = set(Rule.objects.values_list("area__code", flat=True))
    assert codes == {"000000", "330000", "330300", "330305", "330305002"}
    report = load_packs(now=LOADED_AT, offices=["350800"])
    codes = set(Rule.objects.values_list("area__code", flat=True)) - codes
    assert codes == {"350000", "350800", *(f"350{county}" for county in (802, 803, 821, 823, 824, 825, 881))}
    assert report.differences == []
