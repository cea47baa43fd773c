"""送达 in the browser: from the 文书 tab, at the door, on the workbench, and who may look at proofs."""

import datetime as dt
import json
from hashlib import sha256

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from approvals.documents.service import document_bytes, make_document
from approvals.enums import DocumentKind as Kind
from approvals.serving.enums import Event
from approvals.serving.models import ServiceAttempt
from approvals.serving.papers import matter_of
from approvals.serving.queries import served_at, tasks_for
from cases.enums import ApplicationState as State
from common import clock as house_clock
from common import uploads
from common.errors import Refused
from organisations.enums import Post
from organisations.models import PersonalDataRead, User
from tests.approvals.builders import case_in
from tests.approvals.test_documents import text_of
from tests.cases.builders import person_with
from tests.serving.builders import attempt, hand_over, refusal_of, scan, walk


def send(client, paper, event: Event, office, **values):
    data = {
        "happened_at": f"{timezone.localtime(house_clock.now()):%Y-%m-%dT%H:%M}",
        "place": "三盘村海滨路 3 号",
        "first_server": office.handler.pk,
        "second_server": office.reviewer.pk,
        "receiver_relation": "self",
        "proof": scan(),
    }
    return client.post(reverse("serving:attempt", args=[paper.pk, event]), data | values)


@pytest.mark.clause("SY-A1.5b")
def test_from_the_tab_to_the_door_and_back(client, paper, office, clock):
    clock.move_to(dt.datetime(2026, 3, 10, 9, 0, tzinfo=dt.UTC))
    client.force_login(office.handler)
    tab = client.get(f"{reverse('workbench:case', args=[paper.application.number])}?tab=documents")
    page = reverse("serving:service", args=[paper.pk])
    assert page in tab.content.decode()
    opened = client.get(page).content.decode()
    assert "登记直接送达" in opened
    assert "直接送达被拒绝签收的方可留置" in opened
    form = client.get(reverse("serving:attempt", args=[paper.pk, Event.HANDED_OVER])).content.decode()
    assert paper.application.household.address in form
    happened = {"happened_at": "2026-03-10T16:30"}
    answer = send(client, paper, Event.HANDED_OVER, office, **happened)
    assert answer["Location"] == page
    assert served_at(paper) == dt.datetime(2026, 3, 10, 8, 30, tzinfo=dt.UTC)
    assert "已送达" in client.get(page).content.decode()


