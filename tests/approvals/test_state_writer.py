"""Only approvals/services.py moves an application: read off the syntax trees of all rooms."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
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
)
WRITER = ROOT / "approvals" / "services.py"
_HINTS = ("application", "applications", "case", "cases", "app", "tracedapplication")


def _words(node: ast.AST) -> set[str]:
    """All names that an expression is made of, in small letters."""
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    return {name.lower() for name in names | {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}}


def _about_an_application(target: ast.AST, value: ast.AST | None) -> bool:
    words = _words(target) | (_words(value) if value is not None else set())
    return bool(words & {*_HINTS, "applicationstate"})


def writes_of(source: str) -> list[int]:
    """Lines that write the state of an application: by attribute, setattr, update() or bulk_update()."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            flat = [
                t for target in targets for t in (target.elts if isinstance(target, ast.Tuple) else [target])
            ]
            for target in flat:
                if isinstance(target, ast.Attribute) and target.attr == "state":
                    if _about_an_application(target.value, node.value):
                        found.append(node.lineno)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name = node.func.attr
            if name == "update" and any(k.arg == "state" for k in node.keywords):
                if _about_an_application(node.func, next(k.value for k in node.keywords if k.arg == "state")):
                    found.append(node.lineno)
            elif (
                name == "bulk_update"
                and "'state'" in ast.dump(node)
                and _about_an_application(node.func, None)
            ):
                found.append(node.lineno)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setattr":
            if "'state'" in ast.dump(node.args[1]) and _about_an_application(node.args[0], node.args[2]):
                found.append(node.lineno)
    return found


@pytest.mark.clause("LC-5.2")
def test_nobody_else_moves_an_application() -> None:
    files = [path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts]
    assert len(files) > 50
    writers = {path.relative_to(ROOT) for path in files if writes_of(path.read_text(encoding="utf-8"))}
    assert writers == {WRITER.relative_to(ROOT)}


@pytest.mark.parametrize(
    "line",
    [
        "application.state = 'approved'",
        "self.application.state = State.APPROVED",
        "row.state = ApplicationState.APPROVED",
        "application.state, application.decided_at = 'approved', now",
        "Application.objects.filter(pk=1).update(state='approved')",
        "Application.objects.open().update(decided_at=now, state=target)",
        "rows.update(state=ApplicationState.APPROVED)",
        "setattr(application, 'state', 'approved')",
        "Application.objects.bulk_update(rows, ['state'])",
    ],
)
def test_the_scan_sees_each_way_of_writing(line) -> None:
    assert writes_of(line) == [1]


@pytest.mark.parametrize(
    "line", ["batch.state = 'sealed'", "running.update(state=kept)", "print(application.state)"]
)
def test_the_scan_leaves_others_alone(line) -> None:
    assert writes_of(line) == []
