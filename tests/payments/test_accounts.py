"""One account for several households: found without being read, named beside the field, no refusal."""

import datetime as dt
from importlib import import_module

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from cases.models import Member, Person
from organisations.enums import Post
from organisations.scope import scope_of
from payments import services
from payments.accounts import account_digest
from payments.models import Benefit, PayeeChange
from payments.queries.accounts import others_at, shared_accounts
from supervision.money.queries import export_rows
from tests.cases.builders import person_with
from tests.payments import builders
from tests.payments.builders import ACCOUNT, CARE_ACCOUNT, MARCH

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
OTHER = "6217000055555555555"


@pytest.fixture
def payer():
    return builders.town()


@pytest.fixture
def two(payer):
    """林甲 has an account of her own; the money of 林乙 goes to it too."""
    own = builders.benefit(payer.villages[0], name="林甲")
    other = builders.benefit(payer.villages[1], name="林乙", payee_name="林甲")
    return own, other


def numbers(payer) -> list[set[str]]:
    return [{use.number for use in found.uses} for found in shared_accounts(payer.places.county, MARCH)]


def joined(*benefits: Benefit) -> None:
    """One person lives in the household of each."""
    person = Person.objects.create(
        name="林甲",
        sex="female",
        birth_date=dt.date(1980, 5, 1),
        id_number="330322198005010025",
        id_digest=account_digest("330322198005010025"),
    )
    for benefit in benefits:
        household = benefit.application.household
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
        Member.objects.create(household=household, person=person, programme="dibao", relation="self")
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = origin")


def led(benefit: Benefit, actor, *, relation: str = "", account: str = ACCOUNT) -> None:
    services.correct_payee(
        benefit=benefit,
        name="林甲",
        bank="温州银行",
        account=account,
        relation=relation,
        reason="凭委托书更正",
        actor=actor,
    )


@pytest.mark.clause("JZ-12.6")
def test_two_households_at_one_account_are_found(payer, two):
    assert numbers(payer) == [{benefit.application.number for benefit in two}]
    found = next(shared_accounts(payer.places.county, MARCH))
    assert found.masked == "***************8901"
    rows = [row for row in export_rows(payer.places.county, MARCH) if row["check"] == "多户同一账号"]
    assert [row["note"] for row in rows] == ["账号 ***************8901，2 户使用"] * 2
    assert ACCOUNT not in str(rows)


@pytest.mark.clause("JZ-12.6")
@pytest.mark.parametrize("relation", ["relative", "proxy", "institution"])
def test_what_is_recorded_is_in_order(payer, two, relation):
    led(two[1], payer.clerk, relation=relation)
    assert numbers(payer) == []
    assert PayeeChange.objects.get().after.startswith("林甲，温州银行，***************8901，")


@pytest.mark.parametrize("relation", ["", "self", "member"])
def test_what_explains_nothing_stays_found(payer, two, relation):
    led(two[1], payer.clerk, relation=relation)
    assert len(numbers(payer)) == 1


def test_a_third_who_recorded_nothing_is_found_although_the_second_did(payer, two):
    led(two[1], payer.clerk, relation="relative")
    third = builders.benefit(payer.villages[0], name="林丙", payee_name="林甲")
    assert numbers(payer) == [{two[0].application.number, third.application.number}]


def test_the_same_person_in_two_cases_is_one_household(payer, two):
    joined(*two)
    assert numbers(payer) == []


def test_the_carer_of_an_agreement_may_care_for_several(payer):
    for name in ("林甲", "林乙"):
        builders.tekun(payer.villages[0], name=name, account=f"62170000000000{ord(name[1])}")
    assert numbers(payer) == []


def test_own_money_at_the_carers_account_is_found(payer):
    builders.tekun(payer.villages[0], name="林甲", account=OTHER)
    led_astray = builders.tekun(payer.villages[0], name="林乙", account=CARE_ACCOUNT, payee_name="王照料")
    assert numbers(payer) == [{led_astray.application.number}]


