#!/usr/bin/env bash
# All tests: the plain ones, those that open the database or a port, then those with a browser, a search server, or kills.
# Prints one closing line over all of them.
set -uo pipefail
cd "$(dirname "$0")/.."
bash scripts/test-needs.sh || true
out=$(mktemp -d); trap 'rm -rf "$out"' EXIT
status=0
REAL="slow or browser or elastic or faults or realforum"
echo "== unit tests"
.venv/bin/python -m pytest -q -n 2 -m "not ($REAL or db or served)" "$@" | tee "$out/1" || status=1
echo "== tests on the database and on servers of our own"
.venv/bin/python -m pytest -q -n 2 --dist loadfile -m "(db or served) and not ($REAL)" "$@" | tee "$out/2" || status=1
echo "== tests with browsers, search servers, real forum programs, faults, and other slow ones"
.venv/bin/python -m pytest -q -m "$REAL" --durations=10 "$@" | tee "$out/3" || status=1
.venv/bin/python - "$out/1" "$out/2" "$out/3" <<'PY'
import re, sys
sums = {"passed": 0, "failed": 0, "skipped": 0, "error": 0}
for path in sys.argv[1:]:
    text = open(path, encoding="utf-8", errors="replace").read()
    lines = [line for line in text.splitlines() if re.search(r"\b(passed|failed|error|errors|skipped|no tests ran)\b.* in [\d.]+s", line)]
    for number, word in re.findall(r"(\d+) (passed|failed|skipped|errors?)", lines[-1] if lines else ""):
        sums["error" if word.startswith("error") else word] += int(number)
print(f"{sums['passed']} passed, {sums['failed'] + sums['error']} failed, {sums['skipped']} skipped")
PY
exit $status
