"""How posts, queries and filters look in Elasticsearch: only what the subset of the test distribution knows too.

The database is the truth, so `_source` is not kept: a document holds what is searched, filtered and sorted by.
"""

from __future__ import annotations

from typing import Any

from store.models import Post
from store.search.port import NONE, Filters, first_key, sort_key
from store.search.query import All, Either, Node, Term, Without, split
from store.search.tokens import pairs, single, text_of, tokens

Json = dict[str, Any]

SETTINGS: Json = {"number_of_shards": 1, "auto_expand_replicas": "0-1"}
MAPPINGS: Json = {
    "dynamic": "strict",
    "_source": {"enabled": False},
    "properties": {
        # The tokens are cut by us; the engine only splits at blanks, so positions are those of FTS5.
        "text": {"type": "text", "analyzer": "whitespace", "norms": False},
        "sort_key": {"type": "long"},
        "source": {"type": "keyword"},
        "board": {"type": "keyword"},
        "board_name": {"type": "keyword"},
        "kind": {"type": "keyword"},
        "official": {"type": "boolean"},
        "deleted": {"type": "boolean"},
    },
}


def document(post: Post) -> Json:
    """A post as it is indexed. What the judge and the ledger say of it is asked of the database: it changes without the post."""
    return {
        "text": tokens(text_of(post.title, post.body)),
        "sort_key": sort_key(post.posted_at, post.pk),
        "source": post.source,
        "board": post.board,
        "board_name": post.board_name,
        "kind": post.kind,
        "official": post.official,
        "deleted": post.deleted_at is not None,
    }


def query_of(node: Node) -> Json:
    """The tree as an Elasticsearch query."""
    match node:
        case Term(text) if len(text) == 1:
            return {"prefix": {"text": {"value": single(text)}}}
        case Term(text) if len(text) == 2:
            return {"term": {"text": {"value": pairs(text)[0]}}}
        case Term(text):
            return {"match_phrase": {"text": {"query": " ".join(pairs(text))}}}
        case Either(parts):
            return {"bool": {"should": [query_of(part) for part in parts], "minimum_should_match": 1}}
        case All():
            held, left_out = split(node)
            return {"bool": {"filter": [query_of(part) for part in held], "must_not": [query_of(part) for part in left_out]}}
        case Without():
            raise ValueError("Without stands only inside All")


def search_of(node: Node, filters: Filters, before: int | None) -> Json:
    """The query with every filter that a document knows; topic, level and state are not among them."""
    tests: list[Json] = [query_of(node)]
    keys: Json = {}
    if filters.since is not None:
        keys["gte"] = first_key(filters.since)
    ends = [end for end in (filters.until and first_key(filters.until), before) if end is not None]
    if ends:
        keys["lt"] = min(ends)
    if keys:
        tests.append({"range": {"sort_key": keys}})
    tests += [_is(name, getattr(filters, name)) for name in ("source", "kind") if getattr(filters, name)]
    tests += [_is(name, getattr(filters, name)) for name in ("official", "deleted") if getattr(filters, name) is not None]
    if filters.board == NONE:
        tests += [_is("board", ""), _is("board_name", "")]
    elif filters.board:
        tests.append({"bool": {"should": [_is("board", filters.board), _is("board_name", filters.board)], "minimum_should_match": 1}})
    return {"bool": {"filter": tests}}


def _is(name: str, value: str | bool) -> Json:
    return {"term": {name: {"value": value}}}
