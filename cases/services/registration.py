"""Registration: a draft with its number, changed until acceptance, or thrown away before submission."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from cases import perms
from cases.declarations import Declaration, MemberLine
from cases.enums import ApplicationState, Cause, LinshiCause, Origin, Programme, Relation
from cases.models import Application, DiscardedNumber, Household, IncomeItem, Member, NumberSequence, Person
from cases.queries.days import start_of
from cases.services.people import remember_person
from cases.services.programmes import save_programme_facts
from cases.services.shared import locked, require_allowed
from cases.services.submission import occupy_members, require_place, sync_materials
from common import clock
from common.errors import Refused
from organisations.models import Area, User
from organisations.scope import scope_of

_HOUSEHOLD_FIELDS = (
    "address",
    "deposits",
    "vehicles",
    "houses",
    "non_residential_houses",
    "registered_capital",
    "rigid_expenditure_monthly",
    "rigid_expenditure_note",
)
_APPLICATION_FIELDS = (
    "programme",
    "channel",
    "cause",
    "statement",
    "payee_name",
    "payee_bank",
    "payee_account",
    "hukou_in_county",
    "lives_in_county",
)
# 临时救助 asks for its own cause; lists, notices and figures speak of 致困原因.
_CAUSES = {
    LinshiCause.MEDICAL: Cause.ILLNESS,
    LinshiCause.EDUCATION: Cause.SCHOOLING,
    LinshiCause.ACCIDENT: Cause.OTHER,
    LinshiCause.DISASTER: Cause.DISASTER,
    LinshiCause.OTHER: Cause.OTHER,
}
_MEMBER_FIELDS = (
    "relation",
    "co_living",
    "excluded",
    "disability_kind",
    "disability_grade",
    "severe_illness",
    "employment_cost",
)


def next_number(*, county: Area, on: date, kind: str = "") -> str:
    """The next number of a county's year, `DT-2026-000318`; the row is locked until commit.

    `kind` names a series of its own beside that of the applications: `JN` gives `DT-JN-2026-000012`.
    """
    series = "-".join(filter(None, [county.abbreviation or county.code, kind, str(on.year)]))
    NumberSequence.objects.bulk_create([NumberSequence(series=series)], ignore_conflicts=True)
    sequence = NumberSequence.objects.select_for_update().get(series=series)
    sequence.last += 1
    sequence.save(update_fields=["last"])
    return f"{series}-{sequence.last:06d}"


def _received_at(declaration: Declaration) -> datetime | None:
    if declaration.received_on is None:
        return None
    if declaration.received_on > clock.today():
        raise Refused("收到申请的日期不能晚于今天。", field="received_on")
    return start_of(declaration.received_on)


def _check_members(members: tuple[MemberLine, ...]) -> None:
    if not members:
        raise Refused("请至少登记申请人本人。")
    applicants = sum(line.relation == Relation.SELF for line in members)
    if applicants != 1:
        raise Refused("家庭成员中须有且只有一名申请人（与申请人关系为“本人”）。")


@transaction.atomic
def register_application(*, declaration: Declaration, actor: User) -> Application:
    """A new draft with its number. Only place, programme and identified people are needed."""
    village = declaration.village
    require_allowed(perms.can_register(scope_of(actor), village))
    _check_members(declaration.members)
    township = village.parent
    household = Household.objects.create(**_household_values(declaration))
    application = Application(
        household=household,
        village=village,
        township=township,
        county=township.parent,
        created_by=actor,
        created_at=clock.now(),
        received_at=_received_at(declaration),
        **_application_values(declaration),
    )
    _save_members(application, declaration, actor)
    application.number = next_number(county=application.county, on=clock.today())
    application.save()
    save_programme_facts(application, declaration)
    return application


@transaction.atomic
def update_draft(*, application: Application, declaration: Declaration, actor: User) -> Application:
    """Replace what was declared, before acceptance. After submission places and papers follow."""
    application = locked(application)
    require_allowed(perms.can_edit(scope_of(actor), application))
    _check_members(declaration.members)
    draft = application.state == ApplicationState.DRAFT
    village = declaration.village
    if village.pk != application.village_id:
        require_allowed(perms.can_register(scope_of(actor), village))
        if village.parent.parent_id != application.county_id:
            raise Refused(
                "编号已按县（市、区）生成，不能改到其他县（市、区）；请作废后重新登记。", field="village"
            )
        application.village, application.township = village, village.parent
    if not draft and declaration.programme != application.programme:
        raise Refused("申请已提交，不能更换救助项目；请撤回后重新登记。", field="programme")
    for name, value in _application_values(declaration).items():
        setattr(application, name, value)
    if draft:
        application.received_at = _received_at(declaration)
    Household.objects.filter(pk=application.household_id).update(**_household_values(declaration))
    _save_members(application, declaration, actor)
    # Every column but the state, which is not ours to write.
    application.save(
        update_fields=[f.name for f in Application._meta.concrete_fields if f.name not in {"id", "state"}]
    )
    save_programme_facts(application, declaration)
    if not draft:
        require_place(application)
        sync_materials(application)
        occupy_members(application)
    return application


def _household_values(declaration: Declaration) -> dict:
    return {name: getattr(declaration, name) for name in _HOUSEHOLD_FIELDS}


def _application_values(declaration: Declaration) -> dict:
    values = {name: getattr(declaration, name) for name in _APPLICATION_FIELDS}
    values["payee_account"] = values["payee_account"] or None
    if declaration.programme == Programme.LINSHI and declaration.linshi is not None:
        values["cause"] = _CAUSES.get(declaration.linshi.cause, "")
    if declaration.programme == Programme.DIBIAN:
        # A status without money: no account is kept that nothing will ever be paid to.
        values |= {"payee_name": "", "payee_bank": "", "payee_account": None}
    return values


def _save_members(application: Application, declaration: Declaration, actor: User) -> None:
    """Members by person: known ones are updated (their authorisation stays), others come and go."""
    household = application.household
    before = {member.person_id: member for member in household.members.all()}
    pairs: dict[int, tuple[Member, MemberLine]] = {}
    for index, line in enumerate(declaration.members):
        person = _remember(line, index, actor)
        if person.pk in pairs:
            raise Refused("同一人在家庭中重复登记。", field=f"members-{index}-id_number")
        pairs[person.pk] = (before.get(person.pk) or Member(household=household, person=person), line)
        if line.relation == Relation.SELF:
            application.applicant_name = person.name
    gone = [member for person_id, member in before.items() if person_id not in pairs]
    Member.objects.filter(pk__in=[member.pk for member in gone]).delete()
    forget_people([member.person_id for member in gone])
    # Whoever was 本人 gives it up before another takes it: the database allows only one at any moment.
    household.members.filter(relation=Relation.SELF).update(relation=Relation.OTHER_SUPPORTED)
    for member, line in pairs.values():
        _write_member(member, line, declaration)
    application.n_members = len(pairs)


def _remember(line: MemberLine, index: int, actor: User) -> Person:
    try:
        return remember_person(
            name=line.name,
            id_number=line.id_number,
            phone=line.phone,
            correct_name=line.correct_name,
            actor=actor,
        )
    except Refused as refusal:
        raise Refused(refusal.message, field=f"members-{index}-{refusal.field}") from None


def _write_member(member: Member, line: MemberLine, declaration: Declaration) -> None:
    member.programme = declaration.programme
    for name in _MEMBER_FIELDS:
        setattr(member, name, getattr(line, name))
    member.save()
    member.income.filter(origin=Origin.DECLARED).delete()
    IncomeItem.objects.bulk_create(
        IncomeItem(member=member, kind=i.kind, exempt=i.exempt, monthly=i.monthly, note=i.note)
        for i in line.income
    )


def forget_people(person_ids: list[int]) -> None:
    """Data about somebody whom no case mentions any more is not kept (个人信息保护法 第四十七条)."""
    Person.objects.filter(pk__in=person_ids, memberships__isnull=True, corrections__isnull=True).delete()


@transaction.atomic
def discard_draft(*, application: Application, reason: str, actor: User) -> DiscardedNumber:
    """Throw a draft away with its personal data; the number stays on record with the reason."""
    application = locked(application)
    require_allowed(perms.can_discard(scope_of(actor), application))
    reason = reason.strip()
    if not reason:
        raise Refused("请填写作废原因。", field="reason")
    account = DiscardedNumber.objects.create(
        number=application.number,
        township=application.township,
        reason=reason[:200],
        discarded_by=actor,
        discarded_at=clock.now(),
    )
    household = application.household
    people = list(household.members.values_list("person_id", flat=True))
    files = [attachment.file for attachment in application.attachments.all()]
    application.attachments.all().delete()
    application.delete()
    household.delete()
    forget_people(people)
    transaction.on_commit(lambda: [file.storage.delete(file.name) for file in files])
    return account
