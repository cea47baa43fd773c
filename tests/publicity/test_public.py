"""What everybody may see without log-in: the published copies, for as long as they hang, and nothing else."""

import datetime as dt
import re

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisDown

from publicity import limits, public_views, services
from publicity.enums import ClosingReason
from publicity.models import Objection
from tests.publicity.builders import FUJIAN_VILLAGE, OTHER_VILLAGE, application, areas, notice, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "empty_cache")]


@pytest.fixture
def empty_cache():
    cache.clear()
    yield
    cache.clear()


def page_of(posted, name: str = "notice") -> str:
    return reverse(f"public:{name}", args=[posted.token])


@pytest.mark.clause("SY-A1.4a")
def test_a_running_notice_is_open_to_everybody(client):
    posted = notice()
    text = client.get(page_of(posted)).content.decode()
    for words in (
        "林秀英",
        "三盘村",
        "北岙街道",
        "最低生活保障",
        "585.00",
        "0577-63380000",
        "2026 年 3 月 9 日",
    ):
        assert words in text


@pytest.mark.clause("SY-A1.7a")
def test_no_public_page_gives_a_number_or_a_child_away(client):
    case = application(others=(person("林小宝", dt.date(2015, 6, 1)),), statement="患尿毒症")
    posted = notice(case)
    household = list(case.household.members.select_related("person"))
    secrets = {"患尿毒症", "林小宝", case.payee_account, case.household.address, "13800001234"}
    secrets |= {member.person.id_number for member in household}
    for address in (
        reverse("public:index"),
        *(page_of(posted, name) for name in ("notice", "object", "object_sent")),
    ):
        response = client.get(address)
        text = response.content.decode()
        assert response.status_code == 200
        assert [secret for secret in secrets if secret in text] == []
        assert re.findall(r"\d{13,}", text) == []


def test_the_list_masks_names(client):
    notice()
    text = client.get(reverse("public:index")).content.decode()
    assert "林*英" in text
    assert "林秀英" not in text


@pytest.mark.parametrize("ending", ["past its time", "taken down"])
def test_a_notice_is_gone_after_its_time(client, clock, ending):
    posted = notice()
    address, form = page_of(posted), page_of(posted, "object")
    clock.move_to(posted.ends_at - dt.timedelta(seconds=1))
    assert client.get(address).status_code == 200
    if ending == "past its time":
        clock.move_to(posted.ends_at)
    else:
        services.close_notice(notice=posted, reason=ClosingReason.WITHDRAWN, at=timezone.now())
    for response in (client.get(address), client.get(form), client.post(form, {"content": "有车"})):
        assert response.status_code == 410
        assert "林秀英" not in response.content.decode()
    assert not Objection.objects.exists()
    assert posted.token not in client.get(reverse("public:index")).content.decode()


def test_an_unknown_token_is_not_found(client):
    for token in ("nothing", "x" * 300, "a\x00b", "林秀英", "%27--"):
        assert client.get(reverse("public:notice", args=[token])).status_code == 404


def test_no_robot_and_no_cache_keeps_a_notice(client, clock):
    posted = notice()
    response = client.get(page_of(posted))
    assert "noindex" in response["X-Robots-Tag"]
    assert '<meta name="robots" content="noindex' in response.content.decode()
    assert response["Cache-Control"] == "public, max-age=60"
    clock.move_to(posted.ends_at - dt.timedelta(seconds=20))
    assert client.get(page_of(posted))["Cache-Control"] == "public, max-age=20"
    assert client.get(page_of(posted, "object"))["Cache-Control"] == "no-store"


def test_the_list_by_county_and_township(client):
    here, there, far = (
        notice(),
        notice(application(village=OTHER_VILLAGE)),
        notice(application(village=FUJIAN_VILLAGE)),
    )

    def shown(**query) -> set[str]:
        text = client.get(reverse("public:index"), query).content.decode()
        return {posted.token for posted in (here, there, far) if posted.token in text}

    assert shown() == {here.token, there.token, far.token}
    assert shown(county="330305000000") == {here.token, there.token}
    assert shown(county="330305000000", township="330305001000") == {here.token}
    assert shown(county="nonsense") == set()
    assert shown(county="330305000000", township="350802001000") == set()
    for nonsense in ("0", "-1", "abc", str(2**70), "\x00"):
        assert here.token in client.get(reverse("public:index"), {"before": nonsense}).content.decode()


