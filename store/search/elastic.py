"""The engine for large archives: Elasticsearch, which follows the database and may be away for a day.

Documents carry `Post.seq` as external version, so a late or repeated delivery never overwrites a newer one; the
watermark moves after the engine has acknowledged. Topic, level and state are asked of the database.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from elasticsearch import Elasticsearch

from store.clock import Clock
from store.models import Post, Watermark
from store.search.base import BaseIndex
from store.search.elastic_copies import Copies, Copy, asking
from store.search.elastic_query import search_of
from store.search.port import (
    ElasticSettings,
    Filters,
    IndexCheck,
    IndexStatus,
    Progress,
    SearchUnavailable,
    States,
    post_id,
)
from store.search.query import Node
from store.search.recent import judged
from store.search.tokens import TOKENIZER

_BATCH = 500
#: Hits of one request; the engine refuses more than 10,000.
_PAGE = 5_000
_IDS = 900


class ElasticIndex(BaseIndex):
    """`SearchIndex` in an Elasticsearch 8 or 9."""

    def __init__(self, settings: ElasticSettings, *, states: States | None, clock: Clock) -> None:
        super().__init__(states=states, clock=clock)
        authority: dict[str, Any] = {"ca_certs": settings.ca} if settings.ca else {}
        # No retries: we say at once that it is away, and whoever called tries again at the next tick.
        self.client = Elasticsearch(
            settings.url,
            basic_auth=(settings.user, settings.password) if settings.user else None,
            request_timeout=20,
            max_retries=0,
            **authority,
        )
        self.copies = Copies(self.client, settings.index, clock)

    def newest(self, node: Node, filters: Filters, limit: int, before: int | None = None) -> list[int]:
        found: list[int] = []
        for keys in self._pages(node, filters, limit, before):
            found += keys
            if len(found) >= limit:
                break
        return found[:limit]

    def count(self, node: Node, filters: Filters, bound: int) -> int:
        if filters.topic or filters.level is not None:
            return len(self.newest(node, filters, bound))
        self._require_tokenizer()
        with asking():
            answer = self.client.search(index=self.copies.alias, query=search_of(node, filters, None), size=0, track_total_hits=bound)
        return min(int(answer["hits"]["total"]["value"]), bound)

    def follow(self, limit: int = _BATCH) -> int:
        """Write up to `limit` changed posts; after an upgrade of the tokenizer, to a new copy that then takes over."""
        with asking():
            copy = self.copies.serving() or self.copies.make(serve=True)
            self._require_own(copy)
            if copy.tokenizer == TOKENIZER:
                done = self.copies.follow(copy, limit)
            else:
                copy = self._successor() or self.copies.make()
                done = self.copies.follow(copy, limit)
                if done < limit:
                    self.copies.serve(copy)
            if done:
                self.client.indices.refresh(index=copy.name)
        return done

    def forget(self, ids: Collection[int]) -> None:
        """Take posts out, before their rows are deleted for good."""
        with asking():
            for copy in self.copies.all():
                self.copies.delete(copy, ids)

    def rebuild(self, progress: Progress = lambda done, of: None) -> int:
        """Fill a new copy beside the old one, which serves until the alias moves; interrupted, the old one stays."""
        with asking():
            copy = self.copies.make()
            total, done = Post.objects.count(), 0
            while taken := self.copies.follow(copy, _BATCH):
                done += taken
                progress(done, max(total, done))
            self.client.indices.refresh(index=copy.name)
            self.copies.serve(copy)
        return done

    def check(self) -> IndexCheck:
        """Compare every post's `seq` with the version of its entry."""
        with asking():
            copy = self.copies.serving()
            entries = self.copies.entries(copy) if copy else {}
        posts = dict(Post.objects.values_list("pk", "seq"))
        return IndexCheck(
            posts=len(posts),
            indexed=len(entries),
            missing=tuple(sorted(posts.keys() - entries.keys())),
            extra=tuple(sorted(entries.keys() - posts.keys())),
            stale=tuple(sorted(pk for pk in posts.keys() & entries.keys() if posts[pk] != entries[pk])),
            broken="" if copy is None or copy.tokenizer == TOKENIZER else "索引是旧版分词的；请运行 huiying index rebuild",
        )

    def status(self) -> IndexStatus:
        newest = Post.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
        try:
            with asking():
                copy = self.copies.serving()
        except SearchUnavailable as error:
            # How far it came is known without it: the newest mark of ours.
            marks = Watermark.objects.filter(name__startswith=f"search:{self.copies.alias}-t")
            seq = max(marks.values_list("seq", flat=True), default=0)
            return IndexStatus(engine="elasticsearch", up=False, watermark=seq, behind=self._behind(seq), note=str(error))
        seq = (copy.watermark() if copy else 0) or 0
        behind = self._behind(seq)
        note = f"还有 {behind} 帖未进索引，结果可能不全" if behind > _BATCH else ""
        if seq > newest:
            note = "索引比数据库新（数据库是从备份恢复的？）；请运行 huiying index rebuild"
        return IndexStatus(engine="elasticsearch", up=True, watermark=seq, behind=behind, note=note)

    @staticmethod
    def _behind(seq: int) -> int:
        return Post.objects.filter(seq__gt=seq).count()

    def _pages(self, node: Node, filters: Filters, limit: int, before: int | None) -> Iterator[list[int]]:
        """Sort keys of hits in stretches, newest first, by every filter but the state."""
        self._require_tokenizer()
        asked = filters.topic or filters.level is not None
        size = min(_PAGE, max(limit, _IDS) if asked else limit)
        while True:
            with asking():
                answer = self.client.search(
                    index=self.copies.alias,
                    query=search_of(node, filters, before),
                    sort=[{"sort_key": "desc"}],
                    size=size,
                    source=False,
                    track_total_hits=False,
                )
            keys = [int(hit["sort"][0]) for hit in answer["hits"]["hits"]]
            yield self._judged(keys, filters) if asked else keys
            if len(keys) < size:
                return
            before = keys[-1]

    @staticmethod
    def _judged(keys: list[int], filters: Filters) -> list[int]:
        """Those whose judgement, in the database, passes the filters of topic and level."""
        passed: set[int] = set()
        for start in range(0, len(keys), _IDS):
            chunk = [post_id(key) for key in keys[start : start + _IDS]]
            passed |= set(judged(Post.objects.filter(pk__in=chunk), filters).values_list("pk", flat=True))
        return [key for key in keys if post_id(key) in passed]

    def _successor(self) -> Copy | None:
        """A copy of the present tokenizer that is being filled."""
        mine = [copy for copy in self.copies.all() if copy.tokenizer == TOKENIZER and copy.watermark() is not None]
        return mine[-1] if mine else None

    def _require_tokenizer(self) -> None:
        with asking():
            copy = self.copies.serving()
        if copy is None:
            raise SearchUnavailable("elasticsearch: no index yet", "检索索引还没有建，可先查近 7 天的本机存档；请运行 huiying index follow")
        if copy.tokenizer != TOKENIZER:
            raise SearchUnavailable(f"elasticsearch: {copy.name} is of another tokenizer", "检索索引正在重建，可先查近 7 天的本机存档")

    @staticmethod
    def _require_own(copy: Copy) -> None:
        if copy.watermark() is None:
            raise SearchUnavailable(
                f"elasticsearch: {copy.name} was not made by this database; "
                "set stores.elasticsearch.index to another prefix, or take it over by `huiying index rebuild`",
                "检索索引不是本库建的：换一个 stores.elasticsearch.index，或运行 huiying index rebuild 重建",
            )
