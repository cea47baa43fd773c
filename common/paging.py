"""Long lists in pages of a fixed size, for lists that are counted anyway."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import QueryDict


def paged(
    rows: QuerySet | Sequence, data: QueryDict, *, size: int, unit: str, keep: str = ""
) -> tuple[Page, dict[str, str]]:
    """The page that the address asks for, and what `components/_pager.html` shows of it.

    What is no number is the first page, what is beyond the end the last. `keep`: the rest of the address,
    such as `show=due`.
    """
    page = Paginator(rows, size).get_page(data.get("page"))
    address = f"?{keep}&page=" if keep else "?page="
    return page, {
        "total": f"共 {page.paginator.count} {unit}",
        "prev_url": f"{address}{page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"{address}{page.next_page_number()}" if page.has_next() else "",
    }
