"""The Makefile explains itself, CI runs the same thing, and the lock is complete and names no registry."""

import re
import subprocess

import pytest

from tests.conftest import ROOT

MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE).group(1).split()


def test_help_explains_every_target():
    printed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    explained = set(re.findall(r"^  make ([a-z]+) +\S", printed, re.MULTILINE))
    assert explained == set(TARGETS)
    assert {"demo", "test", "lint", "lock", "bench", "stop"} <= explained


def test_ci_runs_what_a_developer_runs():
    script = (ROOT / ".ci" / "run").read_text()
    assert "set -euo pipefail" in script
    assert "make test" in script
    assert "|| true" not in script


@pytest.mark.parametrize("path", sorted((ROOT / "scripts").glob("*.sh")), ids=lambda path: path.name)
def test_scripts_stop_at_the_first_error(path):
    assert "set -euo pipefail" in path.read_text()
    subprocess.run(["bash", "-n", str(path)], check=True)


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_the_lock_is_complete(name: str):
    lock = (ROOT / f"{name}.txt").read_text()
    # Hashes follow their requirement on continued lines; joined, every line is one requirement.
    pins = [line for line in lock.replace("\\\n", " ").splitlines() if line.strip()]
    assert pins
    for pin in pins:
        assert re.match(r"[a-z0-9._\[\],-]+==\S+ ", pin), pin
        assert "--hash=sha256:" in pin, pin
    assert "://" not in lock
    asked = re.findall(r"^([a-z0-9][a-z0-9-]+)", (ROOT / f"{name}.in").read_text(), re.MULTILINE)
    locked = {re.match(r"[a-z0-9._-]+", pin).group() for pin in pins}
    assert set(asked) <= locked


def test_both_locks_agree():
    def pins(name: str) -> dict[str, str]:
        return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", (ROOT / name).read_text(), re.MULTILINE))

    production, development = pins("requirements.txt"), pins("requirements-dev.txt")
    assert {name: development.get(name) for name in production} == production