def test_the_list_goes_on_by_key_with_its_filter(client, django_assert_num_queries):
    case = application()
    posted = [notice(case)]
    for _ in range(34):
        posted.append(notice(application()))
    address = reverse("public:index")
    first = client.get(address, {"county": "330305000000"})
    assert len(first.context["notices"]) == 30
    follow = first.context["next_url"]
    assert "county=330305000000" in follow
    second = client.get(address + follow)
    assert [row.pk for row in second.context["notices"]] == [row.pk for row in reversed(posted[:5])]
    assert second.context["next_url"] == ""
    areas()
    with django_assert_num_queries(3):
        client.get(address)


def test_an_objection_reaches_the_township(client):
    posted = notice()
    text = "他家有一辆货车。𠮷😀'\";--\n第二行"
    response = client.post(
        page_of(posted, "object"), {"content": text, "name": "陈𬱖", "phone": "１３８００００１２３４"}
    )
    assert response.status_code == 302
    assert "处理完毕之前" in client.get(response["Location"]).content.decode()
    objection = Objection.objects.get()
    assert objection.content == text.replace("\n", "\r\n") or objection.content == text
    assert (objection.name, objection.phone, objection.source) == ("陈𬱖", "13800001234", "public")
    assert objection.recorded_by is None


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"content": ""}, "请写明异议内容"),
        ({"content": "  "}, "请写明异议内容"),
        ({"content": "字" * 10_000}, "2000"),
        ({"content": "有车\x00"}, "空字符"),
        ({"content": "有车", "name": "名" * 61}, "60"),
        ({"content": "有车", "phone": "不告诉你"}, "请填写电话号码"),
        ({"content": "有车", "website": "http://spam.example"}, "请留空"),
    ],
)
def test_bad_input_is_named_and_nothing_typed_is_lost(client, fields, said):
    response = client.post(page_of(notice(), "object"), {"name": "陈先生"} | fields)
    text = response.content.decode()
    assert response.status_code == 200
    assert said in text
    assert fields.get("name", "陈先生") in text
    assert not Objection.objects.exists()


def test_five_objections_an_hour_from_one_address(client, clock):
    posted = notice()
    for number in range(limits.PER_ADDRESS_AN_HOUR):
        assert client.post(page_of(posted, "object"), {"content": f"第{number}件"}).status_code == 302
    refused = client.post(page_of(posted, "object"), {"content": "第六件"})
    assert refused.status_code == 429
    assert "第六件" in refused.content.decode()
    assert (
        client.post(page_of(posted, "object"), {"content": "邻居"}, REMOTE_ADDR="10.0.0.9").status_code == 302
    )
    clock.shift(dt.timedelta(hours=1, seconds=1))
    assert client.post(page_of(posted, "object"), {"content": "一小时后"}).status_code == 302


def test_a_notice_is_not_drowned_in_objections(client):
    posted = notice()
    for number in range(limits.PER_NOTICE_A_DAY):
        client.post(page_of(posted, "object"), {"content": f"第{number}件"}, REMOTE_ADDR=f"10.0.0.{number}")
    assert posted.objections.count() == limits.PER_NOTICE_A_DAY
    response = client.post(page_of(posted, "object"), {"content": "再一件"}, REMOTE_ADDR="10.0.1.1")
    assert response.status_code == 429
    assert posted.objections.count() == limits.PER_NOTICE_A_DAY


def test_without_its_counter_the_form_says_so_and_takes_nothing(client, monkeypatch):
    def down(**_):
        raise RedisDown

    monkeypatch.setattr(public_views, "may_object", down)
    response = client.post(page_of(notice(), "object"), {"content": "有车"})
    assert response.status_code == 503
    assert "尚未提交" in response.content.decode()
    assert not Objection.objects.exists()


def test_no_address_stands_in_the_cache_in_clear(client, monkeypatch):
    kept = []
    add = cache.add
    monkeypatch.setattr(cache, "add", lambda key, *rest: kept.append(key) or add(key, *rest))
    client.post(page_of(notice(), "object"), {"content": "有车"}, REMOTE_ADDR="203.0.113.7")
    assert len(kept) == 2
    assert "203.0.113.7" not in "".join(kept)
