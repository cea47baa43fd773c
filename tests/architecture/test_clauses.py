"""Each clause that this system rests on is proved by at least one test: read off the syntax trees."""

import ast
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
REQUIRED = frozenset(
    """
    DT-1.1 DT-1.2 DT-1.3 DT-8.2
    SY-0.1 SY-2.1 SY-4.1 SY-4.2a SY-4.2b SY-4.3 SY-5.1
    SY-A1.1a SY-A1.1b SY-A1.1c SY-A1.2 SY-A1.3 SY-A1.4a SY-A1.4b SY-A1.5a SY-A1.5b SY-A2.1b
    LC-2.1 LC-5.2 JZ-12.3 JZ-12.5
    """.split()
)


def _is_clause(node: ast.AST) -> bool:
    """`pytest.mark.clause("…")` as a decorator, or in a list of marks."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "clause"
        and isinstance(node.func.value, ast.Attribute)
        and node.func.value.attr == "mark"
    )


def clauses_of(source: str) -> set[str]:
    """What the decorators of tests, and nothing else, claim."""
    claimed = set()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef) or not node.name.startswith("test_"):
            continue
        for mark in (part for decorator in node.decorator_list for part in ast.walk(decorator)):
            if _is_clause(mark):
                claimed |= {argument.value for argument in mark.args if isinstance(argument, ast.Constant)}
    return claimed


def test_every_clause_has_a_test():
    claimed: set[str] = set()
    for path in TESTS.rglob("test_*.py"):
        claimed |= clauses_of(path.read_text(encoding="utf-8"))
    assert sorted(REQUIRED - claimed) == []


def test_only_marks_on_tests_count():
    counted = '@pytest.mark.clause("DT-1.1")\ndef test_a(): ...'
    helper = '@pytest.mark.clause("DT-1.2")\ndef build(): ...'
    comment = '# pytest.mark.clause("DT-1.3")\nclause("DT-8.2")'
    assert clauses_of(counted) == {"DT-1.1"}
    assert clauses_of(helper) == clauses_of(comment) == set()
