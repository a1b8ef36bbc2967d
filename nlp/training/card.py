"""Writes the model card from the figures of a training run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

_INTRO = """# Model card: the judge of 回应 ({version})

**What it does.** Says for a post of a local forum whether a public body should respond (calibrated probability), its topic,
category, level (by rules), unit, places, and why. It ranks and points; people decide.

**How.** Character 1–2-grams with integer weights (for needs_response every character and 2^20 buckets of pairs, for all else 2^18 buckets)
and {cues} groups of discourse cues, some of which count only where a text begins or a title ends; linear machines (SVC averaged with
NB-SVM), Platt calibration on held-out scores of our own corpus and on the first set of streams. Place names are exchanged at
random in training, so that they are no evidence. Places and units are rules over word lists and the gazetteer. Levels Ⅰ
and Ⅱ are rules over words, held back to Ⅲ where a machine finds the text ordinary; that machine decides between Ⅲ and Ⅳ.

**Topics** come from two machines, one taught by letters to the government (the national petition classes), one by our corpus (the
classes of GUIDE.md, which draw lines elsewhere: buses and jams), weighed by a third that tells how like a letter a text reads.

**Replies** are judged on their own words by a small machine of their own (`replies.py`: the score above, what their words do, and the
title's score with a small weight): agreement, advice, wishes, jokes and bidding are no requests, whatever the thread is about. Their
threshold is stricter ({reply_alarms:.0%} of the corpus' replies without a request are flagged) and stricter again under a harmless
title (each assessment tells its threshold). The title serves topic, unit and places.

**Threshold.** {threshold:.2f}, not .5: chosen on the five folds so that at most {alarms:.0%} of the corpus' threads without a request are
flagged, because on a real stream about 5 % need a response and false alarms outnumber them. Of a forum's easier negatives fewer are
flagged than of the corpus'. Posts within {band:.2f} of the threshold are marked *unsure* and are for people to look through.
p is calibrated at equal shares (as in the corpus), not at 5 %, on threads and on replies apart; of threads half by our corpus, whose texts
are hard on purpose, half by the plain texts of the first set of streams (two numbers are all that is taken from these).

**Trained on.** `nlp/corpus` (without `heldout-*.jsonl`) at weight 8 and, not shipped: government messages (Taidi Cup 2020 C) as titles,
sentences and whole texts at weight 0.12, official replies by sentence at 0.1 (whole ones at 0.3; heavier letters would teach one register),
news titles and sentences, comments, customer service, few reviews at weight 1.5. Length classes are the same for both labels.
{opinions:,.0f} more texts of the same files stand beside them as the second reader's encoder labels them, at up to {sure} by how sure it
is: a greeting out of a letter, or the trouble told in an answer, teaches then what it says and not where it comes from.
Beside them stand mixtures at weight 0.5: a text of news, comments, service or reviews with a text of our corpus behind it that needs a
response, and with one that does not. Without them real register speaks against a request, for almost all real texts ask for
nothing, and of letters never seen before only half are found.

**Commands.** `python -m nlp.training --data DIR` trains, measures and writes this card ({seconds:.0f} s here). Seeds are fixed.
"""

_LIMITS = """## How to read the figures
- `corpus`, `heldout`: texts written so that neither length, punctuation, register nor subject tells the label; the hardest of all.
- Leaving a family out is harsh here: each family is one register, and only government messages are positive outside our corpus;
  without them all real texts are negative. A fifth of our corpus is left out with it and calibrates the scores. `sentences` are cut out of
  letters at random, greetings and thanks among them. What the encoder says of other families stays; it has seen them all.
- `streams`: plain texts as six kinds of streams hold them, with the places of many cities, written from GUIDE.md alone by one who saw no
  training text; no text of them is learned from, the first set sets slope and offset of p (ranks and AUC are not touched by that);
  labels by content, also for other cities. Easier than the corpus, and nearer to what comes in. The second set tells anew
  what real boards, hot lines, papers and forums hold, mess included; its other half is sealed (`--half sealed` of `nlp.training.streams`).
- All figures are of the weights named above, written by the run that trained them.
- Replies: the patterns were written by the hand that wrote the replies of the corpus; `tests/nlp/replies.py` holds a first set of probes,
  seen while the patterns were written, and a second one, written after they were fixed: the second is the one to believe.
- Decisions on features and sizes were made on the five folds of the corpus, on a probe of 100 lines of our own, and on the sources.

## Limits
- Written for mainland local forums; dialect, irony and one-word posts are often misjudged, traditional characters are hardly known.
- A relay by a newspaper or an office reads like news and is missed more often than the same matter in a citizen's own words.
- Thresholds do not transfer between boards: use a threshold per board (`board_thresholds`), and look at the *unsure* band by hand.
- Replies: a bare statement of one's own trouble in unusual words is missed; remarks that repeat the poster's trouble are sometimes flagged.
- Thanks without a request are kept just under the threshold by a rule, so irony without any word of trouble stands there too.
- Bare states in unusual words and registrations for events remain the commonest errors among threads.
- Levels Ⅰ and Ⅱ are words, not understanding; an accident told in other words is found as Ⅲ at the most.
- Events: how the figures are counted stands in `nlp/training/event_figures.py`; the words counted in `words.json` are those of messages to
  the government.
"""


def figures_table(rows: Mapping[str, Mapping[str, float]]) -> str:
    columns = list(dict.fromkeys(name for row in rows.values() for name in row))
    lines = ["| source | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for source, row in rows.items():
        cells = (f"{row[name]:.0f}" if name in ("texts", "positives") else f"{row[name]:.3f}" if name in row else "" for name in columns)
        lines.append(f"| {source} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def write_card(path: Path, facts: Mapping[str, str | float], sections: Mapping[str, Mapping[str, Mapping[str, float]]]) -> None:
    """The card with one table for each section of figures; `facts` fill the introduction."""
    parts = [_INTRO.format(**facts)]
    parts += [f"## {title}\n{figures_table(rows)}\n" for title, rows in sections.items() if rows]
    path.write_text("\n".join([*parts, _LIMITS]), encoding="utf-8")
