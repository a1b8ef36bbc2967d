#!/usr/bin/env bash
# Lint, types, import rules, file length.
set -uo pipefail
cd "$(dirname "$0")/.."
failed=0
step() { echo "== $1"; shift; "$@" || failed=1; }
export HUIYING_HOME; HUIYING_HOME=$(mktemp -d); trap 'rm -rf "$HUIYING_HOME"' EXIT
step ruff .venv/bin/ruff check .
step mypy .venv/bin/mypy store crawlers nlp alerts dashboards huiying benchmarks
step import-linter .venv/bin/lint-imports --config setup.cfg
step "no file over 400 lines" .venv/bin/python -m pytest -q -p no:cacheprovider tests/test_tree.py
exit $failed
