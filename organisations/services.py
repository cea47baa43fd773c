"""Every write to accounts, postings and the record of personal-data reads."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from axes.models import AccessAttempt
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from common import clock
from common.errors import Refused
from common.verdict import Verdict
from organisations import perms
from organisations.enums import AccountEventKind, Post
from organisations.models import AccountEvent, Area, PersonalDataRead, Posting, User
from organisations.scope import scope_of


def _require(verdict: Verdict) -> None:
    if not verdict:
        raise Refused(verdict.reason)


def _checked(row) -> None:
    """Full validation of a row; the first sentence of the first field goes to the clerk."""
    try:
        row.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refused(messages[0], field="" if field == "__all__" else field) from None


def record_event(*, user: User, actor: User | None, kind: AccountEventKind, detail: str = "") -> AccountEvent:
    """Keep what happened to an account; called by the service that does it, in its transaction."""
    return AccountEvent.objects.create(
        stream="accounts", user=user, actor=actor, kind=kind, detail=detail[:200], at=clock.now()
    )


def _set_password(user: User, password: str, *, field: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused("".join(error.messages), field=field) from None
    user.set_password(password)


@transaction.atomic
def create_user(
    *, username: str, name: str, password: str | None = None, actor: User | None, is_superuser: bool = False
) -> User:
    """A new account; without a password it cannot log in until one is set. `actor` None: the command line.

    A password given by a colleague has to be changed at the first log-in; one of the command line has not.
    """
    _require(perms.can_manage_accounts(actor))
    if is_superuser and actor is not None and not actor.is_superuser:
        raise Refused("系统管理岗不能建立超级用户。", field="is_superuser")
    user = User(username=username, name=name.strip(), is_superuser=is_superuser, is_staff=is_superuser)
    if not user.name:
        raise Refused("请填写姓名。", field="name")
    if password is None:
        user.set_unusable_password()
    else:
        _set_password(user, password, field="password")
        user.must_change_password = actor is not None
    _checked(user)
    user.save()
    record_event(user=user, actor=actor, kind=AccountEventKind.CREATED, detail=user.username)
    return user


@transaction.atomic
def give_password(*, user: User, password: str, actor: User | None) -> None:
    """A new first password for somebody who forgot theirs; ends their sessions, the second factor stays."""
    _require(perms.can_manage_account(actor, user))
    _set_password(user, password, field="password")
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    record_event(user=user, actor=actor, kind=AccountEventKind.PASSWORD_SET)


@transaction.atomic
def change_own_password(*, user: User, password: str) -> None:
    """The person's own new password, checked by the form against the old one."""
    _set_password(user, password, field="new_password1")
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    record_event(user=user, actor=user, kind=AccountEventKind.PASSWORD_CHANGED)


@transaction.atomic
def set_active(*, user: User, is_active: bool, actor: User | None) -> None:
    """Switch an account on or off; off ends its sessions at their next click."""
    _require(perms.can_manage_account(actor, user))
    if user.is_active == is_active:
        return
    user.is_active = is_active
    user.save(update_fields=["is_active"])
    kind = AccountEventKind.ACTIVATED if is_active else AccountEventKind.DEACTIVATED
    record_event(user=user, actor=actor, kind=kind)


@transaction.atomic
def unlock(*, user: User, actor: User | None) -> int:
    """Forget the account's failed log-ins before the lock-out ends by itself; how many records there were."""
    _require(perms.can_manage_account(actor, user))
    count, _ = AccessAttempt.objects.filter(username=user.get_username()).delete()
    record_event(user=user, actor=actor, kind=AccountEventKind.UNLOCKED)
    return count


@transaction.atomic
def appoint(
    *,
    user: User,
    post: Post,
    area: Area,
    valid_from: date,
    valid_to: date | None = None,
    department: str = "",
    actor: User | None,
) -> Posting:
    """Give a person a post in an area from a day on (`valid_to` is the first day without it)."""
    _require(perms.can_appoint(actor, user, area))
    if post == Post.PARTNER and not department.strip():
        raise Refused("联办部门岗须填写部门，如“区教育局”。", field="department")
    User.objects.select_for_update().get(pk=user.pk)
    posting = Posting(
        user=user, post=post, area=area, department=department, valid_from=valid_from, valid_to=valid_to
    )
    _checked(posting)
    posting.save()
    _forget_scope(user)
    _record_posting(posting, actor, AccountEventKind.APPOINTED)
    return posting


@transaction.atomic
def end_posting(*, posting: Posting, valid_to: date, actor: User | None) -> Posting:
    """End a posting: `valid_to` is the first day on which the post is no longer held, today at the earliest.

    What was done in the post up to now was done in it, so the past is not taken back.
    """
    _require(perms.can_appoint(actor, posting.user, posting.area))
    posting = (
        Posting.objects.select_for_update(of=("self",)).select_related("user", "area").get(pk=posting.pk)
    )
    if posting.valid_to is not None and posting.valid_to <= clock.today():
        raise Refused("该任职已经结束。", field="valid_to")
    if valid_to < clock.today():
        raise Refused("离任日期不能早于今天：此前以该岗位办理的事项不能追溯改变。", field="valid_to")
    posting.valid_to = valid_to
    _checked(posting)
    posting.save(update_fields=["valid_to"])
    _forget_scope(posting.user)
    _record_posting(posting, actor, AccountEventKind.POSTING_ENDED)
    return posting


def _forget_scope(user: User) -> None:
    user.__dict__.pop("_scope", None)


def _record_posting(posting: Posting, actor: User | None, kind: AccountEventKind) -> None:
    until = f"至 {posting.valid_to}（不含）" if posting.valid_to else "起"
    detail = f"{posting} {posting.department} {posting.valid_from} {until}"
    record_event(user=posting.user, actor=actor, kind=kind, detail=" ".join(detail.split()))


def _stream_of(user: User) -> str:
    """Reads are chained by county, so that a county's auditor can verify its own chain."""
    counties = {prefix[:6] for prefix in scope_of(user).areas() if len(prefix) >= 6}
    return f"county:{counties.pop()}" if len(counties) == 1 else "system"


@transaction.atomic
def log_personal_data_read(
    *, user: User, subject: str, fields: str | Iterable[str], reason: str, ip: str | None
) -> PersonalDataRead:
    """Record one unmasked look before it is shown.

    `subject` is kind and key (`person:12`), never the data itself; `fields` names what is shown. Refused
    without a reason. Clause: 个人信息保护法 art. 51, trust.md P2.
    """
    reason = reason.strip()
    if not reason:
        raise Refused("请填写查看事由，查看完整信息会留下记录。", field="reason")
    if "\x00" in reason:
        raise Refused("事由中含有不可见的控制字符，请重新输入。", field="reason")
    read = PersonalDataRead(
        stream=_stream_of(user),
        user=user,
        subject=subject,
        fields=fields if isinstance(fields, str) else "、".join(fields),
        reason=reason,
        ip=ip or None,
        at=clock.now(),
    )
    try:
        read.clean_fields(exclude={"hash"} if read.ip else {"hash", "ip"})
    except ValidationError as error:
        raise Refused(error.messages[0], field="reason") from None
    read.save()
    return read
