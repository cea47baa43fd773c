"""The pages of 一事一议: what they show, what they keep, and that reading names is on record."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.settling.enums import Body
from approvals.settling.models import Appraisal, CaseByCase, Determination
from cases.enums import ApplicationState as State
from organisations.models import PersonalDataRead
from tests.cases.builders import photo
from tests.settling import builders

APPRAISAL = {
    "held_at": "2026-03-02T09:00",
    "place": "望海村会议室",
    "chair": "李一",
    "staff": "陈一、陈二、陈三",
    "committee": "李一\n李二\n李三",
    "cadre": "王一",
    "resident": "赵一 赵二，赵三,赵四；赵五",
    "observer": "周一",
    "recused": "",
    "n_for": "12",
    "n_against": "0",
    "n_abstained": "0",
    "opinions": "困难属实。",
    "minutes": "逐人发言后举手表决。",
    "evidence": "",
}
MEETING = {
    "held_at": "2026-03-02T09:00",
    "place": "街道会议室",
    "chair": "郑书记",
    "attendees": "郑书记、吴主任",
    "minutes": "一致同意。",
    "opinion": "经集体研究，情况属实。",
}


def message_of(response) -> str:
    return response.content.decode()


@pytest.mark.clause("LC-4.1")
@pytest.mark.clause("LC-4.2b")
def test_from_the_visit_to_the_determination_by_the_pages(lucheng, browse) -> None:
    application = builders.visited(lucheng)
    page, office = browse(lucheng.office.handler), lucheng.office
    case = page.get(reverse("workbench:case", args=[application.number]))
    address = reverse("settling:move", args=[application.pk, "refer"])
    assert f'href="{address}"' in message_of(case)
    # The short address of the general page leads to the own one.
    general = page.get(reverse("approvals:move", args=[application.pk, "refer"]))
    assert general["Location"] == address
    facts = builders.LEFT_FACTS | {"declared": "on"}
    wrong = page.post(address, facts | {"gone_since": "2025-01-01", "opinion": "不符合通常条件。"})
    assert "未满三年" in message_of(wrong)
    assert builders.LEFT_FACTS["attempts"] in message_of(wrong)
    done = page.post(address, facts | {"opinion": "不符合通常条件。"})
    assert done["Location"].endswith("?tab=settling")
    settlement = CaseByCase.objects.get()

    appraise = reverse("settling:appraise", args=[application.pk])
    missing = page.post(appraise, APPRAISAL)
    assert "签到和签字表" in message_of(missing)
    sums = page.post(appraise, APPRAISAL | {"n_for": "11", "sheet": photo()})
    assert "合计 11 票，参加表决 12 人" in message_of(sums)
    assert "逐人发言后举手表决。" in message_of(sums)
    invalid = page.post(appraise, APPRAISAL | {"observer": "", "sheet": photo()}, follow=True)
    assert "评议无效：没有纪（工）委代表到场监督" in message_of(invalid)
    valid = page.post(appraise, APPRAISAL | {"sheet": photo()}, follow=True)
    assert "民主评议已登记，通过" in message_of(valid)
    assert Appraisal.objects.filter(settlement=settlement, valid=True).get().n_resident == 5

    page = browse(office.reviewer)
    determine = reverse("settling:move", args=[application.pk, "settle_at_once"])
    shown = message_of(page.get(determine))
    assert "一事一议月金额上限" in shown
    assert 'value="585.00"' in shown
    member = str(application.applicant.pk)
    above = page.post(determine, MEETING | {"covered": [member], "monthly": "1085.01"})
    assert "超过一事一议上限 1,085.00 元" in message_of(above)
    done = page.post(determine, MEETING | {"covered": [member], "monthly": "585.00"})
    assert done.status_code == 302
    application.refresh_from_db()
    assert application.state == State.DECIDING
    assert Determination.objects.get().attendees == "郑书记、吴主任"


@pytest.mark.clause("LC-4.3b")
@pytest.mark.clause("LC-4.5")
def test_filing_acknowledging_and_reading(lucheng, browse) -> None:
    settlement = builders.referred(lucheng)
    builders.appraise(lucheng, settlement)
    builders.determine(lucheng, settlement)
    page = browse(lucheng.office.handler)
    tab = reverse("workbench:case", args=[settlement.application.number]) + "?tab=settling"
    assert "报送备案" in message_of(page.get(tab))
    page.post(reverse("settling:file", args=[settlement.pk, "discipline"]), {"remark": "附件齐全。"})
    told = {"told_on": "2026-03-02", "way": "phone", "note": ""}
    page.post(reverse("settling:feed_back", args=[settlement.pk]), told)
    filing = settlement.filings.get(body=Body.DISCIPLINE)

    page = browse(lucheng.discipline)
    assert "接收备案" in message_of(page.get("/"))
    shown = message_of(page.get(tab))
    # Nothing on the tab names anybody; the record does, and who opens it is on record.
    assert "林大山" not in shown
    assert "赵一" not in shown
    assert not PersonalDataRead.objects.exists()
    record = message_of(page.get(reverse("settling:record", args=[settlement.pk])))
    assert "林大山（配偶）" in record
    assert "赵一、赵二" in record
    read = PersonalDataRead.objects.get()
    assert (read.user, read.subject) == (lucheng.discipline, f"settling:{settlement.pk}")
    empty = page.post(reverse("settling:acknowledge", args=[filing.pk]), {"answer": " "})
    assert 'role="alert"' in message_of(empty)
    page.post(reverse("settling:acknowledge", args=[filing.pk]), {"answer": "已备案。"})
    filing.refresh_from_db()
    assert filing.answer == "已备案。"


@pytest.mark.clause("LC-4.5")
def test_the_register_asks_as_often_for_many_as_for_three(lucheng, browse) -> None:
    page = browse(lucheng.district)

    def counted(expected: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            shown = message_of(page.get(reverse("settling:register")))
        assert shown.count("?tab=settling") == expected
        return len(queries)

    for _ in range(3):
        builders.referred(lucheng)
    before = counted(3)
    model = CaseByCase.objects.first()
    # The other rows are earlier rounds of the same cases: a register need not walk thirty households.
    for n in range(2, 29):
        model.pk, model.investigation_round = None, n
        model._state.adding = True
        model.save()
    assert counted(30) == before


def test_a_broken_file_is_no_sheet(lucheng, browse) -> None:
    settlement = builders.referred(lucheng)
    page = browse(lucheng.office.handler)
    sheet = SimpleUploadedFile("a.jpg", b"\xff\xd8\xff no picture", content_type="image/jpeg")
    answer = page.post(
        reverse("settling:appraise", args=[settlement.application_id]), APPRAISAL | {"sheet": sheet}
    )
    assert "图片已损坏" in message_of(answer)
    assert not Appraisal.objects.exists()
