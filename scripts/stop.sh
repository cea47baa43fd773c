#!/usr/bin/env bash
# Stops what `make demo` and `make test` left running in this clone, and nothing else.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ ! -x .venv/bin/python ]; then
    echo "还没有安装过，没有需要停止的。"
    exit 0
fi
pid="$(cat .local/demo.pid 2>/dev/null || true)"
if [ -n "$pid" ] && grep -qs run_demo "/proc/$pid/cmdline"; then
    kill "$pid"
    while [ -e "/proc/$pid" ]; do sleep 0.2; done
fi
.venv/bin/python -m config.embedded stop
