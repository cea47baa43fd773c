"""Every error of the JSON input names its field."""

import copy
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Refused
from policy.assess_input import read_facts
from policy.household import LinshiFacts, TekunFacts
from policy.json_fields import read_json

GOOD = {
    "area": "330305001",
    "programme": "dibao",
    "on": "2023-03-01",
    "members": [{"key": "A", "relation": "self", "birth_date": "1980-05-01"}],
}

LINSHI = {"kind": "expenditure", "cause": "medical", "requested": "8000.00"}
TEKUN = {
    "no_work_ability": True,
    "no_income": True,
    "supporter": "none",
    "self_care_failed": 4,
    "placement": "institution",
}


def changed(path: str, value: object) -> dict:
    """GOOD with one place set: `members.0.key`."""
    data = copy.deepcopy(GOOD)
    *way, last = path.split(".")
    place = data
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place.setdefault(step, {})
    place[last] = value
    return data


def test_what_may_be_absent_has_its_neutral_value() -> None:
    code, facts = read_facts(GOOD)
    assert code == "330305001"
    assert facts.assets is None
    assert facts.members[0].counted
    assert facts.rigid_expenditure_monthly == Decimal("0.00")
    assert facts.purpose == "application"


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("area", None, "area"),
        ("area", 330305001, "area"),
        ("programme", "dibaoo", "programme"),
        ("programme", "case_by_case", "programme"),
        ("on", "2023-02-30", "on"),
        ("on", 20230301, "on"),
        ("purpose", "curiosity", "purpose"),
        ("members", [], "members"),
        ("members", {}, "members"),
        ("members", [GOOD["members"][0]] * 2, "members"),
        ("members.0.key", "", "members[0].key"),
        ("members.0.key", "a\x00", "members[0].key"),
        ("members.0.key", "\ud800", "members[0].key"),
        ("members.0.relation", "cousin", "members[0].relation"),
        ("members.0.relation", ["self"], "members[0].relation"),
        ("members.0.birth_date", "2023-03-02", "members[0].birth_date"),
        ("members.0.birth_date", "01.05.1980", "members[0].birth_date"),
        ("members.0.co_living", "yes", "members[0].co_living"),
        ("members.0.excluded", "abroad", "members[0].excluded"),
        ("members.0.severe_illness", 1, "members[0].severe_illness"),
        ("members.0.disability", {"kind": "mental", "grade": 5}, "members[0].disability.grade"),
        ("members.0.disability", {"kind": "mental", "grade": True}, "members[0].disability.grade"),
        ("members.0.disability", {"kind": "moral", "grade": 1}, "members[0].disability.kind"),
        ("members.0.income", [{"kind": "wage"}], "members[0].income[0].monthly"),
        ("members.0.income", [{"kind": "wage", "monthly": "-1"}], "members[0].income[0].monthly"),
        ("members.0.income", [{"kind": "wage", "monthly": "1.005"}], "members[0].income[0].monthly"),
        ("members.0.income", [{"kind": "wage", "monthly": "NaN"}], "members[0].income[0].monthly"),
        ("members.0.income", [{"kind": "wage", "monthly": "1e99"}], "members[0].income[0].monthly"),
        ("members.0.income", [{"kind": "wage", "monthly": True}], "members[0].income[0].monthly"),
        ("members.0.income", [{"kind": "gift", "monthly": "1"}], "members[0].income[0].kind"),
        ("members.0.income", "500", "members[0].income"),
        ("members.0.employement_cost", "5", "members[0].employement_cost"),
        ("members.0.employment_cost", None, "members[0].employment_cost"),
        ("assets", {"vehicles": -1}, "assets.vehicles"),
        ("assets", {"vehicles": 1.5}, "assets.vehicles"),
        ("assets", {"deposits": "x"}, "assets.deposits"),
        ("assets", [], "assets"),
        ("standards", {"dibao": ""}, "standards.dibao"),
        ("standards", {"dibaoo": "1"}, "standards.dibaoo"),
        ("rigid_expenditure_monthly", "1,2,x", "rigid_expenditure_monthly"),
        ("surprise", 1, "surprise"),
        ("current_monthly", "-0.01", "current_monthly"),
        ("linshi", {"surprise": 1}, "linshi.surprise"),
        ("linshi", LINSHI | {"kind": "loan"}, "linshi.kind"),
        ("linshi", LINSHI | {"cause": "wedding"}, "linshi.cause"),
        ("linshi", LINSHI | {"requested": "8000.005"}, "linshi.requested"),
        ("linshi", {"kind": "emergency", "cause": "disaster"}, "linshi.requested"),
        ("linshi", LINSHI | {"residual_medical": "much"}, "linshi.residual_medical"),
        ("linshi", LINSHI | {"repeat_same_cause": "no"}, "linshi.repeat_same_cause"),
        ("linshi", [], "linshi"),
        ("tekun", TEKUN | {"surprise": 1}, "tekun.surprise"),
        ("tekun", TEKUN | {"no_work_ability": 1}, "tekun.no_work_ability"),
        ("tekun", TEKUN | {"no_income": None}, "tekun.no_income"),
        ("tekun", TEKUN | {"supporter": "perhaps"}, "tekun.supporter"),
        ("tekun", TEKUN | {"self_care_failed": 7}, "tekun.self_care_failed"),
        ("tekun", TEKUN | {"self_care_failed": -1}, "tekun.self_care_failed"),
        ("tekun", TEKUN | {"self_care_failed": True}, "tekun.self_care_failed"),
        ("tekun", TEKUN | {"placement": "street"}, "tekun.placement"),
        *(("tekun", {k: v for k, v in TEKUN.items() if k != name}, f"tekun.{name}") for name in TEKUN),
    ],
)
def test_each_error_names_its_field(path: str, value: object, field: str) -> None:
    with pytest.raises(Refused) as refusal:
        read_facts(changed(path, value))
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("programme", "block"),
    [("linshi", {}), ("linshi", {"linshi": None}), ("tekun", {}), ("tekun", {"tekun": None})],
)
def test_the_block_of_the_programme_must_be_there(programme: str, block: dict) -> None:
    with pytest.raises(Refused) as refusal:
        read_facts(GOOD | {"programme": programme} | block)
    assert refusal.value.field == programme


