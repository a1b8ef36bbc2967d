"""The one thread that talks to the store: it takes snapshots and reports in batches and answers questions in between.

The event loop never waits for a disk. A batch that fails for a reason of the environment (locked, full disk)
is kept and tried again, while the bounded queue slows the crawl down: nothing that was fetched is lost.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from store.snapshots import FetchReport, Sink, TakeCount, ThreadSnapshot

log = logging.getLogger(__name__)
T = TypeVar("T")

_BATCH = 200
#: seconds without anything new after which a batch is written, and for which it waits at most while more keeps coming: each
#: transaction costs a write through to the disk and its questions, however little it holds. Read again is what a kill finds waiting.
_LINGER_S = 0.1
_LONGEST_S = 0.25
_QUEUE = 500
#: seconds between attempts while the store does not take anything
_RETRY_S = (0.1, 0.5, 2.0, 5.0)
#: of errors that are nobody's mistake in the snapshot
_ENVIRONMENT = frozenset(("OperationalError", "InterfaceError", "DatabaseError", "OSError", "TimeoutError"))


class WriterStopped(RuntimeError):
    """The writer was stopped before it got to this."""


@dataclass(slots=True)
class _Entry:
    snapshot: ThreadSnapshot | None = None
    report: FetchReport | None = None
    question: Callable[[], Any] | None = None
    answer: Future[Any] = field(default_factory=Future)


class Writer:
    """Owns the sink; everything goes through its thread, in order."""

    def __init__(self, sink: Sink, on_trouble: Callable[[str], None] = log.error) -> None:
        self.sink = sink
        self._queue: queue.Queue[_Entry | None] = queue.Queue(_QUEUE)
        self._stop = threading.Event()
        self._on_trouble = on_trouble
        self._thread = threading.Thread(target=self._run, name="crawl-writer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def take(self, snapshot: ThreadSnapshot) -> Future[TakeCount]:
        """Queue a snapshot; the future tells what it added once it is on disk."""
        return self._put(_Entry(snapshot=snapshot))

    def ask(self, question: Callable[[], T]) -> Future[T]:
        """Run a question to the sink in the writer's thread."""
        return self._put(_Entry(question=question))

    def report(self, health: FetchReport) -> None:
        """Hand over a health report; its loss is logged, never raised."""
        self._put(_Entry(report=health))

    def full(self) -> bool:
        """The store does not keep up: fetch nothing more for the moment."""
        return self._queue.qsize() > _QUEUE // 2

    def close(self, timeout_s: float = 4.0) -> bool:
        """Write what is queued, then end; False when the store did not take it in time."""
        with contextlib.suppress(queue.Full):
            self._queue.put(None, timeout=timeout_s)
        self._thread.join(timeout_s)
        self._stop.set()  # ends the waiting for a store that does not come back
        self._thread.join(1.0)
        return not self._thread.is_alive() and self._queue.empty()

    def _put(self, entry: _Entry) -> Future[Any]:
        try:
            self._queue.put_nowait(entry)
        except queue.Full:
            entry.answer.set_exception(WriterStopped("入库队列已满"))
        return entry.answer

    def _run(self) -> None:
        ended = False
        while not ended and not self._stop.is_set():
            try:
                entry = self._queue.get(timeout=0.5)
            except queue.Empty:
                continue
            batch: list[_Entry] = []
            until = time.monotonic() + _LONGEST_S
            while entry is not None and entry.question is None:
                batch.append(entry)
                if len(batch) >= _BATCH:
                    break
                try:
                    entry = self._queue.get(timeout=max(0.0, min(_LINGER_S, until - time.monotonic())))
                except queue.Empty:
                    break
            self._write([one for one in batch if one.snapshot is not None])
            self._tell([one.report for one in batch if one.report is not None])
            if entry is not None and entry.question is not None:
                self._answer(entry)
            ended = entry is None

    def _tell(self, reports: list[FetchReport]) -> None:
        if not reports:
            return
        try:
            self.sink.health(*reports)
        except Exception as error:  # noqa: BLE001 - health is told, never worth a page
            self._on_trouble(f"来源健康未能记下：{type(error).__name__}: {error}")

    def _answer(self, entry: _Entry) -> None:
        assert entry.question is not None
        try:
            entry.answer.set_result(entry.question())
        except Exception as error:  # noqa: BLE001 - it belongs to whoever asked
            self._on_trouble(f"存储应答失败：{type(error).__name__}: {error}")
            entry.answer.set_exception(error)

    def _write(self, batch: list[_Entry]) -> None:
        """One transaction; when it cannot be, each snapshot alone, so that one bad page does not hold up the rest."""
        if not batch:
            return
        attempt = 0
        while not self._stop.is_set():
            try:
                result = self.sink.take([entry.snapshot for entry in batch if entry.snapshot is not None])
            except Exception as error:  # noqa: BLE001 - the writer must live on
                if not _of_environment(error):
                    self._write_singly(batch, error)
                    return
                self._on_trouble(f"入库失败，{len(batch)} 页等待重试：{type(error).__name__}: {error}（检查磁盘空间与数据库）")
                self._stop.wait(_RETRY_S[min(attempt, len(_RETRY_S) - 1)])
                attempt += 1
                continue
            for entry, count in zip(batch, result.counts, strict=True):
                entry.answer.set_result(count)
            return
        for entry in batch:
            entry.answer.set_exception(WriterStopped("停止前未能入库"))

    def _write_singly(self, batch: list[_Entry], error: Exception) -> None:
        if len(batch) > 1:
            for entry in batch:
                self._write([entry])
            return
        snapshot = batch[0].snapshot
        assert snapshot is not None
        self._on_trouble(f"{snapshot.site} 主题 {snapshot.tid} 第 {snapshot.page} 页未能入库：{type(error).__name__}: {error}")
        batch[0].answer.set_exception(error)


def _of_environment(error: BaseException) -> bool:
    return any(kind.__name__ in _ENVIRONMENT for kind in type(error).__mro__)
