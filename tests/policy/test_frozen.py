"""Facts, values and answers of the rules package cannot be changed after the fact."""

from dataclasses import FrozenInstanceError, fields, is_dataclass

import pytest

from policy import deadlines, household, lines, rules, working_days
from policy.means import finding, income, linshi, terms

MODULES = (household, lines, rules, deadlines, working_days, finding, income, linshi, terms)
CLASSES = {
    each.__name__: each
    for module in MODULES
    for each in vars(module).values()
    if is_dataclass(each) and each.__module__ == module.__name__
}


@pytest.mark.parametrize("name", CLASSES)
def test_nothing_is_changed_or_added(name: str) -> None:
    """A slip of the pen (`line.passed = True`, `line.pased = True`) must not go through."""
    instance = object.__new__(CLASSES[name])
    with pytest.raises(FrozenInstanceError):
        setattr(instance, fields(instance)[0].name, None)
    assert not hasattr(instance, "__dict__")


def test_all_of_them_are_looked_at() -> None:
    assert {"Facts", "MemberFacts", "Line", "Assessment", "Due", "Calendar", "Period", "_Limit"} <= set(
        CLASSES
    )
