"""The production shape, read from docker-compose.yml: which role runs what, and no secret with a default."""

import re

import pytest
import yaml

from tests.conftest import ROOT

TEXT = (ROOT / "docker-compose.yml").read_text()
SERVICES = yaml.safe_load(TEXT)["services"]
SECRETS = {"SECRET_KEY", "FIELD_KEYS", "LOOKUP_KEY", "POSTGRES_PASSWORD", "APP_DB_PASSWORD", "REDIS_PASSWORD"}


def test_the_services():
    assert set(SERVICES) == {"postgres", "redis", "migrate", "web", "worker", "beat"}


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_a_secret_has_no_default(name: str):
    uses = re.findall(rf"(?<!\$)\$\{{{name}([^}}]*)\}}", TEXT)
    assert uses
    assert all(rest.startswith(":?") for rest in uses)


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_the_application_does_not_own_the_tables(name: str):
    url = SERVICES[name]["environment"]["DATABASE_URL"]
    owner = SERVICES["postgres"]["environment"]["POSTGRES_USER"]
    assert url.startswith("postgresql://assistance_app:")
    assert owner == "assistance_owner"
    assert "POSTGRES_PASSWORD" not in str(SERVICES[name]["environment"])


def test_the_owner_migrates_once_and_then_grants():
    migrate = SERVICES["migrate"]
    assert migrate["environment"]["DATABASE_URL"].startswith("postgresql://assistance_owner:")
    assert migrate["restart"] == "no"
    command = migrate["command"][-1]
    assert command.index("manage.py migrate") < command.index("manage.py grant_app_role assistance_app")


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_nothing_starts_before_the_migrations(name: str):
    assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert SERVICES[name]["command"] != SERVICES["migrate"]["command"]


@pytest.mark.parametrize("name", ["postgres", "redis", "web", "worker", "beat"])
def test_long_running_services_have_a_health_check(name: str):
    assert SERVICES[name]["healthcheck"]["test"]


@pytest.mark.parametrize("name", ["postgres", "redis", "migrate", "worker", "beat"])
def test_only_the_web_server_has_a_port(name: str):
    assert "ports" not in SERVICES[name]


def test_the_web_port_is_on_loopback_only():
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["web"]["ports"])


def test_queued_tasks_survive_a_restart_of_the_broker():
    command = SERVICES["redis"]["command"][-1]
    assert "appendonly yes" in command
    assert "requirepass" in command


def test_the_image_runs_without_root():
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert [line for line in lines if line.startswith("USER ")] == ["USER assistance"]
    assert not [line for line in lines if line.startswith(("ARG ", "ENV ")) and "KEY" in line]
