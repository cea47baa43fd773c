"""分散供养: everybody has a signed agreement, gaps are listed and closed by two, somebody visits (JZ-3.1)."""

from __future__ import annotations

import datetime as dt
from hashlib import sha256

import pgtrigger
import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import CareAgreement, TekunDeclaration
from common.errors import Refused
from organisations.enums import Post
from organisations.models import PersonalDataRead, User
from organisations.scope import scope_of
from organisations.services import appoint
from payments import services
from payments.models import Benefit, CareVisit, LaterAgreement
from payments.queries import tasks_for
from payments.queries.care import care_rows, coverage_of
from tests.cases.builders import person_with
from tests.payments import builders
from tests.serving.builders import scan

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("clock"),
    pytest.mark.clause("JZ-3.1"),
]
LATER = dt.datetime(2026, 3, 20, 9, tzinfo=dt.UTC)


@pytest.fixture
def payer(clock):
    """A county of 焦作, where the rule gives 30 days between visits."""
    payer = builders.allocated_county()
    clock.move_to(dt.datetime(2026, 3, 10, 9, tzinfo=dt.UTC))
    return payer


@pytest.fixture
def town(payer):
    return payer.villages[0].parent


@pytest.fixture
def handler(town):
    return person_with(Post.HANDLER, town)


@pytest.fixture
def reviewer(town):
    return person_with(Post.REVIEWER, town)


@pytest.fixture
def held(payer) -> Benefit:
    """Signed before the decision."""
    return builders.tekun(payer.villages[0], number="JZ-2026-000001", account=builders.CARD)


def without(payer, **values) -> Benefit:
    """In 分散供养 as declared, with no agreement and so no care fee, as taken over from the old ledger."""
    case = builders.application(payer.villages[0], programme="tekun", account=builders.CARD, **values)
    # The application is made as decided; declared before that, as the trigger asks, it would need its steps.
    with pgtrigger.ignore("cases.TekunDeclaration:declared_tekun_declaration_is_frozen"):
        TekunDeclaration.objects.create(application=case, placement="home", supporter="none")
    return services.open_benefit(
        application=case,
        monthly=builders.Decimal("1000.00"),
        starts_on=builders.MARCH,
        lines=[],
        rule_ids=[],
        reason="符合规定",
        decided_by=builders.decider(),
    )


def agreed(benefit: Benefit, actor: User, **values) -> LaterAgreement:
    said = {
        "carer": "吴照料",
        "contact": "",
        "visitor": "周走访",
        "signed_on": dt.date(2026, 3, 10),
        "reason": "原照料人外出",
        "scan": scan(),
        **values,
    }
    return services.record_later_agreement(benefit=benefit, actor=actor, **said)


def visited(benefit: Benefit, actor: User, **values) -> CareVisit:
    said = {"visited_on": dt.date(2026, 3, 10), "visitor": "周走访", "finding": "good", "note": "", **values}
    return services.record_care_visit(benefit=benefit, actor=actor, **said)


def state(benefit: Benefit, actor: User) -> str:
    return care_rows(scope_of(actor)).get(pk=benefit.pk).care_state


def actions(user: User) -> list[tuple[str, str]]:
    return [(t.action, t.number) for t in tasks_for(User.objects.get(pk=user.pk))]


def test_gaps_come_first_and_the_coverage_counts_them(payer, held, handler):
    """One of two signed: 50 %. One of three: 33 %, rounded down."""
    gap = without(payer)
    assert [row.pk for row in care_rows(scope_of(handler))] == [gap.pk, held.pk]
    assert [(c.people, c.signed, c.percent) for c in coverage_of(care_rows(scope_of(handler)))] == [
        (2, 1, 50)
    ]
    without(payer)
    assert [c.percent for c in coverage_of(care_rows(scope_of(payer.clerk)))] == [33]


def test_only_those_at_home_and_in_receipt(payer, held, handler):
    Benefit.objects.filter(pk=held.pk).update(ends_on=dt.date(2026, 3, 1))
    builders.benefit(payer.villages[0], account=builders.CARD)
    assert not care_rows(scope_of(handler)).exists()


