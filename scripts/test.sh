#!/usr/bin/env bash
# The whole suite on a real PostgreSQL and a real broker. Arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ "${CI:-}" = true ]; then
    # Nobody comes back to a CI machine for the servers; at a desk they stay up and save a second next time.
    trap '.venv/bin/python -m config.embedded stop test >/dev/null' EXIT
fi
.venv/bin/python -m pytest -n 2 "$@" </dev/null
