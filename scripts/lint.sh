#!/usr/bin/env bash
# Everything that can be said about the code without running it.
set -euo pipefail
cd "$(dirname "$0")/.."
export DJANGO_SETTINGS_MODULE=config.settings.test

.venv/bin/ruff check .
.venv/bin/ruff format --check .
.venv/bin/djlint --lint --quiet templates
.venv/bin/lint-imports
.venv/bin/python manage.py makemigrations --check --dry-run
