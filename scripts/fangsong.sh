#!/usr/bin/env bash
# Official documents are set in 仿宋 (GB/T 9704). Debian's only font package for it, fonts-cwtex-fs, lacks a third of the
# simplified characters (4,384 of GB 2312's 6,763); FandolFang has them all, but lies in a TeX package that would pull
# in a quarter of a gigabyte. So apt fetches and verifies that package, and only the font is taken out of it.
set -euo pipefail
font=FandolFang-Regular.otf
if [ "$(id -u)" = 0 ]; then
    target=/usr/local/share/fonts/fandol
else
    target="${XDG_DATA_HOME:-$HOME/.local/share}/fonts/fandol"
fi

if command -v fc-list >/dev/null && fc-list : family | grep -qiE 'FandolFang|(^|,)(FangSong|仿宋)(_GB2312)?(,|$)'; then
    exit 0
fi
if ! command -v apt-get >/dev/null; then
    echo "提示：没有找到仿宋字体，文书将以宋体显示。请安装 FandolFang 或其他仿宋字体。"
    exit 0
fi
echo "安装仿宋字体……"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
# apt's download user must be able to write here.
chmod 755 "$folder"
fetch() { (cd "$folder" && apt-get download -qq texlive-lang-chinese </dev/null >/dev/null 2>&1); }
if ! fetch && ! { [ "$(id -u)" = 0 ] && apt-get update -qq </dev/null && fetch; }; then
    printf '\n无法下载仿宋字体所在的软件包。请执行下面的命令后重试：\n  sudo apt-get update\n' >&2
    exit 1
fi
mkdir -p "$target"
dpkg-deb --fsys-tarfile "$folder"/texlive-lang-chinese_*.deb |
    tar -x -C "$folder" --wildcards "*/$font" "*/fandol/COPYING*"
find "$folder/usr" -type f -exec install -m 644 -t "$target" {} +
if command -v fc-cache >/dev/null; then
    fc-cache -f "$target"
fi
