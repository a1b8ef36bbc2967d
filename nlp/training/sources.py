"""Labelled texts for needs_response from the data folder and from our own corpus (see MODEL_CARD.md for the choice)."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd

from nlp.reading import clean, full_text
from nlp.training.placeholders import PlaceExchange
from nlp.training.sample import Sample, balanced, windows

CORPUS = Path(__file__).parents[1] / "corpus"
#: files of the held-out part: never trained on
HELDOUT = "heldout"

#: share of each length class (≤ 8, 20, 60, 140, more), the same for both labels
SHARES = (0.06, 0.28, 0.32, 0.19, 0.15)

FAMILIES = {
    "reviews_negative": "reviews",
    "reviews_positive": "reviews",
    "weibo_zhihu_COLD": "weibo",
    "weibo_senti": "weibo",
    "weibo_SWSR": "weibo",
    "customer_service_CIC": "service",
    "news_THUC": "news",
    "news_TNEWS": "news",
}
#: a third of the samples taken of each source: a larger choice helps the sources and hurts our own corpus; few reviews, for they
#: teach that dirt and stench speak against a response
TAKEN = {
    "taidi_hot": 1_300,
    "taidi_messages": 1_100,
    "taidi_raw": 250,
    "replies": 1_600,
    "news_sentences": 500,
    "news_THUC": 300,
    "news_TNEWS": 300,
    "weibo_zhihu_COLD": 250,
    "weibo_senti": 180,
    "weibo_SWSR": 60,
    "customer_service_CIC": 180,
    "reviews_negative": 80,
    "reviews_positive": 70,
}


def table(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV (gzip or not), every cell a string."""
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    return [dict(zip(map(str, frame.columns), map(str, row), strict=True)) for row in frame.itertuples(index=False)]


def messages(folder: Path) -> Iterator[tuple[str, str, str]]:
    """(source, title, body) of the raw government messages."""
    for row in table(folder / "taidi_hot.csv.gz"):
        yield "taidi_hot", row["留言主题"], row["留言详情"]
    for row in table(folder / "taidi_replies.csv.gz"):
        yield "taidi_messages", row["留言主题"], row["留言详情"]
    for row in table(folder / "taidi_topics_raw.csv.gz"):
        yield "taidi_raw", row["title"], row["body"]


def positives(folder: Path, exchange: PlaceExchange, rng: random.Random) -> list[Sample]:
    """Titles, single sentences, windows and whole messages."""
    found: list[Sample] = []
    for source, title, body in messages(folder):
        title, body = exchange.codes(clean(title)), exchange.codes(clean(body))
        cuts = [(title, "title"), *((cut, "sentences") for cut in windows(body, rng, 2))]
        if rng.random() < 0.3:
            cuts.append((full_text(title, body), "whole"))
        found.extend(Sample(text=clean(text), label=1, source=source, family="messages", cut=cut) for text, cut in cuts if len(text) > 3)
    return found


def negatives(folder: Path, exchange: PlaceExchange, rng: random.Random) -> list[Sample]:
    """Official replies whole and by sentence, news, comments, chatter, few reviews."""
    found: list[Sample] = []
    for row in table(folder / "taidi_replies.csv.gz"):
        text = exchange.codes(clean(row["答复意见"]))
        found.extend(Sample(text=part, label=0, source="replies", family="replies", cut="sentences") for part in windows(text, rng, 4))
        if rng.random() < 0.2:
            found.append(Sample(text=text, label=0, source="replies", family="replies", cut="whole"))
    for row in table(folder / "news_sentences.csv.gz"):
        found.append(Sample(text=exchange.names(clean(row["text"])), label=0, source="news_sentences", family="news"))
    for row in table(folder / "no_response.csv.gz"):
        text = exchange.names(clean(row["text"]))
        cuts = [text] if len(text) < 140 or rng.random() < 0.3 else windows(text, rng, 1)
        found.extend(Sample(text=cut, label=0, source=row["source"], family=FAMILIES[row["source"]]) for cut in cuts)
    return [sample for sample in found if len(sample.text) > 1]


#: weight of a text by its family, beside 8 of our corpus. Letters and answers to them are one register and one label each, and the more
#: they weigh, the more is flagged of families never seen; what asks for nothing anywhere helps on all of them
WEIGHTS = {"messages": 0.12, "replies": 0.1, "news": 1.5, "reviews": 1.5, "service": 1.5, "weibo": 1.5}


#: weight of whole replies: the mixtures would else teach that a reply which tells a complaint asks for something
WHOLE_REPLY = 0.3


def external(folder: Path, seed: int = 7, times: int = 3) -> list[Sample]:
    """Balanced choice from the data folder, by `times` TAKEN and SHARES, weighed by family."""
    rng = random.Random(seed)
    exchange = PlaceExchange(folder, rng)
    pool = positives(folder, exchange, rng) + negatives(folder, exchange, rng)
    chosen: list[Sample] = []
    for source, total in TAKEN.items():
        chosen += balanced((sample for sample in pool if sample.source == source), SHARES, times * total, rng)
    return [replace(sample, weight=WHOLE_REPLY if _whole_reply(sample) else WEIGHTS[sample.family]) for sample in chosen]


def _whole_reply(sample: Sample) -> bool:
    return sample.family == "replies" and sample.cut == "whole"


def corpus_rows(only: Callable[[Path], bool] = lambda path: not path.name.startswith(HELDOUT)) -> list[dict[str, object]]:
    """Rows of our own corpus; never of the held-out part unless asked for."""
    rows: list[dict[str, object]] = []
    for path in sorted(CORPUS.glob("*.jsonl")):
        if only(path):
            rows += [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return rows


def heldout_rows() -> list[dict[str, object]]:
    """Rows of the held-out part, for figures only."""
    return corpus_rows(lambda path: path.name.startswith(HELDOUT))


def corpus(weight: float = 8.0) -> list[Sample]:
    """Our own corpus; posts about elsewhere are left out, for the gazetteer decides those, not the wording."""
    return [
        Sample(
            text=clean(full_text(str(row["title"]), str(row["body"]))),
            label=int(str(row["needs_response"])),
            source="corpus",
            family="corpus",
            weight=weight,
            topic=str(row["topic"]),
            group=str(row.get("event") or row["thread_title"]),
            thread="" if row["title"] else clean(str(row["thread_title"])),
        )
        for row in corpus_rows()
        if row["category"] != "外地的事"
    ]
