"""Opening a home: folders, settings, database, policy. Everything that runs begins here."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from huiying.config import Loaded, Pipelines, find_config, load
from huiying.home import is_simulated, make_home
from huiying.wire import configured_boards, official_accounts, policy_of, site_of
from store.clock import Clock, FixedClock, SystemClock

if TYPE_CHECKING:
    from store.intake import StoreSink


@dataclass
class App:
    """An opened home."""

    home: Path
    loaded: Loaded
    clock: Clock
    simulated: bool

    @property
    def pipelines(self) -> Pipelines:
        return self.loaded.pipelines

    @property
    def config_dir(self) -> Path:
        return self.loaded.path.resolve().parent


def open_app(home: Path, config: Path | None = None, *, clock: Clock | None = None, migrate: bool = True) -> App:
    """Open `home` (made when absent) with its configuration. Raises ConfigError, HomeError, StoreError."""
    loaded = load(find_config(home, config))
    fresh = not (home / "keys").exists()
    make_home(home)
    _configure(home, loaded.pipelines)

    import django

    django.setup()

    from alerts import policy

    policy.use(policy_of(loaded.pipelines, url=_running_url(home)))
    app = App(home=home, loaded=loaded, clock=clock or SystemClock(), simulated=is_simulated(home))
    if isinstance(app.clock, FixedClock):
        from dashboards import clock as page_clock

        page_clock.use(app.clock)
    from huiying.pages import hand_over

    hand_over(app)
    if migrate:
        from store.database import prepare

        prepare(home)
        if fresh:
            print(f"新建目录 {home}", file=sys.stderr)  # noqa: T201
        _follow_config(app)
    return app


def _configure(home: Path, pipelines: Pipelines) -> None:
    os.environ["HUIYING_HOME"] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "huiying.settings"
    hosts = ["127.0.0.1", "localhost", "[::1]", *pipelines.web.hosts]
    if pipelines.web.host not in ("127.0.0.1", "0.0.0.0", "::"):  # noqa: S104 - a comparison, not a bind
        hosts.append(pipelines.web.host)
    if pipelines.web.url:
        hosts.append(pipelines.web.url.split("//", 1)[1].split("/")[0].split(":")[0])
        os.environ["HUIYING_ORIGINS"] = pipelines.web.url.rstrip("/")
    os.environ["HUIYING_HOSTS"] = ",".join(hosts)
    # Libraries that would write outside the home or ask the internet.
    os.environ.setdefault("TLDEXTRACT_CACHE", str(home / "cache" / "tldextract"))


def _running_url(home: Path) -> str:
    """The address that a running `huiying run` wrote down; "" when none runs."""
    try:
        return (home / "address").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _follow_config(app: App) -> None:
    """Bring what is derived from the configuration in line with it: official accounts of the past, names of sources."""
    from store import health

    store_sink(app).reread_official()
    health.sync(configured_boards(app.pipelines))


def store_sink(app: App, *, importing: bool = False) -> StoreSink:
    """The crawl's and the import's way into the store, with this home's keys and official accounts."""
    from huiying.home import read_secret
    from huiying.hot import hot_threads
    from store.intake import StoreSink

    return StoreSink(
        home_key=read_secret(app.home, "authors.key"),
        official=official_accounts(app.pipelines),
        max_age=app.pipelines.alerts.max_age,
        sources={site_of(app.pipelines, name): name for name in app.pipelines.sources},
        hot=hot_threads,
        first_crawl={name: source.first_crawl for name, source in app.pipelines.sources.items()},
        detected_when_posted=importing and app.simulated,
    )
