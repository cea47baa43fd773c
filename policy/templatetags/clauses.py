"""`{% cite line.clause %}`: a clause that is named leads to its page and shows its words on pointing.

`{{ rule.key|rule_label }}`: a rule by the name that clerks know.
"""

import re

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from policy.keys import KEYS
from policy.models import Clause

register = template.Library()

# `DT-1.2`, and no part of an application's number or of a date.
_ID = re.compile(r"(?<![-0-9A-Za-z])([0-9A-Za-z]+-[0-9A-Za-z.]*[0-9A-Za-z])(?![-0-9A-Za-z])")
_SHOWN = 120


@register.filter
def rule_label(key: str) -> str:
    """低保标准 for standard.dibao; the key itself where the product no longer knows it."""
    return KEYS[key].label if key in KEYS else key


@register.simple_tag(takes_context=True)
def cite(context: Context, text: object) -> str:
    """A clause, or a sentence that names some: each clause of the catalogue is a link, the rest stays."""
    parts = _ID.split(str(text or ""))
    # Most sentences name none; then the catalogue need not be read.
    texts = _texts(context) if len(parts) > 1 else {}
    if len(parts) == 3 and not parts[0] + parts[2] and parts[1] not in texts:
        return format_html('<span class="cite">{}</span>', parts[1])
    return format_html_join("", "{}", ((_part(part, texts),) for part in parts))


def _part(part: str, texts: dict[str, str]) -> str:
    if part not in texts:
        return part
    words = texts[part] if len(texts[part]) <= _SHOWN else f"{texts[part][:_SHOWN]}…"
    url = reverse("policy:clause", args=[part])
    return format_html('<a class="cite" href="{}" title="{}">{}</a>', url, words, part)


def _texts(context: Context) -> dict[str, str]:
    """The words of every clause, read once a page (about 150 rows)."""
    request = getattr(context, "request", None)
    known = getattr(request, "_clause_texts", None)
    if known is None:
        known = dict(Clause.objects.values_list("pk", "text"))
        if request is not None:
            request._clause_texts = known
    return known
