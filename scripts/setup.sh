#!/usr/bin/env bash
# Makes a fresh Debian or Ubuntu machine ready: `setup.sh demo` or `setup.sh test`. Quick when nothing is missing.
set -euo pipefail
cd "$(dirname "$0")/.."
purpose="${1:?demo or test}"

mkdir -p -m 700 .local
# `make demo` and `make test` started together must not install over each other.
exec 9>.local/setup.lock
flock 9

fail() { printf '\n%s\n' "$*" >&2; exit 1; }

python="${PYTHON:-python3}"
command -v "$python" >/dev/null || fail "没有找到 Python。请先执行：sudo apt-get install python3 python3-venv"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "需要 Python 3.11 或更高版本，现在是 $("$python" -V)。可用 PYTHON=/路径/python3.11 make demo 指定。"

# The first three draw PDFs, Noto is the fallback for Chinese text, Hanazono has the rare characters in names.
packages=(libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk fonts-hanazono)
if [ "$purpose" = test ]; then
    packages+=(poppler-utils)
    command -v chromium >/dev/null || command -v chromium-browser >/dev/null ||
        command -v google-chrome >/dev/null || packages+=(chromium)
fi
# Debian cuts venv out of Python; another Python brings it along.
"$python" -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3-venv)

# Newer releases renamed some libraries with a t64 suffix.
installed() {
    # Asking for two names fails if either is unknown; only what it prints counts.
    { dpkg-query -W -f '${db:Status-Status}\n' "$1" "$1t64" 2>/dev/null || true; } | grep -q '^installed'
}

missing=()
if command -v dpkg-query >/dev/null; then
    for package in "${packages[@]}"; do
        installed "$package" || missing+=("$package")
    done
else
    echo "提示：本机不是 Debian/Ubuntu，请自行安装与这些软件包相当的内容：${packages[*]}"
fi
if [ ${#missing[@]} -gt 0 ]; then
    [ "$(id -u)" = 0 ] || fail "缺少系统软件包。请执行下面的命令后重试：
  sudo apt-get update && sudo apt-get install --no-install-recommends -y ${missing[*]}"
    echo "安装系统软件包：${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq </dev/null
    apt-get install -qq -y --no-install-recommends "${missing[@]}" </dev/null >.local/apt.log 2>&1 ||
        { tail -n 20 .local/apt.log >&2; fail "系统软件包安装失败，见上。"; }
fi
scripts/fangsong.sh

# The stamp holds what was installed, so that a second run costs nothing and a changed lock is noticed.
stamp="$(sha256sum requirements-dev.txt | cut -d' ' -f1) $("$python" -V)"
if [ "$(cat .venv/.lock-stamp 2>/dev/null || true)" != "$stamp" ] || ! .venv/bin/python -c '' 2>/dev/null; then
    echo "安装 Python 依赖（首次约需一两分钟）……"
    .venv/bin/python -c '' 2>/dev/null || "$python" -m venv --clear .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
        --require-hashes -r requirements-dev.txt </dev/null
    echo "$stamp" >.venv/.lock-stamp
fi
