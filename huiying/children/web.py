"""The web child: the pages behind waitress, on the port the supervisor chose."""

from __future__ import annotations

import argparse
import logging
import threading
from pathlib import Path

from huiying.children.parent import end_with_parent, hard_stop_after

THREADS = 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--config", type=Path)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    stop = threading.Event()
    hard_stop_after(1.5, stop)

    from huiying.app import open_app
    from huiying.children.role import hold

    app = open_app(options.home, options.config, migrate=False)
    with hold(app, "web"):
        from django.core.wsgi import get_wsgi_application
        from waitress.server import create_server

        server = create_server(
            get_wsgi_application(),
            host=options.host,
            port=options.port,
            threads=THREADS,
            ident="huiying",
            channel_timeout=60,
            clear_untrusted_proxy_headers=True,
        )
        end_with_parent(stop, then=server.close)
        try:
            server.run()
        except OSError:
            # the listening socket was closed under the loop: that is how it is told to end
            if not stop.is_set():
                raise


if __name__ == "__main__":
    main()
