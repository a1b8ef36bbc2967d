"""Words that tell what a text is about, and how rare they are."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

WORDS = Path(__file__).parent / "weights" / "words.json"
#: lone surrogates, which the cutter cannot read; a coded district (A3区) would swallow the first character of the name behind it
_UNREADABLE = re.compile("[\ud800-\udfff]")
_CODE = re.compile(r"[A-Za-z]\d{0,2}[市县区]")
_WORD = re.compile(r"[0-9a-z一-鿿]{2,}", re.IGNORECASE)
_STOP_WORDS = """
    我们 你们 他们 这个 那个 什么 怎么 如何 为什么 可以 没有 一个 一些 现在 已经 因为 所以 但是 而且 以及 或者 还有 这样
    那样 就是 不是 还是 自己 大家 领导 尊敬 您好 你好 请问 希望 谢谢 感谢 投诉 反映 咨询 建议 关于 问题 求助 举报 请求 恳请
    解决 处理 回复 市民 居民 业主 相关 有关 部门 政府 书记 市长 临海 临海市 台州 台州市 小区 号码
"""
_STOP = frozenset(_STOP_WORDS.split())


class WordWeights:
    """Inverse document frequency of words by the shipped table."""

    def __init__(self, path: Path | None = None) -> None:
        table = json.loads((path or WORDS).read_text(encoding="utf-8"))
        self._counts: dict[str, int] = table["words"]
        self._texts: int = table["texts"]

    def __getitem__(self, word: str) -> float:
        return math.log((self._texts + 1) / (self._counts.get(word, 0) + 1)) + 1


def is_content_word(word: str) -> bool:
    """Two and more characters, no stop word, no bare number, no punctuation."""
    return len(word) > 1 and word not in _STOP and not word.isdigit() and _WORD.fullmatch(word) is not None


def cut(text: str) -> list[str]:
    """The text cut into words, lower case; lone surrogates, which the cutter cannot read, become spaces."""
    import rjieba

    words: list[str] = rjieba.cut(_UNREADABLE.sub(" ", _CODE.sub(r" \g<0> ", text)).lower())
    return words


def words_of(text: str) -> list[str]:
    """Words of two and more characters, without stop words and bare numbers."""
    return [word for word in cut(text) if is_content_word(word)]
