"""Households in receipt with all that the means test asks for, multiplied by SQL from one that is real."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from month import COPY, COUNTY, PLACE

# Wages of the copies, by turns: some below the standard, some above, some only just.
WAGES = "to_jsonb((ARRAY[100, 300, 500, 800, 1090, 1200])[1 + g %% 6])"


def seed(n: int) -> dict:
    """`n` households of three (one wage) over the townships of the county; the people who keep its rules."""
    from django.db import connection, transaction

    from organisations.models import Area
    from workbench.demo.staff import make_staff
    from workbench.demo.world import load_ground

    load_ground()
    staff = make_staff()
    benefit = _one(staff)
    application = benefit.application
    towns = list(Area.objects.filter(parent__code=COUNTY).order_by("code"))
    places = {
        "townships": [town.pk for town in towns],
        "villages": [(town.children.order_by("code").first() or town).pk for town in towns],
        "k": len(towns),
    }
    household = f", 'household_id', {application.household_id} + g"
    rows = [
        ("cases_household", application.household_id, ""),
        ("cases_application", application.pk, ", 'number', 'BENCH-' || g" + household + PLACE),
        ("payments_benefit", benefit.pk, f", 'application_id', {application.pk} + g" + PLACE),
        ("payments_benefitrevision", benefit.revisions.get().pk, f", 'benefit_id', {benefit.pk} + g"),
    ]
    members = list(application.household.members.order_by("pk"))
    step = len(members)
    with transaction.atomic(), connection.cursor() as cursor:
        # Foreign keys are right by construction; checking them is not what is measured.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table, key, values in rows:
            cursor.execute(COPY.format(table=table, values=values), {"n": n - 1, "id": key, **places})
        for member in members:
            stride = f", 'id', {{key}} + g * {step}"
            person = stride.format(key=member.person_id)
            digest = f", 'id_digest', 'bench-{member.pk}-' || g"
            belongs = stride.format(key=member.pk) + f", 'person_id', {member.person_id} + g * {step}"
            copies = [("cases_person", member.person_id, person + digest)]
            copies.append(("cases_member", member.pk, belongs + household))
            for item in member.income.all():
                earns = f", 'member_id', {member.pk} + g * {step}, 'monthly', {WAGES}"
                copies.append(("cases_incomeitem", item.pk, earns))
            for table, key, values in copies:
                cursor.execute(COPY.format(table=table, values=values), {"n": n - 1, "id": key})
    with connection.cursor() as cursor:
        # The copies brought their keys along; what the services add comes after them.
        for table, _, _ in rows:
            last = f"(SELECT max(id) FROM {table})"  # noqa: S608 - our own names
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {last})")
        cursor.execute("VACUUM ANALYZE")
    return staff


def _one(staff: dict):
    """The model household: declared and approved by the services, like any other."""
    from django.db import connection
    from django.utils import timezone

    from cases.declarations import Declaration, IncomeLine, MemberLine
    from cases.enums import Channel, IncomeKind, Programme, Relation
    from cases.models import Application
    from cases.services import register_application
    from common import clock
    from organisations.models import Area
    from payments.services import open_benefit
    from workbench.demo.people import someone

    town = Area.objects.get(code=COUNTY).children.order_by("code").first()
    village = town.children.order_by("code").first()
    wage = (IncomeLine(IncomeKind.WAGE, Decimal("500.00")),)
    people = [("self", 1, wage), ("spouse", 2, ()), ("parent", 3, ())]
    members = tuple(
        MemberLine(
            name=f"演示{n}",
            id_number=someone(n).id_number,
            relation=Relation(relation),
            income=income,
            phone="13800001234" if n == 1 else "",
        )
        for relation, n, income in people
    )
    declaration = Declaration(
        programme=Programme.DIBAO,
        channel=Channel.WINDOW,
        village=village,
        members=members,
        address="演示地址",
        cause="illness",
        statement="演示",
        deposits=Decimal("1000.00"),
        payee_name="演示1",
        payee_bank="演示银行",
        payee_account="6217000012345678901",
    )
    application = register_application(declaration=declaration, actor=_handler(village))
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        Application.objects.filter(pk=application.pk).update(
            state="approved", accepted_at=timezone.now(), decided_at=timezone.now()
        )
        cursor.execute("SET session_replication_role = DEFAULT")
    application.refresh_from_db()
    return open_benefit(
        application=application,
        monthly=Decimal("1000.00"),
        starts_on=clock.next_month(clock.today()),
        lines=[],
        rule_ids=[],
        reason="演示",
        decided_by=staff["admin"],
    )


def _handler(village):
    """Somebody who may register there."""
    return holder("bench-handler", "handler", village.parent)


def holder(username: str, post: str, area):
    """A person with a post, for the measurement."""
    from organisations.models import User
    from organisations.services import appoint

    user, new = User.objects.get_or_create(username=username, defaults={"name": username})
    if new:
        appoint(user=user, post=post, area=area, valid_from=date(2015, 1, 1), actor=None)
    return user


def drafted(value: str):
    """A draft of a new 低保 standard for the county, by somebody who may write it."""
    from common import clock
    from organisations.models import Area
    from policy.models import Document
    from policy.services import draft_rule

    county = Area.objects.get(code=COUNTY)
    return draft_rule(
        area=county,
        key="standard.dibao",
        value=value,
        unit="yuan/month",
        valid_from=clock.next_month(clock.today()),
        document=Document.objects.first(),
        actor=holder("bench-writer", "rule_writer", county),
    )
