"""The crawl child: one long-lived Scrapy process that keeps polling the enabled sources."""

from __future__ import annotations

import argparse
import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from huiying.children.parent import end_with_parent, hard_stop_after

if TYPE_CHECKING:
    from crawlers.rounds import CrawlEvent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--config", type=Path)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("scrapy").setLevel(logging.WARNING)
    stop = threading.Event()
    end_with_parent(stop)
    hard_stop_after(3.5, stop)

    from huiying.app import open_app
    from huiying.children.role import hold
    from huiying.wire import source_settings

    app = open_app(options.home, options.config, migrate=False)
    with hold(app, "crawl"):
        sources = source_settings(app.pipelines)
        if not sources:
            stop.wait()
            return
        from crawlers.run import run_sources
        from huiying.app import store_sink

        run_sources(sources, store_sink(app), app.clock, stop=stop, on_event=_tell, samples=app.home / "evidence" / "samples")


def _tell(event: CrawlEvent) -> None:
    """What went wrong and what is left alone goes to the log; progress of every page would fill it."""
    if event.kind in ("trouble", "failure", "rest"):
        logging.getLogger("huiying.crawl").warning("%s %s %s: %s", event.kind, event.source, event.url, event.text)


if __name__ == "__main__":
    main()
