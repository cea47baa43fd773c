"""The table of access held against the running system: every address, every method, every role."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.access.table import ACCESS, Row
from tests.access.world import ROLES, World, clients_of, standing_world, tables_written, taken_back

pytestmark = pytest.mark.django_db

LOGIN, ADMIN_LOGIN = "/accounts/login/", "/admin/login/"
# What a GET may write: the session's clock, and the look at somebody's personal data.
LOGS = {"django_session", "organisations_personaldataread"}


def _patterns(resolver: URLResolver, namespace: str = "", path: str = "") -> Iterator[tuple[str, str]]:
    for entry in resolver.url_patterns:
        here = path + str(entry.pattern).lstrip("^")
        if isinstance(entry, URLResolver):
            yield from _patterns(entry, f"{entry.namespace}:" if entry.namespace else namespace, here)
        elif isinstance(entry, URLPattern):
            yield (f"{namespace}{entry.name}" if entry.name else here), here


URLS = dict(_patterns(get_resolver()))


def marks_of(name: str) -> list:
    """Django's own pages of /admin/ name variables that are not always there."""
    return [pytest.mark.ignore_template_errors] if name.startswith("admin") else []


def label_of(name: str, row: Row) -> str:
    return "/".join((name, *row.extra))


ROWS = [
    pytest.param(name, row, id=label_of(name, row), marks=marks_of(name))
    for name, rows in ACCESS.items()
    for row in (rows if isinstance(rows, tuple) else (rows,))
]
every_row = pytest.mark.parametrize(("name", "row"), ROWS)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[World]:
    with django_db_blocker.unblock(), standing_world(tmp_path_factory.mktemp("media")) as made:
        yield made


@pytest.fixture(autouse=True)
def private_media() -> None:
    """The world's files lie in a folder of its own for as long as it stands."""


@pytest.fixture(scope="module")
def here(world: World, django_db_blocker) -> dict[str, Client]:
    with django_db_blocker.unblock():
        return clients_of(world.people)


@pytest.fixture(scope="module")
def next_door(world: World, django_db_blocker) -> dict[str, Client]:
    with django_db_blocker.unblock():
        return clients_of(world.neighbours)


@pytest.fixture(scope="module")
def far_away(world: World, django_db_blocker) -> dict[str, Client]:
    with django_db_blocker.unblock():
        return clients_of(world.strangers)


def address(name: str, row: Row, world: World) -> str:
    """The path of the row, for its object."""
    arguments = (*world.objects[row.object], *row.extra) if row.object else ()
    if "/" not in name:
        return reverse(name, args=arguments) + row.query
    path = name.replace("<path:object_id>", "%s").replace("(?P<url>.*)$", "%s")
    return "/" + (path % arguments if arguments else path)


def ask(client: Client, method: str, path: str, data: dict | None = None) -> tuple[str, set[str]]:
    """(verdict, tables written) of one request, which is then undone: in the browser, too."""
    before, cookies = tables_written(), dict(client.cookies)
    with taken_back():
        response = (
            getattr(client, method.lower())(path, data) if data else getattr(client, method.lower())(path)
        )
        after = tables_written()
    client.cookies.clear()
    client.cookies.update(cookies)
    written = {table for table, n in after.items() if n != before.get(table, 0)}
    return _verdict(path, response, logged_in="sessionid" in cookies), written


def _verdict(path: str, response, *, logged_in: bool) -> str:
    status = response.status_code
    if status == 302 and response.url.startswith(LOGIN) and path != "/accounts/logout/":
        return "login"
    if status == 302 and response.url.startswith(ADMIN_LOGIN):
        # Whoever has logged in and has no business in /admin/ is told so there; others are led on to log in.
        return "403" if logged_in else "login"
    if status == 302 and response.url == reverse("admin:index") and path.startswith("/admin/"):
        # The admin's way to say that there is no such row, or no way out of where one never was.
        return "404"
    if status in (403, 404, 405):
        return str(status)
    # 503 is what /healthz says of a place without a worker.
    assert status < 500 or path == "/healthz", f"{path}: {status}"
    return "allowed"


def declared(row: Row, method: str, role: str) -> str:
    allowed = row.post if method == "POST" else row.get
    if role in allowed:
        return "allowed"
    return "404" if role in row.hidden else "403"


def test_the_table_is_complete():
    assert set(URLS) == set(ACCESS)


def test_writes_are_seen(world):
    before = tables_written()
    with taken_back(), connection.cursor() as cursor:
        cursor.execute("UPDATE cases_application SET channel = channel")
        assert tables_written() != before


@every_row
def test_every_role(name, row, world, here):
    path = address(name, row, world)
    found, wanted = {}, {}
    for method in sorted(row.offered & {"GET", "POST"}):
        data = world.data[row.data] if method == "POST" else None
        for role in ROLES:
            verdict, written = ask(here[role], method, path, data)
            # Nothing is written by looking, and nothing by a request that was refused.
            stray = written - LOGS if method == "GET" or verdict != "allowed" else set()
            found[method, role] = (verdict, stray)
            wanted[method, role] = (declared(row, method, role), set())
    assert {key: value for key, value in found.items() if value != wanted[key]} == {}


@every_row
def test_without_log_in(name, row, world):
    path, client = address(name, row, world), Client(raise_request_exception=False)
    expected = "allowed" if row.public else "login"
    for method in sorted(row.offered):
        assert (method, *ask(client, method, path)) == (method, expected, set())


@every_row
def test_the_same_post_elsewhere_finds_nothing(name, row, world, next_door, far_away):
    if not row.object or not row.reach:
        return
    path = address(name, row, world)
    groups = [far_away, next_door] if row.reach == "town" else [far_away]
    for method in sorted(row.offered & {"GET", "POST"}):
        data = world.data[row.data] if method == "POST" else None
        allowed = row.post if method == "POST" else row.get
        found = {
            (method, client.session["_auth_user_id"], role): verdict
            for group in groups
            for role, client in group.items()
            if role in allowed and (verdict := ask(client, method, path, data)) != ("404", set())
        }
        assert found == {}


@every_row
def test_other_methods(name, row, world, here):
    path = address(name, row, world)
    roles = [role for role in ROLES if role in (row.get or frozenset()) | (row.post or frozenset())]
    client = here[roles[0] if roles else "administrator"]
    if row.get is not None:
        expected = "allowed" if roles and roles[0] in row.get else ask(client, "GET", path)[0]
        assert ask(client, "HEAD", path)[0] == expected
    for method in sorted({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} - row.offered):
        verdict, written = ask(client, method, path)
        # Django's admin answers any method with its page; it must not do anything on it.
        assert verdict == "405" or path.startswith("/admin/"), method
        assert written - LOGS == set()


@every_row
def test_a_form_of_another_site(name, row, world):
    """Every POST needs the token of a page of ours, and is refused before it does anything."""
    if row.post is None:
        return
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    role = next((role for role in ROLES if role in row.post), "administrator")
    client.force_login(world.people[role])
    response = client.post(address(name, row, world), world.data[row.data])
    assert response.status_code == 403
