"""Order by relevance: a small score over the posts' texts, made here so that every engine ranks alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from store.models import Post
from store.search.query import Node, wanted
from store.search.tokens import fold, text_of

#: Posts whose texts are held at once.
_CHUNK = 500
#: A term in the title weighs as much as this many mentions in the body; more mentions than that add nothing.
_TITLE = 4


def score(terms: Sequence[str], title: str, body: str) -> int:
    """How much a post is about the folded terms: for each 4 in the title, and its mentions up to 4."""
    head, whole = fold(title), text_of(title, body)
    return sum(_TITLE * (term in head) + min(_TITLE, whole.count(term)) for term in terms)


def ranked(node: Node, ids: Sequence[int]) -> list[int]:
    """The posts by falling score; equal ones stay in the order given (newest first)."""
    terms = tuple(dict.fromkeys(wanted(node)))
    scores = {post: score(terms, title, body) for post, title, body in _texts(ids)}
    return sorted(ids, key=lambda id_: -scores.get(id_, 0))


def _texts(ids: Sequence[int]) -> Iterator[tuple[int, str, str]]:
    for start in range(0, len(ids), _CHUNK):
        yield from Post.objects.filter(pk__in=ids[start : start + _CHUNK]).values_list("pk", "title", "body")
