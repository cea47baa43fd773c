"""长期公示: copies of who is in receipt, refreshed monthly, and photos of the board."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.standing import refresh_standing, rows_of
from approvals.tasks import refresh_standing_notices
from cases.models import Member, Person
from common.errors import Refused
from organisations.enums import Post
from organisations.models import User
from payments.models import Benefit
from publicity import services
from publicity.models import StandingLine, StandingNotice, StandingPhoto
from publicity.queries import tasks_for
from publicity.services import StandingRow
from tests.approvals.builders import Office, build_office
from tests.cases.builders import next_id, person_with, photo
from tests.payments.builders import benefit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
TODAY = dt.date(2026, 3, 2)


@pytest.fixture
def office(clock) -> Office:
    return build_office()


def in_receipt(
    office: Office, name: str, monthly: str = "585.00", *, born: dt.date = dt.date(1960, 1, 1)
) -> Benefit:
    """A household of one in receipt since March."""
    found = benefit(office.village, monthly, name=name)
    number = next_id(born)
    person = Person.objects.create(
        name=name, id_number=number, id_digest=f"digest-{number}", birth_date=born, sex="female"
    )
    Member.objects.create(
        household=found.application.household, person=person, relation="self", programme="dibao"
    )
    return found


def board(office: Office, actor: User | None = None) -> StandingNotice:
    return refresh_standing(area=office.village, actor=actor or office.handler)


def names(notice: StandingNotice) -> list[str]:
    return list(notice.lines.values_list("published_name", flat=True))


@pytest.mark.clause("SY-A1.7a")
def test_the_board_says_who_is_in_receipt_and_how_to_apply(office):
    in_receipt(office, "林大山", "585.00")
    notice = board(office)
    line = notice.lines.get()
    assert (line.published_name, line.village_name, line.monthly) == ("林大山", "望海村", Decimal("585.00"))
    assert notice.hotlines == ["12345"]
    assert any("最低生活保障标准：每人每月 1,085.00 元" in sentence for sentence in notice.policy)
    assert any("公示 7 天" in sentence for sentence in notice.procedure)


@pytest.mark.clause("JZ-11.1")
@pytest.mark.clause("SY-A1.7a")
def test_minors_are_masked_and_no_number_gets_out(office):
    """17 on the day of posting is masked, 18 is not; a number pasted into a name never hangs."""
    in_receipt(office, "林小花", born=dt.date(2008, 3, 3))
    in_receipt(office, "林大山", born=dt.date(2008, 3, 2))
    in_receipt(office, "陈大330305196001010021")
    shown = names(board(office))
    assert shown[:2] == ["林*花", "林大山"]
    assert not any(character.isdigit() for character in shown[2][:-1])


def test_whoever_is_no_longer_in_receipt_comes_off(office, clock):
    ended = in_receipt(office, "林大山")
    in_receipt(office, "林二山")
    first = board(office)
    assert first.n_lines == 2
    Benefit.objects.filter(pk=ended.pk).update(ends_on=dt.date(2026, 4, 1))
    clock.move_to(dt.datetime(2026, 4, 2, 9, tzinfo=dt.UTC))
    second = board(office)
    assert names(second) == ["林二山"]
    first.refresh_from_db()
    assert first.withdrawn_at == second.posted_at
    assert names(first) == ["林大山", "林二山"]


def test_the_monthly_job_hangs_each_board_once_a_month(office, clock):
    in_receipt(office, "林大山")
    # The village's and the township's.
    assert refresh_standing_notices() == 2
    assert refresh_standing_notices() == 0
    clock.move_to(dt.datetime(2026, 4, 1, 2, tzinfo=dt.UTC))
    assert refresh_standing_notices() == 2
    assert StandingNotice.objects.on_view().count() == 2


def test_a_board_that_nobody_is_left_on_is_emptied(office, clock):
    found = in_receipt(office, "林大山")
    refresh_standing_notices()
    Benefit.objects.filter(pk=found.pk).update(ends_on=dt.date(2026, 4, 1))
    clock.move_to(dt.datetime(2026, 4, 1, 2, tzinfo=dt.UTC))
    refresh_standing_notices()
    assert [notice.n_lines for notice in StandingNotice.objects.on_view()] == [0, 0]


def test_only_the_handler_of_the_place_refreshes(office):
    stranger = person_with(Post.HANDLER, office.places.other_township)
    with pytest.raises(Refused, match="经办岗更新"):
        board(office, stranger)


def test_rows_of_a_township_are_those_of_its_villages_by_kind(office):
    in_receipt(office, "林大山")
    rows = rows_of(office.township, TODAY.replace(day=1))
    assert [(row.kind, row.village_name) for row in rows] == [("dibao", "望海村")]


@pytest.mark.clause("SY-A1.7a")
def test_the_public_page_shows_copies_only(client, office):
    found = in_receipt(office, "林大山")
    board(office)
    Person.objects.update(name="改名")
    Benefit.objects.filter(pk=found.pk).update(head_name="改名")
    response = client.get(reverse("public:standing", args=[office.village.code]))
    text = response.content.decode()
    assert "林大山" in text
    assert "改名" not in text
    assert "noindex" in response["X-Robots-Tag"]


def test_each_line_says_what_is_given(client, office):
    rows = [
        StandingRow("dibao", "望海村", "林大山", None, 1, Decimal("585.00")),
        StandingRow("dibian", "望海村", "林二山", None, 2, None),
        StandingRow("case_by_case", "望海村", "林三山", None, 1, None, Decimal("3000.00")),
    ]
    notice = services.post_standing(area=office.village, rows=rows, at=_now(), actor=office.handler)
    assert [line.given for line in notice.lines.all()] == ["585.00", "不发放资金", "一次性 3,000.00"]
    text = client.get(reverse("public:standing", args=[office.village.code])).content.decode()
    assert "一次性 3,000.00" in text


def test_no_board_no_page(client, office):
    assert client.get(reverse("public:standing", args=[office.village.code])).status_code == 404


def test_the_public_page_asks_the_same_for_3_and_for_30(client, office):
    rows = [StandingRow("dibao", "望海村", f"林{n}", None, 1, Decimal("585.00")) for n in range(30)]

    def queries(n: int) -> int:
        services.post_standing(area=office.village, rows=rows[:n], at=_now(), actor=office.handler)
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("public:standing", args=[office.village.code]))
        return len(captured)

    assert queries(3) == queries(30)


def _now() -> dt.datetime:
    from django.utils import timezone

    return timezone.now()


def test_a_long_list_goes_on(client, office):
    rows = [StandingRow("dibao", "望海村", f"林{n:03d}号", None, 1, None) for n in range(201)]
    services.post_standing(area=office.village, rows=rows, at=_now(), actor=office.handler)
    address = reverse("public:standing", args=[office.village.code])
    first = client.get(address).content.decode()
    assert "林199号" in first
    assert "林200号" not in first
    last = StandingLine.objects.get(published_name="林199号")
    assert "林200号" in client.get(address, {"before": last.pk}).content.decode()


def test_the_clerks_list_asks_the_same_for_3_and_for_30(client, office):
    client.force_login(office.handler)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("publicity:standing_list")).status_code == 200
        return len(captured)

    areas = [office.township, office.village, office.places.other_village]
    services.post_standing(area=areas[0], rows=(), at=_now(), actor=office.handler)
    one = queries()
    for area in areas[1:]:
        services.post_standing(area=area, rows=(), at=_now(), actor=office.handler)
    assert queries() == one


def test_the_poster_is_a_pdf_with_every_name(client, office):
    in_receipt(office, "林大山")
    notice = board(office)
    client.force_login(office.handler)
    response = client.get(reverse("publicity:standing_poster", args=[notice.pk]))
    assert response["Content-Type"] == "application/pdf"
    assert b"".join(response.streaming_content).startswith(b"%PDF-")


def test_refreshed_by_hand_from_the_list(client, office):
    in_receipt(office, "林大山")
    client.force_login(office.handler)
    client.post(reverse("approvals:refresh_standing"), {"area": office.village.code})
    assert StandingNotice.objects.get().posted_by == office.handler
    client.post(reverse("approvals:refresh_standing"), {"area": office.places.other_county_village.code})
    assert StandingNotice.objects.count() == 1


def kept(office: Office, notice: StandingNotice, **values) -> StandingPhoto:
    facts = {"taken_on": TODAY, "place": "村务公开栏", "upload": photo(), "actor": office.helper}
    return services.add_photo(notice=notice, **facts | values)


@pytest.mark.clause("SY-A1.7a")
def test_a_photo_has_day_and_place_and_the_district_sees_it(client, office):
    found = kept(office, board(office))
    client.force_login(person_with(Post.AUDITOR, office.township.parent))
    response = client.get(reverse("publicity:photo", args=[found.pk]))
    assert response["Content-Type"] == "image/jpeg"
    page = client.get(reverse("publicity:standing", args=[found.notice_id])).content.decode()
    assert "村务公开栏，2026 年 3 月 2 日" in page


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"taken_on": dt.date(2026, 3, 3)}, "taken_on"),
        ({"taken_on": dt.date(2026, 3, 1)}, "taken_on"),
        ({"place": " "}, "place"),
        ({"upload": SimpleUploadedFile("a.pdf", b"%PDF-1.7\n%%EOF")}, "file"),
    ],
)
def test_a_photo_that_shows_nothing_is_refused(office, values, field):
    with pytest.raises(Refused) as refused:
        kept(office, board(office), **values)
    assert refused.value.field == field


def test_only_people_of_the_place_photograph(office):
    with pytest.raises(Refused, match="协理岗"):
        kept(office, board(office), actor=office.approver)


@pytest.mark.clause("SY-A1.7a")
def test_the_photo_of_the_month_is_a_task_until_it_is_there(office, clock):
    """Due on the 10th of each month (推定)."""
    notice = board(office)

    def todo():
        found = tasks_for(User.objects.get(pk=office.helper.pk))
        return [(t.action, t.level, t.due_at.day) for t in found]

    assert todo() == [("上传公示照片", "info", 10)]
    clock.move_to(dt.datetime(2026, 3, 11, 1, tzinfo=dt.UTC))
    assert todo() == [("上传公示照片", "late", 10)]
    kept(office, notice)
    assert todo() == []


def broken(sql: str, *values: object, by: str) -> None:
    with pytest.raises(IntegrityError, match=by), transaction.atomic():
        run(sql, *values)


def run(sql: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_what_hangs_is_frozen_by_the_database(office):
    in_receipt(office, "林大山")
    notice = board(office)
    line = notice.lines.get()
    broken("UPDATE publicity_standingnotice SET n_lines = 9 WHERE id = %s", notice.pk, by="not altered")
    broken("DELETE FROM publicity_standingnotice WHERE id = %s", notice.pk, by="not altered")
    broken("UPDATE publicity_standingline SET monthly = 9 WHERE id = %s", line.pk, by="append-only")
    broken(
        "UPDATE publicity_standingphoto SET place = 'x' WHERE id = %s",
        kept(office, notice).pk,
        by="append-only",
    )


def insert(table: str, pk: int, **values: object) -> tuple:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} WHERE id = %s", [pk])
        columns = [column.name for column in cursor.description if column.name != "id"]
    chosen = ", ".join("%s" if name in values else name for name in columns)
    sql = f"INSERT INTO {table} ({', '.join(columns)}) SELECT {chosen} FROM {table} WHERE id = %s"
    return sql, *(values[name] for name in columns if name in values), pk


def test_the_database_refuses_numbers_and_second_boards(office):
    in_receipt(office, "林大山")
    notice = board(office)
    line, table = notice.lines.get(), "publicity_standingline"
    broken(*insert(table, line.pk, published_name="林大山330305"), by="standing_name_holds_no_number")
    broken(*insert(table, line.pk, kind="other"), by="standing_kind_is_known")
    broken(*insert(table, line.pk, amount="9.00"), by="standing_line_gives_monthly_or_once")
    table = "publicity_standingnotice"
    broken(*insert(table, notice.pk), by="one_standing_notice_an_area")
    broken(
        *insert(table, notice.pk, withdrawn_at=notice.posted_at, month="2026-03-02"),
        by="standing_month_is_a_first_day",
    )
    photo_of = kept(office, notice)
    broken(*insert("publicity_standingphoto", photo_of.pk, place=""), by="board_photo_says_where")


def test_the_job_hangs_no_second_board_in_a_month(office):
    notice = refresh_standing(area=office.village, actor=None)
    broken(
        *insert("publicity_standingnotice", notice.pk, withdrawn_at=notice.posted_at),
        by="one_monthly_standing_notice",
    )