@pytest.mark.clause("SY-A1.5b")
@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"second_server": ""}, "这个字段是必填项"),
        ({"proof": ""}, "这个字段是必填项"),
        ({"receiver_relation": "family"}, "请填写收件人姓名"),
        ({"happened_at": "2030-01-01T10:00"}, "不能晚于现在"),
        ({"happened_at": "0026-01-01T10:00"}, "不能早于文书制作"),
        ({"happened_at": "x"}, "有效的日期/时间"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_lost(client, paper, office, values, told):
    client.force_login(office.handler)
    page = send(client, paper, Event.HANDED_OVER, office, **{"place": "村口"} | values).content.decode()
    assert told in page.replace("。", "")
    assert "村口" in page
    assert not ServiceAttempt.objects.exists()


def test_the_same_person_twice_is_said_beside_the_second(client, paper, office):
    client.force_login(office.handler)
    page = send(client, paper, Event.HANDED_OVER, office, second_server=office.handler.pk).content.decode()
    assert "送达由两名不同的工作人员进行。（SY-A1.5b）" in page
    assert not ServiceAttempt.objects.exists()


def test_the_proof_is_private_and_reading_it_is_on_record(client, paper, office):
    done = hand_over(paper, office)
    address = reverse("serving:proof", args=[done.pk])
    client.force_login(person_with(Post.AUDITOR, office.places.county))
    answer = client.get(address)
    assert answer["Content-Type"] == "image/jpeg"
    assert paper.application.applicant_name not in answer["Content-Disposition"]
    assert PersonalDataRead.objects.get().subject == f"service_attempt:{done.pk}"
    client.force_login(office.helper)
    assert client.get(address).status_code == 403
    client.force_login(person_with(Post.HANDLER, office.places.other_township))
    assert client.get(address).status_code == 404


def test_papers_that_bind_nobody_have_no_page(client, office, clock):
    case = case_in(State.REVIEWING, office=office, clock=clock)
    visit = make_document(application=case, kind=Kind.VISIT_FORM, actor=office.handler)
    client.force_login(office.handler)
    assert client.get(reverse("serving:service", args=[visit.pk])).status_code == 404
    with pytest.raises(Refused, match="不需要送达回证"):
        hand_over(visit, office)


def todos(user: User) -> list[tuple[str, str, str]]:
    fresh = User.objects.get(pk=user.pk)
    return [(todo.stage, todo.action, todo.deadline) for todo in tasks_for(fresh)]


@pytest.mark.clause("SY-A1.5b")
def test_the_workbench_leads_from_the_refusal_to_its_service(office, clock):
    case = case_in(State.REFUSED, office=office, clock=clock)
    [(stage, action, deadline)] = todos(office.handler)
    assert (stage, action) == ("未批准", "制作并送达告知书")
    assert deadline.startswith("书面告知：还剩")
    paper = refusal_of(case, office)
    assert todos(office.handler)[0][:2] == ("不符合条件告知书待送达", "送达")
    attempt(paper, Event.NOT_FOUND, office)
    assert todos(office.handler)[0][:2] == ("不符合条件告知书找不到人", "邮寄送达")
    attempt(paper, Event.MAILED, office)
    attempt(paper, Event.MAIL_RETURNED, office)
    announced = attempt(paper, Event.ANNOUNCED, office)
    assert todos(office.handler) == []
    clock.move_to(announced.ends_at + dt.timedelta(seconds=1))
    assert todos(office.handler)[0][:2] == ("不符合条件告知书公告期满", "确认公告期满")
    attempt(paper, Event.ANNOUNCEMENT_OVER, office)
    assert todos(office.handler) == []


def test_the_list_of_the_workbench_costs_the_same_for_many(office, clock, django_assert_max_num_queries):
    for _ in range(2):
        refusal_of(case_in(State.REFUSED, office=office, clock=clock), office)
    with django_assert_max_num_queries(12) as few:
        tasks_for(User.objects.get(pk=office.handler.pk))
    for _ in range(4):
        refusal_of(case_in(State.REFUSED, office=office, clock=clock), office)
    with django_assert_max_num_queries(len(few)):
        assert len(tasks_for(User.objects.get(pk=office.handler.pk))) == 6


@pytest.mark.clause("SY-A1.5b")
def test_the_receipt_tells_the_whole_way(paper, office, clock):
    walk(paper, Event.REFUSED, office, clock)
    with pytest.raises(Refused, match="尚未送达"):
        make_document(
            application=paper.application,
            kind=Kind.SERVICE_RECEIPT,
            actor=office.handler,
            matter=matter_of(paper),
        )
    attempt(paper, Event.LEFT, office, witness_1="林主任", place="三盘村海滨路 3 号门口")
    receipt = make_document(
        application=paper.application,
        kind=Kind.SERVICE_RECEIPT,
        actor=office.handler,
        matter=matter_of(paper),
    )
    text = text_of(document_bytes(receipt))
    for words in (
        "送达回证", "不符合最低生活保障告知书", paper.number, paper.application.applicant_name, "拒绝签收",
        "不认可结果。", "留置送达", "林主任", "门口", office.handler.display_name,
        office.reviewer.display_name, "北岙街道（盖章）",
    ):  # fmt: skip
        assert words in text
    assert json.loads(receipt.data)["attempts"][1]["proof"]


@pytest.mark.clause("SY-A1.5b")
def test_a_receipt_to_sign_is_taken_along(client, paper, office):
    client.force_login(office.handler)
    address = reverse("serving:blank", args=[paper.pk])
    assert address in client.get(reverse("serving:service", args=[paper.pk])).content.decode()
    text = text_of(b"".join(client.get(address).streaming_content))
    for words in ("送达回证", paper.number, paper.application.applicant_name, "☐直接送达", "送达人签名"):
        assert words in text
    client.force_login(person_with(Post.AUDITOR, office.places.county))
    assert client.get(address).status_code == 403


FILM = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + b"\x00" * 64


@pytest.mark.clause("SY-A1.5b")
def test_what_was_left_behind_may_be_filmed_and_the_film_is_only_handed_out(client, paper, office):
    attempt(paper, Event.REFUSED, office)
    client.force_login(office.handler)
    film = SimpleUploadedFile("a.jpg", FILM, content_type="image/jpeg")
    data = {"reason": "放在门内。", "witness_1": "", "witness_2": "", "proof": film}
    assert send(client, paper, Event.LEFT, office, **data).status_code == 302
    left = ServiceAttempt.objects.get(event=Event.LEFT)
    assert (left.proof_type, left.proof_sha256) == ("video/mp4", sha256(FILM).hexdigest())
    answer = client.get(reverse("serving:proof", args=[left.pk]))
    assert answer["Content-Type"] == "video/mp4"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].endswith("sandbox")
    assert b"".join(answer.streaming_content) == FILM


@pytest.mark.clause("SY-A1.5b")
def test_nothing_else_is_filmed_and_no_film_is_too_long(client, paper, office, monkeypatch):
    client.force_login(office.handler)
    film = SimpleUploadedFile("a.mp4", FILM, content_type="video/mp4")
    handed = send(client, paper, Event.HANDED_OVER, office, proof=film).content.decode()
    assert "只能上传 JPG、PNG 图片或 PDF 文件" in handed
    attempt(paper, Event.REFUSED, office)
    monkeypatch.setattr(uploads, "MAX_BYTES", 40)
    monkeypatch.setattr(uploads, "MAX_VIDEO_BYTES", len(FILM) - 1)
    film.seek(0)
    long = send(client, paper, Event.LEFT, office, reason="放在门内。", proof=film).content.decode()
    assert "视频不能超过" in long
    assert not ServiceAttempt.objects.filter(event=Event.LEFT).exists()
