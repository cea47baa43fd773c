"""`manage.py draw` as interfaces.md promises it to other people's scripts."""

import hashlib
import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.conftest import ROOT

FRAME = "id,township,note\n" + "".join(
    f"DT-2026-{n:06d},{'北岙街道' if n < 8 else '东屏街道'},\n" for n in range(1, 11)
)


@pytest.fixture
def frame(tmp_path: Path) -> Path:
    path = tmp_path / "frame.csv"
    path.write_text(FRAME, encoding="utf-8")
    return path


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("draw", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.clause("DT-1.3")
def test_json_answer_by_township(frame):
    answer = json.loads(
        run("--seed", "洞头-1", "--ratio", "0.30", "--stratum", "township", str(frame), "--json")
    )
    assert answer == {
        "seed": "洞头-1",
        "ratio": "0.30",
        "frame_sha256": hashlib.sha256(frame.read_bytes()).hexdigest(),
        "strata": {
            "北岙街道": {"count": 7, "drawn": ["DT-2026-000006", "DT-2026-000003", "DT-2026-000007"]},
            "东屏街道": {"count": 3, "drawn": ["DT-2026-000008"]},
        },
    }


def test_one_nameless_stratum_without_a_column(frame):
    answer = json.loads(run("--seed", "洞头-1", "--ratio", "0.30", str(frame), "--json"))
    assert answer["strata"] == {
        "": {"count": 10, "drawn": ["DT-2026-000008", "DT-2026-000006", "DT-2026-000003"]}
    }


def test_table_for_people(frame):
    text = run("--seed", "洞头-1", "--ratio", "0.30", "--stratum", "township", str(frame))
    assert "北岙街道：共 7 件，抽取 3 件" in text
    assert "  1. DT-2026-000006\n  2. DT-2026-000003\n  3. DT-2026-000007" in text
    assert hashlib.sha256(frame.read_bytes()).hexdigest() in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--seed", "s", "--ratio", "1.5"], "--ratio"),
        (["--seed", "s", "--ratio", "0"], "--ratio"),
        (["--seed", "s", "--ratio", "abc"], "--ratio"),
        (["--seed", "", "--ratio", "0.3"], "--seed"),
        (["--seed", "\udcff", "--ratio", "0.3"], "--seed"),
        (["--seed", "s", "--ratio", "0.3", "--stratum", "village"], "--stratum"),
    ],
)
def test_bad_arguments_exit_2_and_name_the_field(frame, arguments, said):
    with pytest.raises(CommandError, match=said) as caught:
        run(*arguments, str(frame))
    assert caught.value.returncode == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "空"), (b"id\n1\n1\n", "重复"), (b"id\n\xff\n", "UTF-8"), (b"no\n1\n", "第一列")],
)
def test_bad_frames_exit_2_and_name_the_file(frame, content, said):
    frame.write_bytes(content)
    with pytest.raises(CommandError, match=f"frame.csv.*{said}") as caught:
        run("--seed", "s", "--ratio", "0.3", str(frame))
    assert caught.value.returncode == 2


def test_missing_file_and_folder_exit_2(tmp_path):
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(CommandError, match="FRAME.csv") as caught:
            run("--seed", "s", "--ratio", "0.3", str(path))
        assert caught.value.returncode == 2


def test_from_the_shell_errors_go_to_standard_error_with_status_2(frame):
    """The whole way, as a stranger's script calls it."""
    command = [sys.executable, "manage.py", "draw", "--seed", "s", "--ratio", "0.3", "--json"]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    good = subprocess.run([*command, frame], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (good.returncode, good.stderr) == (0, "")
    assert json.loads(good.stdout)["strata"][""]["count"] == 10
    frame.write_text("id\n", encoding="utf-8")
    bad = subprocess.run([*command, frame], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (bad.returncode, bad.stdout) == (2, "")
    assert "frame.csv：只有表头" in bad.stderr