def test_the_blocks_are_read_whole() -> None:
    blocks = {"linshi": LINSHI, "tekun": TEKUN | {"self_care_failed": 6}, "current_monthly": "585.00"}
    _, facts = read_facts(GOOD | blocks)
    assert facts.linshi == LinshiFacts("expenditure", "medical", Decimal("8000.00"))
    assert facts.tekun == TekunFacts(True, True, "none", 6, "institution")
    assert facts.current_monthly == Decimal("585.00")
    _, facts = read_facts(GOOD | {"linshi": LINSHI | {"residual_medical": "0", "repeat_same_cause": True}})
    assert (facts.linshi.residual_medical, facts.linshi.repeat_same_cause) == (Decimal("0.00"), True)


def test_of_two_values_for_one_field_neither_counts() -> None:
    with pytest.raises(Refused, match="monthly"):
        read_json('{"kind": "wage", "monthly": "500.00", "monthly": "5.00"}')


@pytest.mark.parametrize(
    "text",
    ["1e99999999999999999999", "", "{", "[1", '{"a": NaN}', '{"a": Infinity}', "[" * 100_000, "1" * 5000],
)
def test_no_json_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        read_facts(read_json(text))


def test_json_numbers_are_read_exactly() -> None:
    data = read_json(
        '{"area": "330305001", "programme": "dibao", "on": "2023-03-01", "rigid_expenditure_monthly": 0.29,'
        ' "members": [{"key": "A", "relation": "self", "birth_date": "1980-05-01"}]}'
    )
    assert read_facts(data)[1].rigid_expenditure_monthly == Decimal("0.29")


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from(["wage", "2023-03-01", "1.00"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["kind", "monthly", "key"]), inner)
    ),
    max_leaves=8,
)


@given(
    name=st.sampled_from(
        "members assets standards on area rigid_expenditure_monthly linshi tekun current_monthly".split()
    ),
    junk=JUNK,
)
def test_junk_is_refused_or_read_but_never_breaks(name: str, junk: object) -> None:
    with suppress(Refused):
        read_facts(GOOD | {name: junk})
