"""What is kept of an official post as proof: its node as served, numbers masked, and the hash of the page's bytes."""

from __future__ import annotations

import hashlib
import html
import re
from itertools import zip_longest

from store.cleaning import plain
from store.masking import MASK, mask
from store.models import OfficialNode, Post
from store.snapshots import ThreadSnapshot

#: characters of a node that are kept
NODE_LIMIT = 100_000
#: addresses and ids inside tags hold long numbers that are no person's
_TAG = re.compile(r"(<[^<>]*>)")


def masked_html(markup: str) -> str:
    """A node with the numbers in its text masked and its tags as they were, except addresses that call or write to somebody.

    A number that is spread over several tags cannot be masked in place: then the text alone is kept.
    """
    pieces = _TAG.split(plain(markup[:NODE_LIMIT]))
    texts = [html.unescape(piece) for piece in pieces[::2]]
    masked = [mask(text) for text in texts]
    whole = mask("".join(texts))
    if whole.count(MASK) != sum(text.count(MASK) for text in masked):
        return f"<pre>{html.escape(whole)}</pre>"
    kept = [html.escape(text, quote=False) for text in masked]
    tags = [mask(tag).replace(MASK, html.escape(MASK)) if "tel:" in tag or "mailto:" in tag else tag for tag in pieces[1::2]]
    return "".join(part for pair in zip_longest(kept, tags, fillvalue="") for part in pair)


def official_node(post: Post, node: str, snapshot: ThreadSnapshot) -> OfficialNode:
    """The unsaved row; the same text of the same post is kept once."""
    kept = masked_html(node)
    return OfficialNode(
        post=post,
        seen_at=snapshot.fetched_at,
        html=kept,
        raw_sha256=snapshot.raw_sha256,
        html_sha256=hashlib.sha256(kept.encode()).hexdigest(),
    )
