"""Hits as the command line prints them: a `posts` row and the snippet, by the contract of `huiying search --json`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from store.clock import iso
from store.models import Post
from store.search.port import SearchResult
from store.search.query import Node
from store.search.snippet import plain, snippet

Row = dict[str, str | int | bool | None]


def post_row(post: Post) -> Row:
    """One row of `huiying posts --json`; the post's thread is read with it."""
    return {
        "site": post.site,
        "id": post.ref,
        "thread": f"{post.site}:{post.thread.tid}",
        "board": post.board_name or post.board,
        "kind": post.kind,
        "title": post.title,
        "thread_title": post.thread_title,
        "body": post.body,
        "author": post.author,
        "official": post.official,
        "posted_at": iso(post.posted_at),
        "precision": post.precision,
        "detected_at": iso(post.detected_at),
        "url": post.url,
        "replies": post.replies,
        "views": post.views,
        "deleted": post.deleted_at is not None,
        "edits": post.edits,
    }


def posts_of(ids: Sequence[int]) -> list[Post]:
    """The posts in the order of their ids, with their threads; one that is gone for good is left out."""
    found = Post.objects.select_related("thread").in_bulk(ids)
    return [found[id_] for id_ in ids if id_ in found]


def snippet_of(post: Post, node: Node, width: int = 80) -> str:
    """The snippet of a post's body as text, 【】 around what was found; of its title when only that was found."""
    body = snippet(post.body, node, width)
    return plain(body if any(hit for _, hit in body) else snippet(post.title, node, width) or body)


def rows(result: SearchResult) -> Iterator[Row]:
    """One row a hit, in order."""
    for post in posts_of(result.ids):
        yield {**post_row(post), "snippet": snippet_of(post, result.node)}
