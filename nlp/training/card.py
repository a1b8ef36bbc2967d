"""Writes the model card from the figures of a training run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

_INTRO = """# Model card: the judge of 回应 ({version})

**What it does.** Says for a post of a local forum whether a public body should respond (calibrated probability), its topic,
category, level (by rules), unit, places, and why. It ranks and points; people decide.

**How.** Hashed character 1–2-grams (2^18 buckets, integer weights) and {cues} groups of discourse cues, linear machines (SVC
averaged with NB-SVM), Platt calibration on held-out scores of our own corpus. Place names are exchanged at random in
training, so that they are no evidence. Levels, places and units are rules over word lists and the gazetteer, not learned.

**Trained on.** `nlp/corpus` (without `heldout.jsonl`) and, not shipped, government messages (Taidi Cup 2020 C) as titles,
sentences and whole texts; official replies whole and by sentence; news titles and sentences; comments, customer service,
few reviews. Length classes are the same for both labels.

**Commands.** `python -m nlp.training --data DIR` trains, measures and writes this card ({seconds:.0f} s here). Seeds are fixed.
"""

_LIMITS = """## How to read the figures
- `corpus`, `heldout`: texts written so that neither length, punctuation, register nor subject tells the label; the hardest of all.
- Leaving a family out is harsh here: each family is one register, and only government messages are positive outside our corpus.
  Without them most of the rest is negative, so `messages` (single sentences for the greater part) shows the share still flagged.
- Decisions on features and sizes were made on the five folds of the corpus, on a probe of 100 lines of our own, and on the sources.

## Limits
- Written for mainland local forums; dialect, irony and one-word posts are often misjudged, traditional characters are hardly known.
- A relay by a newspaper or an office reads like news and is missed more often than the same matter in a citizen's own words.
- Thresholds do not transfer between boards: use a threshold per board (`board_thresholds`), and look at the *unsure* band by hand.
- Levels are words, not understanding: 爆炸 in a question about fireworks rules raises the level.
- The word table of `events.py` (words.json) counts the very messages the event figures are measured on; a new forum starts without that.
"""


def _table(rows: Mapping[str, Mapping[str, float]]) -> str:
    columns = list(dict.fromkeys(name for row in rows.values() for name in row))
    lines = ["| source | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for source, row in rows.items():
        cells = (f"{row[name]:.0f}" if name == "texts" else f"{row[name]:.3f}" if name in row else "" for name in columns)
        lines.append(f"| {source} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def write_card(path: Path, version: str, cues: int, seconds: float, sections: Mapping[str, Mapping[str, Mapping[str, float]]]) -> None:
    """The card with one table for each section of figures."""
    parts = [_INTRO.format(version=version, cues=cues, seconds=seconds)]
    parts += [f"## {title}\n{_table(rows)}\n" for title, rows in sections.items() if rows]
    path.write_text("\n".join([*parts, _LIMITS]), encoding="utf-8")
