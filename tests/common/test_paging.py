"""Pages of a counted list, whatever the address asks for."""

import pytest
from django.http import QueryDict

from common.paging import paged


def look(query: str, **values) -> tuple[list[int], dict[str, str]]:
    page, pager = paged(range(1, 26), QueryDict(query), **{"size": 10, "unit": "件"} | values)
    return list(page), pager


def test_the_middle_leads_both_ways_and_keeps_the_filter():
    rows, pager = look("page=2", keep="show=due")
    assert rows == list(range(11, 21))
    assert pager == {"total": "共 25 件", "prev_url": "?show=due&page=1", "next_url": "?show=due&page=3"}


@pytest.mark.parametrize("query", ["", "page=", "page=x", "page=%00", "page=1.5", f"page={'9' * 5000}x"])
def test_what_is_no_number_is_the_first_page(query: str):
    rows, pager = look(query)
    assert (rows[0], pager["prev_url"], pager["next_url"]) == (1, "", "?page=2")


@pytest.mark.parametrize("query", ["page=4", "page=-1", "page=0", f"page={'9' * 40}"])
def test_beyond_the_end_is_the_last_page(query: str):
    rows, pager = look(query)
    assert (rows, pager["next_url"]) == ([21, 22, 23, 24, 25], "")
