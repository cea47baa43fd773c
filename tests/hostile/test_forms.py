"""Whatever is typed into whatever field: no error of ours, and nothing else that was typed is lost."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from tests.access.table import ACCESS, Row
from tests.access.test_table import address, label_of, marks_of
from tests.access.world import ROLES, World, clients_of, standing_world, taken_back
from tests.hostile.pages import Form, filled, forms_of, kept

pytestmark = pytest.mark.django_db

CANARY = '"><svg onload=x>'
HOSTILE = {
    "emoji": "😀👨‍👩‍👧",
    "rare characters": "𠮷𬱖",
    "quotes": "'\";--",
    "script": "<script>alert(1)</script>",
    "long": "长" * 10_000,
    "nul": "a\x00b",
    "surrogate": "a\ud800b",
    "full width": "１２３４",
    "bidi": "\u202e倒\u2066写\u200b",
}
WORST = ("nul", "long")
# With more fields than this a form is large.
LARGE = 12
URLENCODED = "application/x-www-form-urlencoded"
LEAVE = "/accounts/logout/"


def _pages() -> Iterator[tuple[str, Row, str]]:
    """Each page that can be opened, with a role that may do most there."""
    for name, rows in ACCESS.items():
        for row in rows if isinstance(rows, tuple) else (rows,):
            able = [role for role in ROLES if role in (row.get or ())]
            best = [role for role in able if role in (row.post or ())] or able
            if best:
                yield name, row, best[0]


PAGES = [
    pytest.param(name, row, role, id=label_of(name, row), marks=marks_of(name))
    for name, row, role in _pages()
]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[World]:
    with django_db_blocker.unblock(), standing_world(tmp_path_factory.mktemp("media"), CANARY) as made:
        yield made


@pytest.fixture(scope="module")
def browsers(world: World, django_db_blocker) -> dict[str, Client]:
    with django_db_blocker.unblock():
        return clients_of(world.people)


@pytest.fixture(autouse=True)
def private_media() -> None:
    """The world's files lie in a folder of its own for as long as it stands."""


def text_of(response) -> str:
    kind = response.headers.get("Content-Type", "")
    return response.content.decode() if kind.startswith("text/html") and not response.streaming else ""


def post(client: Client, path: str, data: dict[str, str]):
    """As a browser sends it, and as a hostile client does: lone surrogates go as their three bytes."""
    body = urlencode(data, errors="surrogatepass")
    with taken_back():
        return client.post(path, body, content_type=URLENCODED)


def sent_forms(page: str, path: str) -> Iterator[tuple[str, Form]]:
    """(where it goes, the form) of each POST form of a page but the way out."""
    for form in forms_of(page):
        target = form.action or path
        if form.method == "post" and not target.startswith(LEAVE):
            yield target, form


def attacks(form: Form) -> Iterator[tuple[str, list[str]]]:
    """(hostile text, the fields that get it): every field gets every text.

    In a small form one field at a time, so that the rest is right and the service is reached; in a large one
    so only for the worst texts, the others in every second field at once. What nobody types into (drop-downs,
    ticks, hidden fields) is sent wrong by attackers only: it gets the worst.
    """
    fields = [f for f in form.fields.values() if f.name != "csrfmiddlewaretoken" and f.kind != "password"]
    typed = [field.name for field in fields if field.typed]
    large = len(fields) > LARGE
    for label in HOSTILE:
        if large and label not in WORST:
            yield from ((label, half) for half in (typed[::2], typed[1::2]) if half)
        else:
            yield from ((label, [name]) for name in typed)
    for label in WORST[:1] if large else WORST:
        yield from ((label, [field.name]) for field in fields if not field.typed)


_SEEN: set[tuple] = set()


@pytest.mark.parametrize(("name", "row", "role"), PAGES)
def test_every_field_takes_anything(name, row, role, world, browsers):
    path, client = address(name, row, world), browsers[role]
    with taken_back():
        page = text_of(client.get(path))
    wrong = []
    for target, form in sent_forms(page, path):
        kind = (target.split("?")[0].rstrip("0123456789/"), tuple(sorted(form.fields)))
        if kind in _SEEN:
            continue
        _SEEN.add(kind)
        base = filled(form)
        buttons = dict([form.buttons[0]]) if form.buttons else {}
        for label, names in attacks(form):
            others = {key: value for key, value in base.items() if key not in names}
            hostile = dict.fromkeys(names, HOSTILE[label])
            response = post(client, target, {**buttons, **others, **hostile})
            if response.status_code >= 500:
                wrong.append((target, names, label, response.status_code))
            elif response.status_code == 200 and (lost := kept(text_of(response), others)):
                wrong.append((target, names, label, lost))
    assert wrong == []


