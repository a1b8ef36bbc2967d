"""What a scenario can change: what the forum holds, how it looks, what stands before and after its pages."""

from __future__ import annotations

from typing import ClassVar

from huiying.forum.site import Site
from huiying.forum.store import ForumStore
from huiying.forum.view import Look
from huiying.forum.web import Request, Response
from store.clock import Clock


class Scenario:
    """A situation that spiders meet. Override what the situation changes; `argument` is what follows `name:`."""

    name: ClassVar[str]
    #: one line for `--help` and the documentation
    promise: ClassVar[str]
    #: set to serve in another encoding
    charset: ClassVar[str] = ""

    def __init__(self, argument: str = "") -> None:
        self.argument = argument
        self.started: float | None = None

    def begin(self, monotonic: float) -> None:
        """Called when the scenario begins to play."""
        self.started = monotonic

    def number(self, default: float) -> float:
        """The argument as a number. Raises ValueError with the scenario's name."""
        try:
            return float(self.argument) if self.argument else default
        except ValueError:
            raise ValueError(f"scenario {self.name}: '{self.argument}' is not a number") from None

    def clock(self, clock: Clock) -> Clock:
        """The server's clock, when the scenario was chosen at start."""
        return clock

    def prepare_once(self, store: ForumStore) -> None:
        """Lets `prepare` run once for each directory."""
        key = f"prepared:{self.name}"
        if store.note(key) is None:
            self.prepare(store)
            store.set_note(key, "yes")

    def prepare(self, store: ForumStore) -> None:
        """Posts what the situation needs."""

    def look(self, look: Look) -> Look:
        return look

    def look_for(self, request: Request, look: Look) -> Look:
        """The look for one visitor."""
        return look

    def before(self, request: Request, site: Site) -> Response | None:
        """An answer instead of the page, or None."""
        return None

    def after(self, request: Request, response: Response, site: Site) -> Response:
        return response

    def refuses(self, monotonic: float) -> bool:
        """Whether connections are closed at once."""
        return False
