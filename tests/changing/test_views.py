"""The pages of a change, as each post sees them, without any script."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from approvals.changing.enums import ChangeState as State
from approvals.changing.models import BenefitChange
from approvals.changing.queries import tasks_for
from approvals.enums import DocumentKind
from organisations.models import PersonalDataRead
from tests.changing.builders import _scan


@pytest.fixture
def signed_in(shangyu):
    """A browser for a person of the office, by role."""

    def log_in(role: str) -> Client:
        client = Client()
        client.force_login(getattr(shangyu.office, role))
        return client

    return log_in


def text_of(response) -> str:
    assert response.status_code == 200, response
    return response.content.decode()


def test_a_handler_writes_a_change_up_and_proposes_it(shangyu, signed_in) -> None:
    benefit, browser = shangyu.benefit(), signed_in("handler")
    page = text_of(browser.get(reverse("payments:benefit", args=[benefit.pk])))
    new = reverse("changing:new", args=[benefit.pk])
    assert new in page
    assert "现在每月 675.00 元" in text_of(browser.get(new))
    answer = browser.post(new, {"kind": "stop", "reason": "property", "facts": "新增住房一套。"})
    change = BenefitChange.objects.get()
    home = reverse("changing:change", args=[change.pk])
    assert answer.url == home
    assert "须有入户核查" in text_of(browser.get(home))
    scan = SimpleUploadedFile("证明.png", _scan(), content_type="image/png")
    found = {"kind": "proof", "found_on": "2026-03-09", "finding": "不动产登记查询", "file": scan}
    assert browser.post(reverse("changing:evidence", args=[change.pk]), found).url == home
    assert browser.post(reverse("changing:move", args=[change.pk, "propose"])).url == home
    change.refresh_from_db()
    assert change.state == State.PROPOSED
    shown = text_of(browser.get(home))
    assert "提出变更：停发（财产超过规定），原每月 675.00 元" in shown
    assert "林小花" not in shown
    file = browser.get(reverse("changing:evidence_file", args=[change.evidence.get().pk]))
    assert file["Content-Type"] == "image/png"
    assert PersonalDataRead.objects.filter(subject=f"evidence:{change.evidence.get().pk}").exists()


def test_what_was_typed_stays_when_the_calculation_speaks_against_it(shangyu, signed_in) -> None:
    benefit, browser = shangyu.benefit(), signed_in("handler")
    member = benefit.application.household.members.get()
    typed = {
        "kind": "adjust",
        "reason": "income_rose",
        "facts": "找到工作，工资 1,300 元。",
        "member": member.pk,
        "income_kind": "wage",
        "income": "1300.00",
    }
    page = text_of(browser.post(reverse("changing:new", args=[benefit.pk]), typed))
    assert "按核实情况测算已不符合条件" in page
    assert "找到工作，工资 1,300 元。" in page
    assert not BenefitChange.objects.exists()


def test_only_the_posts_of_the_township_see_a_change(shangyu, signed_in) -> None:
    change = shangyu.change_in(State.PROPOSED)
    browser = signed_in("helper")
    assert browser.get(reverse("changing:change", args=[change.pk])).status_code == 403
    assert browser.get(reverse("changing:list")).status_code == 403


def test_the_workbench_leads_from_post_to_post(shangyu) -> None:
    change = shangyu.change_in(State.DRAFT)
    office = shangyu.office

    def waiting() -> dict[str, str]:
        people = {role: getattr(office, role) for role in ("handler", "reviewer", "approver")}
        for person in people.values():
            person.__dict__.pop("_scope", None)
        found = {role: [todo.action for todo in tasks_for(person)] for role, person in people.items()}
        return {role: actions[0] for role, actions in found.items() if actions}

    seen = [waiting()]
    for state in (State.PROPOSED, State.REVIEWED, State.AGREED, State.NOTICED, State.HEARING):
        change = shangyu._on_to(change, state)
        seen.append(waiting())
    said = shangyu.say(change)
    seen.append(waiting())
    shangyu.answer(said)
    change = shangyu._on_to(change, State.DECIDING)
    seen.append(waiting())
    change = shangyu._on_to(change, State.DECIDED)
    seen.append(waiting())
    shangyu.serve(change, DocumentKind.CHANGE_DECISION)
    seen.append(waiting())
    assert seen == [
        {"handler": "完善并提出变更"},
        {"reviewer": "初审变更"},
        {"approver": "审批变更"},
        {"handler": "出具事先告知书"},
        {},
        {"handler": "登记陈述申辩"},
        {"reviewer": "复核陈述申辩"},
        {"approver": "作出变更决定"},
        {},
        {},
    ]


@pytest.mark.parametrize(
    "state", [State.DRAFT, State.HEARING, State.DECIDING, State.PUBLISHED, State.IN_EFFECT, State.DROPPED]
)
def test_every_post_opens_the_page_in_every_state(shangyu, signed_in, state) -> None:
    change = shangyu.change_in(state)
    for role in ("handler", "reviewer", "approver"):
        page = text_of(signed_in(role).get(reverse("changing:change", args=[change.pk])))
        assert state.label in page
        case = reverse("workbench:case", args=[change.application.number])
        assert state.label in text_of(signed_in(role).get(f"{case}?tab=money"))
        assert text_of(signed_in(role).get("/"))
    documents = f"{reverse('workbench:case', args=[change.application.number])}?tab=documents"
    assert text_of(signed_in("handler").get(documents))
