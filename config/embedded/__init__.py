"""PostgreSQL and Valkey for the demo and the tests, started on demand from packaged binaries.

Only the binaries of the two packages are used. Their own start-up is not: as root it would open the folders
above the clone to everybody, so that the server's account could get there.
"""

from config.embedded.home import Home, is_root
from config.embedded.orphans import sweep
from config.embedded.postgres import Postgres
from config.embedded.valkey import Valkey

# "demo" keeps what it is told through a power cut; "test" is faster because nobody needs its data tomorrow.
INSTANCES = ("demo", "test")


def postgres(instance: str) -> Postgres:
    """The running server of this clone, started if it does not run."""
    home = Home(instance)
    if is_root() and not home.data.exists():
        # A clone's first start is the moment to look for what deleted clones left: rare, and slow anyway.
        sweep((Postgres, Valkey))
    server = Postgres(home)
    server.ensure()
    return server


def valkey(instance: str) -> Valkey:
    server = Valkey(Home(instance))
    server.ensure()
    return server


def stop(instance: str) -> None:
    home = Home(instance)
    for server in (Valkey(home), Postgres(home)):
        server.stop()
