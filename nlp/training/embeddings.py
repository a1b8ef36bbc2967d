"""Embeddings of texts for training and figures, kept in a file, so that only new texts cost time."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np

from nlp.second_reader import READ, WIDTH, Encoder, Singles, embedding

log = logging.getLogger(__name__)
#: texts after which the file is written anew
_STEP = 500


class Embeddings:
    """What an encoder says of texts; `path` keeps it between runs."""

    def __init__(self, encoder: Encoder, path: Path | None = None) -> None:
        self._encoder = encoder
        self._path = path
        self._known: dict[str, Singles] = {}
        if path and path.exists():
            with np.load(path, allow_pickle=False) as arrays:
                self._known = dict(zip(arrays["names"].tolist(), arrays["numbers"], strict=True))

    def __call__(self, cleaned: Sequence[str]) -> Singles:
        """float32[texts, WIDTH] of cleaned texts."""
        names = [sha256(text[:READ].encode("utf-8", "replace")).hexdigest()[:20] for text in cleaned]
        new = [(name, text) for name, text in dict(zip(names, cleaned, strict=True)).items() if name not in self._known]
        for number, (name, text) in enumerate(new, start=1):
            self._known[name] = embedding(self._encoder, text)
            if number % _STEP == 0 or number == len(new):
                self._save()
                log.info("embedded %d of %d", number, len(new))
        return np.stack([self._known[name] for name in names]) if names else np.zeros((0, WIDTH), dtype=np.float32)

    def _save(self) -> None:
        if self._path:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            draft = self._path.with_suffix(f".{os.getpid()}.npz")
            np.savez(draft, names=np.asarray(list(self._known)), numbers=np.stack(list(self._known.values())))
            draft.replace(self._path)
