"""Production starts only with its secrets, and then passes Django's own deployment check."""

import base64
import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT

KEY = base64.b64encode(bytes(range(32))).decode()
COMPLETE = {
    "SECRET_KEY": "only-for-this-test-" + "abcdefghij0123456789-" * 3,
    "FIELD_KEYS": f"k1:{KEY}",
    "LOOKUP_KEY": KEY,
    "ALLOWED_HOSTS": "assistance.example",
    # Nothing listens there: settings and checks must not need a connection.
    "DATABASE_URL": "postgresql://app:secret@127.0.0.1:1/assistance",
    "REDIS_URL": "redis://:secret@127.0.0.1:1/0",
}


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    base = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-W", "error", "manage.py", *arguments],
        cwd=ROOT,
        env=base | {"DJANGO_SETTINGS_MODULE": "config.settings.prod"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_complete_settings_pass_the_deployment_check():
    result = manage("check", "--deploy", "--fail-level", "WARNING", **COMPLETE)
    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout


@pytest.mark.parametrize("name", sorted(COMPLETE))
@pytest.mark.parametrize("value", [None, "", "  "], ids=["absent", "empty", "blank"])
def test_each_secret_is_required_by_name(name: str, value: str | None):
    environment = {key: text for key, text in COMPLETE.items() if key != name}
    if value is not None:
        environment[name] = value
    result = manage("check", **environment)
    assert result.returncode != 0
    assert f"缺少环境变量 {name}" in result.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [("FIELD_KEYS", "k1:dG9vLXNob3J0"), ("FIELD_KEYS", f"k1:{KEY},k1:{KEY}"), ("LOOKUP_KEY", "not*base64")],
)
def test_a_bad_key_is_refused_without_being_printed(name: str, value: str):
    result = manage("check", **COMPLETE | {name: value})
    assert result.returncode != 0
    last_line = result.stderr.strip().splitlines()[-1]
    assert name in last_line
    assert value not in last_line


def test_production_values():
    names = (
        "DEBUG DEMO SECOND_FACTOR_REQUIRED SESSION_COOKIE_NAME CSRF_COOKIE_NAME SECURE_HSTS_SECONDS "
        "SESSION_IDLE_SECONDS SESSION_ABSOLUTE_SECONDS"
    )
    code = f"from django.conf import settings; print(*[getattr(settings, n) for n in {names.split()!r}])"
    result = manage("shell", "--verbosity", "0", "--no-imports", "--command", code, **COMPLETE)
    assert result.stdout.split() == "False False True __Host-session __Host-csrf 31536000 900 28800".split()
