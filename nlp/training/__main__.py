"""`python -m nlp.training --data DIR [--out nlp/weights]`; DIR may also be given as $HUIYING_DATA."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from pathlib import Path

from nlp.model import SHIPPED
from nlp.training.build import build


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m nlp.training", description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("HUIYING_DATA"), help="folder with the real texts")
    parser.add_argument("--out", type=Path, default=SHIPPED, help="folder for the weights (default: the shipped one)")
    parser.add_argument("--opinions", type=Path, default=Path("var/opinions.npz"), help="what the encoder said of texts in earlier runs")
    parser.add_argument("--held-out", type=Path, default=Path("var/held-out.npz"), help="held-out logits of the second reader's encoder")
    options = parser.parse_args()
    if options.data is None or not Path(options.data).is_dir():
        parser.error("give the folder of real texts with --data DIR or $HUIYING_DATA")
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    sections = build(Path(options.data), options.out, options.opinions)
    if options.held_out.exists():
        from nlp.training.second import train

        sections |= train(Path(options.data), options.out, options.held_out, options.opinions, None)
    else:
        logging.warning("the second reader's blend is as it was: fit it to this judge with `python -m nlp.training.second`")
    sys.stdout.write(json.dumps(sections, ensure_ascii=False, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
