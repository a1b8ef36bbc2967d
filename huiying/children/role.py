"""One process of each kind at a time: the lease that a child holds while it runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from huiying.app import App


@contextmanager
def hold(app: App, name: str) -> Iterator[None]:
    """Hold the role `name` of this home, or end with exit code 3 and who holds it."""
    from store.lease import Lease, LeaseHeld

    lease = Lease(app.home, name, clock=app.clock)
    try:
        lease.acquire()
    except LeaseHeld as error:
        print(error, file=sys.stderr)  # noqa: T201
        raise SystemExit(3) from error
    try:
        yield
    finally:
        lease.release()
