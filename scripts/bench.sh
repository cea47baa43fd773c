#!/usr/bin/env bash
# Every measurement in bench/, one after another: they would disturb each other. Each says what it must reach.
set -euo pipefail
cd "$(dirname "$0")/.."
failed=()
for script in $(grep -l '^if __name__ == "__main__":' bench/*.py); do
    printf '\n== %s\n' "$script"
    .venv/bin/python "$script" </dev/null || failed+=("$script")
done
if [ ${#failed[@]} -gt 0 ]; then
    printf '\n没有达到目标：%s\n' "${failed[*]}" >&2
    exit 1
fi