def test_a_gap_is_closed_by_two(payer, handler, reviewer):
    gap = without(payer)
    later = agreed(gap, handler)
    assert state(gap, handler) == "none"
    with pytest.raises(Refused, match="审核岗或审批岗"):
        services.confirm_later_agreement(agreement=later, actor=payer.clerk)
    services.confirm_later_agreement(agreement=later, actor=reviewer)
    assert state(gap, handler) == "signed"
    with pytest.raises(Refused, match="已确认"):
        services.confirm_later_agreement(agreement=later, actor=reviewer)


def test_nobody_confirms_what_they_recorded(payer, town):
    both = person_with(Post.HANDLER, town)
    later = agreed(without(payer), both)
    appoint(user=both, post=Post.REVIEWER, area=town, valid_from=dt.date(2026, 1, 1), actor=None)
    with pytest.raises(Refused, match="由另一人确认"):
        services.confirm_later_agreement(agreement=later, actor=User.objects.get(pk=both.pk))


def test_only_the_newest_is_confirmed(payer, handler, reviewer):
    gap = without(payer)
    first, _ = agreed(gap, handler), agreed(gap, handler, carer="郑照料")
    with pytest.raises(Refused, match="最新的一份"):
        services.confirm_later_agreement(agreement=first, actor=reviewer)


def test_an_agreement_in_force_is_not_replaced_until_a_visit_says_that_it_ended(
    held, handler, reviewer, clock
):
    frozen = CareAgreement.objects.values().get()
    with pytest.raises(Refused, match="仍然有效"):
        agreed(held, handler)
    with pytest.raises(Refused, match="须写明情况"):
        visited(held, handler, finding="ended")
    visited(held, handler, finding="ended", note="照料人外出务工")
    assert state(held, handler) == "ended"
    clock.move_to(LATER)
    services.confirm_later_agreement(agreement=agreed(held, handler), actor=reviewer)
    assert state(held, handler) == "signed"
    assert CareAgreement.objects.values().get() == frozen


def test_days_that_cannot_be(held, handler):
    with pytest.raises(Refused, match="不能晚于今天"):
        visited(held, handler, visited_on=dt.date(2026, 3, 11))
    with pytest.raises(Refused, match="不能早于待遇起发月"):
        visited(held, handler, visited_on=dt.date(2026, 2, 28))


def test_the_workbench_counts_gaps_visits_and_confirmations(payer, held, handler, reviewer, clock):
    """Visited on 10 March, due again after 30 days on 9 April; the other since 1 March, so on 31 March."""
    gap = without(payer)
    visited(held, handler)
    assert actions(handler) == [("补签照料协议", "1 人")]
    later = agreed(gap, handler)
    assert (actions(handler), actions(reviewer)) == ([], [("确认照料协议", "1 人")])
    services.confirm_later_agreement(agreement=later, actor=reviewer)
    assert actions(reviewer) == []
    for day, count in ((30, 0), (31, 1)):
        clock.move_to(dt.datetime(2026, 3, day, 9, tzinfo=dt.UTC))
        assert actions(handler) == [("走访并登记", f"{count} 人")] * bool(count)
    clock.move_to(dt.datetime(2026, 4, 9, 9, tzinfo=dt.UTC))
    assert actions(handler) == [("走访并登记", "2 人")]


def test_without_a_rule_no_visit_is_due(clock):
    payer = builders.town()
    held = builders.tekun(payer.villages[0])
    handler = person_with(Post.HANDLER, held.township)
    clock.move_to(dt.datetime(2027, 3, 1, 9, tzinfo=dt.UTC))
    assert actions(handler) == []


