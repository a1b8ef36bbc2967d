"""`python -m benchmarks [NAME…] [--json]`: each figure with its baseline, as a ratio in the same run."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from pathlib import Path

NAMES = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_") and path.stem != "running")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in NAMES]
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there are: {', '.join(NAMES)}")
    missed = 0
    for name in options.names or NAMES:
        print(f"== {name}", file=sys.stderr)
        for row in importlib.import_module(f"benchmarks.{name}").run():
            missed += not row["met"]
            if options.json:
                print(json.dumps(row, ensure_ascii=False))
            else:
                ratio = "" if row.get("ratio") is None else f", ratio {row['ratio']}"
                held = f"goal {row['goal']}; baseline {row['baseline']}{ratio}"
                print(f"{'met ' if row['met'] else 'MISS'}  {row['figure']}: {row['value']} {row['unit']} ({held})")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
