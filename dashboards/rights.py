"""Who may open what: pages by role, alerts by unit; a refusal names who owns the thing."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from urllib.parse import quote

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from alerts import policy
from alerts.models import Alert, Person
from alerts.states import ROLE_LABELS, Role

EVERYONE = frozenset(Role)
READERS = frozenset({Role.COMMENTATOR, Role.SPOKESPERSON, Role.EDITOR, Role.LEADER})
#: page → roles; "triage" is also open to whoever was given triage
PAGES: dict[str, frozenset[Role]] = {
    "triage": frozenset({Role.COMMENTATOR}),
    "alerts": READERS,
    "thread": READERS,
    "event": READERS,
    "digest": READERS,
    "record": EVERYONE,
    "sources": EVERYONE,
    "search": EVERYONE,
    "people": frozenset({Role.ADMINISTRATOR}),
    "settings": frozenset({Role.ADMINISTRATOR}),
    "log": frozenset({Role.ADMINISTRATOR}),
    "self": EVERYONE,
}
#: page → name, address, in the order of the top bar
NAV = (
    ("triage", "研判", "/triage"),
    ("alerts", "告警", "/alerts"),
    ("digest", "日报", "/digest"),
    ("record", "时效", "/record"),
    ("sources", "来源", "/sources"),
    ("log", "查阅记录", "/log"),
    ("people", "人员", "/people"),
    ("settings", "设置", "/settings"),
)
OWNERS = {"triage": "网评员", "people": "管理员", "settings": "管理员", "log": "管理员"}
START = {
    Role.COMMENTATOR: "/triage",
    Role.SPOKESPERSON: "/alerts",
    Role.EDITOR: "/digest",
    Role.LEADER: "/record",
    Role.ADMINISTRATOR: "/sources",
}


P = ParamSpec("P")


class Denied(PermissionDenied):
    """The person is known and may not see this: `what` it is, whose it is, and what to do."""

    def __init__(self, what: str, *, heading: str, advice: str) -> None:
        super().__init__(heading)
        self.what = what
        self.heading = heading
        self.advice = advice


def person_of(request: HttpRequest) -> Person:
    return cast(Person, request.user)


def may_open(person: Person, page: str) -> bool:
    if page == "triage" or (page in ("alerts", "thread", "event") and person.may_triage):
        return person.triages
    return person.role in PAGES[page]


def page(name: str) -> Callable[[Callable[Concatenate[HttpRequest, P], HttpResponse]], Callable[Concatenate[HttpRequest, P], HttpResponse]]:
    """Guard a view: log in first, then the role must be allowed to open page `name` (a key of PAGES)."""

    def guard(view: Callable[Concatenate[HttpRequest, P], HttpResponse]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                if request.headers.get("X-Fragment") or request.headers.get("HX-Request"):
                    # a redirect would put the login page where the fragment stands
                    return HttpResponse("登录已过期", status=401)
                return redirect(
                    f"/login?expired=1&next={quote(request.get_full_path())}"
                    if request.COOKIES.get("huiying_session")
                    else f"/login?next={quote(request.get_full_path())}"
                )
            person = person_of(request)
            if not may_open(person, name):
                owner = OWNERS.get(name, "、".join(ROLE_LABELS[role] for role in sorted(PAGES[name])))
                raise Denied(
                    f"page:{name}",
                    heading=f"这一页归 {owner}",
                    advice=f"你是 {ROLE_LABELS[Role(person.role)]}。工作上需要看，请管理员在人员页给你加上。",
                )
            return view(request, *args, **kwargs)

        return cast("Callable[Concatenate[HttpRequest, P], HttpResponse]", guarded)

    return guard


def own_alert(person: Person, alert: Alert) -> bool:
    """Whether `alert` is within the person's rights: spokespeople see what their units lead or join."""
    if person.role != Role.SPOKESPERSON:
        return True
    return alert.unit in person.units or any(unit in person.units for unit in alert.co_units)


def leads(person: Person, alert: Alert) -> bool:
    return person.role == Role.SPOKESPERSON and alert.unit in person.units


def require_own(person: Person, alert: Alert, what: str | None = None) -> None:
    """Raise Denied when `alert` belongs to another unit."""
    if own_alert(person, alert):
        return
    owner = alert.unit or "研判值班组"
    mine = "、".join(person.units) or "（未填单位）"
    raise Denied(
        what or f"alert:{alert.pk}",
        heading=f"告警 {alert.pk} 归{owner}",
        advice=f"你是{mine}的发言人，这一件没有派给你们。若应协办，请{policy.current().duty_unit}改派时加上你们。",
    )
