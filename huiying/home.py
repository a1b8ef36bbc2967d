"""The home: one folder that holds database, keys, settings, evidence, exports and logs; nothing is written elsewhere."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

SIMULATED_MARK = "simulated"
FOLDERS = ("keys", "evidence", "exports", "imports", "logs", "cache")


class HomeError(RuntimeError):
    """The home cannot be used: says which folder, why, and what to do."""


def default_home() -> Path:
    return Path(os.environ.get("HUIYING_HOME", "var")).resolve()


def read_secret(home: Path, name: str) -> str:
    """The secret `name` of the home, made on first use; 64 hex digits, mode 0600."""
    path = home / "keys" / name
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    secret = secrets.token_hex(32)
    draft = path.with_name(f".{name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(secret + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        # link, not rename: of two starters the first wins and both read the same key
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text(encoding="ascii").strip()


def is_simulated(home: Path) -> bool:
    """Whether `--now` and replay may write here, and deliveries are rendered but never sent."""
    return (home / SIMULATED_MARK).exists()


def make_home(home: Path, *, simulated: bool = False) -> Path:
    """Create the folders of a home; an existing one is left as it is. Raises HomeError."""
    fresh = not (home / "keys").exists()
    try:
        home.mkdir(parents=True, exist_ok=True)
        for folder in FOLDERS:
            (home / folder).mkdir(exist_ok=True, mode=0o700)
        if simulated and not is_simulated(home):
            if not fresh:
                raise HomeError(f"{home}: is already a live home; use another folder: huiying --home DIR init --simulated")
            (home / SIMULATED_MARK).write_text("deliveries are rendered and never sent\n", encoding="ascii")
    except OSError as error:
        raise HomeError(f"{home}: cannot be written ({error.strerror}); choose another folder with --home or free it") from error
    return home
