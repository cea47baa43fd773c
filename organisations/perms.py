"""Who may change accounts and postings."""

from __future__ import annotations

from common.verdict import ALLOWED, Verdict, denied
from organisations.enums import Post
from organisations.models import Area, User
from organisations.scope import scope_of


def can_manage_accounts(actor: User | None) -> Verdict:
    """The administrator post anywhere. None is the command line, a superuser the bootstrap of a new office."""
    if actor is None or actor.is_superuser or scope_of(actor).has(Post.ADMINISTRATOR):
        return ALLOWED
    return denied("账号与任职由系统管理岗维护。")


def can_appoint(actor: User | None, user: User, area: Area) -> Verdict:
    """An administrator appoints others, within the area of the administrator post."""
    if actor is None:
        return ALLOWED
    if not actor.is_superuser and not scope_of(actor).covers(area, Post.ADMINISTRATOR):
        return denied(f"任职由系统管理岗办理，您不是{area.name}的系统管理岗。")
    if actor.pk == user.pk:
        return denied("不能给自己办理任职，请由另一位系统管理岗办理。")
    return ALLOWED
