#!/usr/bin/env bash
# All tests: first the plain ones side by side, then those that need a browser, a search server, or kill processes.
# Prints one closing line of pytest's kind over both.
set -uo pipefail
cd "$(dirname "$0")/.."
bash scripts/test-needs.sh || true
out=$(mktemp -d); trap 'rm -rf "$out"' EXIT
status=0
echo "== plain tests"
.venv/bin/python -m pytest -q -n 2 --dist loadfile -m "not slow and not browser and not elastic and not faults" "$@" | tee "$out/1" || status=1
echo "== tests against real servers, browsers and faults"
.venv/bin/python -m pytest -q -m "slow or browser or elastic or faults" --durations=10 "$@" | tee "$out/2" || status=1
.venv/bin/python - "$out/1" "$out/2" <<'PY'
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
