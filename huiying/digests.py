"""The issue of the day at its time, for the engine: see `dashboards.digest_send`."""

from __future__ import annotations

from huiying.app import App


def run_due(app: App) -> int:
    """Archive and send today's issue once its time has come; returns the messages made (0 when nothing was due)."""
    from alerts.policy import current
    from dashboards.digest_send import send_due

    return send_due(app.clock.now(), current())
