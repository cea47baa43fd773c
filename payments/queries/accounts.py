"""Whose money goes to which account: found by the codes beside the encrypted columns, not by reading them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.db import connection

from cases.models import Application
from cases.queries.days import start_of
from common import clock
from common.fields import decrypt
from common.masking import mask_account
from organisations.models import Area
from organisations.scope import Scope
from payments.accounts import account_digest
from payments.enums import RECORDED_OUTSIDERS

NAMED = 3
# A grant counts as long after its decision as people may still wonder about it.
GRANT_MONTHS = 12

# Each account that is paid to in a month, with the case it is paid for.
_USES = """
    SELECT b.application_id, b.county_id, b.township_id, b.payee_digest AS digest, b.payee_account AS account,
           b.payee_name AS name, b.head_name, b.payee_relation AS relation, FALSE AS care
    FROM payments_benefit b
    WHERE b.payee_digest <> '' AND b.starts_on <= %(month)s AND (b.ends_on IS NULL OR b.ends_on > %(month)s)
    UNION ALL
    SELECT b.application_id, b.county_id, b.township_id, b.care_digest, b.care_account,
           b.care_name, b.head_name, '', TRUE
    FROM payments_benefit b
    WHERE b.care_digest <> '' AND b.starts_on <= %(month)s AND (b.ends_on IS NULL OR b.ends_on > %(month)s)
    UNION ALL
    SELECT g.application_id, g.county_id, g.township_id, g.payee_digest, g.payee_account,
           g.payee_name, g.head_name, g.payee_relation, FALSE
    FROM payments_grant g
    WHERE g.payee_digest <> '' AND g.decided_at >= %(since)s AND g.decided_at < %(until)s
"""
# Somebody has recorded why it is another's: relative, proxy, institution, or carer of a signed agreement.
_KNOWN = "({u}.care OR {u}.relation = ANY(%(outsiders)s))"
# It is the person's own, or of somebody in the household.
_OWN = """
    (NOT {u}.care AND ({u}.relation IN ('self', 'member') OR {u}.name = {u}.head_name OR EXISTS (
        SELECT FROM cases_application a JOIN cases_member m ON m.household_id = a.household_id
        JOIN cases_person p ON p.id = m.person_id
        WHERE a.id = {u}.application_id AND p.name = {u}.name)))
"""
# Two cases of people of whom at least one is in both.
_SAME_PEOPLE = """
    EXISTS (SELECT FROM cases_application one JOIN cases_member m ON m.household_id = one.household_id
            JOIN cases_member n ON n.person_id = m.person_id
            JOIN cases_application other ON other.household_id = n.household_id
            WHERE one.id = {application} AND other.id = o.application_id)
"""
# An account that is somebody's own and serves others who recorded why is in order, and so are those others.
_SHARED = f"""
    SELECT u.digest, u.account, a.number, t.name AS township, u.name, u.care
    FROM ({_USES}) u
    JOIN cases_application a ON a.id = u.application_id
    JOIN organisations_area t ON t.id = u.township_id
    WHERE u.county_id = %(county)s AND NOT {_KNOWN.format(u="u")}
      AND EXISTS (SELECT FROM ({_USES}) o
          WHERE o.digest = u.digest AND o.application_id <> u.application_id
            AND NOT {_SAME_PEOPLE.format(application="u.application_id")}
            AND (NOT {_KNOWN.format(u="o")} OR NOT {_OWN.format(u="u")}))
    ORDER BY u.digest, t.code, a.number, u.care
"""  # noqa: S608 - our own text
_OTHERS = f"""
    SELECT DISTINCT a.number, v.name, v.prefix
    FROM ({_USES}) o JOIN cases_application a ON a.id = o.application_id
    JOIN organisations_area v ON v.id = a.village_id
    WHERE o.digest = %(digest)s AND o.application_id <> %(application)s
      AND NOT {_SAME_PEOPLE.format(application="%(application)s")}
    ORDER BY a.number
"""  # noqa: S608 - our own text


@dataclass(frozen=True, slots=True)
class Use:
    """One case whose money goes to an account, without a name: the number leads to it."""

    number: str
    township: str
    payee: str
    care: bool


@dataclass(frozen=True, slots=True)
class SharedAccount:
    """An account, masked, and the cases of different households that use it unexplained."""

    masked: str
    uses: tuple[Use, ...]


def _parameters(month: date) -> dict:
    return {
        "month": month,
        "since": start_of(clock.add_months(month, 1 - GRANT_MONTHS)),
        "until": start_of(clock.next_month(month)),
        "outsiders": [relation.value for relation in RECORDED_OUTSIDERS],
    }


def shared_accounts(county: Area, month: date) -> Iterator[SharedAccount]:
    """Accounts used for cases of a county by different households who are not recorded as relatives, by proxy
    or in an institution; the other use may lie anywhere.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SHARED, _parameters(month) | {"county": county.pk})
        rows = cursor.fetchall()
    for _, same in groupby(rows, key=lambda row: row[0]):
        found = list(same)
        uses = tuple(Use(number, township, name, care) for _, _, number, township, name, care in found)
        yield SharedAccount(mask_account(decrypt(found[0][1])), uses)


def others_at(account: str, application: Application, scope: Scope) -> str:
    """A sentence about the other households whose money goes to an account; empty when there is none.

    Numbers only of cases within reach: of others only how many.
    """
    parameters = _parameters(clock.month_of(clock.today()))
    with connection.cursor() as cursor:
        cursor.execute(
            _OTHERS, parameters | {"digest": account_digest(account), "application": application.pk}
        )
        found = cursor.fetchall()
    if not found:
        return ""
    prefixes = tuple(scope.areas())
    named = [f"{village} {number}" for number, village, prefix in found if prefix.startswith(prefixes)]
    said = f"（{'、'.join(named[:NAMED])}{' 等' if len(found) > NAMED else ''}）" if named else ""
    return f"该账号已用于另外 {len(found)} 户{said}，请核实收款人与救助对象的关系。"
