"""Real texts that the judge learns from as the second reader's encoder labels them.

Most sources have one label: that of a letter's sentence is "needs a response", though it only greets, and that of an answer's is none,
though it repeats the trouble. Learned so, a source teaches its register. The encoder, which learned the question from our corpus, tells
these apart; the judge then learns from its opinion what such texts say. Weighed by how sure it is.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from nlp.encoder import ARRAYS, SentenceEncoder
from nlp.model import SHIPPED
from nlp.second_reader import read_logit
from nlp.training.kept import key, load, save
from nlp.training.placeholders import PlaceExchange
from nlp.training.sample import OPINION, Sample
from nlp.training.sources import negatives, positives

log = logging.getLogger(__name__)
#: so many texts of each source are asked about
ASKED = {
    "taidi_hot": 4_000,
    "taidi_messages": 4_000,
    "taidi_raw": 400,
    "replies": 5_000,
    "news_sentences": 3_000,
    "news_THUC": 2_500,
    "news_TNEWS": 2_500,
    "weibo_zhihu_COLD": 2_000,
    "weibo_senti": 2_000,
    "weibo_SWSR": 600,
    "customer_service_CIC": 2_000,
    "reviews_negative": 1_500,
    "reviews_positive": 1_000,
}
#: longer ones are several things at once
_LONGEST = 220
#: weight of an opinion that is quite sure, beside 8 of a text of our corpus
SURE = 1.5


def opinions(folder: Path, weights: Path, cache: Path, but: Iterable[str], seed: int = 11) -> list[Sample]:
    """Texts of the data folder, none of `but`, labelled by the encoder of `weights`; `cache` keeps what it said between runs.

    Raises NoEncoder."""
    rng = random.Random(seed)
    exchange = PlaceExchange(folder, rng)
    left = set(but)
    pool: dict[str, dict[str, Sample]] = {source: {} for source in ASKED}
    for sample in positives(folder, exchange, rng) + negatives(folder, exchange, rng):
        if len(sample.text) <= _LONGEST and sample.text not in left:
            pool[sample.source].setdefault(sample.text, sample)
    chosen: list[Sample] = []
    for source, many in ASKED.items():
        found = list(pool[source].values())
        rng.shuffle(found)
        chosen += found[:many]
    logits = _asked(SentenceEncoder.load(weights), [sample.text for sample in chosen], cache)
    sure = np.abs(np.tanh(logits / 2))
    return [
        replace(sample, label=int(logit > 0), weight=SURE * float(certain), cut=OPINION)
        for sample, logit, certain in zip(chosen, logits.tolist(), sure.tolist(), strict=True)
    ]


def weights_at(out: Path) -> Path:
    """Where the encoder is whose opinions are asked: in `out`, or else the shipped one."""
    return out if (out / ARRAYS).exists() else SHIPPED


def _asked(encoder: SentenceEncoder, texts: list[str], cache: Path) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """float64[texts]: the encoder's logits; what it said of a text before is not asked again."""
    known = load(cache) if cache.exists() else {}
    names = [key(encoder.version, text) for text in texts]
    for number, (name, text) in enumerate(zip(names, texts, strict=True)):
        if name not in known:
            known[name] = read_logit(encoder, text), 0
        if number % 2_000 == 0:
            log.info("opinions: %d of %d", number, len(texts))
    save(cache, known)
    return np.asarray([known[name][0] for name in names])
