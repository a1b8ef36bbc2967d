#!/usr/bin/env bash
# Renews requirements/*.txt (versions and hashes) from setup.cfg and requirements/dev.in.
set -euo pipefail
cd "$(dirname "$0")/.."
for kind in runtime dev; do
  .venv/bin/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header "requirements/$kind.in" -o "requirements/$kind.txt"
done
echo "requirements/runtime.txt, requirements/dev.txt renewed" >&2
