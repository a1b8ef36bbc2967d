"""Key words and trend words by jieba with a user dictionary; imported only when asked for."""

from __future__ import annotations

import logging
import math
import threading
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nlp.matter import WordWeights, is_content_word

if TYPE_CHECKING:
    from collections.abc import Callable

_LOCK = threading.Lock()


@dataclass(frozen=True, kw_only=True, slots=True)
class Keyword:
    """A word with its weight; `count` texts of those read hold it."""

    word: str
    weight: float
    count: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Trend:
    """A word that stands in more texts now than before."""

    word: str
    now: int
    before: int
    #: log-likelihood ratio of the rise (Dunning 1993), > 0
    rise: float


class Keywords:
    """Cuts with jieba; `tmp_dir` is where jieba keeps its cache (the home), `user_words` are never cut."""

    def __init__(self, user_words: Iterable[str] = (), tmp_dir: Path | None = None, words: Path | None = None) -> None:
        self._user_words = tuple(user_words)
        self._tmp_dir = tmp_dir
        self._weights = WordWeights(words)
        self._cut: Callable[[str], list[str]] | None = None

    def words(self, text: str) -> list[str]:
        """Content words in order, without stop words and bare numbers."""
        return [word for word in self._cutter()(text.lower()) if is_content_word(word)]

    def of(self, text: str, most: int = 8) -> list[Keyword]:
        """Key words of one text by count × rarity."""
        counts = Counter(self.words(text))
        ranked = sorted(counts, key=lambda word: (-counts[word] * self._weights[word], word))
        return [Keyword(word=word, weight=round(counts[word] * self._weights[word], 3), count=1) for word in ranked[:most]]

    def trends(self, now: Sequence[str], before: Sequence[str], most: int = 20, least: int = 3) -> list[Trend]:
        """Words in at least `least` of the texts of now, by how much their share rose against before."""
        present = Counter(word for text in now for word in set(self.words(text)))
        past = Counter(word for text in before for word in set(self.words(text)))
        found = []
        for word, count in present.items():
            rise = _rise(count, len(now), past[word], len(before))
            if count >= least and rise > 0:
                found.append(Trend(word=word, now=count, before=past[word], rise=round(rise, 3)))
        return sorted(found, key=lambda trend: (-trend.rise, trend.word))[:most]

    def _cutter(self) -> Callable[[str], list[str]]:
        if self._cut is None:
            with _LOCK:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # jieba 0.42 has invalid escapes in its regular expressions
                    import jieba

                jieba.setLogLevel(logging.WARNING)
                tokenizer: Any = jieba.Tokenizer()
                if self._tmp_dir is not None:
                    self._tmp_dir.mkdir(parents=True, exist_ok=True)
                    tokenizer.tmp_dir = str(self._tmp_dir)
                    jieba.dt.tmp_dir = str(self._tmp_dir)
                for word in self._user_words:
                    tokenizer.add_word(word.lower())
                self._cut = tokenizer.lcut
        return self._cut


def _rise(now: int, total_now: int, before: int, total_before: int) -> float:
    """Log-likelihood ratio that the share rose; 0 when it did not."""
    if not total_now or now * total_before <= before * total_now:
        return 0.0
    share = (now + before) / (total_now + total_before)
    value = now * math.log(now / (total_now * share))
    if before:
        value += before * math.log(before / (total_before * share))
    return 2 * value