def test_through_the_pages(client, payer, handler, reviewer):
    gap = without(payer)
    client.force_login(handler)
    address = reverse("payments:care_agree", args=[gap.pk])
    typed = {"carer": "吴照料", "visitor": "周走访", "signed_on": "2026-03-11", "reason": "补签"}
    text = client.post(address, typed | {"scan": scan()}).content.decode()
    assert "签订日期不能晚于今天" in text
    assert 'value="吴照料"' in text
    typed |= {"signed_on": "2026-03-10"}
    assert "请上传签字的协议" in client.post(address, typed).content.decode()
    client.post(address, typed | {"scan": scan()})
    later = LaterAgreement.objects.get()
    client.force_login(reviewer)
    assert "确认协议" in client.get(reverse("payments:care")).content.decode()
    paper = client.get(reverse("payments:care_scan", args=[later.pk]))
    assert sha256(b"".join(paper.streaming_content)).hexdigest() == later.scan_sha256
    assert PersonalDataRead.objects.get(user=reviewer).subject == f"later_agreement:{later.pk}"
    client.post(reverse("payments:care_confirm", args=[later.pk]))
    client.force_login(handler)
    client.post(
        reverse("payments:care_visit", args=[gap.pk]),
        {"visited_on": "2026-03-10", "visitor": "周走访", "finding": "good", "note": ""},
    )
    text = client.get(reverse("payments:care")).content.decode()
    assert "2026 年 4 月 9 日前" in text
    assert "100%" in text
    assert "林*花" in text
    assert "林小花" not in text


def test_the_list_asks_the_same_for_3_and_for_30(client, payer, handler):
    client.force_login(handler)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("payments:care")).status_code == 200
        return len(captured)

    def some(n: int) -> None:
        for _ in range(n):
            builders.tekun(payer.villages[0], account=builders.CARD)

    some(3)
    few = queries()
    some(27)
    assert queries() == few


def broken(sql: str, *values: object, by: str) -> None:
    with pytest.raises(IntegrityError, match=by), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_what_the_database_refuses(payer, handler, reviewer):
    gap, other = without(payer), builders.benefit(payer.villages[0], account=builders.CARD)
    later, visit = agreed(gap, handler), visited(gap, handler)
    table, visits = "payments_lateragreement", "payments_carevisit"
    sign = f"UPDATE {table} SET confirmed_by_id = %s, confirmed_at = now() WHERE id = %s"
    broken(sign, handler.pk, later.pk, by="later_agreement_is_confirmed_by_another")
    broken(f"UPDATE {table} SET confirmed_at = now() WHERE id = %s", later.pk, by="confirmed_by_another")
    broken(f"UPDATE {table} SET carer = 'x' WHERE id = %s", later.pk, by="kept as recorded")
    broken(f"DELETE FROM {table} WHERE id = %s", later.pk, by="kept as recorded")
    copy = f"""INSERT INTO {table} (benefit_id, carer, visitor, signed_on, reason, scan, scan_type,
                                    scan_sha256, recorded_by_id, recorded_at, confirmed_by_id, confirmed_at)
               SELECT %s, carer, %s, signed_on, reason, %s, scan_type, scan_sha256,
                      recorded_by_id, recorded_at, %s, %s FROM {table} WHERE id = %s"""
    broken(copy, other.pk, "周", "a.jpg", None, None, later.pk, by="person in tekun")
    broken(copy, gap.pk, "", "a.jpg", None, None, later.pk, by="later_agreement_is_whole")
    broken(copy, gap.pk, "周", "", None, None, later.pk, by="with its scan")
    broken(copy, gap.pk, "周", "a.jpg", reviewer.pk, LATER, later.pk, by="confirmed afterwards")
    services.confirm_later_agreement(agreement=later, actor=reviewer)
    broken(sign, payer.clerk.pk, later.pk, by="confirmed once")
    broken(f"UPDATE {visits} SET note = 'x' WHERE id = %s", visit.pk, by="append-only")
    insert = f"""INSERT INTO {visits} (benefit_id, visited_on, visitor, finding, note,
                                       recorded_by_id, recorded_at)
                 SELECT %s, visited_on, %s, %s, '', recorded_by_id, recorded_at FROM {visits} WHERE id = %s"""
    broken(insert, other.pk, "周", "good", visit.pk, by="person in tekun")
    broken(insert, gap.pk, "", "good", visit.pk, by="care_visit_names_its_visitor")
    broken(insert, gap.pk, "周", "ended", visit.pk, by="care_finding_is_known_and_explained")
