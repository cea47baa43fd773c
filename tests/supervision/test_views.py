"""抽查 and 问题整改 in the browser: who sees what, and what the forms do."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.enums import ApplicationState as State
from cases.enums import Programme
from organisations.enums import Post
from organisations.models import User
from organisations.services import end_posting
from supervision.enums import FindingState, ReviewState
from supervision.models import Finding, Review, SamplingRun
from supervision.queries import review_panel, tasks_for
from supervision.services import answer_finding, record_review, redraw
from tests.approvals.builders import case_in
from tests.cases.builders import person_with
from tests.supervision.builders import all_yes, decided, found, run_of
from tests.supervision.conftest import beijing


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url(name: str, *args) -> str:
    return reverse(f"supervision:{name}", args=args)


@pytest.fixture
def run(places) -> SamplingRun:
    for n in range(4):
        decided([places.village, places.other_township_village][n % 2], beijing(2026, 2, 10))
    return run_of(places.county)


@pytest.fixture
def review(run, places) -> Review:
    return run.reviews.get(township=places.township)


@pytest.fixture
def finding(review, auditor) -> Finding:
    return found(review, auditor)


def filled(review: Review, **changes) -> dict:
    """The checklist as the auditor sends it, every question 符合."""
    empty = {"findings-TOTAL_FORMS": "3", "findings-INITIAL_FORMS": "0", "summary": ""}
    return empty | {code: given.answer.value for code, given in all_yes(review).items()} | changes


HOSTILE = [
    "😀😀 表情",
    "𠮷野家 𡃁㐂",
    "'\";-- DROP TABLE supervision_finding",
    '<svg onload=alert(1)>"><b>',
    "长" * 10_000,
    "空\x00字符",
    "第一行\r\n第二行",
    "\u202e倒写\u200b",
    "{{ 7|add:7 }}{% now 'Y' %}",
]
PROBLEM = {
    "visit": "no",
    "visit_note": "未见室内照片",
    "findings-0-clause": "SY-A1.3",
    "findings-0-text": "入户调查没有室内照片，请补充。",
    "findings-0-due_on": "2026-03-31",
}


# --- draws ------------------------------------------------------------------------------------------


@pytest.mark.clause("DT-1.3")
def test_the_list_shows_draws_what_waits_and_what_is_quiet(run, places, auditor):
    decided(places.village, beijing(2026, 2, 10), programme=Programme.TEKUN)
    page = as_user(auditor).get(url("runs")).content.decode()
    assert "2026 年 2 月" in page
    assert url("run", run.pk) in page
    assert "0 / 2" in page
    assert "洞头区 特困人员救助供养：有新增对象，尚未抽取。" in page
    assert "本月无新增：洞头区 一事一议、洞头区 最低生活保障边缘家庭、洞头区 临时救助。" in page


def test_an_auditor_draws_a_waiting_month_by_hand(places, auditor):
    decided(places.village, beijing(2026, 2, 10))
    data = {"county": "330305", "programme": "dibao", "month": "2026-02"}
    response = as_user(auditor).post(url("draw"), data)
    run = SamplingRun.objects.get()
    assert response.url == url("run", run.pk)
    assert run.drawn_by == auditor


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"month": "2026-03"}, 302),
        ({"month": "9999-12"}, 404),
        ({"month": "x"}, 404),
        ({"programme": "x"}, 404),
        ({"county": "330604"}, 404),
        ({"county": "\x00"}, 404),
    ],
)
def test_a_draw_by_hand_takes_no_nonsense(places, auditor, change, status):
    decided(places.village, beijing(2026, 2, 10))
    data = {"county": "330305", "programme": "dibao", "month": "2026-02"} | change
    assert as_user(auditor).post(url("draw"), data).status_code == status
    assert not SamplingRun.objects.exists()


@pytest.mark.clause("DT-1.3")
def test_the_page_of_a_draw_shows_all_that_repeats_it(run, auditor):
    page = as_user(auditor).get(url("run", run.pk)).content.decode()
    command = (
        f"manage.py draw --seed {run.seed} --ratio 0.3 --stratum township frame-330305-dibao-202602-1.csv"
    )
    for text in (run.seed, run.frame_sha256, command, "DT-1.3", "30%", "刚才复算一致"):
        assert text in page
    for stratum in run.drawn.values():
        for number in stratum["drawn"]:
            assert number in page


def test_the_frame_is_handed_out_byte_for_byte(run, auditor):
    response = as_user(auditor).get(url("frame", run.pk))
    assert response.content == run.frame.encode()
    assert response["Content-Disposition"] == 'attachment; filename="frame-330305-dibao-202602-1.csv"'


def test_a_redraw_asks_for_a_reason_and_shows_it(run, auditor):
    client = as_user(auditor)
    page = client.post(url("redraw", run.pk), {"text": "  "})
    assert page.status_code == 200
    assert "请填写重抽理由" in page.content.decode()
    response = client.post(url("redraw", run.pk), {"text": "演练误用"})
    again = SamplingRun.objects.get(attempt=2)
    assert response.url == url("run", again.pk)
    assert "重抽理由：演练误用" in client.get(url("run", again.pk)).content.decode()
    assert "此次抽取之后又重抽过" in client.get(url("run", run.pk)).content.decode()
    late = client.post(url("redraw", run.pk), {"text": "再来"})
    assert "已由第 2 次抽查替代" in late.content.decode()


@pytest.mark.clause("DT-1.1")
def test_whose_draws_one_sees(run, office, places, auditor, observer):
    """Auditor and observers read; the observer does not draw; the other county finds nothing."""
    pages = [url("run", run.pk), url("frame", run.pk)]
    elsewhere = person_with(Post.AUDITOR, places.other_county)
    for page in pages:
        assert as_user(auditor).get(page).status_code == 200
        assert as_user(observer).get(page).status_code == 200
        assert as_user(office.approver).get(page).status_code == 403
        assert as_user(elsewhere).get(page).status_code == 404
    assert as_user(observer).post(url("redraw", run.pk), {"text": "x"}).status_code == 403
    assert as_user(elsewhere).post(url("redraw", run.pk), {"text": "x"}).status_code == 404
    assert as_user(office.approver).get(url("runs")).status_code == 403
    assert as_user(office.approver).post(url("draw"), {}).status_code == 403
    assert SamplingRun.objects.count() == 1


def test_a_townships_observer_sees_names_of_his_township_only(run, places, observer):
    page = as_user(observer).get(url("run", run.pk)).content.decode()
    mine, other = (run.reviews.get(township=area) for area in (places.township, places.other_township))
    assert url("review", mine.pk) in page
    assert other.application.number in page
    assert url("review", other.pk) not in page
    assert as_user(observer).get(url("review", other.pk)).status_code == 404


def test_months_are_turned_page_by_page(places, auditor, clock):
    decided(places.village, beijing(2024, 10, 10))
    old = run_of(places.county, month=dt.date(2024, 10, 1))
    client = as_user(auditor)
    first = client.get(url("runs")).content.decode()
    assert url("run", old.pk) not in first
    assert "?before=2025-03" in first
    assert url("run", old.pk) in client.get(url("runs"), {"before": "2025-03"}).content.decode()
    for odd in ("", "x", "0001-01", "2026-13", "9999-99", "２０２５-03", "9" * 5000):
        assert client.get(url("runs"), {"before": odd}).status_code == 200


# --- reviews ----------------------------------------------------------------------------------------


@pytest.mark.clause("DT-1.1")
def test_a_whole_case_is_reviewed_in_the_browser(office, clock, auditor):
    case_in(State.APPROVED, office=office, clock=clock)
    clock.move_to(beijing(2026, 4, 2, 9, 0))
    review = run_of(office.places.county, month=dt.date(2026, 3, 1)).reviews.get()
    client = as_user(auditor)
    page = client.get(url("review", review.pk)).content.decode()
    assert reverse("workbench:case", args=[review.application.number]) in page
    assert "经办、审核、审批是否由三名不同的人员办理" in page
    assert "DT-1.1" in page
    assert "重新测算 585.00 元" in page
    data = filled(review, **PROBLEM | {"findings-0-due_on": "2026-04-30"})
    response = client.post(url("review", review.pk), data)
    assert response.url == url("run", review.run_id)
    finding = Finding.objects.get()
    assert (finding.clause, finding.township, finding.due_on) == (
        "SY-A1.3",
        office.township,
        dt.date(2026, 4, 30),
    )
    done = client.get(url("review", review.pk)).content.decode()
    assert "核查时的记录，不能修改" in done
    assert "未见室内照片" in done
    assert client.post(url("review", review.pk), data).status_code == 403


def test_errors_stand_beside_their_field_and_nothing_is_lost(review, auditor):
    data = filled(review, summary="总体规范", visit="no", posts="", **{"findings-0-text": "只写了问题"})
    response = as_user(auditor).post(url("review", review.pk), data)
    page = response.content.decode()
    assert response.status_code == 200
    assert response.context["form"].errors == {
        "posts": ["请选择符合、不符合或不适用。"],
        "visit_note": ["不符合的项目请写明情况。"],
    }
    assert set(response.context["findings"].errors[0]) == {"clause", "due_on"}
    assert "总体规范" in page
    assert "只写了问题" in page
    review.refresh_from_db()
    assert review.state == ReviewState.OPEN


def test_a_no_without_a_finding_is_sent_back(review, auditor):
    data = filled(review, visit="no", visit_note="未见照片")
    page = as_user(auditor).post(url("review", review.pk), data).content.decode()
    assert "至少写一条问题" in page
    assert "未见照片" in page


@pytest.mark.parametrize("rows", ["x", "", "99999999999", None])
def test_a_tampered_form_is_no_500(review, auditor, rows):
    data = filled(review)
    if rows is None:
        del data["findings-TOTAL_FORMS"]
    else:
        data["findings-TOTAL_FORMS"] = rows
    assert as_user(auditor).post(url("review", review.pk), data).status_code == 200
    review.refresh_from_db()
    assert review.state == ReviewState.OPEN


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_every_field_of_a_review(review, auditor, text):
    data = filled(
        review,
        summary=text,
        posts_note=text,
        **{"findings-0-clause": "DT-1.1", "findings-0-text": text, "findings-0-due_on": "2026-03-31"},
    )
    response = as_user(auditor).post(url("review", review.pk), data)
    assert response.status_code in {200, 302}
    if response.status_code == 302:
        review.refresh_from_db()
        assert review.summary == text.replace("\r\n", "\n").strip() or review.summary == text.strip()
        shown = as_user(auditor).get(url("review", review.pk)).content.decode()
        assert "<svg onload" not in shown


@pytest.mark.clause("DT-1.1")
def test_who_reads_and_who_records_a_review(review, office, places, auditor, observer):
    page = url("review", review.pk)
    elsewhere = person_with(Post.AUDITOR, places.other_county)
    neighbour = person_with(Post.HANDLER, places.other_township)
    assert as_user(auditor).get(page).status_code == 200
    assert "核查由洞头区的区级监督岗办理" in as_user(observer).get(page).content.decode()
    assert as_user(observer).post(page, filled(review)).status_code == 403
    assert as_user(office.handler).get(page).status_code == 403
    for stranger in (elsewhere, neighbour):
        assert as_user(stranger).get(page).status_code == 404
        assert as_user(stranger).post(page, filled(review)).status_code == 404
    review.refresh_from_db()
    assert review.state == ReviewState.OPEN


def test_the_township_learns_of_a_drawn_case_when_it_is_reviewed(review, office, auditor, observer):
    application = review.application
    assert review_panel(application, auditor)["reviews"] == [review]
    assert review_panel(application, observer)["reviews"] == [review]
    assert review_panel(application, office.handler)["reviews"] == []
    found(review, auditor)
    assert review_panel(application, office.handler)["reviews"] == [review]


# --- findings ---------------------------------------------------------------------------------------


def test_a_finding_is_answered_returned_and_closed_in_the_browser(finding, office, auditor):
    township, district = as_user(office.reviewer), as_user(auditor)
    empty = township.post(url("finding_answer", finding.pk), {"text": ""})
    assert "请写明整改情况" in empty.content.decode()
    assert township.post(url("finding_answer", finding.pk), {"text": "已补拍。"}).status_code == 302
    assert "退回须写明理由" in district.post(url("finding_return", finding.pk), {}).content.decode()
    data = {"return-text": "仍看不清。"}
    assert district.post(url("finding_return", finding.pk), data).status_code == 302
    assert "仍看不清。" in township.get(url("finding", finding.pk)).content.decode()
    township.post(url("finding_answer", finding.pk), {"text": "已重新入户。"})
    assert district.post(url("finding_close", finding.pk), {"close-text": ""}).status_code == 302
    finding.refresh_from_db()
    assert finding.state == FindingState.CLOSED
    page = district.get(url("finding", finding.pk)).content.decode()
    assert page.index("已补拍。") < page.index("仍看不清。") < page.index("已重新入户。")


def test_who_sees_and_moves_a_finding(finding, office, places, auditor, observer):
    page = url("finding", finding.pk)
    for reader in (office.handler, office.reviewer, office.approver, auditor, observer):
        assert as_user(reader).get(page).status_code == 200
    assert as_user(office.helper).get(page).status_code in {403, 404}
    payer = person_with(Post.TOWN_PAYMENTS, places.township)
    assert as_user(payer).get(page).status_code == 403
    strangers = (
        person_with(Post.REVIEWER, places.other_township),
        person_with(Post.AUDITOR, places.other_county),
    )
    for stranger in strangers:
        assert as_user(stranger).get(page).status_code == 404
        for name in ("finding_answer", "finding_close", "finding_return"):
            assert as_user(stranger).post(url(name, finding.pk), {"text": "x"}).status_code == 404
    assert as_user(office.handler).post(url("finding_answer", finding.pk), {"text": "x"}).status_code == 403
    assert as_user(office.reviewer).post(url("finding_close", finding.pk), {}).status_code == 403
    assert as_user(auditor).post(url("finding_answer", finding.pk), {"text": "x"}).status_code == 403
    finding.refresh_from_db()
    assert finding.state == FindingState.OPEN


def test_the_list_is_narrowed_by_state_and_township(run, places, auditor, office, clock):
    mine = found(run.reviews.get(township=places.township), auditor, due_on=dt.date(2026, 3, 5))
    other = found(run.reviews.get(township=places.other_township), auditor)
    answer_finding(finding=other, actor=person_with(Post.REVIEWER, places.other_township), text="已补。")

    def shown(user: User, **query) -> set[int]:
        response = as_user(user).get(url("findings"), query)
        return {row["finding"].pk for row in response.context["rows"]}

    assert shown(auditor) == {mine.pk, other.pk}
    assert shown(auditor, state="answered") == {other.pk}
    assert shown(auditor, township="330305001") == {mine.pk}
    assert shown(office.handler) == {mine.pk}
    assert shown(office.handler, township="330305002") == set()
    assert shown(auditor, state="overdue") == set()
    clock.move_to(beijing(2026, 3, 6))
    assert shown(auditor, state="overdue") == {mine.pk}
    assert shown(auditor, before="1") == set()
    for odd in ("x", "-1", "9" * 18, "9" * 5000, "\x00"):
        assert as_user(auditor).get(url("findings"), {"before": odd}).status_code == 200


def test_the_list_goes_on_below_the_last_key(places, auditor):
    decided(places.village, beijing(2026, 2, 10))
    review = run_of(places.county).reviews.get()
    Finding.objects.bulk_create(
        Finding(
            review=review,
            county=places.county,
            township=places.township,
            village=places.village,
            clause="SY-A1.3",
            text=f"问题 {n}",
            found_by=auditor,
            found_at=beijing(2026, 3, 2),
        )
        for n in range(32)
    )
    client = as_user(auditor)
    first = client.get(url("findings"), {"state": "open"})
    second = client.get(first.context["next_url"].replace("?", url("findings") + "?"))
    pages = [[row["finding"].pk for row in page.context["rows"]] for page in (first, second)]
    assert (len(pages[0]), len(pages[1])) == (30, 2)
    assert sorted(pages[0] + pages[1], reverse=True) == pages[0] + pages[1]
    assert "state=open" in first.context["next_url"]
    assert second.context["next_url"] == ""


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_lists_ask_the_same_number_of_questions_for_3_and_30_rows(places, auditor):
    """Reviews, findings and tasks: whether there are a few or ten times as many."""

    def counts() -> list[int]:
        client = as_user(auditor)
        run = SamplingRun.objects.order_by("pk").last()
        pages = [url("runs"), url("run", run.pk), url("findings")]
        counted = [queries_of(client, page) for page in pages]
        fresh = User.objects.get(pk=auditor.pk)
        with CaptureQueriesContext(connection) as captured:
            tasks_for(fresh)
        return [*counted, len(captured)]

    def drawn(month: int, n: int) -> None:
        for _ in range(n):
            decided(places.village, beijing(2026, month, 10))
        for review in list(run_of(places.county, month=dt.date(2026, month, 1)).reviews.all())[: n // 5]:
            found(review, auditor)

    drawn(1, 10)
    few = counts()
    drawn(2, 100)
    assert counts() == few


# --- workbench --------------------------------------------------------------------------------------


def test_tasks_of_auditor_and_township(review, office, auditor, observer, places, clock):
    assert {todo.action for todo in tasks_for(auditor)} == {"核查"}
    assert tasks_for(office.reviewer) == []
    finding = found(review, auditor, due_on=dt.date(2026, 3, 4))
    assert [todo.number for todo in tasks_for(auditor)] != [review.application.number]
    (todo,) = tasks_for(office.reviewer)
    assert (todo.number, todo.action, todo.level, todo.name) == (
        review.application.number,
        "答复",
        "soon",
        "林*花",
    )
    assert todo.due_at == beijing(2026, 3, 4, 23, 59, 59)
    assert todo.url == url("finding", finding.pk)
    assert tasks_for(office.handler) == []
    assert tasks_for(observer) == []
    assert tasks_for(person_with(Post.REVIEWER, places.other_township)) == []
    answer_finding(finding=finding, actor=office.reviewer, text="已补。")
    assert tasks_for(office.reviewer) == []
    assert "销号或退回" in {todo.action for todo in tasks_for(auditor)}


def test_a_dealt_case_is_the_task_of_one_auditor_until_he_leaves(places, auditor):
    """A colleague may take it over from the page of the draw; nobody's case stays without an owner."""
    decided(places.village, beijing(2026, 2, 10))
    review = run_of(places.county).reviews.get()
    assert review.assigned_to == auditor
    colleague = person_with(Post.AUDITOR, places.county)
    assert [todo.number for todo in tasks_for(auditor)] == [review.application.number]
    assert tasks_for(colleague) == []
    end_posting(posting=auditor.postings.get(), valid_to=dt.date(2026, 3, 2), actor=None)
    assert [todo.number for todo in tasks_for(colleague)] == [review.application.number]
    record_review(review=review, actor=colleague, answers=all_yes(review))
    page = as_user(colleague).get(url("review", review.pk)).content.decode()
    assert "分派给郑监督" in page
    assert f"{colleague} 2026 年 3 月 2 日" in page


def test_the_case_page_shows_the_review(review, auditor, office):
    record_review(review=review, actor=auditor, answers=all_yes(review))
    page = reverse("workbench:case", args=[review.application.number]) + "?tab=reviews"
    for reader in (auditor, office.handler):
        assert "未发现问题" in as_user(reader).get(page).content.decode()


def test_no_full_name_or_number_of_a_person_on_any_page(office, clock, auditor):
    application = case_in(State.APPROVED, office=office, clock=clock)
    clock.move_to(beijing(2026, 4, 2, 9, 0))
    run = run_of(office.places.county, month=dt.date(2026, 3, 1))
    review = run.reviews.get()
    finding = found(review, auditor, due_on=dt.date(2026, 4, 30))
    redraw(run=run, reason="演练", actor=auditor, at=beijing(2026, 4, 3))
    client = as_user(auditor)
    person = application.household.members.get().person
    secrets = (person.name, person.id_number, "6222020000000000008")
    for page in (
        url("runs"),
        url("run", run.pk),
        url("frame", run.pk),
        url("review", review.pk),
        url("findings"),
        url("finding", finding.pk),
    ):
        text = client.get(page).content.decode()
        assert [secret for secret in secrets if secret in text] == []