AID = {"amount": "3000", "plan": "2026-03-20 3000", "opinion": "拟同意。"}
NO_AMOUNT = ("-1", "0", "1e999", "NaN", "1.005", "6810.01", "")
NO_PLAN = ("2026-13-01 3000", "2026-02-30 3000", "2026-03-20 -1", "2026-03-20", "1999-01-01 3000")


@pytest.mark.parametrize(("urgency", "move"), [("aid", "agree"), ("urgent", "agree_at_once")])
@pytest.mark.parametrize(("field", "more"), [("amount", NO_AMOUNT), ("plan", NO_PLAN)])
def test_a_wrong_amount_or_plan_of_aid_is_said_beside_it(urgency, move, field, more, world, browsers):
    """One person gets 6 × 1,135.00 = 6,810.00 yuan at most in the world's township; 急难型 5,000.00."""
    path = reverse("approvals:move", args=[*world.objects[f"key_{urgency}"], move])
    # Full-width digits are an amount as an input method writes it.
    texts = [text for label, text in HOSTILE.items() if (field, label) != ("amount", "full width")]
    for text in (*texts, *more):
        sent = AID | {field: text}
        response = post(browsers["reviewer"], path, sent)
        page = text_of(response)
        assert response.status_code == 200, text[:20]
        assert f'id="id_{field}_error"' in page, text[:20]
        assert kept(page, {name: value for name, value in sent.items() if name != field}) == {}


JUNK = ("", "x", "-1", "0", "9" * 30, "\x00", "％", "😀", "２０２６", "2026-13", "2026-02-30", "' OR 1=1")
USUAL = ("page", "before", "after", "show", "q", "p", "o", "e", "area", "user")


@pytest.mark.parametrize(("name", "row", "role"), PAGES)
def test_every_address_takes_any_question(name, row, role, world, browsers):
    path, client = address(name, row, world).split("?")[0], browsers[role]
    with taken_back():
        page = text_of(client.get(path))
    filters = {field for form in forms_of(page) if form.method == "get" for field in form.fields}
    queries = [urlencode(dict.fromkeys([*filters, *USUAL], junk)) for junk in JUNK]
    queries += [urlencode([(key, junk) for key in [*filters, *USUAL] for junk in ("1", "x", "9" * 30)])]
    # One at a time: a filter that is refused must not hide what the next one does.
    queries += [f"{key}={junk}" for key in sorted(filters) for junk in ("9" * 30, "%00", "%ED%A0%80")]
    wrong = {}
    for query in queries:
        with taken_back():
            status = client.get(f"{path}?{query}").status_code
        if status >= 500 and path != "/healthz":
            wrong[query[:80]] = status
    assert wrong == {}


@pytest.mark.parametrize(("name", "row", "role"), [page for page in PAGES if page.values[1].object])
def test_every_address_takes_any_name(name, row, role, world, browsers):
    """Keys that no integer column holds, and text that no row is called."""
    path, client = address(name, row, world).split("?")[0], browsers[role]
    arguments = [str(argument) for argument in world.objects[row.object]]
    wrong = {}
    for argument in arguments:
        head, _, tail = path.rpartition(f"/{argument}")
        for junk in ("9" * 30, "0", "%00", "x" * 3000, "%F0%9F%98%80", "..%2F..", "%27%22%3B--"):
            with taken_back():
                status = client.get(f"{head}/{junk}{tail}").status_code
            if status >= 500:
                wrong[junk[:20]] = status
    assert wrong == {}


@pytest.mark.parametrize(("name", "row", "role"), PAGES)
def test_what_people_wrote_is_shown_as_text(name, row, role, world, browsers):
    with taken_back():
        page = text_of(browsers[role].get(address(name, row, world)))
    assert page.count("<svg onload") == 0
    assert page.count("onload=x>") == 0


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("workbench:case", "handler"),
        ("cases:edit", "handler"),
        ("publicity:objection_handle", "reviewer"),
        ("supervision:finding", "auditor"),
        ("payments:payee", "town_payments"),
    ],
)
def test_the_canary_is_there(name, role, world, browsers):
    """Otherwise the test above would prove nothing."""
    with taken_back():
        page = text_of(browsers[role].get(address(name, ACCESS[name], world)))
    assert "&lt;svg onload=x&gt;" in page
