"""The judge in force in a home, kept for the life of a process and loaded anew when another was chosen."""

from __future__ import annotations

import logging
from dataclasses import asdict
from threading import Lock
from typing import TYPE_CHECKING, Any

from huiying.app import App

if TYPE_CHECKING:
    from nlp.judge import Judge
    from nlp.second_reader import SecondReader
    from store.models import Post
    from store.records import Text

log = logging.getLogger(__name__)


class InForce:
    """The judge of one home; several threads may ask, since it holds tables only."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._lock = Lock()
        self._judge: tuple[str, Judge] | None = None
        #: one element once it was looked for: the second reader, or None
        self._second: tuple[SecondReader | None] | None = None

    @property
    def judge(self) -> Judge:
        """Loaded on first use, and again when `huiying train` or `models --use` chose another."""
        from huiying.learning import chosen_judge, in_use_id

        with self._lock:
            chosen = in_use_id(self.app.home)
            if self._judge is None or self._judge[0] != chosen:
                self._judge = chosen, chosen_judge(self.app.pipelines, self.app.config_dir, self.app.home)
            return self._judge[1]

    @property
    def second(self) -> SecondReader | None:
        """The second reader where the configuration wants one; looked for once, loaded on first use."""
        with self._lock:
            if self._second is None:
                self._second = (second_reader(self.app.pipelines.judge.second_reader),)
            return self._second[0]

    def told(self, post: Post, *, flagged: bool | None = None) -> dict[str, Any]:
        """What is told of a post beside its score, as `Assessment` stores it, also when it is not flagged; a second reader is asked
        again where one spoke."""
        row = getattr(post, "assessment", None)
        second = self.second if row is not None and "/" in row.model else None
        return told(self.judge.explain(text_of(post), flagged=flagged, second=second.turn() if second else None))


def second_reader(wish: str) -> SecondReader | None:
    """By `judge.second_reader`; that its weights are spoilt is logged, and posts are then read once."""
    from nlp.second_reader import NoSecondReader, SecondReader

    if wish == "off":
        return None
    try:
        return SecondReader.load()
    except NoSecondReader as error:
        log.warning("no second reader: %s", error)
        return None


def text_of(post: Post) -> Text:
    """What the judge reads of a stored post."""
    from store.records import Text

    return Text(
        id=post.ref, title=post.title, body=post.body, board=post.board_name, thread_title=post.thread_title, posted_at=post.posted_at
    )


def told(judged: Any) -> dict[str, Any]:
    """Kind, unit, level, places and reasons of a judgement, as they are stored."""
    return {
        "category": judged.category.value,
        "department": judged.department,
        "level": int(judged.level),
        "level_probability": judged.level_probability,
        "places": [asdict(place) for place in judged.places],
        "reasons": [asdict(reason) for reason in judged.reasons],
    }
