"""`python -m config.embedded start|stop|status [demo|test]`."""

import argparse

from config import embedded
from config.embedded.home import Home
from config.embedded.postgres import Postgres
from config.embedded.valkey import Valkey


def main() -> None:
    parser = argparse.ArgumentParser(description="内置 PostgreSQL 与 Valkey")
    parser.add_argument("action", choices=["start", "stop", "status"])
    parser.add_argument("instances", nargs="*", default=list(embedded.INSTANCES), metavar="demo|test")
    options = parser.parse_args()
    for instance in options.instances:
        if instance not in embedded.INSTANCES:
            parser.error(f"没有名为 {instance} 的实例")
        if options.action == "start":
            embedded.postgres(instance)
            embedded.valkey(instance)
        elif options.action == "stop":
            embedded.stop(instance)
        for server in (Postgres(Home(instance)), Valkey(Home(instance))):
            state = f"运行中，端口 {server.state['port']}" if server.running() else "未运行"
            print(f"{instance} {server.kind}: {state}")


if __name__ == "__main__":
    main()
