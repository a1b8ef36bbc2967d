"""What an encoder said of texts, kept in a file by a hash of what it read: reading tens of thousands takes minutes."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import numpy as np

#: hash of a text → logit, and a number that the writer gives a meaning to (a fold)
Kept = dict[str, tuple[float, int]]


def key(*parts: str) -> str:
    """Twenty hexadecimal digits of the parts."""
    return sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:20]


def save(path: Path, said: Kept) -> None:
    """Writes the file, its folder too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    logits, numbers = np.asarray(list(said.values())).reshape(-1, 2).T
    np.savez(path, names=np.asarray(list(said), dtype=np.str_), logits=logits, folds=numbers.astype(np.int64))


def load(path: Path) -> Kept:
    """What `save` wrote. Raises OSError."""
    with np.load(path, allow_pickle=False) as arrays:
        both = zip(arrays["logits"].tolist(), arrays["folds"].tolist(), strict=True)
        return dict(zip(arrays["names"].tolist(), both, strict=True))
