"""The one thread that writes: batches, in order, and nothing lost while the store is away."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from crawlers.writer import Writer
from store.clock import parse_instant
from store.snapshots import TakeResult, ThreadSnapshot
from tests.crawlers.served import MemorySink

AT = parse_instant("2026-11-22T14:05:00+08:00")


def snapshot(tid: str) -> ThreadSnapshot:
    return ThreadSnapshot(site="bbs", tid=tid, fetched_at=AT)


class OperationalError(Exception):
    """Named as the database's own."""


class FailingSink(MemorySink):
    """Fails as told before it takes anything."""

    failures: list[Exception]
    poison: str = ""
    batches: list[int]

    def take(self, batch: Sequence[ThreadSnapshot]) -> TakeResult:
        self.batches.append(len(batch))
        if self.failures:
            raise self.failures.pop(0)
        if any(entry.tid == self.poison for entry in batch):
            raise ValueError("unstorable")
        return super().take(batch)


def failing(*failures: Exception, poison: str = "") -> FailingSink:
    sink = FailingSink()
    sink.failures, sink.poison, sink.batches = list(failures), poison, []
    return sink


def written(sink: MemorySink) -> list[str]:
    return [entry.tid for entry in sink.snapshots]


def test_everything_is_written_in_order_before_the_end() -> None:
    sink = MemorySink()
    writer = Writer(sink)
    futures = [writer.take(snapshot(str(n))) for n in range(120)]
    writer.start()
    assert writer.close()
    assert written(sink) == [str(n) for n in range(120)]
    assert all(future.done() and future.exception() is None for future in futures)


@pytest.mark.slow
def test_a_locked_store_is_waited_for() -> None:
    told: list[str] = []
    sink = failing(OperationalError("database is locked"), OSError(28, "No space left on device"))
    writer = Writer(sink, told.append)
    writer.start()
    count = writer.take(snapshot("1")).result(5)
    assert count.posts_new == 0
    assert written(sink) == ["1"]
    assert "磁盘" in told[0]
    writer.close()


def test_one_page_that_cannot_be_stored_does_not_hold_up_the_rest() -> None:
    told: list[str] = []
    sink = failing(poison="2")
    writer = Writer(sink, told.append)
    futures = {tid: writer.take(snapshot(tid)) for tid in "123"}
    writer.start()
    writer.close()
    assert written(sink) == ["1", "3"]
    assert isinstance(futures["2"].exception(), ValueError)
    assert "主题 2" in told[0]


def test_a_store_that_never_comes_back_ends_with_the_stop() -> None:
    writer = Writer(failing(*[OSError(28, "No space left on device")] * 1000), lambda text: None)
    writer.start()
    lost = writer.take(snapshot("1"))
    writer.close(0.1)
    with pytest.raises(Exception, match="停止前未能入库"):
        lost.result(2)


def test_questions_are_answered_in_the_writers_thread() -> None:
    writer = Writer(MemorySink())
    writer.start()
    assert writer.ask(threading.current_thread).result(2) is not threading.current_thread()
    writer.close()


def test_a_question_that_fails_comes_back_to_who_asked() -> None:
    told: list[str] = []
    writer = Writer(MemorySink(), told.append)
    writer.start()

    def question() -> int:
        raise OperationalError("locked")

    with pytest.raises(OperationalError):
        writer.ask(question).result(2)
    writer.close()
