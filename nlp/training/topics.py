"""Texts with a topic: government messages as joined tokens, raw ones, our own corpus; and texts of none of the topics."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

from nlp.reading import clean, full_text
from nlp.settings import TOPICS
from nlp.training.placeholders import PlaceExchange
from nlp.training.sample import Sample
from nlp.training.sources import HELDOUT, corpus_rows, external, messages, table
from nlp.training.topic_mix import UNLABELLED

#: files of letters, of titles like theirs and of answers to them: they carry the classes of GUIDE.md where real letters carry the national
#: ones, and would teach the gate that a letter is a forum's post (raw letters .964 with them, .971 without)
_LETTERS = frozenset(f"train-{number}.jsonl" for number in (52, 54, 55, *range(122, 126), *range(134, 138)))
#: sources whose texts are about none of the topics, or not about a public matter at all
_NONE = frozenset(
    (
        *("weibo_zhihu_COLD", "weibo_senti", "weibo_SWSR", "customer_service_CIC"),
        *("reviews_negative", "reviews_positive", "news_THUC", "news_TNEWS"),
    )
)


def taidi_topics(folder: Path) -> list[Sample]:
    """The 8,170 + 446 labelled messages; stop words are missing in the first."""
    exchange = PlaceExchange(folder, random.Random(3))
    rows = table(folder / "taidi_topics.csv.gz")
    samples = []
    for row in rows:
        text = clean(exchange.codes("".join(row["tokens"].split())))
        samples.append(Sample(text=text, label=1, source="taidi_topics", family="messages", topic=row["topic"]))
    for row in table(folder / "taidi_topics_raw.csv.gz"):
        for text in (full_text(row["title"], row["body"]), row["title"]):
            text = clean(exchange.codes(text))
            samples.append(Sample(text=text, label=1, source="taidi_raw", family="messages", topic=row["topic"]))
    return samples


def letters(folder: Path, many: int = 2_500) -> list[Sample]:
    """Raw government messages without a topic: they teach the gate what a letter reads like."""
    exchange = PlaceExchange(folder, random.Random(4))
    texts = [clean(exchange.codes(full_text(title, body))) for _source, title, body in messages(folder)]
    random.Random(1).shuffle(texts)
    return [Sample(text=text, label=1, source="letters", family="messages", topic=UNLABELLED) for text in texts[:many]]


def none_of_them(folder: Path, many: int = 2_000) -> list[Sample]:
    """Chatter, reviews and entertainment news: topic ""."""
    chosen = [replace(sample, weight=0.3) for sample in external(folder, seed=11) if sample.source in _NONE]
    random.Random(5).shuffle(chosen)
    return chosen[:many]


def corpus_topics(weight: float = 2.0) -> list[Sample]:
    """Our own corpus but for its letters, with its topics, both labels; a reply with its thread's title, as the judge reads its topic."""
    return [
        Sample(
            text=clean(full_text(str(row["title"] or row["thread_title"]), str(row["body"]))),
            label=int(str(row["needs_response"])),
            source="corpus",
            family="corpus",
            weight=weight,
            topic=str(row["topic"]) if row["topic"] in TOPICS else "",
        )
        for row in corpus_rows(lambda path: not path.name.startswith(HELDOUT) and path.name not in _LETTERS)
    ]
