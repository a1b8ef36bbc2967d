"""Statistics for the grouping of events: how rare words and letter pairs are, and of which subject words speak.

Counts and directions only, no texts. Nothing is counted of `taidi_hot`, on which the grouping is measured, nor of its copies
in the other files.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.decomposition import TruncatedSVD

from nlp.matter import cut, is_content_word
from nlp.reading import clean, full_text
from nlp.topical import BUCKETS, STEPS
from nlp.training.sources import corpus_rows, table
from nlp.traits import pair_buckets

log = logging.getLogger(__name__)
DIMENSIONS = 40
#: characters read of a text; words in fewer texts than this are left to be hashed
READ = 600
LEAST_TEXTS = 6
MOST_WORDS = 24_000
#: a title alone would make every word look rare
LEAST_LETTERS = 60
#: a word common outside the messages is no name either, though a little less common counts
ELSEWHERE = 0.7
_COPY_WORDS, _COPIED = 6, 0.6


@dataclass(frozen=True, slots=True)
class Reference:
    """A text as words; `civic` texts speak of a town's matters, replies serve the directions only."""

    words: list[str]
    text: str
    civic: bool = True
    counted: bool = True


def references(folder: Path) -> Iterator[Reference]:
    """Texts of the data folder and of our corpus, without `taidi_hot` and what is a copy of it."""
    copied = _Copies(cut(f"{row['留言主题']} {row['留言详情']}"[:READ]) for row in table(folder / "taidi_hot.csv.gz"))
    for row in table(folder / "taidi_replies.csv.gz"):
        found = _reference(f"{row['留言主题']} {row['留言详情']}")
        if found.words not in copied:
            yield found
        yield _reference(row["答复意见"], counted=False)
    for row in table(folder / "taidi_topics_raw.csv.gz"):
        found = _reference(f"{row['title']} {row['body']}")
        if found.words not in copied:
            yield found
    for row in table(folder / "taidi_topics.csv.gz"):
        words = row["tokens"].lower().split()[:250]
        if words not in copied:
            yield Reference(words, " ".join(words))
    for own in corpus_rows():
        text = full_text(str(own["title"]), str(own["body"]))
        yield _reference(text, counted=len(text) >= LEAST_LETTERS)
    for name in ("no_response", "news_sentences"):
        for row in table(folder / f"{name}.csv.gz"):
            yield _reference(row["text"], civic=False)


def _reference(text: str, *, civic: bool = True, counted: bool = True) -> Reference:
    cleaned = clean(text)[:READ]
    return Reference(cut(cleaned), cleaned, civic, counted)


class _Copies:
    """Whether a list of words is a copy of one of the texts given (share of common runs of words)."""

    def __init__(self, texts: Iterable[list[str]]) -> None:
        self._texts: list[frozenset[str]] = []
        self._by_word: dict[str, list[int]] = {}
        for number, words in enumerate(texts):
            content = frozenset(word for word in words if len(word) > 1)
            self._texts.append(content)
            for word in content:
                self._by_word.setdefault(word, []).append(number)

    def __contains__(self, words: object) -> bool:
        assert isinstance(words, list)
        content = frozenset(word for word in words if len(word) > 1)
        if len(content) < _COPY_WORDS:
            return False
        votes = Counter(number for word in content if len(self._by_word.get(word, ())) < 60 for number in self._by_word.get(word, ()))
        return any(
            len(content & self._texts[number]) >= _COPIED * len(content | self._texts[number]) for number, _count in votes.most_common(3)
        )


def statistics(folder: Path) -> dict[str, npt.NDArray[np.generic]]:
    """The arrays of `nlp.topical.Topical` but for the machine and its threshold."""
    texts = {True: 0, False: 0}
    words: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    pairs = {civic: np.zeros(BUCKETS, np.int64) for civic in (True, False)}
    kept: list[tuple[Counter[str], bool]] = []
    for reference in references(folder):
        content = Counter(word for word in reference.words if is_content_word(word))
        if reference.counted:
            texts[reference.civic] += 1
            words[reference.civic].update(content.keys())
            pairs[reference.civic][np.unique(pair_buckets(reference.text))] += 1
        if content.total() >= (8 if reference.civic else 15):
            kept.append((content, reference.civic))
    log.info("events: %d civic texts and %d others counted", texts[True], texts[False])
    every = words[True] + words[False]
    ranked = sorted((word for word, count in every.items() if count >= LEAST_TEXTS), key=lambda word: (-every[word], word))[:MOST_WORDS]
    shares = [[(words[civic][word] + 1) / (texts[civic] + 1) for word in ranked] for civic in (True, False)]
    rarity = -np.log(np.maximum(shares[0], ELSEWHERE * np.asarray(shares[1])))
    pair_share = np.maximum((pairs[True] + 1) / (texts[True] + 1), ELSEWHERE * (pairs[False] + 1) / (texts[False] + 1))
    vectors = directions(kept, {word: number for number, word in enumerate(ranked)}, rarity)
    scale = np.abs(vectors).max() / 127
    return {
        "words": np.frombuffer("\n".join(ranked).encode("utf-8"), np.uint8),
        "word_rarity": np.round(rarity * STEPS).astype(np.uint8),
        "pair_rarity": np.round(-np.log(pair_share) * STEPS).astype(np.uint8),
        "vectors": np.round(vectors / scale).astype(np.int8),
        "scale": np.float32(scale),
    }


def directions(texts: list[tuple[Counter[str], bool]], numbers: dict[str, int], rarity: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Latent directions of words: truncated SVD of the weighted text-word matrix (Deerwester et al. 1990), seed fixed."""
    rows, columns, values = [], [], []
    for row, (content, civic) in enumerate(texts):
        known = [(numbers[word], count) for word, count in content.items() if word in numbers]
        weights = np.asarray([(1 + np.log(count)) * rarity[number] for number, count in known])
        length = np.sqrt((weights**2).sum())
        if len(known) < 5 or length == 0:
            continue
        rows += [row] * len(known)
        columns += [number for number, _count in known]
        values += list(weights / length * (1.0 if civic else 0.5))
    matrix = csr_matrix((values, (rows, columns)), shape=(len(texts), len(numbers)))
    found: npt.NDArray[np.float64] = TruncatedSVD(DIMENSIONS, n_iter=7, random_state=0).fit(matrix).components_.T
    return found
