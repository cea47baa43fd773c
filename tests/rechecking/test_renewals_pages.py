"""A renewal through the pages: who sees what, what is kept, and that reading facts is on record."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from approvals.rechecking.models import EconomicRecheck, Keeping
from approvals.settling.enums import Body
from approvals.settling.models import CaseByCase, Feedback, Filing
from approvals.settling.views.shared import case_tab
from organisations.models import PersonalDataRead
from tests.cases.builders import photo
from tests.conftest import BEIJING
from tests.rechecking.builders import answered, appraised, asked
from tests.settling.builders import meeting
from tests.settling.test_views import APPRAISAL

REPORT = {"checked_on": "2027-01-04", "report_number": "HD-9", "deposits": "0", "finding": "无变化。"}


@pytest.fixture
def page(client):
    def as_(user, address: str, data: dict | None = None) -> str:
        client.force_login(user)
        answer = client.get(address) if data is None else client.post(address, data)
        return answer.get("Location") or answer.content.decode()

    return as_


def move_to_january(clock) -> None:
    clock.move_to(dt.datetime(2027, 1, 4, 9, tzinfo=BEIJING))


@pytest.mark.clause("LC-4.4b")
def test_by_the_pages(place, settlement, clock, page) -> None:
    handler, reviewer = place.office.handler, place.office.reviewer
    tab, renew = case_tab(settlement.application), reverse("rechecking:renew", args=[settlement.pk])
    early = page(handler, tab)
    assert "有效期至 2027 年 3 月 1 日，自 2026 年 12 月 31 日 起办理续期" in early
    assert f'href="{renew}"' not in early
    assert "现在不能办理：有效期至 2027-03-01" in page(handler, renew)
    assert not PersonalDataRead.objects.exists()
    move_to_january(clock)
    assert f'href="{renew}"' in page(handler, tab)
    # The facts of last time stand in the form; the declaration is made anew.
    form = page(handler, renew)
    assert "林大山（配偶）" in form
    assert PersonalDataRead.objects.get().reason == "办理一事一议续期"
    facts = {"gone": "林大山（配偶）", "gone_since": "2026-05-01", "attempts": "仍停机。"}
    again = page(handler, renew, REPORT | facts | {"declared": "on"})
    assert "未满三年" in again
    assert "仍停机。" in again
    assert "此项必填" in page(handler, renew, REPORT | facts) or not EconomicRecheck.objects.exists()
    assert page(handler, renew, REPORT | facts | {"gone_since": "2020-05-01", "declared": "on"}) == tab
    recheck = EconomicRecheck.objects.get()
    appraise = reverse("settling:appraise", args=[settlement.application_id])
    assert f'href="{appraise}"' in page(handler, tab)
    held = {"held_at": "2027-01-04T09:00", "purpose": "check", "sheet": photo()}
    assert page(handler, appraise, APPRAISAL | held) == tab
    shown = page(reviewer, reverse("rechecking:recheck", args=[recheck.pk]))
    assert "仍停机。" in shown
    determine = reverse("rechecking:determine", args=[recheck.pk])
    assert f'href="{determine}"' in page(reviewer, tab)
    met = meeting()
    answer = {"outcome": "approved", "held_at": f"{timezone.localtime(met.held_at):%Y-%m-%dT%H:%M:%S}"}
    answer |= {name: getattr(met, name) for name in ("place", "chair", "attendees", "minutes")}
    assert "街镇领导班子会议时间" in page(reviewer, determine, answer)
    assert not Keeping.objects.exists()
    page(reviewer, determine, answer | {"opinion": "同意续期。"})
    for body in Body:
        address = reverse("rechecking:file", args=[recheck.pk, body])
        assert f'href="{address}"' in page(handler, tab)
        assert page(handler, address, {"remark": ""}) == tab
    told = {"told_on": "2027-01-04", "way": "in_person", "note": ""}
    assert page(handler, reverse("rechecking:feed_back", args=[recheck.pk]), told) == tab
    assert (Filing.objects.count(), Feedback.objects.get().renewal) == (2, 1)
    done = page(handler, tab)
    assert "至 2028 年 3 月 1 日（已续期）" in done
    assert "林大山" not in done
    register = page(place.district, reverse("settling:register"))
    assert "2028 年 3 月 1 日（已续期）" in register
    assert "第 1 次续期区民政局待接收" in register


@pytest.mark.clause("LC-4.4b")
def test_a_refused_renewal_says_what_to_do(place, settlement, clock, page) -> None:
    move_to_january(clock)
    recheck = asked(place, settlement)
    appraised(place.office, recheck)
    answered(place, recheck, "refused")
    shown = page(place.office.handler, case_tab(settlement.application))
    assert "续期已认定不同意" in shown
    assert "反馈续期结果" in shown
    assert reverse("rechecking:renew", args=[settlement.pk]) not in shown


@pytest.mark.clause("LC-4.5")
def test_the_tab_and_the_tasks_ask_as_often_for_many_as_for_three(place, settlement, clock, client) -> None:
    """Thirty looks at one household; on the workbench, thirty settlements that run out."""
    move_to_january(clock)
    client.force_login(place.office.handler)
    tab = case_tab(settlement.application)

    def asks(address: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    def copies(row, n: int, **changes) -> None:
        for number in range(n):
            row.pk, row._state.adding = None, True
            for name, first in changes.items():
                setattr(row, name, first + number)
            row.save()

    recheck = asked(place, settlement)
    copies(recheck, 2)
    few = asks(tab)
    copies(recheck, 27)
    assert asks(tab) == few
    # As earlier rounds of the same case: the workbench shows a line for each.
    copies(settlement, 2, investigation_round=2)
    few = asks("/")
    copies(settlement, 27, investigation_round=4)
    assert asks("/") == few
    assert CaseByCase.objects.count() == 30
