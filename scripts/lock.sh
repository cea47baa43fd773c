#!/usr/bin/env bash
# Exact versions with hashes, for every platform, and without the address of any registry.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=.local/uv/bin/uv
if [ ! -x "$uv" ]; then
    mkdir -p -m 700 .local
    "${PYTHON:-python3}" -m venv .local/uv
    .local/uv/bin/pip install --quiet --disable-pip-version-check uv
fi
compile() {
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-header --no-annotate --no-emit-index-url "$@"
}
compile "$@" requirements.in -o requirements.txt
# What production runs is what was tested: the second lock follows the first.
compile "$@" requirements-dev.in -c requirements.txt -o requirements-dev.txt
