"""What is kept of an official post as proof: its node as served, numbers masked, and the hash of the page's bytes."""

from __future__ import annotations

import hashlib
import re

from store.cleaning import plain
from store.masking import MASK, mask
from store.models import OfficialNode, Post
from store.snapshots import ThreadSnapshot

#: characters of a node that are kept
NODE_LIMIT = 100_000
#: addresses and ids inside tags hold long numbers that are no person's
_ESCAPED_MASK = MASK.replace("<", "&lt;").replace(">", "&gt;")
_TAG = re.compile(r"(<[^<>]*>)")


def masked_html(html: str) -> str:
    """A node with the numbers in its text masked, its tags as they were, except addresses that call or write to somebody."""
    pieces = _TAG.split(plain(html[:NODE_LIMIT]))
    return "".join(_masked_tag(piece) if piece.startswith("<") else mask(piece).replace(MASK, _ESCAPED_MASK) for piece in pieces)


def _masked_tag(tag: str) -> str:
    return mask(tag).replace(MASK, _ESCAPED_MASK) if "tel:" in tag or "mailto:" in tag else tag


def official_node(post: Post, html: str, snapshot: ThreadSnapshot) -> OfficialNode:
    """The unsaved row; the same text of the same post is kept once."""
    kept = masked_html(html)
    return OfficialNode(
        post=post,
        seen_at=snapshot.fetched_at,
        html=kept,
        raw_sha256=snapshot.raw_sha256,
        html_sha256=hashlib.sha256(kept.encode()).hexdigest(),
    )
