"""A page that is never read to its end: the process ends itself, and the next one knows which page it was.

A regular expression without end holds the interpreter's lock: no thread, no timer and no event loop of the process runs beside it,
so that nothing in it can end the reading. The kernel can. Each reader tells what it reads in a file that outlives the process, and
sets a timer in seconds of the processor, so that a busy machine does not count. When the timer rings, a handler in C writes down
where the process stands, and the signal ends it; the supervisor starts it again, and `start` finds out. From then on the page is
refused unread, longer each time, and a source whose pages do that again and again rests. What was stored stays, other sources go on.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import mmap
import os
import re
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import IO

from crawlers.pages import ParserFailure
from crawlers.sites.selectors.rules import Rule
from store.clock import iso, parse_instant
from store.snapshots import FetchOutcome, FetchReport

#: seconds of the processor; the slowest page of the benchmarks takes one
LIMIT_S = float(os.environ.get("HUIYING_READING_S", "30"))
#: failures of this kind in source health
HANG = "hang"
#: how long a page is refused after its first, second … hang, and a source rests after so many within a day
_REFUSED = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))
_RESTS_S = (0.0, 600.0, 3600.0, 6 * 3600.0)
_DAY = timedelta(days=1)
_REMEMBERED = timedelta(days=7)
_MOST = 200
_SLOT, _SLOTS = 2_048, 4
_PLACE = re.compile(r'File ".*?((?:crawlers|store)/[^"]+)", line (\d+) in (\w+)')
_OWN = "crawlers/hang.py"


class Endless(ParserFailure):
    """A page that was not read to its end, now or the last time."""

    advice = (
        "自定规则的来源：多半是 rules 里“=>”后的正则没有尽头，用 huiying crawl 来源 --try 网址 看是哪一条；"
        "其他来源：把主目录 cache/reading/trace.last 交给开发者"
    )


@dataclass(frozen=True, slots=True)
class Hang:
    """What the process was ended for."""

    source: str
    kind: str
    url: str
    at: str
    #: file, line and function where it stood
    where: str = ""
    seconds: float = LIMIT_S

    @property
    def told(self) -> str:
        return f"读这一页用了 {self.seconds:g} 秒处理器时间还没有读完（停在 {self.where or '不明处'}），抓取进程已自行结束并重开"

    def report(self, now: datetime, rest_s: float) -> FetchReport:
        """For source health."""
        kind = self.kind if self.kind in ("list", "thread") else "list"
        quiet = now + timedelta(seconds=rest_s) if rest_s else None
        return FetchReport(
            source=self.source,
            page_kind=kind,
            url=self.url,
            at=now,
            outcome=FetchOutcome.PARSER,
            failure=self.told,
            advice=Endless.advice,
            detail=HANG,
            quiet_until=quiet,
        )


class ReadingWatch:
    """Ends the process when a page is not read in time; one for a process, begun in its main thread."""

    def __init__(self, folder: Path, limit_s: float = LIMIT_S) -> None:
        self._folder, self._limit_s = folder, limit_s
        self._deadlines: dict[int, float] = {}
        self._free = [*range(_SLOTS)]
        self._lock = threading.Lock()
        self._slots: mmap.mmap | None = None
        self._trace: IO[str] | None = None
        self.hangs: list[Hang] = []

    def start(self, now: datetime) -> list[Hang]:
        """Arm; what the process before was ended for (none or one). Without such signals (Windows) nothing is watched."""
        if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
            return []
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = self._found(now)
        descriptor = os.open(self._folder / "now", os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.ftruncate(descriptor, _SLOT * _SLOTS)
            self._slots = mmap.mmap(descriptor, _SLOT * _SLOTS)
        finally:
            os.close(descriptor)
        self._trace = (self._folder / "trace").open("w", encoding="utf-8")
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        faulthandler.register(signal.SIGPROF, file=self._trace, all_threads=True, chain=True)
        return found

    def stop(self) -> None:
        """Disarm."""
        if self._slots is None or self._trace is None:
            return
        signal.setitimer(signal.ITIMER_PROF, 0)
        faulthandler.unregister(signal.SIGPROF)
        self._slots.close()
        self._trace.close()
        self._slots = self._trace = None

    def began(self, source: str, kind: str, url: str) -> int:
        """A page is being read, as of now in this thread; returns what `ended` is to be told."""
        if self._slots is None:
            return -1
        with self._lock:
            if not self._free:
                return -1
            slot: int = self._free.pop()
            deadline = self._deadlines[slot] = time.process_time() + self._limit_s
            line = "\t".join((f"{deadline:.3f}", *(re.sub(r"\s", " ", one) for one in (source, kind, url))))
            told = line.encode("utf-8", "replace")[: _SLOT - 1] + b"\n"
            self._slots[slot * _SLOT : slot * _SLOT + len(told)] = told
            if len(self._deadlines) == 1:
                signal.setitimer(signal.ITIMER_PROF, self._limit_s)
        return slot

    def ended(self, slot: int) -> None:
        """The page was read, or refused."""
        if slot < 0 or self._slots is None:
            return
        with self._lock:
            del self._deadlines[slot]
            self._slots[slot * _SLOT] = ord("\n")
            self._free.append(slot)
            left = min(self._deadlines.values(), default=None)
            signal.setitimer(signal.ITIMER_PROF, 0 if left is None else max(0.001, left - time.process_time()))

    # -- what is known of hangs ----------------------------------------------------------------------------------------
    def refuse(self, url: str, now: datetime) -> None:
        """Raise `Endless` for a page that hung and is not to be tried yet."""
        times = [parse_instant(hang.at) for hang in self.hangs if hang.url == url]
        if times and now < max(times) + _REFUSED[min(len(times), len(_REFUSED)) - 1]:
            raise Endless("读得完的页面", f"上次读了 {self._limit_s:g} 秒处理器时间没有读完，暂不再读")

    def rest_s(self, source: str, now: datetime) -> float:
        """Seconds that a source still rests for its hangs."""
        times = sorted(parse_instant(hang.at) for hang in self.hangs if hang.source == source)
        lately = [at for at in times if now - at < _DAY]
        if not lately:
            return 0.0
        until = lately[-1] + timedelta(seconds=_RESTS_S[min(len(lately), len(_RESTS_S)) - 1])
        return max(0.0, (until - now).total_seconds())

    def _found(self, now: datetime) -> list[Hang]:
        """Take in what the process before left behind: only a rung timer writes a trace, so that a kill is no page's fault."""
        known = self._folder / "hangs.json"
        with contextlib.suppress(OSError, ValueError, TypeError):
            self.hangs = [Hang(**one) for one in json.loads(known.read_text(encoding="utf-8"))]
        self.hangs = [hang for hang in self.hangs if now - parse_instant(hang.at) < _REMEMBERED][-_MOST:]
        try:
            trace = (self._folder / "trace").read_text(encoding="utf-8", errors="replace")
            slots = (self._folder / "now").read_bytes()
        except OSError:
            return []
        reading = _reading(slots)
        if not trace or not reading:
            return []
        source, kind, url = reading
        hang = Hang(source, kind, url, iso(now) or "", _where(trace), self._limit_s)
        self.hangs.append(hang)
        draft = known.with_suffix(".new")
        draft.write_text(json.dumps([asdict(one) for one in self.hangs], ensure_ascii=False, indent=1), encoding="utf-8")
        draft.replace(known)
        (self._folder / "trace").replace(self._folder / "trace.last")
        return [hang]


