"""Headers on every answer, the password rules, and settings that keep personal data where it belongs."""

import logging

import pytest
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client, RequestFactory

from common.spreadsheets.import_format import GuardedXLSX
from config.celery import app
from config.logs import JsonLines, MaskPersonalNumbers, mask
from organisations.access import client_ip


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/no-such-page", "/admin/"])
def test_headers_on_every_answer(client: Client, path: str):
    response = client.get(path)
    policy = response["Content-Security-Policy"]
    for directive in ("default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert directive in policy
    assert "form-action 'self'" in policy
    assert "unsafe" not in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["X-Frame-Options"] == "DENY"


@pytest.mark.django_db
def test_pages_of_a_session_are_kept_nowhere(client: Client):
    client.cookies[settings.SESSION_COOKIE_NAME] = "somebody"
    assert client.get("/no-such-page")["Cache-Control"] == "no-store, private"


@pytest.mark.django_db
def test_the_admin_has_no_door_of_its_own(client: Client):
    response = client.get("/admin/login/?next=/admin/")
    assert response.status_code == 302
    assert response.url.startswith("/accounts/login/")


@pytest.mark.parametrize("password", ["Ab3!efgh", "password1234", "123456789012"])
def test_weak_passwords_are_refused(password: str):
    with pytest.raises(ValidationError):
        validate_password(password)


def test_a_long_sentence_is_a_password():
    validate_password("北岙街道 2026 年的第一场雨，下得很大")


def test_proxies_are_counted_not_believed(settings):
    def ip(forwarded: str) -> str:
        return client_ip(RequestFactory().get("/", headers={"X-Forwarded-For": forwarded}))

    settings.TRUSTED_PROXY_COUNT = 0
    assert ip("6.6.6.6") == "127.0.0.1"
    settings.TRUSTED_PROXY_COUNT = 1
    assert ip("6.6.6.6, 10.1.2.3") == "10.1.2.3"
    assert ip("") == "127.0.0.1"
    settings.TRUSTED_PROXY_COUNT = 2
    assert ip("6.6.6.6, 10.1.2.3, 10.0.0.1") == "10.1.2.3"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("身份证11010519491231002X不存在", "身份证[已隐去]不存在"),
        ("电话 13800138000。", "电话 [已隐去]。"),
        ("卡号6222020200112233445", "卡号[已隐去]"),
        ("申请 20260301 第 1234567890 号", "申请 20260301 第 1234567890 号"),
    ],
)
def test_numbers_of_people_do_not_reach_the_log(text: str, masked: str):
    assert mask(text) == masked


def test_a_log_line_is_one_json_object():
    import json
    import sys

    try:
        raise ValueError("身份证 110105194912310020\n伪造的一行")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 1, "失败：%s", ("13800138000",), sys.exc_info())
    assert MaskPersonalNumbers().filter(record)
    line = JsonLines().format(record)
    assert "\n" not in line
    parsed = json.loads(line)
    assert parsed["message"] == "失败：[已隐去]"
    assert "110105194912310020" not in parsed["trace"]
    assert parsed["at"].endswith("+00:00")


def test_tasks_are_json_and_survive_a_killed_worker():
    conf = app.conf
    assert list(conf.accept_content) == ["json"]
    assert conf.task_serializer == conf.result_serializer == "json"
    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert conf.result_backend is None
    # The shortest of the three wins on a broker, so they must be one value, and longer than any task.
    timeouts = {
        conf.visibility_timeout,
        conf.broker_transport_options["visibility_timeout"],
        conf.result_backend_transport_options["visibility_timeout"],
    }
    assert len(timeouts) == 1
    assert timeouts.pop() > conf.task_time_limit
    assert conf.broker_transport_options["unacked_restore_throttle"] == 1


def test_every_scheduled_task_exists():
    app.loader.import_default_modules()
    for name, entry in app.conf.beat_schedule.items():
        assert entry["task"] in app.tasks, name


def test_uploads_lie_outside_what_is_served():
    from config.settings import base

    assert base.MEDIA_URL == ""
    served = [*base.STATICFILES_DIRS, base.STATIC_ROOT]
    assert not any(base.MEDIA_ROOT.is_relative_to(folder) for folder in served)


def test_imports_are_xlsx_only_and_need_a_permission():
    assert settings.IMPORT_EXPORT_FORMATS == [GuardedXLSX]
    assert settings.IMPORT_EXPORT_IMPORT_PERMISSION_CODE
    assert settings.IMPORT_EXPORT_EXPORT_PERMISSION_CODE
