"""People: one row a human being, found by the digest of the identity number."""

from __future__ import annotations

from django.db import transaction

from cases.models import Person, PersonCorrection
from cases.naming import clean_name, id_digest
from common import clock
from common.errors import Refused
from common.identity import read_id_number
from common.masking import mask_name
from organisations.models import User


@transaction.atomic
def remember_person(
    *, name: str, id_number: str, actor: User, phone: str = "", correct_name: bool = False
) -> Person:
    """The one person behind an identity number, made known on first sight.

    A different name than the known one is refused unless `correct_name` says that it is meant; a correction
    leaves a trace. Refused with the field when the number is wrong.
    """
    try:
        identity = read_id_number(id_number)
    except ValueError as error:
        raise Refused(f"{error}。", field="id_number") from None
    name = clean_name(name)
    if not name:
        raise Refused("请填写姓名。", field="name")
    digest = id_digest(identity.number)
    new = Person(
        name=name,
        id_number=identity.number,
        id_digest=digest,
        birth_date=identity.birth_date,
        sex=identity.sex,
        phone=phone or None,
    )
    Person.objects.bulk_create([new], ignore_conflicts=True)
    person = Person.objects.get(id_digest=digest)
    if person.name != name:
        _correct_name(person, name, actor, meant=correct_name)
    if phone and person.phone != phone:
        _correct_phone(person, phone, actor)
    return person


def _correct_name(person: Person, name: str, actor: User, *, meant: bool) -> None:
    if not meant:
        raise Refused(
            f"此身份证号已登记的姓名是“{mask_name(person.name)}”，与填写的不同。请核对证件；确需更正的，勾选“更正姓名”。",
            field="name",
        )
    _trace(person, "name", person.name, name, actor)
    person.name = name
    person.save(update_fields=["name"])


def _correct_phone(person: Person, phone: str, actor: User) -> None:
    if person.phone:
        _trace(person, "phone", person.masked_phone, "", actor)
    person.phone = phone
    person.save(update_fields=["phone"])


def _trace(person: Person, field: str, before: str, after: str, actor: User) -> None:
    PersonCorrection.objects.create(
        stream=f"person:{person.pk}",
        person=person,
        field=field,
        before=before,
        after=after,
        corrected_by=actor,
        corrected_at=clock.now(),
    )
