"""The demo's mailbox: an SMTP server on loopback that keeps each message as a file; it forwards nothing."""

from __future__ import annotations

import argparse
import re
import threading
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from huiying.children.parent import end_with_parent, hard_stop_after


class Mailbox:
    """Keeps accepted messages as NNNN-recipient.eml; the oldest beyond `keep` go."""

    def __init__(self, folder: Path, keep: int = 2000) -> None:
        self.folder = folder
        self.keep = keep
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._next = 1 + max((int(path.name[:6]) for path in folder.glob("*.eml")), default=0)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        recipient = re.sub(r"[^A-Za-z0-9@._-]", "_", envelope.rcpt_tos[0])[:60]
        (self.folder / f"{self._next:06d}-{recipient}.eml").write_bytes(envelope.original_content or b"")
        self._next += 1
        for path in sorted(self.folder.glob("*.eml"))[: -self.keep]:
            path.unlink()
        return "250 kept"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    stop = threading.Event()
    end_with_parent(stop)
    hard_stop_after(1.5, stop)
    controller = Controller(Mailbox(options.dir), hostname="127.0.0.1", port=options.port)
    controller.start()
    stop.wait()
    controller.stop()


if __name__ == "__main__":
    main()
