"""The judge in force in a home, kept for the life of a process and loaded anew when another was chosen."""

from __future__ import annotations

from dataclasses import asdict
from threading import Lock
from typing import TYPE_CHECKING, Any

from huiying.app import App

if TYPE_CHECKING:
    from nlp.judge import Judge
    from store.models import Post
    from store.records import Text


class InForce:
    """The judge of one home; several threads may ask, since it holds tables only."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._lock = Lock()
        self._judge: tuple[str, Judge] | None = None

    @property
    def judge(self) -> Judge:
        """Loaded on first use, and again when `huiying train` or `models --use` chose another."""
        from huiying.learning import chosen_judge, in_use_id

        with self._lock:
            chosen = in_use_id(self.app.home)
            if self._judge is None or self._judge[0] != chosen:
                self._judge = chosen, chosen_judge(self.app.pipelines, self.app.config_dir, self.app.home)
            return self._judge[1]

    def told(self, post: Post, *, flagged: bool | None = None) -> dict[str, Any]:
        """What is told of a post beside its score, as `Assessment` stores it, also when it is not flagged."""
        return told(self.judge.explain(text_of(post), flagged=flagged))


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
