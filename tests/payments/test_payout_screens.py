"""临时救助 on the workbench and on the case: what waits, whose task it is, and how far the money has come."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from organisations.enums import Post
from payments import services
from payments.models import BankFile, Batch
from payments.queries import grant_panel, tasks_for
from tests.cases.builders import person_with
from tests.payments import builders

pytestmark = pytest.mark.django_db
DAYS = (dt.date(2026, 3, 20), dt.date(2026, 4, 20))


@pytest.fixture
def payer(clock):
    return builders.town()


def in_stages(payer, decided_at=dt.datetime(2026, 3, 2, 1, tzinfo=dt.UTC)):
    """600 yuan on 20 March, 400 on 20 April."""
    return builders.granted(payer.villages[0], "600.00", "400.00", days=DAYS, decided_at=decided_at)


def payout_tasks(user) -> list[tuple]:
    return [(t.stage, t.number, t.due_at.date()) for t in tasks_for(user) if t.matter == "临时救助发放"]


@pytest.mark.clause("DT-8.4")
def test_the_clerk_of_the_payer_is_told_what_waits(payer):
    """Decided on Tuesday 10 February: three working days end on Friday 13 February, past on 2 March."""
    builders.granted(payer.villages[0], "600.00")
    builders.granted(payer.villages[1], "400.01")
    assert payout_tasks(payer.clerk) == [("待发临时救助", "2 期 1,000.01 元", dt.date(2026, 2, 13))]
    todo = next(t for t in tasks_for(payer.clerk) if t.stage == "待发临时救助")
    assert (todo.level, todo.deadline, todo.url) == ("late", "已逾期 17 天", reverse("payments:waiting"))
    assert any("DT-8.4" in why for why in todo.why)
    for stranger in (
        payer.checker,
        person_with(Post.TOWN_PAYMENTS, payer.places.other_township),
        person_with(Post.DISTRICT_PAYMENTS, payer.places.county),
    ):
        assert payout_tasks(stranger) == []


@pytest.mark.clause("DT-3.3")
def test_a_later_instalment_is_a_task_when_its_day_comes(payer, clock):
    """Three days before 20 April, and no longer than until it is listed."""
    parts = in_stages(payer).instalments.order_by("number")
    assert payout_tasks(payer.clerk) == [("待发临时救助", "1 期 600.00 元", dt.date(2026, 3, 5))]
    services.prepare_payout(instalments=[parts[0].pk], actor=payer.clerk)
    assert payout_tasks(payer.clerk) == []
    clock.move_to(dt.datetime(2026, 4, 16, 4, tzinfo=dt.UTC))
    assert payout_tasks(payer.clerk) == []
    clock.move_to(dt.datetime(2026, 4, 17, 4, tzinfo=dt.UTC))
    assert payout_tasks(payer.clerk) == [("分期到日", "1 期 400.00 元", dt.date(2026, 4, 20))]
    services.prepare_payout(instalments=[parts[1].pk], actor=payer.clerk)
    assert payout_tasks(payer.clerk) == []


def test_the_tasks_take_the_same_queries_for_many(payer):
    tasks_for(payer.clerk)  # reads the calendar once a process
    counts = []
    for n in (3, 27):
        for _ in range(n):
            in_stages(payer)
        with CaptureQueriesContext(connection) as captured:
            tasks_for(payer.clerk)
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert payout_tasks(payer.clerk)[0][1] == "30 期 18,000.00 元"


def words_of(grant, user) -> list[str]:
    return [part.words for part in grant_panel(grant.application, user)["grant_panel"]["parts"]]


def test_the_case_shows_how_far_each_instalment_has_come(payer, client):
    grant = in_stages(payer)
    later = "2026-04-17 起可发放"
    assert words_of(grant, payer.clerk) == ["待列入发放清单", later]
    part = grant.instalments.get(number=1)
    batch = services.prepare_payout(instalments=[part.pk], actor=payer.clerk)
    assert words_of(grant, payer.clerk) == ["清单已编制", later]
    services.check_batch(batch=batch, actor=payer.checker)
    services.seal_batch(batch=batch, actor=payer.clerk)
    assert words_of(grant, payer.clerk) == ["清单已封账", later]
    file = services.make_bank_files(batch=batch, actor=payer.clerk)[0]
    assert words_of(grant, payer.clerk) == ["清单已报送银行", later]
    builders.answered(payer, file, {1: "账户已冻结"})
    assert words_of(grant, payer.clerk) == ["发放失败，待补发：账户已冻结", later]
    services.retry_failed(batch=Batch.objects.get(), actor=payer.clerk)
    builders.answered(payer, BankFile.objects.latest("pk"))
    assert words_of(grant, payer.clerk) == ["2026-03-03 已发放", later]
    client.force_login(person_with(Post.HANDLER, payer.area))
    page = client.get(reverse("workbench:case", args=[grant.application.number]), {"tab": "money"}).text
    for text in ("救助金", "1,000.00", "600.00", "2026-03-03 已发放", later, "***************8901"):
        assert text in page
    assert builders.ACCOUNT not in page
    page = client.get(reverse("payments:grant", args=[grant.pk])).text
    assert "2026-03-03 已发放" in page


def test_without_a_grant_the_case_says_what_will_come(payer, client):
    case = builders.application(payer.villages[0], programme="linshi")
    client.force_login(person_with(Post.HANDLER, payer.area))
    page = client.get(reverse("workbench:case", args=[case.number]), {"tab": "money"}).text
    assert "尚未批准救助金" in page
    assert "次月起发放，发放记录" not in page


def test_instalments_of_another_payer_are_not_added(payer):
    builders.granted(payer.villages[0], "600.00")
    builders.granted(payer.places.other_township_village, "50.00")
    assert payout_tasks(payer.clerk)[0][1] == "1 期 600.00 元"
