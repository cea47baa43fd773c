"""What is published stays as it was published, runs its full time, and an objection is not passed over."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from common.errors import Refused
from organisations.enums import Post
from publicity import services
from publicity.enums import ClosingReason, ObjectionOutcome, ObjectionSource
from publicity.models import Notice, Objection
from publicity.queries import open_objections, running_notice, tasks_for, wants_reinvestigation
from tests.publicity.builders import OTHER_VILLAGE, VILLAGE, application, notice, person, user_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def object_to(posted: Notice, content: str = "他家有一辆货车。") -> Objection:
    return services.record_objection(
        notice=posted, source=ObjectionSource.PUBLIC, content=content, actor=None, at=timezone.now()
    )


def sql(statement: str, *values) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


@pytest.mark.clause("SY-A1.4a")
def test_a_notice_copies_name_place_heads_and_amount():
    case = application(others=(person("林小宝", dt.date(2015, 6, 1)),))
    posted = notice(case, n_covered=1, monthly=Decimal("1085.00"))
    assert running_notice(case) == posted
    assert (posted.published_name, posted.n_members, posted.n_covered) == ("林秀英", 2, 1)
    assert (posted.village.name, posted.township.name, posted.county.name) == ("三盘村", "北岙街道", "洞头区")
    assert posted.monthly == Decimal("1085.00")
    assert posted.programme_label == "最低生活保障"


@pytest.mark.parametrize(
    ("born", "published"),
    [(dt.date(2008, 3, 2), "林小花"), (dt.date(2008, 3, 3), "林*花")],
    ids=["18 today", "18 tomorrow"],
)
def test_the_name_of_a_minor_is_masked(born, published):
    assert notice(application(name="林小花", birth_date=born)).published_name == published


def test_a_number_pasted_into_the_name_is_not_published():
    case = application(name="林秀英330305195605010027")
    with pytest.raises(Refused, match="不能有证件号码"):
        notice(case)
    assert not Notice.objects.exists()


def test_the_database_does_not_publish_a_number_either():
    posted = notice()
    columns = "application_id, investigation_round, county_id, township_id, village_id, programme_label,"
    columns += " n_members, board, n_covered, hotlines, posted_by_id, posted_at, ends_at, closed_because"
    services.close_notice(notice=posted, reason=ClosingReason.WITHDRAWN, at=timezone.now())
    with pytest.raises(IntegrityError, match="published_name_holds_no_number"):
        sql(
            f"INSERT INTO publicity_notice (token, published_name, {columns})"
            f" SELECT 'x', '林 330305195605010027', {columns.replace('closed_because', repr(''))}"
            " FROM publicity_notice WHERE id = %s",
            posted.pk,
        )


def test_one_notice_at_a_time():
    case = application()
    notice(case)
    with pytest.raises(Refused, match="已在公示中"):
        notice(case)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("published_name", "张三"),
        ("monthly", "1.00"),
        ("ends_at", "2026-03-03"),
        ("token", "abc"),
        ("hotlines", "{}"),
    ],
)
def test_published_words_are_frozen_in_the_database(column, value):
    posted = notice()
    with pytest.raises(IntegrityError, match="not altered"):
        sql(f"UPDATE publicity_notice SET {column} = %s WHERE id = %s", value, posted.pk)
    with pytest.raises(IntegrityError, match="not altered"):
        sql(
            f"UPDATE publicity_notice SET {column} = %s, closed_at = now(), closed_because = 'withdrawn'"
            " WHERE id = %s",
            value,
            posted.pk,
        )


def test_a_notice_is_neither_deleted_nor_reopened():
    posted = notice()
    with pytest.raises(IntegrityError, match="not altered"):
        sql("DELETE FROM publicity_notice WHERE id = %s", posted.pk)
    services.close_notice(notice=posted, reason=ClosingReason.WITHDRAWN, at=timezone.now())
    with pytest.raises(IntegrityError, match="not altered"):
        sql("UPDATE publicity_notice SET closed_at = NULL, closed_because = '' WHERE id = %s", posted.pk)
    with pytest.raises(IntegrityError, match="not altered"):
        sql("UPDATE publicity_notice SET closed_because = 'objection' WHERE id = %s", posted.pk)


@pytest.mark.clause("SY-A1.4a")
def test_a_notice_runs_its_full_time(clock):
    posted = notice()
    clock.move_to(posted.ends_at - dt.timedelta(seconds=1))
    with pytest.raises(Refused, match="不得提前结束"):
        services.close_notice(notice=posted, reason=ClosingReason.EXPIRED, at=timezone.now())
    with pytest.raises(IntegrityError, match="notice_runs_its_full_time"):
        sql(
            "UPDATE publicity_notice SET closed_at = %s, closed_because = 'expired' WHERE id = %s",
            timezone.now(),
            posted.pk,
        )
    clock.move_to(posted.ends_at)
    closed = services.close_notice(notice=posted, reason=ClosingReason.EXPIRED, at=timezone.now())
    assert closed.closed_because == ClosingReason.EXPIRED
    with pytest.raises(Refused, match="已经撤下"):
        services.close_notice(notice=posted, reason=ClosingReason.EXPIRED, at=timezone.now())


@pytest.mark.clause("SY-A1.4b")
def test_an_open_objection_keeps_the_notice_from_expiring(clock):
    posted = notice()
    objection = object_to(posted)
    assert list(open_objections(posted)) == [objection]
    clock.move_to(posted.ends_at)
    with pytest.raises(Refused, match="重新调查或开展民主评议"):
        services.close_notice(notice=posted, reason=ClosingReason.EXPIRED, at=timezone.now())
    with pytest.raises(IntegrityError, match="asks for a new investigation"):
        sql(
            "UPDATE publicity_notice SET closed_at = %s, closed_because = 'expired' WHERE id = %s",
            timezone.now(),
            posted.pk,
        )


@pytest.mark.clause("SY-A1.4b")
def test_an_upheld_objection_ends_the_notice_only_by_a_new_investigation(clock):
    posted = notice()
    objection = object_to(posted)
    handler = user_with(Post.HANDLER, "330305001000")
    services.handle_objection(
        objection=objection, outcome=ObjectionOutcome.REINVESTIGATE, handling="查到一辆货车。", actor=handler
    )
    assert wants_reinvestigation(posted)
    assert not open_objections(posted).exists()
    clock.move_to(posted.ends_at)
    with pytest.raises(Refused, match="SY-A1.4b"):
        services.close_notice(notice=posted, reason=ClosingReason.EXPIRED, at=timezone.now())
    closed = services.close_notice(notice=posted, reason=ClosingReason.OBJECTION, at=timezone.now())
    assert closed.closed_because == ClosingReason.OBJECTION


def test_only_the_reviewer_sets_an_objection_aside(clock):
    posted = notice()
    objection = object_to(posted, "路灯坏了。")
    handler, reviewer = user_with(Post.HANDLER, "330305001000"), user_with(Post.REVIEWER, "330305001000")
    aside = {"objection": objection, "outcome": ObjectionOutcome.NOT_ABOUT_CASE, "handling": "与公示无关。"}
    with pytest.raises(Refused, match="须由审核岗办理"):
        services.handle_objection(**aside, actor=handler)
    with pytest.raises(Refused, match="经办岗或审核岗"):
        services.handle_objection(**aside, actor=user_with(Post.REVIEWER, "330305002000"))
    handled = services.handle_objection(**aside, actor=reviewer)
    assert (handled.handled_by, handled.handled_at) == (reviewer, timezone.now())
    with pytest.raises(Refused, match="已经处理"):
        services.handle_objection(**aside, actor=reviewer)
    clock.move_to(posted.ends_at)
    assert services.close_notice(notice=posted, reason=ClosingReason.EXPIRED, at=timezone.now()).closed_at


@pytest.mark.clause("LC-5.2")
def test_an_objection_is_kept_as_received():
    objection = object_to(notice())
    for statement in (
        "UPDATE publicity_objection SET content = '没有意见' WHERE id = %s",
        "UPDATE publicity_objection SET received_at = now() WHERE id = %s",
        "DELETE FROM publicity_objection WHERE id = %s",
    ):
        with pytest.raises(IntegrityError, match="not altered"):
            sql(statement, objection.pk)
    reviewer = user_with(Post.REVIEWER, "330305001000")
    services.handle_objection(
        objection=objection, outcome=ObjectionOutcome.NOT_ABOUT_CASE, handling="已说明。", actor=reviewer
    )
    with pytest.raises(IntegrityError, match="not altered"):
        sql("UPDATE publicity_objection SET outcome = 'reinvestigate' WHERE id = %s", objection.pk)


def test_objections_meet_an_open_notice_only(clock):
    posted = notice()
    clerk = user_with(Post.VILLAGE_HELPER, VILLAGE)
    told = {"notice": posted, "source": ObjectionSource.TOWNSHIP, "content": "有车。", "actor": clerk}
    with pytest.raises(Refused, match="不在公示期内"):
        services.record_objection(**told, at=posted.posted_at - dt.timedelta(minutes=1))
    with pytest.raises(Refused, match="不能晚于现在"):
        services.record_objection(**told, at=timezone.now() + dt.timedelta(minutes=1))
    with pytest.raises(Refused, match="登记"):
        services.record_objection(
            **told | {"actor": user_with(Post.VILLAGE_HELPER, OTHER_VILLAGE)}, at=timezone.now()
        )
    services.close_notice(notice=posted, reason=ClosingReason.WITHDRAWN, at=timezone.now())
    with pytest.raises(Refused, match="公示已经结束"):
        services.record_objection(**told, at=timezone.now())
    with pytest.raises(IntegrityError, match="closed or was not on view"):
        sql(
            "INSERT INTO publicity_objection"
            " (notice_id, source, name, content, received_at, outcome, handling)"
            " VALUES (%s, 'public', '', '迟到的异议', %s, '', '')",
            posted.pk,
            timezone.now(),
        )


def test_the_workbench_shows_open_objections_to_those_who_handle_them(clock):
    objection = object_to(notice())
    reviewer = user_with(Post.REVIEWER, "330305001000")
    (todo,) = tasks_for(reviewer)
    assert todo.url.endswith(f"/objections/{objection.pk}/")
    assert todo.name == "林*英"
    assert todo.level == "soon"
    clock.move_to(objection.notice.ends_at)
    assert tasks_for(user_with(Post.HANDLER, "330305001000"))[0].level == "late"
    assert tasks_for(user_with(Post.REVIEWER, "330305002000")) == []
    assert tasks_for(user_with(Post.APPROVER, "330305001000")) == []
