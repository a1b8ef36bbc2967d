"""Which authors answer for the government: a list of (site, uid) that may grow after their posts were stored."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from django.db import transaction
from django.db.models import Q

from store import sequence
from store.ids import OFFICIAL, author_key, pseudonym
from store.models import Counter, Post, Thread

_FINGERPRINT = "official-accounts"
_CHUNK = 500


class OfficialAccounts:
    """The listed accounts as keys, so that the list can be held against posts whose uid is no longer known."""

    def __init__(self, home_key: str, accounts: Mapping[tuple[str, str], str] | None = None) -> None:
        self.home_key = home_key
        self._unit_of = {author_key(home_key, site, str(uid)): unit for (site, uid), unit in (accounts or {}).items()}

    def identify(self, site: str, uid: str) -> tuple[str, str | None]:
        """(author key, unit) of an author; the unit is None for a citizen."""
        key = author_key(self.home_key, site, uid)
        return key, self._unit_of.get(key) if key else None

    def shown(self, key: str, unit: str | None) -> str:
        """The name that people see; the unit is "" for an official answer of an unknown one."""
        return pseudonym(key) if unit is None else (unit or OFFICIAL)[:60]

    @property
    def fingerprint(self) -> int:
        """63 bits that change with the list."""
        listed = "\n".join(f"{key} {unit}" for key, unit in sorted(self._unit_of.items()))
        return int.from_bytes(hashlib.sha256(listed.encode()).digest()[:8], "big") >> 1

    def reread(self, *, force: bool = False) -> int:
        """Derive `official` over the past anew if the list changed since the last time; returns how many posts changed."""
        known = Counter.objects.filter(name=_FINGERPRINT).values_list("value", flat=True).first()
        if known == self.fingerprint and not force:
            # Asked first without a transaction: every command comes this way, and none should take the write lock for it.
            return 0
        with transaction.atomic():
            row, _ = Counter.objects.get_or_create(name=_FINGERPRINT)
            changed = self._differing()
            for start in range(0, len(changed), _CHUNK):
                self._correct(changed[start : start + _CHUNK])
            row.value = self.fingerprint
            row.save()
        return len(changed)

    def _differing(self) -> list[int]:
        keys = list(self._unit_of)
        found: list[int] = []
        for start in range(0, len(keys), _CHUNK):
            posts = Post.objects.filter(author_key__in=keys[start : start + _CHUNK])
            found += [
                pk
                for pk, key, official, unit in posts.values_list("pk", "author_key", "official", "official_unit")
                if not official or unit != self._unit_of[key]
            ]
        listed = Post.objects.filter(Q(official=True) & ~Q(author_key="")).values_list("pk", "author_key")
        found += [pk for pk, key in listed if key not in self._unit_of]
        return sorted(found)

    def _correct(self, pks: list[int]) -> None:
        posts = list(Post.objects.filter(pk__in=pks).order_by("seq").select_related("thread"))
        sequence.number(posts)
        for post in posts:
            unit = self._unit_of.get(post.author_key)
            post.official, post.official_unit = unit is not None, unit or ""
            post.author = self.shown(post.author_key, unit)
            post.version += 1
            post.save(update_fields=["official", "official_unit", "author", "version", "seq"])
            if post.kind == "topic":
                Thread.objects.filter(pk=post.thread_id).update(official=post.official)
