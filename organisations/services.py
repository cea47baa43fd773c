"""Every write to accounts, postings and the record of personal-data reads."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from common import clock
from common.errors import Refused
from common.verdict import Verdict
from organisations import perms
from organisations.enums import Post
from organisations.models import Area, PersonalDataRead, Posting, User
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


@transaction.atomic
def create_user(
    *, username: str, name: str, password: str | None = None, actor: User | None, is_superuser: bool = False
) -> User:
    """A new account; without a password it cannot log in until one is set. `actor` None: the command line."""
    _require(perms.can_manage_accounts(actor))
    user = User(username=username, name=name.strip(), is_superuser=is_superuser, is_staff=is_superuser)
    if not user.name:
        raise Refused("请填写姓名。", field="name")
    if password is None:
        user.set_unusable_password()
    else:
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise Refused(error.messages[0], field="password") from None
        user.set_password(password)
    _checked(user)
    user.save()
    return user


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
    if post == Post.PARTNER and not department:
        raise Refused("联办部门岗须填写部门。", field="department")
    User.objects.select_for_update().get(pk=user.pk)
    posting = Posting(
        user=user, post=post, area=area, department=department, valid_from=valid_from, valid_to=valid_to
    )
    _checked(posting)
    posting.save()
    user.__dict__.pop("_scope", None)
    return posting


@transaction.atomic
def end_posting(*, posting: Posting, valid_to: date, actor: User | None) -> Posting:
    """End a posting: `valid_to` is the first day on which the post is no longer held."""
    _require(perms.can_appoint(actor, posting.user, posting.area))
    posting = (
        Posting.objects.select_for_update(of=("self",)).select_related("user", "area").get(pk=posting.pk)
    )
    if posting.valid_to is not None and posting.valid_to <= clock.today():
        raise Refused("该任职已经结束。", field="valid_to")
    posting.valid_to = valid_to
    _checked(posting)
    posting.save(update_fields=["valid_to"])
    return posting


def _stream_of(user: User) -> str:
    """Reads are chained by county, so that a county's auditor can verify its own chain."""
    counties = {prefix[:6] for prefix in scope_of(user).areas() if len(prefix) >= 6}
    return f"county:{counties.pop()}" if len(counties) == 1 else "system"


@transaction.atomic
def log_personal_data_read(
    *, user: User, subject: str, fields: str | Iterable[str], reason: str, ip: str | None
) -> PersonalDataRead:
    """Record one unmasked look before it is shown. `subject` is kind and key (`person:12`), never the data itself."""
    reason = reason.strip()
    if not reason:
        raise Refused("请填写查看事由，查看完整信息会留下记录。", field="reason")
    read = PersonalDataRead(
        stream=_stream_of(user),
        user=user,
        subject=subject,
        fields=fields if isinstance(fields, str) else "、".join(fields),
        reason=reason,
        ip=ip,
        at=clock.now(),
    )
    try:
        read.clean_fields(exclude=["hash"])
    except ValidationError as error:
        raise Refused(error.messages[0], field="reason") from None
    read.save()
    return read
