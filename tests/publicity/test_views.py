"""公示与异议 on the clerks' desks: their own area only, each in the own post."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from cases.models import Attachment
from organisations.enums import Post
from organisations.models import PersonalDataRead
from publicity import services
from publicity.enums import ClosingReason, ObjectionOutcome, ObjectionSource
from publicity.models import Objection
from publicity.queries import notice_panel
from tests.publicity.builders import OTHER_VILLAGE, application, notice, user_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
TOWNSHIP, OTHER_TOWNSHIP, COUNTY = "330305001000", "330305002000", "330305000000"


def objection_on(posted, phone: str = "") -> Objection:
    return services.record_objection(
        notice=posted,
        source=ObjectionSource.PUBLIC,
        content="他家有一辆货车。",
        name="陈大海",
        phone=phone,
        actor=None,
        at=timezone.now(),
    )


@pytest.fixture
def reviewer(client):
    user = user_with(Post.REVIEWER, TOWNSHIP)
    client.force_login(user)
    return user


def test_log_in_comes_first(client):
    assert client.get(reverse("publicity:list")).status_code == 302


def test_the_list_shows_the_own_area_masked(client, reviewer):
    mine, other = notice(), notice(application(village=OTHER_VILLAGE))
    text = client.get(reverse("publicity:list")).content.decode()
    assert mine.application.number in text
    assert other.application.number not in text
    assert "林*英" in text
    assert "林秀英" not in text


def test_the_list_by_status_and_area(client, clock):
    auditor = user_with(Post.AUDITOR, COUNTY)
    client.force_login(auditor)
    ended, objected, running = notice(), notice(application(village=OTHER_VILLAGE)), notice(days=9)
    services.close_notice(notice=ended, reason=ClosingReason.WITHDRAWN, at=timezone.now())
    objection_on(objected)
    numbers = {posted.application.number: posted for posted in (ended, objected, running)}

    def shown(**query):
        text = client.get(reverse("publicity:list"), query).content.decode()
        return {posted for number, posted in numbers.items() if number in text}

    assert shown() == {ended, objected, running}
    assert shown(status="running") == {objected, running}
    assert shown(status="objection") == {objected}
    assert shown(status="ended") == {ended}
    assert shown(status="nonsense") == set()
    assert shown(area=OTHER_TOWNSHIP) == {objected}
    clock.move_to(objected.ends_at)
    client.force_login(auditor)
    assert shown(status="due") == {objected}


def test_the_list_asks_as_often_for_30_rows_as_for_3(client, reviewer):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("publicity:list")).status_code == 200
        return len(captured)

    for _ in range(3):
        objection_on(notice())
    few = queries()
    for _ in range(27):
        objection_on(notice(application(state="published")))
    assert queries() == few


def test_a_telephone_call_is_written_down(client):
    helper = user_with(Post.VILLAGE_HELPER, "330305001201")
    client.force_login(helper)
    posted = notice()
    address = reverse("publicity:objection_new", args=[posted.pk])
    assert "2026-03-02T09:00" in client.get(address).content.decode()
    response = client.post(
        address,
        {
            "received_at": "2026-03-02T09:00",
            "name": "陈大海",
            "phone": "0577-63380001",
            "content": "有一辆货车",
        },
    )
    assert response.status_code == 302
    objection = Objection.objects.get()
    assert (objection.source, objection.recorded_by, objection.phone) == ("township", helper, "0577-63380001")


@pytest.mark.parametrize(
    ("received_at", "said"),
    [
        ("2026-03-02T09:01", "不能晚于现在"),
        ("2026-03-01T09:00", "不在公示期内"),
        ("昨天", "请填写日期和时间"),
    ],
)
def test_a_wrong_time_is_named_and_the_rest_is_kept(client, reviewer, received_at, said):
    address = reverse("publicity:objection_new", args=[notice().pk])
    response = client.post(address, {"received_at": received_at, "content": "有一辆货车"})
    text = response.content.decode()
    assert response.status_code == 200
    assert said in text
    assert "有一辆货车" in text
    assert not Objection.objects.exists()


def test_out_of_reach_is_404_and_the_wrong_post_403(client):
    posted = notice()
    objection = objection_on(posted)
    addresses = [
        reverse("publicity:objection_new", args=[posted.pk]),
        reverse("publicity:objection_handle", args=[objection.pk]),
    ]
    client.force_login(user_with(Post.REVIEWER, OTHER_TOWNSHIP))
    assert [client.get(address).status_code for address in addresses] == [404, 404]
    client.force_login(user_with(Post.APPROVER, TOWNSHIP))
    assert [client.get(address).status_code for address in addresses] == [403, 403]
    phone = reverse("publicity:objection_phone", args=[objection.pk])
    assert client.post(phone, {"reason": "核实"}).status_code == 403


def test_upholding_leads_to_the_case_page(client, reviewer):
    objection = objection_on(notice())
    response = client.post(
        reverse("publicity:objection_handle", args=[objection.pk]),
        {"outcome": "reinvestigate", "handling": "属实"},
    )
    case_page = reverse("workbench:case", args=[objection.notice.application.number])
    assert response["Location"] == f"{case_page}?tab=notice"
    objection.refresh_from_db()
    assert (objection.outcome, objection.handled_by) == (ObjectionOutcome.REINVESTIGATE, reviewer)


def test_the_handler_is_told_who_may_set_aside(client):
    client.force_login(user_with(Post.HANDLER, TOWNSHIP))
    objection = objection_on(notice())
    response = client.post(
        reverse("publicity:objection_handle", args=[objection.pk]),
        {"outcome": "not_about_case", "handling": "路灯的事"},
    )
    text = response.content.decode()
    assert response.status_code == 200
    assert "须由审核岗办理" in text
    assert "路灯的事" in text


def test_a_telephone_number_is_masked_until_a_reason_is_on_record(client, reviewer):
    objection = objection_on(notice(), phone="13700005678")
    page = client.get(reverse("publicity:objection_handle", args=[objection.pk])).content.decode()
    assert "137****5678" in page
    assert "13700005678" not in page
    address = reverse("publicity:objection_phone", args=[objection.pk])
    refused = client.post(address, {"reason": " "}).content.decode()
    assert "13700005678" not in refused
    assert "请填写查看事由" in refused
    assert client.get(address).status_code == 405
    assert not PersonalDataRead.objects.exists()
    assert "13700005678" in client.post(address, {"reason": "答复提出人"}).content.decode()
    read = PersonalDataRead.objects.get()
    assert (read.user, read.subject, read.reason) == (reviewer, f"objection:{objection.pk}", "答复提出人")


def jpeg() -> SimpleUploadedFile:
    content = BytesIO()
    Image.new("RGB", (8, 8), "white").save(content, "JPEG")
    return SimpleUploadedFile("公示栏.jpg", content.getvalue(), content_type="image/jpeg")


@pytest.mark.clause("SY-A1.7a")
def test_a_photo_of_the_board_is_kept_with_the_case(client):
    handler = user_with(Post.HANDLER, TOWNSHIP)
    client.force_login(handler)
    posted = notice()
    address = reverse("publicity:board_photo", args=[posted.pk])
    assert client.get(address).status_code == 200
    bad = client.post(
        address, {"file": SimpleUploadedFile("a.jpg", b"<svg onload=x>"), "title": "村务公开栏"}
    )
    assert "村务公开栏" in bad.content.decode()
    assert not Attachment.objects.exists()
    assert client.post(address, {"file": jpeg(), "title": "村务公开栏"}).status_code == 302
    photo = Attachment.objects.get()
    assert (photo.kind, photo.title, photo.uploaded_by) == ("board_photo", "村务公开栏", handler)
    panel = notice_panel(posted.application, handler)["notice_panel"]
    assert panel["photos"] == [photo]
    assert panel["can_upload"]


def test_the_notice_tab_shows_notice_objections_and_photos(client):
    reviewer = user_with(Post.REVIEWER, TOWNSHIP)
    client.force_login(reviewer)
    objection = objection_on(notice())
    page = client.get(f"/case/{objection.notice.application.number}/?tab=notice").content.decode()
    for words in ("公示中", "他家有一辆货车。", "陈*海", "还没有公示照片", "公开页面"):
        assert words in page
