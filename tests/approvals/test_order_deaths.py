"""A slice of `bench/paper_orders.py`: an order of papers survives the deaths of whoever draws it."""

import pytest

from bench import paper_orders
from tests.approvals.builders import build_office

committed = pytest.mark.django_db(transaction=True)


@committed
def test_killed_drawers_number_no_paper_twice() -> None:
    """Once in the midst of the first slice, once when that is done and the second is not."""
    order = paper_orders.ordered(build_office(), 4)
    outcome = paper_orders.draw_dying(order, [12, 34])
    assert outcome == paper_orders.Outcome(2, [])
    # It can fail: a case whose paper is missing is named.
    order.applications = [*order.applications, 0]
    assert paper_orders.broken(order) == ["申请 0 文书 0 份", "合订 4 份"]
