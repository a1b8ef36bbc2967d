"""Finding a free port: a busy one moves on to the next."""

from __future__ import annotations

import socket


class NoPort(RuntimeError):
    """No port of the range is free."""


def free_port(host: str, first: int, tries: int = 50) -> int:
    """The first port from `first` on that can be bound on `host`. Raises NoPort."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in range(first, min(first + tries, 65536)):
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((host, port))
            except OSError:
                continue
            return port
    raise NoPort(f"{host}: 端口 {first}–{first + tries - 1} 都被占用；用 --port 指定别的")
