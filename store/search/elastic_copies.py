"""The copies of the index in Elasticsearch: names, aliases, watermarks, and what is written to them.

    huiying-posts                       alias that is searched; points to one copy
    huiying-posts-t1-000002             a copy; t1 = cut by tokenizer 1
    huiying-posts-t1-000002-write       its own alias: bulk writes require it, so a copy that was deleted is never
                                        made again by a late write

Each copy has its own watermark row: building a new one beside the old is following from 0 on, then moving the alias.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from elastic_transport import TransportError
from elasticsearch import ApiError, BadRequestError, Elasticsearch, NotFoundError, UnsupportedProductError

from store.clock import Clock
from store.models import Post, Watermark
from store.search.elastic_query import MAPPINGS, SETTINGS, Json, document
from store.search.port import SearchUnavailable
from store.search.tokens import TOKENIZER

#: One bulk request stays below both.
_BULK_POSTS = 500
_BULK_CHARACTERS = 2_000_000
_NAME = re.compile(r"-posts-t(\d+)-(\d{6})$")


@contextmanager
def asking() -> Iterator[None]:
    """Every failure of the engine as SearchUnavailable."""
    try:
        yield
    except NotFoundError as error:
        hint = "检索索引还没有建好，可先查近 7 天的本机存档；请运行 huiying index follow"
        raise SearchUnavailable(f"elasticsearch: {error}", hint) from error
    except (TransportError, ApiError, UnsupportedProductError) as error:
        raise SearchUnavailable(f"elasticsearch: {error}") from error


@dataclass(frozen=True, slots=True)
class Copy:
    """One index of posts."""

    name: str

    @property
    def tokenizer(self) -> int:
        found = _NAME.search(self.name)
        return int(found.group(1)) if found else 0

    @property
    def number(self) -> int:
        found = _NAME.search(self.name)
        return int(found.group(2)) if found else 0

    @property
    def writing(self) -> str:
        return f"{self.name}-write"

    @property
    def mark(self) -> str:
        """Name of its watermark row, at most 60 characters."""
        name = f"search:{self.name}"
        return name if len(name) <= 60 else f"search:{sha256(self.name.encode()).hexdigest()[:50]}"

    def watermark(self) -> int | None:
        """`Post.seq` up to which it has followed; None = this database did not make it."""
        return Watermark.objects.filter(name=self.mark).values_list("seq", flat=True).first()


class Copies:
    """Makes, fills, swaps and removes copies. Errors of the engine come as they are; wrap calls in `asking()`."""

    def __init__(self, client: Elasticsearch, prefix: str, clock: Clock) -> None:
        self.client = client
        self.prefix = prefix
        self.alias = f"{prefix}-posts"
        self.clock = clock

    def all(self) -> list[Copy]:
        """Every copy there is, oldest first."""
        found = self.client.indices.get(index=f"{self.alias}-t*", features="aliases", expand_wildcards="open,closed")
        copies = [Copy(name) for name in found if _NAME.search(name)]
        return sorted(copies, key=lambda copy: copy.number)

    def serving(self) -> Copy | None:
        """The copy that is searched; None before the first."""
        try:
            found = self.client.indices.get_alias(name=self.alias)
        except NotFoundError:
            return None
        return max((Copy(name) for name in found), key=lambda copy: copy.number)

    def make(self, *, serve: bool = False) -> Copy:
        """A new, empty copy with its watermark at 0; with `serve` it is searched from the start."""
        copy = Copy(f"{self.alias}-t{TOKENIZER}-{max((copy.number for copy in self.all()), default=0) + 1:06d}")
        # The row first: a copy without a row belongs to another database.
        Watermark.objects.update_or_create(name=copy.mark, defaults={"seq": 0, "updated_at": self.clock.now()})
        aliases: Json = {copy.writing: {}}
        if serve:
            aliases[self.alias] = {}
        try:
            self.client.indices.create(index=copy.name, settings=SETTINGS, mappings=MAPPINGS, aliases=aliases)
        except BadRequestError as error:
            if error.error != "resource_already_exists_exception":
                raise
        return copy

    def serve(self, copy: Copy) -> None:
        """Move the alias to this copy in one step, then remove the others."""
        serving = self.serving()
        actions: list[Json] = [{"add": {"index": copy.name, "alias": self.alias}}]
        if serving is not None and serving != copy:
            actions.append({"remove": {"index": serving.name, "alias": self.alias}})
        self.client.indices.update_aliases(actions=actions)
        for other in self.all():
            if other != copy:
                self.client.indices.delete(index=other.name, ignore_unavailable=True)
                Watermark.objects.filter(name=other.mark).delete()

    def follow(self, copy: Copy, limit: int) -> int:
        """Write up to `limit` changed posts, then move the copy's watermark; returns how many were written."""
        seq = copy.watermark() or 0
        posts = list(Post.objects.filter(seq__gt=seq).order_by("seq")[:limit])
        if not posts:
            return 0
        for operations in _bulks(posts):
            self._write(copy, operations)
        # Only from where we began: of two followers the slower one must not move it back.
        Watermark.objects.filter(name=copy.mark, seq=seq).update(seq=posts[-1].seq, updated_at=self.clock.now())
        return len(posts)

    def delete(self, copy: Copy, ids: Collection[int]) -> None:
        """Take posts out; an entry newer than the row it came from stays, and `check` tells."""
        rows = Post.objects.filter(pk__in=ids).values_list("pk", "seq")
        operations: list[Json] = [{"delete": {"_id": str(pk), "version": seq, "version_type": "external_gte"}} for pk, seq in rows]
        if operations:
            self._write(copy, operations)

    def _write(self, copy: Copy, operations: list[Json]) -> None:
        answer = self.client.bulk(index=copy.writing, operations=operations, require_alias=True)
        if not answer["errors"]:
            return
        for item in answer["items"]:
            ((_, result),) = item.items()
            # 409: this version or a newer one is there already, from an attempt whose answer was lost.
            # 404 without an error: a post to take out was not there; with one, the copy itself is gone.
            if result["status"] in {200, 201, 409} or (result["status"] == 404 and "error" not in result):
                continue
            raise SearchUnavailable(f"elasticsearch: post {result.get('_id')}: {result['status']} {result.get('error')}")

    def entries(self, copy: Copy) -> dict[int, int]:
        """Post id → version of every entry, read from one consistent view."""
        found: dict[int, int] = {}
        self.client.indices.refresh(index=copy.name)
        view = self.client.open_point_in_time(index=copy.name, keep_alive="2m")["id"]
        after: Any = None
        try:
            while True:
                page = self.client.search(
                    pit={"id": view, "keep_alive": "2m"},
                    size=10_000,
                    sort=[{"_shard_doc": "asc"}],
                    search_after=after,
                    version=True,
                    source=False,
                    track_total_hits=False,
                )
                view, hits = page["pit_id"], page["hits"]["hits"]
                if not hits:
                    return found
                found |= {int(hit["_id"]): hit["_version"] for hit in hits}
                after = hits[-1]["sort"]
        finally:
            self.client.close_point_in_time(id=view)


def _bulks(posts: Iterable[Post]) -> Iterator[list[Json]]:
    """Bulk operations in requests of bounded size; the row's `seq` is the external version."""
    operations: list[Json] = []
    size = 0
    for post in posts:
        entry = document(post)
        if operations and (len(operations) >= 2 * _BULK_POSTS or size + len(entry["text"]) > _BULK_CHARACTERS):
            yield operations
            operations, size = [], 0
        operations += [{"index": {"_id": str(post.pk), "version": post.seq, "version_type": "external"}}, entry]
        size += len(entry["text"])
    if operations:
        yield operations
