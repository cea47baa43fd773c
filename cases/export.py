"""The list as a sheet; what identifies people is masked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from cases.models import Application
from common.spreadsheets import Column, Kind, write_workbook

# One sheet that an office can still open; more than that is a matter for a report, not a list.
EXPORT_LIMIT = 20_000
COLUMNS = [
    Column("number", "申请编号", width=18),
    Column("name", "申请人"),
    Column("programme", "救助项目", width=20),
    Column("state", "状态"),
    Column("township", "街道（乡镇）", width=16),
    Column("village", "村（社区）", width=16),
    Column("members", "家庭人数", Kind.INTEGER),
    Column("channel", "渠道"),
    Column("cause", "致困原因"),
    Column("linshi_kind", "临时救助类型"),
    Column("requested", "申请金额（元）", Kind.AMOUNT),
    Column("placement", "特困供养方式"),
    Column("from_elsewhere", "户籍不在本县（市、区）"),
    Column("received", "收到日期", Kind.DATE),
    Column("accepted", "受理日期", Kind.DATE),
    Column("decided", "办结日期", Kind.DATE),
]


def workbook_of(applications: QuerySet[Application]) -> bytes:
    """At most EXPORT_LIMIT applications, newest first; one query, rows streamed."""
    whole = applications.with_place().select_related("linshi_request", "tekun_declaration")
    return write_workbook("救助申请清单", COLUMNS, _rows(whole.order_by("-pk")[:EXPORT_LIMIT]))


def _rows(applications: QuerySet[Application]) -> Iterator[dict[str, Any]]:
    for application in applications.iterator(chunk_size=2000):
        asked = getattr(application, "linshi_request", None)
        said = getattr(application, "tekun_declaration", None)
        yield {
            "number": application.number,
            "name": application.masked_name,
            "programme": application.get_programme_display(),
            "state": application.get_state_display(),
            "township": application.township.name,
            "village": application.village.name,
            "members": application.n_members,
            "channel": application.get_channel_display(),
            "cause": application.get_cause_display(),
            "linshi_kind": asked.get_kind_display() if asked else "",
            "requested": asked.requested if asked else None,
            "placement": said.get_placement_display() if said else "",
            "from_elsewhere": "" if application.hukou_in_county else "是",
            "received": _day(application.received_at),
            "accepted": _day(application.accepted_at),
            "decided": _day(application.decided_at),
        }


def _day(instant):
    return timezone.localdate(instant) if instant else None
