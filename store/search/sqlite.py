"""The embedded engine: contentless FTS5 whose row id is the sort key, so the newest hits come first without sorting.

Contentless FTS5 takes an entry out only by its exact old text: `IndexedText` keeps it, and both are written in one
transaction together with the watermark.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import DatabaseError, connection, transaction

from store.clock import Clock
from store.models import IndexedText, Post, Watermark
from store.search.base import BaseIndex
from store.search.port import NONE, Filters, IndexCheck, IndexStatus, Progress, SearchUnavailable, States, first_key, sort_key
from store.search.query import All, Either, Node, Term, Without, split
from store.search.tokens import TOKENIZER, pairs, single, text_of, tokens

#: Of another tokenizer there is no such row, so the next `follow` begins anew.
_WATERMARK = f"search:sqlite:t{TOKENIZER}"
_BATCH = 500
_DELETE = "INSERT INTO search_fts(search_fts, rowid, tokens) VALUES('delete', %s, %s)"
_INSERT = "INSERT INTO search_fts(rowid, tokens) VALUES(%s, %s)"
_ID = "(f.rowid & 2147483647)"


def match_of(node: Node) -> str:
    """The FTS5 expression of a tree; every token is quoted, and tokens hold neither quote nor ASCII sign."""
    match node:
        case Term(text) if len(text) == 1:
            return f'"{single(text)}"*'
        case Term(text):
            return '"' + " ".join(pairs(text)) + '"'
        case Either(parts):
            return "(" + " OR ".join(match_of(part) for part in parts) + ")"
        case All():
            held, left_out = split(node)
            found = "(" + " AND ".join(match_of(part) for part in held) + ")"
            return found if not left_out else f"({found} NOT ({' OR '.join(match_of(part) for part in left_out)}))"
        case Without():
            raise ValueError("Without stands only inside All")


def _where(node: Node, filters: Filters, before: int | None) -> tuple[str, list[Any]]:
    """FROM and WHERE: the index first (CROSS JOIN keeps it first), rows of posts only where a filter asks for them."""
    tables, tests, values = ["search_fts f"], ["search_fts MATCH %s"], [match_of(node)]
    post: list[tuple[str, Any]] = [("p.source = %s", filters.source), ("p.kind = %s", filters.kind)]
    if filters.board == NONE:
        post.append(("(p.board = '' AND p.board_name = '') = %s", 1))
    elif filters.board:
        post.append(("%s IN (p.board, p.board_name)", filters.board))
    if filters.official is not None:
        post.append(("p.official = %s", filters.official))
    if filters.deleted is not None:
        post.append(("(p.deleted_at IS NOT NULL) = %s", filters.deleted))
    post = [(test, value) for test, value in post if value != ""]
    judged: list[tuple[str, Any]] = []
    if filters.topic:
        judged.append(("COALESCE(a.topic, '') = %s", "" if filters.topic == NONE else filters.topic))
    if filters.level is not None:
        judged.append(("CASE WHEN a.flag THEN a.level ELSE 0 END = %s", filters.level))
    # The judgement first: its rows are short, those of posts hold their texts.
    if judged:
        tables.append(f"LEFT JOIN store_assessment a ON a.post_id = {_ID}")
    if post:
        tables.append(f"CROSS JOIN store_post p ON p.id = {_ID}")
    bounds = [("f.rowid >= %s", filters.since and first_key(filters.since)), ("f.rowid < %s", filters.until and first_key(filters.until))]
    bounds = [*bounds, ("f.rowid < %s", before)]
    for test, value in [*[bound for bound in bounds if bound[1] is not None], *post, *judged]:
        tests.append(test)
        values.append(value)
    return f"FROM {' '.join(tables)} WHERE {' AND '.join(tests)}", values


class SqliteIndex(BaseIndex):
    """`SearchIndex` in the database file itself."""

    def __init__(self, *, states: States | None, clock: Clock) -> None:
        super().__init__(states=states, clock=clock)
        if connection.vendor != "sqlite":
            raise SearchUnavailable(f"stores.search: sqlite needs SQLite, the database is {connection.vendor}; write elasticsearch")

    def newest(self, node: Node, filters: Filters, limit: int, before: int | None = None) -> list[int]:
        where, values = _where(node, filters, before)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT f.rowid {where} ORDER BY f.rowid DESC LIMIT %s", [*values, limit])
            return [key for (key,) in cursor.fetchall()]

    def count(self, node: Node, filters: Filters, bound: int) -> int:
        where, values = _where(node, filters, None)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM (SELECT 1 {where} LIMIT %s)", [*values, bound])  # noqa: S608 - no input in it
            return int(cursor.fetchone()[0])

    def follow(self, limit: int = _BATCH) -> int:
        """Index up to `limit` changed posts in one transaction with their watermark."""
        if self._seq() is not None and not self.status().behind:
            return 0  # an idle tick takes no write lock
        with transaction.atomic():
            mark = Watermark.objects.filter(name=_WATERMARK).first() or self._begin()
            posts = list(Post.objects.filter(seq__gt=mark.seq).order_by("seq")[:limit])
            if posts:
                self._put(posts)
                mark.seq, mark.updated_at = posts[-1].seq, self.clock.now()
                mark.save()
        return len(posts)

    def forget(self, ids: Collection[int]) -> None:
        """Take posts out, before their rows are deleted for good."""
        with transaction.atomic():
            old = list(IndexedText.objects.filter(pk__in=ids))
            self._take_out(old)
            IndexedText.objects.filter(pk__in=ids).delete()

    def rebuild(self, progress: Progress = lambda done, of: None) -> int:
        """Empty the index and fill it in short transactions, so that writers go on; meanwhile searches find less."""
        with transaction.atomic():
            self._begin()
        total, done = Post.objects.count(), 0
        while taken := self.follow(_BATCH):
            done += taken
            progress(done, max(total, done))
        self._merge()
        return done

    def check(self) -> IndexCheck:
        """Compare posts, kept texts and index entries, and let FTS5 look at its own files."""
        with transaction.atomic():
            return _Check().result()

    def status(self) -> IndexStatus:
        seq = self._seq() or 0
        behind = Post.objects.filter(seq__gt=seq).count()
        note = f"还有 {behind} 帖未进索引，结果可能不全" if behind > _BATCH else ""
        return IndexStatus(engine="sqlite", up=True, watermark=seq, behind=behind, note=note)

    @staticmethod
    def _seq() -> int | None:
        return Watermark.objects.filter(name=_WATERMARK).values_list("seq", flat=True).first()

    def _begin(self) -> Watermark:
        """An empty index and its watermark at 0; other tokenizers' watermarks go."""
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO search_fts(search_fts) VALUES('delete-all')")
        IndexedText.objects.all().delete()
        Watermark.objects.filter(name__startswith="search:sqlite:").delete()
        return Watermark.objects.create(name=_WATERMARK, seq=0, updated_at=self.clock.now())

    def _put(self, posts: list[Post]) -> None:
        known = IndexedText.objects.in_bulk([post.pk for post in posts])
        new = [
            IndexedText(
                post=post,
                sort_key=sort_key(post.posted_at, post.pk),
                tokens=text_of(post.title, post.body),
                tokenizer=TOKENIZER,
                version=post.seq,
            )
            for post in posts
        ]
        changed = [row for row in new if row.post_id not in known or _entry(known[row.post_id]) != _entry(row)]
        self._take_out([known[row.post_id] for row in changed if row.post_id in known])
        # Rising row ids: FTS5 writes a segment of its own at each step back.
        entries = sorted(_entry(row) for row in changed)
        with connection.cursor() as cursor:
            cursor.executemany(_INSERT, [(key, tokens(text)) for key, text in entries])
        fields = ["sort_key", "tokens", "tokenizer", "version"]
        IndexedText.objects.bulk_create(new, update_conflicts=True, unique_fields=["post"], update_fields=fields)

    @staticmethod
    def _take_out(old: list[IndexedText]) -> None:
        with connection.cursor() as cursor:
            cursor.executemany(_DELETE, [(key, tokens(text)) for key, text in sorted(_entry(row) for row in old)])

    @staticmethod
    def _merge() -> None:
        """Join the index's segments in short steps; one `optimize` would hold the write lock for seconds."""
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO search_fts(search_fts, rank) VALUES('merge', -500)")
            while True:
                cursor.execute("SELECT total_changes()")
                before = cursor.fetchone()[0]
                cursor.execute("INSERT INTO search_fts(search_fts, rank) VALUES('merge', 500)")
                cursor.execute("SELECT total_changes()")
                if cursor.fetchone()[0] - before < 2:
                    return


