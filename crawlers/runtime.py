"""What the spiders of a process share."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from crawlers.hang import ReadingWatch
from crawlers.rounds import OnEvent, Tally
from crawlers.writer import Writer
from store.clock import Clock


@dataclass
class Runtime:
    """The writer, the clock, and who is told of what."""

    writer: Writer
    clock: Clock
    once: bool
    stop: threading.Event
    on_event: OnEvent
    tally: Tally
    #: folder of scrubbed page samples, None = keep none
    samples: Path | None = None
    #: ends the process when a page is never read to its end; None = nothing does
    watch: ReadingWatch | None = None
