"""The pages of 联审联批: one form for many cases, nothing typed is lost, reading names is on record."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.conferring.models import JointItem, JointMeeting
from approvals.documents.registry import FORMS
from approvals.documents.service import document_bytes, make_document
from approvals.enums import DocumentKind
from organisations.enums import Post
from organisations.models import PersonalDataRead
from tests.approvals.test_documents import n_pages, text_of
from tests.cases.builders import person_with, photo
from tests.conferring.builders import PRESENT, case_entry, conferred
from tests.conftest import BEIJING

MEETING = {
    "held_at": "2026-03-10T08:30",
    "place": "街道会议室",
    "chair": "郑明",
    "present": "\n".join(f"{name} {office}" for name, office in PRESENT),
    "minutes": "逐件听取汇报，集体研究。",
}


def shown(response) -> str:
    return response.content.decode()


def answers(application, **changes) -> dict[str, str]:
    said = {"taken": "on", "conclusion": "approved", "opinion": "情况属实。", "n_against": "1"} | changes
    return {f"{application.pk}-{name}": value for name, value in said.items()}


@pytest.mark.clause("JZ-5.1")
def test_a_meeting_by_the_page(waiting, unfavourable, office, client, clock):
    clock.move_to(dt.datetime(2026, 3, 10, 9, tzinfo=BEIJING))
    client.force_login(office.handler)
    home = shown(client.get("/"))
    address = f"{reverse('conferring:record')}?township={office.township.code}"
    assert home.count(address.replace("&", "&amp;")) == 2
    page = shown(client.get(address))
    assert waiting.number in page
    assert "初审同意：每月 100.00 元" in page
    assert unfavourable.number in page
    assert "初审不同意" in page

    none = shown(client.post(address, MEETING | {"scan": photo()}))
    assert "请勾选本次会议研究的申请" in none
    assert "逐件听取汇报" in none
    bad = shown(client.post(address, MEETING | {"present": "郑明"} | answers(waiting, conclusion="")))
    assert "第 1 行请写姓名、空格、职务" in bad
    assert "请选择研究结论" in bad
    assert "情况属实。" in bad
    wrong = shown(client.post(address, MEETING | {"scan": photo()} | answers(waiting, n_against="4")))
    assert "参加表决 5 人，同意 1 人，与研究结论不一致" in wrong
    assert not JointMeeting.objects.exists()

    done = client.post(address, MEETING | {"scan": photo()} | answers(waiting, recused="何静"))
    meeting = JointMeeting.objects.get()
    assert done["Location"] == reverse("conferring:meeting", args=[meeting.pk])
    item = JointItem.objects.get()
    assert (item.application, item.n_for, item.n_against, item.n_recused) == (waiting, 3, 1, 1)
    left = shown(client.get(address))
    assert unfavourable.number in left
    assert waiting.number not in left
    tab = shown(client.get(f"{reverse('workbench:case', args=[waiting.number])}?tab=settling"))
    assert "3／1／0" in tab
    assert "何静" not in tab


@pytest.mark.clause("JZ-5.1")
@pytest.mark.clause("LC-4.5")
def test_reading_names_is_on_record_and_the_minutes_are_a_paper(waiting, unfavourable, office, client):
    held = conferred(office, case_entry(waiting, recused=["何静"]), case_entry(unfavourable, "refused"))
    auditor = person_with(Post.AUDITOR, office.township.parent)
    client.force_login(auditor)
    assert "何静（财政所负责人）" in shown(client.get(reverse("conferring:meeting", args=[held.pk])))
    scan = client.get(reverse("conferring:scan", args=[held.pk]))
    assert scan["Content-Type"] == "image/jpeg"
    assert scan["X-Content-Type-Options"] == "nosniff"
    reads = PersonalDataRead.objects.filter(user=auditor, subject=f"joint_meeting:{held.pk}")
    assert reads.count() == 2

    [matter] = FORMS[DocumentKind.JOINT_MINUTES].matters(waiting)
    made = make_document(
        application=waiting, kind=DocumentKind.JOINT_MINUTES, actor=office.handler, matter=matter
    )
    pdf = document_bytes(made)
    text = text_of(pdf)
    for words in (
        "社会救助联审联批会议纪要", waiting.applicant_name,
        "郑明（街道党工委书记）", "共2件，本纪要为其中一件",
        "初审同意，每月100.00元", "表决（4人）", "同意4人", "不同意0人", "集体研究，情况属实。",
    ):  # fmt: skip
        assert words in text
    # The paper of one case says nothing of the others.
    assert unfavourable.number not in text
    assert n_pages(pdf) == 1


def test_as_many_questions_for_thirty_meetings_as_for_three(waiting, office, client):
    client.force_login(office.approver)
    model = conferred(office, case_entry(waiting))

    def counted(expected: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            page = shown(client.get(reverse("conferring:meetings")))
        assert page.count("街道会议室") == expected
        return len(queries)

    def hold(number: int) -> None:
        for _ in range(number):
            model.pk, model._state.adding = None, True
            model.save()

    hold(2)
    before = counted(3)
    hold(27)
    assert counted(30) == before


def test_where_no_rule_wants_a_meeting_the_page_says_so(office, client, db):
    dongtou = person_with(Post.HANDLER, office.places.township)
    client.force_login(dongtou)
    assert "不需要联审联批" in shown(client.get(reverse("conferring:record")))
    assert client.get(f"{reverse('conferring:record')}?township={office.township.code}").status_code == 404
