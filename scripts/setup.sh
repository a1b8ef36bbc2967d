#!/usr/bin/env bash
# Makes .venv with the pinned libraries: `setup.sh runtime` (to run) or `setup.sh dev` (to test). Again is quick.
set -euo pipefail
cd "$(dirname "$0")/.."
kind=${1:-runtime}
lock=requirements/$kind.txt

find_python() {
  for candidate in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11; do
    [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 || continue
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo "$candidate"; return; fi
  done
  echo "需要 Python 3.11 或更新版本；Debian/UOS：apt-get install python3（或用 PYTHON=/路径/python3.11 make run 指定）" >&2
  exit 3
}

can_apt() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; }

make_venv() {
  local python=$1
  rm -rf .venv
  "$python" -m venv .venv >/dev/null 2>&1 && return
  rm -rf .venv
  if can_apt; then
    echo "[1/3] 安装 python3-venv" >&2
    apt-get update -qq >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >&2
    "$python" -m venv .venv
  elif "$python" -m pip --version >/dev/null 2>&1; then
    "$python" -m pip install -q --target .venv.boot virtualenv
    PYTHONPATH=.venv.boot "$python" -m virtualenv -q .venv
    rm -rf .venv.boot
  else
    echo "这台机器的 Python 没有 venv 模块：请先 apt-get install python3-venv" >&2
    exit 3
  fi
}

if [ ! -x .venv/bin/python ] || ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  python=$(find_python)
  echo "[1/3] 建虚拟环境 .venv（$("$python" --version 2>&1)）" >&2
  make_venv "$python"
fi

stamp=.venv/.installed-$kind
wanted=$(cat "$lock" setup.cfg scripts/setup.sh | sha256sum | cut -d' ' -f1)
# Whoever has the tests' libraries has those to run as well.
if [ "$kind" = runtime ] && [ -f .venv/.installed-dev ]; then
  dev=$(cat requirements/dev.txt setup.cfg scripts/setup.sh | sha256sum | cut -d' ' -f1)
  [ "$(cat .venv/.installed-dev)" = "$dev" ] && exit 0
fi
if [ ! -f "$stamp" ] || [ "$(cat "$stamp")" != "$wanted" ]; then
  echo "[2/3] 安装固定版本的库（约 $(grep -c '==' "$lock") 个，首次一两分钟）" >&2
  bar=(); [ -t 2 ] || bar=(--progress-bar off)
  .venv/bin/python -m pip install --disable-pip-version-check -q "${bar[@]}" --require-hashes -r "$lock" >&2
  echo "[3/3] 安装 huiying 命令" >&2
  printf '%s\n' "$PWD" > "$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/huiying-tree.pth"
  cat > .venv/bin/huiying <<SH
#!/bin/sh
exec "$PWD/.venv/bin/python" -m huiying "\$@"
SH
  chmod +x .venv/bin/huiying
  echo "$wanted" > "$stamp"
fi
