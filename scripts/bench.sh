#!/usr/bin/env bash
# Measurements one after another in a fixed order: they would disturb each other.
set -euo pipefail
cd "$(dirname "$0")/.."
.venv/bin/python -m pytest -m bench -p no:randomly -p no:xdist -s "$@" </dev/null