def test_a_grant_and_an_account_across_counties_are_found(payer):
    grant = builders.granted(payer.villages[0], "900.00", name="林甲")
    builders.benefit(payer.places.other_county_village, name="林乙")
    assert numbers(payer) == [{grant.application.number}]


def test_who_is_no_longer_in_receipt_is_not_looked_at(payer, two):
    services.end_benefit(benefit=two[1], ends_on=MARCH, reason="死亡", source="test")
    assert numbers(payer) == []


def test_no_account_without_the_code_it_is_found_by(payer, two):
    grant = builders.granted(payer.villages[0], "900.00")
    assert {*Benefit.objects.values_list("payee_digest", flat=True)} == {account_digest(ACCOUNT)}
    for name, sql, pk in (
        ("benefit_account_can_be_found", "payments_benefit SET payee_digest = ''", two[0].pk),
        ("benefit_account_can_be_found", "payments_benefit SET care_digest = 'x'", two[0].pk),
        ("benefit_payee_relation_is_known", "payments_benefit SET payee_relation = 'x'", two[0].pk),
        ("grant_account_can_be_found", "payments_grant SET payee_digest = ''", grant.pk),
        ("grant_payee_relation_is_known", "payments_grant SET payee_relation = 'x'", grant.pk),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE {sql} WHERE id = %s", [pk])


def test_existing_households_get_their_codes(payer, two):
    grant = builders.granted(payer.villages[0], "900.00")
    tekun = builders.tekun(payer.villages[0])
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE payments_benefit DROP CONSTRAINT benefit_account_can_be_found")
        cursor.execute("ALTER TABLE payments_grant DROP CONSTRAINT grant_account_can_be_found")
        cursor.execute("UPDATE payments_benefit SET payee_digest = '', care_digest = ''")
        cursor.execute("UPDATE payments_grant SET payee_digest = ''")
        assert not Benefit.objects.exclude(payee_digest="").exists()
    import_module("payments.migrations.0012_fill_payee_digests").fill(apps, None)
    tekun.refresh_from_db()
    grant.refresh_from_db()
    assert (tekun.payee_digest, tekun.care_digest) == (account_digest(ACCOUNT), account_digest(CARE_ACCOUNT))
    assert grant.payee_digest == account_digest(ACCOUNT)


def test_the_page_warns_beside_the_field_and_goes_on_when_ticked(payer, two, client):
    client.force_login(payer.clerk)
    url = reverse("payments:payee", args=[two[1].pk])
    third = builders.benefit(payer.villages[0], name="林丙", account=OTHER)
    typed = {"name": "林丙", "bank": "银行", "account": OTHER, "reason": "更正", "relation": "proxy"}
    page = client.post(url, typed)
    text = page.content.decode()
    assert page.status_code == 200
    assert f"该账号已用于另外 1 户（望海村 {third.application.number}）" in text
    assert OTHER in text
    assert 'type="checkbox" name="shared_seen"' in text
    assert not PayeeChange.objects.exists()
    assert client.post(url, typed | {"shared_seen": "on"}).status_code == 302
    two[1].refresh_from_db()
    assert (two[1].payee_account, two[1].payee_relation) == (OTHER, "proxy")
    assert two[1].payee_digest == account_digest(OTHER)


def test_an_account_that_nobody_uses_is_taken_at_once(payer, two, client):
    client.force_login(payer.clerk)
    typed = {"name": "林乙", "bank": "", "account": OTHER, "reason": "更正"}
    assert client.post(reverse("payments:payee", args=[two[1].pk]), typed).status_code == 302


def test_of_cases_out_of_reach_only_how_many(payer):
    far = builders.benefit(payer.places.other_county_village)
    own = builders.benefit(payer.villages[0], account=OTHER)
    said = others_at(ACCOUNT, own.application, scope_of(person_with(Post.HANDLER, payer.area)))
    assert said == "该账号已用于另外 1 户，请核实收款人与救助对象的关系。"
    assert far.application.number not in said
