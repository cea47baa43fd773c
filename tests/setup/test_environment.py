"""`.env.example` is the complete list of variables: neither one missing nor one that nothing reads."""

import ast
import re
from pathlib import Path

from tests.conftest import ROOT

READERS = {"required", "get", "getenv"}
# Set by the machinery around us, not by an operator.
AMBIENT = {"CI", "HOME", "PATH", "XDG_DATA_HOME", "HOSTNAME", "PYTHONUNBUFFERED"}


def names_read_by(path: Path) -> set[str]:
    """First arguments of env.x("NAME"), required("NAME", …), os.environ.get("NAME"), os.environ["NAME"]."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and node.args:
            called, name = ast.unparse(node.func), node.args[0]
            reads = called.startswith(("env.", "os.environ.", "os.getenv")) or called == "required"
        elif isinstance(node, ast.Subscript):
            reads, name = ast.unparse(node.value) == "os.environ", node.slice
        else:
            continue
        if reads and isinstance(name, ast.Constant) and isinstance(name.value, str):
            names.add(name.value)
    return {name for name in names if re.fullmatch(r"[A-Z][A-Z0-9_]+", name)}


def documented() -> list[str]:
    return re.findall(r"^([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)


def used() -> set[str]:
    names: set[str] = set()
    for folder in ("config", "scripts", "deploy"):
        for path in (ROOT / folder).rglob("*.py"):
            names |= names_read_by(path)
        for path in (ROOT / folder).glob("*.sh"):
            names |= set(re.findall(r"\$\{([A-Z][A-Z0-9_]+)", path.read_text()))
    names |= names_read_by(ROOT / "manage.py")
    # Doubled dollars belong to the container's shell.
    names |= set(re.findall(r"(?<!\$)\$\{([A-Z][A-Z0-9_]+)", (ROOT / "docker-compose.yml").read_text()))
    return names - AMBIENT


def test_every_variable_is_documented_once_and_used():
    names = documented()
    assert len(names) == len(set(names))
    assert set(names) == used()


def test_every_variable_is_explained():
    lines = (ROOT / ".env.example").read_text().splitlines()
    explained = False
    for line in lines:
        if line.startswith("#"):
            explained = not line.startswith("# ----")
        elif "=" in line:
            assert explained, line
        else:
            explained = False


def test_the_example_holds_no_secret():
    text = (ROOT / ".env.example").read_text()
    for name in documented()[: documented().index("DJANGO_SETTINGS_MODULE")]:
        assert re.search(rf"^{name}=$", text, re.MULTILINE), name


def test_applications_read_no_environment_themselves():
    apps = "common organisations policy cases publicity payments approvals supervision workbench".split()
    offenders = [
        str(path.relative_to(ROOT))
        for app in apps
        for path in (ROOT / app).rglob("*.py")
        if re.search(r"os\.environ|os\.getenv", path.read_text())
    ]
    assert offenders == []
