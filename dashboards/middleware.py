"""Page policy: strict CSP, the access trail of what was opened, forced password change, a number for each failure."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from dashboards import clock, trail
from dashboards.words import hour_minute

log = logging.getLogger("huiying.web")

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "font-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
#: open while the password must be changed
FREE = ("/password", "/logout", "/login", "/static/", "/tick")


class PagePolicy:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated and getattr(user, "must_change_password", False) and not request.path.startswith(FREE):
            response: HttpResponse = redirect("/password")
        else:
            response = self.get_response(request)
        if response.status_code < 400 or response.status_code == 403:
            trail.write(request)
        response.headers["Content-Security-Policy"] = CSP
        response.headers["X-Now"] = clock.now().isoformat()
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Give an unforeseen failure the number that the 500 page shows and the log holds."""
        if isinstance(exception, Exception) and type(exception).__module__.startswith(
            ("django.core.exceptions", "django.http", "dashboards.rights")
        ):
            return
        number = f"{secrets.token_hex(2)}-{hour_minute(clock.now()).replace(':', '')}"
        request.failure_number = number  # type: ignore[attr-defined]
        log.error("page failed, number %s: %s %s", number, request.method, request.path, exc_info=exception)
