"""`truth.jsonl`: everything that happened on the forum, one JSON object a line, in order.

The lines are kept in the database, in the transaction of what they tell; the file is a copy that is mended at start. So
after a kill the file neither lacks a post nor tells of one that is not there.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path


class TruthFile:
    """Appends lines to `truth.jsonl` beside the database."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def mend(self, connection: sqlite3.Connection) -> None:
        """Rewrites the file from the database when a crash left them apart."""
        lines = [row[0] for row in connection.execute("SELECT line FROM happening ORDER BY id")]
        wanted = "".join(line + "\n" for line in lines).encode()
        if self.path.exists() and self.path.stat().st_size == len(wanted) and self.path.read_bytes() == wanted:
            return
        fresh = self.path.with_suffix(".new")
        fresh.write_bytes(wanted)
        fresh.replace(self.path)

    def append(self, line: str) -> None:
        """One line; call after the commit, under the writer's lock."""
        with self.path.open("a", encoding="utf-8") as out:
            out.write(line + "\n")
