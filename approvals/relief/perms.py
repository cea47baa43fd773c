"""Who may make which move on an emergency relief, and if not, why not: one answer for button and server.

The handler registers, the township's own leader (审批岗) agrees, another person pays: three posts, never one
person in two of them. The district is told and acknowledges; it does not stand in the way.
"""

from __future__ import annotations

from approvals.authority import TOWNSHIP_PREFIX
from approvals.perms import RECUSALS
from approvals.relief.models import READING, DistrictNotice, EmergencyRelief
from approvals.relief.workflow import MOVES, Move
from cases.enums import OPEN_STATES, ApplicationState
from common.verdict import ALLOWED, Verdict, denied
from organisations.enums import Post
from organisations.models import Area, User
from organisations.scope import Scope, scope_of

# Who acknowledges for the district.
DISTRICT_POSTS = (Post.AUDITOR, Post.APPROVER)
# Who reads without working on it.
WATCHING = (Post.DISCIPLINE, Post.AUDITOR)
UNMASK_POSTS = tuple(post for post in READING if post != Post.DISTRICT_FINANCE)
_SEPARATION = "登记支付与审批须由不同的人员办理（DT-1.1、SY-4.2a）"


def can_register_somewhere(scope: Scope) -> Verdict:
    """May the person open the form at all?"""
    if scope.has(Post.HANDLER):
        return ALLOWED
    return denied("急难情形由街道（乡镇）的经办岗登记，您目前没有这个岗位。")


def can_register(actor: User, village: Area) -> Verdict:
    """The handler of the township in which it happened."""
    if scope_of(actor).covers(village, Post.HANDLER):
        return ALLOWED
    return denied("急难情形由发生地街道（乡镇）的经办岗登记。")


def _held(actor: User, relief: EmergencyRelief, move: Move) -> list[Post]:
    """The posts of the move that the person holds here; 审批 of the township only, not of the district."""
    here = [
        place
        for place in scope_of(actor).places
        if relief.village.prefix.startswith(place.prefix)
        and (place.post != Post.APPROVER or len(place.prefix) >= TOWNSHIP_PREFIX)
    ]
    return [post for post in move.posts if any(place.post == post for place in here)]


def acting_post(relief: EmergencyRelief, move: Move, actor: User) -> Post | None:
    """The post in which the person would make the move: the one acted in before, else the first that fits."""
    acted = set(relief.steps.filter(actor=actor).order_by().values_list("post", flat=True))
    return next((post for post in _held(actor, relief, move) if acted <= {post}), None)


def may_act(relief: EmergencyRelief, move: Move, actor: User) -> Verdict:
    """Does the person hold a post for the move here, is no relative, and acted in no other?"""
    if reason := _recusal(relief, actor):
        return denied(reason)
    if acting_post(relief, move, actor) is not None:
        return ALLOWED
    if not _held(actor, relief, move):
        posts = "或".join(post.label for post in move.posts) or "系统"
        return denied(f"“{move.label}”由{relief.township.name}的{posts}办理。")
    return denied(f"您已在另一岗位办理此件；{_SEPARATION}。")


def _recusal(relief: EmergencyRelief, actor: User) -> str:
    """Why the person must keep away: registered as a relative, or known as one of the case behind it."""
    if actor.pk in relief.recused:
        return "您已登记为救助对象的近亲属，须回避（JZ-12.1）。"
    if relief.application is None:
        return ""
    return next((reason for check in RECUSALS if (reason := check(relief.application, actor))), "")


def why_not(relief: EmergencyRelief, move: Move, actor: User | None) -> Verdict:
    """May the actor (None: the system) make the move now? State first, then post and person, then guard."""
    if relief.state not in move.sources:
        return denied(f"先行救助{relief.get_state_display()}，不能办理“{move.label}”。")
    if actor is None:
        return denied(f"“{move.label}”须由人员办理。") if move.posts else ALLOWED
    if not (verdict := may_act(relief, move, actor)):
        return verdict
    guard = _GUARDS.get(move.name)
    return denied(reason) if guard and (reason := guard(relief)) else ALLOWED


def _no_papers_yet(relief: EmergencyRelief) -> str:
    application = relief.application
    if application is None or application.state == ApplicationState.WITHDRAWN:
        return ""
    if application.state == ApplicationState.REFUSED:
        return f"补办的申请 {application.number} 未获批准，请由审批岗作出“认定不符合”。"
    return f"已登记补办的申请 {application.number}，请在该申请中继续办理。"


def _no_papers_under_way(relief: EmergencyRelief) -> str:
    application = relief.application
    if application is None or application.state not in OPEN_STATES | {ApplicationState.DRAFT}:
        return ""
    return f"补办的申请 {application.number} 尚未办结，请先办结、撤回或作废该申请。"


_GUARDS = {"begin_papers": _no_papers_yet, "close": _no_papers_under_way}


def legal_moves(relief: EmergencyRelief, actor: User) -> list[tuple[Move, Verdict]]:
    """What begins here for people, each with its verdict."""
    return [
        (move, why_not(relief, move, actor))
        for move in MOVES.values()
        if relief.state in move.sources and move.posts
    ]


def can_acknowledge(actor: User, notice: DistrictNotice) -> Verdict:
    """The district's auditor or approver, once."""
    if notice.acknowledged_at is not None:
        return denied("该报告已经签收。")
    county = notice.relief.county
    places = scope_of(actor).places
    if any(
        place.post in DISTRICT_POSTS
        and len(place.prefix) < TOWNSHIP_PREFIX
        and county.prefix.startswith(place.prefix)
        for place in places
    ):
        return ALLOWED
    return denied(f"报告由{county.name}的区级监督岗或审批岗签收。")


def can_unmask(actor: User, relief: EmergencyRelief) -> Verdict:
    """Full numbers for those who work on it or oversee it; every look is logged with its reason."""
    if scope_of(actor).covers(relief.village, *UNMASK_POSTS):
        return ALLOWED
    return denied("您的岗位不办理、不监督先行救助，不能查看完整个人信息。")
