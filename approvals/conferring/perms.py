"""Who records a meeting, and who reads what was said there."""

from __future__ import annotations

from approvals.conferring import records
from approvals.settling.perms import READERS, acts_only_as
from cases.models import Application
from common import clock
from common.verdict import ALLOWED, Verdict, denied
from organisations.enums import AreaLevel, Post
from organisations.models import Area, User
from organisations.scope import scope_of
from policy.rules import RuleBook

LABEL = "登记联审联批会议"


def townships_of(actor: User) -> list[Area]:
    """The townships in whose business the person has a part as 经办, where the rules want the meeting."""
    codes = scope_of(actor).areas(Post.HANDLER)
    areas = Area.objects.filter(level=AreaLevel.TOWNSHIP, prefix__in=codes).order_by("code")
    return [area for area in areas if records.is_required(RuleBook(area, clock.today()))]


def can_record(actor: User, township: Area) -> Verdict:
    """The township's own 经办岗."""
    if scope_of(actor).covers(township, Post.HANDLER):
        return ALLOWED
    return denied(f"“{LABEL}”由{township.name}的{Post.HANDLER.label}办理。")


def can_bring(actor: User, application: Application) -> Verdict:
    """May the person write down what the meeting said to this case? Nobody acts in two posts (DT-1.1)."""
    return acts_only_as(actor, application, Post.HANDLER, LABEL)


def can_read(actor: User, township: Area) -> Verdict:
    """Names and minutes: those who work on the cases or supervise them (LC-4.5)."""
    if scope_of(actor).covers(township, *READERS):
        return ALLOWED
    return denied("会议记录由本街道（乡镇）经办、审核、审批岗和监督岗查阅。")
