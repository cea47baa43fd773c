"""Tokens for scripts of other departments: given out once in clear, kept as a digest, ended by a day."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q

from common import clock
from common.errors import Refused
from common.verdict import Verdict, denied
from organisations import perms
from organisations.enums import AccountEventKind
from organisations.models import ApiToken, User
from organisations.second_factor import is_required_for
from organisations.services import record_event

_LONGEST = timedelta(days=366)
_PREFIX = "sa_"


def can_hold_token(actor: User | None, user: User) -> Verdict:
    """A token stands for one secret only, so no account whose post asks for a second factor has one."""
    if is_required_for(user):
        return denied("该账号的岗位须用动态口令登录，不能发放接口令牌；请用联办部门岗的账号。")
    return perms.can_manage_account(actor, user)


def why_not_until(valid_to: date) -> str:
    """Why a token cannot last until that day; empty when it can."""
    today = clock.today()
    return "" if today < valid_to <= today + _LONGEST else "失效日期须晚于今天，且不超过一年。"


@transaction.atomic
def issue_token(*, user: User, name: str, valid_to: date, actor: User | None) -> tuple[ApiToken, str]:
    """A token from today up to, not including, `valid_to`, at most a year; (row, the token in clear).

    The clear text exists only in this answer. `actor` None: the command line.
    """
    if not (verdict := can_hold_token(actor, user)):
        raise Refused(verdict.reason, field="user")
    if problem := why_not_until(valid_to):
        raise Refused(problem, field="valid_to")
    clear = _PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user, name=name, digest=digest_of(clear), valid_from=clock.today(), valid_to=valid_to
    )
    record_event(user=user, actor=actor, kind=AccountEventKind.TOKEN_ISSUED, detail=name)
    return token, clear


@transaction.atomic
def end_token(*, token: ApiToken, actor: User | None) -> ApiToken:
    """No request with it is answered from now on."""
    if not (verdict := perms.can_manage_account(actor, token.user)):
        raise Refused(verdict.reason)
    token = ApiToken.objects.select_for_update().get(pk=token.pk)
    if token.valid_to > clock.today():
        token.valid_to = clock.today()
        token.save(update_fields=["valid_to"])
        record_event(user=token.user, actor=actor, kind=AccountEventKind.TOKEN_ENDED, detail=token.name)
    return token


def owner_of(clear: str) -> User | None:
    """The account a token speaks for today; None for an unknown, ended or orphaned one.

    Keeps the day of the last use, so that an administrator sees which tokens nobody needs any more.
    """
    today = clock.today()
    tokens = ApiToken.objects.filter(digest=digest_of(clear), valid_from__lte=today, valid_to__gt=today)
    token = tokens.select_related("user").first()
    if token is None or not token.user.is_active or is_required_for(token.user):
        return None
    unseen = Q(last_used_on__isnull=True) | Q(last_used_on__lt=today)
    if token.last_used_on != today:
        ApiToken.objects.filter(unseen, pk=token.pk).update(last_used_on=today)
    return token.user


def digest_of(clear: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(clear.encode("utf-8", "surrogatepass")).hexdigest()
