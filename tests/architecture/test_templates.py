"""Templates: each is used, none brings in another host, inline code or text that is not escaped."""

import re
from pathlib import Path

import pytest

from approvals.enums import DocumentKind

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "templates"
ROOMS = (
    "common",
    "organisations",
    "policy",
    "cases",
    "publicity",
    "payments",
    "approvals",
    "supervision",
    "workbench",
    "config",
)
TEMPLATES = {path.relative_to(FOLDER).as_posix(): path for path in FOLDER.rglob("*") if path.is_file()}
PAGES = {name: path for name, path in TEMPLATES.items() if name.endswith(".html")}
SOURCES = [path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts]
# Django looks for these by name.
BY_NAME = {"400.html", "403.html", "403_csrf.html", "404.html", "500.html"}
# A form is drawn by the template of its kind (approvals/documents/render.py).
BY_KIND = {f"approvals/print/{kind}.html" for kind in DocumentKind.values}

# name → what must not stand in a template.
FORBIDDEN = {
    "inline style": re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE),
    "inline script": re.compile(
        r"<script\b(?![^>]*\bsrc=)|\son[a-z]+\s*=\s*[\"']|javascript:|hx-on|hx-vals\s*=\s*[\"']js:",
        re.IGNORECASE,
    ),
    "another host": re.compile(
        r"(?:src|href|action|srcset)\s*=\s*[\"']\s*(?:https?:)?//|@import|url\(\s*[\"']?(?:https?:)?//",
        re.IGNORECASE,
    ),
    "unescaped": re.compile(r"\|\s*safe(?:seq)?\b|\{%\s*autoescape\s+off"),
}
# Drawn by WeasyPrint, which is given no address to fetch anything from; no browser and no policy sees it.
PRINTED = {"layout/base_print.html"}
UNSAFE_CALLS = re.compile(r"\bmark_safe\b|\bSafeString\(|\bSafeText\(|@html_safe")
# The options of a drop-down: joined from parts that format_html has escaped.
JOINED_FROM_ESCAPED = {"cases/forms/fields.py"}


def _named_in(text: str) -> set[str]:
    return set(re.findall(r"[\"']([\w./-]+\.(?:html|css|txt|svg|xml))[\"']", text))


def test_every_template_is_used():
    named: set[str] = set(BY_NAME)
    for path in [*SOURCES, *PAGES.values()]:
        named |= _named_in(path.read_text(encoding="utf-8"))
    assert sorted(set(TEMPLATES) - named - BY_KIND) == []


@pytest.mark.parametrize("rule", FORBIDDEN)
def test_no_template_holds(rule):
    found = {
        name: match.group()
        for name, path in PAGES.items()
        if (rule != "inline style" or name not in PRINTED)
        and (match := FORBIDDEN[rule].search(path.read_text(encoding="utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("inline style", '<p style="color:red">'),
        ("inline style", "<style>p{}</style>"),
        ("inline script", "<script>alert(1)</script>"),
        ("inline script", '<a onclick="x()">'),
        ("inline script", '<a href="javascript:x()">'),
        ("another host", '<img src="//cdn.example/x.png">'),
        ("another host", '<script src="https://cdn.example/x.js"></script>'),
        ("unescaped", "{{ text|safe }}"),
        ("unescaped", "{% autoescape off %}"),
    ],
)
def test_the_search_finds(rule, text):
    assert FORBIDDEN[rule].search(text)


def test_no_code_says_that_text_is_safe():
    found = {
        path.relative_to(ROOT).as_posix()
        for path in SOURCES
        if UNSAFE_CALLS.search(path.read_text(encoding="utf-8"))
    }
    assert found == JOINED_FROM_ESCAPED
