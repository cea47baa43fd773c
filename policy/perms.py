"""Who may write rules, and who may put them into force: two people, each within the area of the post."""

from __future__ import annotations

from common.verdict import ALLOWED, Verdict, denied
from organisations.enums import Post
from organisations.models import Area, User
from organisations.scope import scope_of
from policy.models import Rule

# Who works with the rule tables: they also see drafts.
RULE_POSTS = (Post.RULE_WRITER, Post.RULE_PUBLISHER, Post.ADMINISTRATOR)


def can_draft(actor: User, area: Area) -> Verdict:
    """A rule writer of the area or of one above it."""
    if scope_of(actor).covers(area, Post.RULE_WRITER):
        return ALLOWED
    return denied(f"{area.name}的规则由该区域的规则起草岗起草。")


def can_change(actor: User, rule: Rule) -> Verdict:
    """Drafts only: what is published is closed and succeeded, never edited."""
    if rule.published_at is not None:
        return denied("已发布的规则不能修改，请起草新的规则接替。")
    return can_draft(actor, rule.area)


def can_publish(actor: User, rule: Rule) -> Verdict:
    """A rule publisher of the area who did not draft the rule."""
    if rule.published_at is not None:
        return denied("该规则已经发布。")
    if not scope_of(actor).covers(rule.area, Post.RULE_PUBLISHER):
        return denied(f"{rule.area.name}的规则由该区域的规则发布岗发布。")
    if rule.drafted_by_id == actor.pk:
        return denied("规则的发布人不能是起草人，请由另一位规则发布岗发布。")
    return ALLOWED


def publishes_somewhere(actor: User) -> Verdict:
    """A rule publisher of any area; `can_publish` decides on each rule."""
    if scope_of(actor).has(Post.RULE_PUBLISHER):
        return ALLOWED
    return denied("草稿由规则发布岗发布。")


def can_succeed(actor: User, rule: Rule) -> Verdict:
    """A rule writer of the area drafts what comes after a published rule."""
    if rule.published_at is None:
        return denied("草稿可以直接修改，不必另行起草接替的规则。")
    return can_draft(actor, rule.area)


def can_retire(actor: User, rule: Rule) -> Verdict:
    """A rule publisher of the area who did not draft the rule, while it runs without an end."""
    if rule.published_at is None:
        return denied("草稿未生效，不用停用，删除即可。")
    if rule.valid_to is not None:
        return denied(f"该规则已定于 {rule.valid_to:%Y-%m-%d} 失效，不能再改。")
    if not scope_of(actor).covers(rule.area, Post.RULE_PUBLISHER):
        return denied(f"{rule.area.name}的规则由该区域的规则发布岗停用。")
    if rule.drafted_by_id == actor.pk:
        return denied("规则的起草人不能停用它，请由另一位规则发布岗停用。")
    return ALLOWED


def can_keep_calendar(actor: User) -> Verdict:
    """The administrator enters the State Council's arrangement of the next year."""
    if scope_of(actor).has(Post.ADMINISTRATOR):
        return ALLOWED
    return denied("工作日历由系统管理岗导入。")
