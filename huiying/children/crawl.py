"""The crawl child: one long-lived Scrapy process that keeps polling the enabled sources."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from huiying.children.parent import begin

if TYPE_CHECKING:
    from crawlers.rounds import CrawlEvent


def main() -> None:
    options, stop = begin(__doc__, drain_s=3.5)
    from huiying.app import open_app
    from huiying.children.role import hold
    from huiying.wire import source_settings

    app = open_app(options.home, options.config, migrate=False)
    with hold(app, "crawl"):
        sources = source_settings(app.pipelines)
        if not sources:
            stop.wait()
            return
        from crawlers.hang import ReadingWatch
        from crawlers.run import run_sources
        from huiying.app import store_sink

        samples, watch = app.home / "evidence" / "samples", ReadingWatch(app.home / "cache" / "reading")
        run_sources(sources, store_sink(app), app.clock, stop=stop, on_event=_tell, samples=samples, watch=watch)


def _tell(event: CrawlEvent) -> None:
    """What went wrong and what is left alone goes to the log; progress of every page would fill it."""
    if event.kind in ("trouble", "failure", "rest"):
        logging.getLogger("huiying.crawl").warning("%s %s %s: %s", event.kind, event.source, event.url, event.text)


if __name__ == "__main__":
    main()