def _entry(row: IndexedText) -> tuple[int, str]:
    return row.sort_key, row.tokens


class _Check:
    """The comparisons of `SqliteIndex.check`."""

    def result(self) -> IndexCheck:
        return IndexCheck(
            posts=Post.objects.count(),
            indexed=self._number("SELECT count(*) FROM search_fts_docsize"),
            missing=self._ids("SELECT p.id FROM store_post p WHERE p.id NOT IN (SELECT id & 2147483647 FROM search_fts_docsize)"),
            extra=self._ids(
                "SELECT d.id & 2147483647 FROM search_fts_docsize d LEFT JOIN store_indexedtext t ON t.sort_key = d.id"
                " WHERE t.post_id IS NULL"
            ),
            stale=self._ids(
                "SELECT p.id FROM store_post p JOIN store_indexedtext t ON t.post_id = p.id"
                " LEFT JOIN search_fts_docsize d ON d.id = t.sort_key"
                " WHERE t.version <> p.seq OR t.tokenizer <> %s OR d.id IS NULL",
                TOKENIZER,
            ),
            broken=self._broken(),
        )

    @staticmethod
    def _number(sql: str) -> int:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return int(cursor.fetchone()[0] or 0)

    @staticmethod
    def _ids(sql: str, *values: int) -> tuple[int, ...]:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return tuple(id_ for (id_,) in cursor.fetchall())

    def _broken(self) -> str:
        # 'integrity-check' passes after a 'delete' with a wrong text; the number of tokens does not.
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("INSERT INTO search_fts(search_fts) VALUES('integrity-check')")
                cursor.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.search_vocab USING fts5vocab('main', 'search_fts', 'row')")
        except DatabaseError as error:
            return f"索引文件损坏（{error}）；请运行 huiying index rebuild"
        held = self._number("SELECT sum(cnt) FROM temp.search_vocab")
        kept = self._number("SELECT sum(length(tokens)) FROM store_indexedtext")
        return "" if held == kept else f"索引里有 {held} 个字对，应有 {kept} 个；请运行 huiying index rebuild"
