"""Who may change accounts and postings."""

from __future__ import annotations

from common.verdict import ALLOWED, Verdict, denied
from organisations.enums import Post
from organisations.models import Area, User
from organisations.scope import scope_of


def can_manage_accounts(actor: User | None) -> Verdict:
    """The administrator post anywhere. None is the command line, a superuser the start of a new office."""
    if actor is None or actor.is_superuser or scope_of(actor).has(Post.ADMINISTRATOR):
        return ALLOWED
    return denied("账号与任职由系统管理岗维护。")


def can_manage_account(actor: User | None, user: User) -> Verdict:
    """An administrator manages others' accounts whose every posting lies in the administrator's area."""
    if actor is None:
        return ALLOWED
    if actor.pk == user.pk:
        return denied("不能办理自己的账号，请由另一位系统管理岗办理。")
    if actor.is_superuser:
        return ALLOWED
    if user.is_superuser:
        return denied("该账号由上级系统管理员维护。")
    scope = scope_of(actor)
    areas = [posting.area for posting in user.postings.current().select_related("area")]
    if scope.has(Post.ADMINISTRATOR) and all(scope.covers(area, Post.ADMINISTRATOR) for area in areas):
        return ALLOWED
    return denied("此人在您管理的区域以外任职，请由上级系统管理岗办理。")


def can_appoint(actor: User | None, user: User, area: Area) -> Verdict:
    """An administrator appoints others, within the area of the administrator post."""
    if actor is None:
        return ALLOWED
    if not actor.is_superuser and not scope_of(actor).covers(area, Post.ADMINISTRATOR):
        return denied(f"任职由系统管理岗办理，您不是{area.name}的系统管理岗。")
    if actor.pk == user.pk:
        return denied("不能给自己办理任职，请由另一位系统管理岗办理。")
    return ALLOWED


def can_maintain_area(actor: User | None, area: Area) -> Verdict:
    """Villages below `area` are entered by its administrator."""
    if actor is None or actor.is_superuser or scope_of(actor).covers(area, Post.ADMINISTRATOR):
        return ALLOWED
    return denied(f"您不是{area.name}的系统管理岗。")