class _Rung(BaseException):
    """Nothing that expects a bad page catches it on its way out."""


@contextlib.contextmanager
def stopped_after(limit_s: float = LIMIT_S) -> Iterator[None]:
    """Reading in the main thread, as a command does: a pattern without end is interrupted there. Raises `Endless`."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def rung(_signal: int, frame: FrameType | None) -> None:
        which = ""
        while frame is not None and not which:
            rule = frame.f_locals.get("rule")
            which, frame = f"，规则“{rule.text}”没有尽头" if isinstance(rule, Rule) else "", frame.f_back
        raise _Rung(f"读了 {limit_s:g} 秒处理器时间没有读完{which}")

    before = signal.signal(signal.SIGPROF, rung)
    signal.setitimer(signal.ITIMER_PROF, limit_s)
    try:
        yield
    except _Rung as rang:
        raise Endless("读得完的页面", str(rang)) from None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _reading(slots: bytes) -> Sequence[str]:
    """(source, kind, address) of what was read for longest; () when nothing was."""
    lines = [slots[at : at + _SLOT].partition(b"\n")[0].decode("utf-8", "replace") for at in range(0, len(slots), _SLOT)]
    parts = [line.split("\t") for line in lines if line.count("\t") == 3]
    return min(parts, key=lambda one: float(one[0]))[1:] if parts else ()


def _where(trace: str) -> str:
    """Where the reader stood: the innermost line of ours in the thread that reads."""
    for thread in trace.split("\n\n"):
        if _OWN in thread or "crawlers/reading.py" in thread:
            hit = _PLACE.search(thread)
            return f"{hit[1]} 第 {hit[2]} 行 {hit[3]}" if hit else ""
    return ""
