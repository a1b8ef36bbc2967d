"""Which entries of the access log are shown: by action, person and span, as it stands in the address."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Count, QuerySet
from django.http import QueryDict

from store.clock import SHANGHAI
from store.models import AccessEntry

#: group → its words, the actions in it; what is in none of them is 其他
GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "search": ("检索", ("search",)),
    "open": ("打开", ("open", "list")),
    "unmask": ("看隐去", ("unmask",)),
    "export": ("导出", ("export",)),
    "denied": ("被拒", ("denied",)),
    "other": ("其他", ()),
}
WORDS = {
    "login": "登录",
    "search": "检索",
    "open": "打开",
    "list": "看名单",
    "unmask": "看隐去",
    "export": "导出",
    "denied": "被拒",
    "password": "改密码",
    "people": "改人员",
    "note": "写编者的话",
    "send": "送出日报",
    "verify": "核对",
}
SPANS = {"2": "近 2 天", "7": "近 7 天", "30": "近 30 天", "365": "近一年"}
PAGE = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    group: str = ""
    person: str = ""
    days: str = "2"
    #: entries before this number
    before: int | None = None

    @classmethod
    def of(cls, query: QueryDict) -> Shown:
        before = query.get("before", "")
        return cls(
            group=query.get("action", "") if query.get("action", "") in GROUPS else "",
            person=query.get("person", "")[:150],
            days=query.get("days", "") if query.get("days", "") in SPANS else "2",
            before=int(before) if before.isascii() and before.isdigit() and len(before) < 16 else None,
        )

    def address(self, **changes: object) -> str:
        one = replace(self, **({"before": None} | changes))  # type: ignore[arg-type]
        query = QueryDict(mutable=True)
        for name, text in (
            ("action", one.group),
            ("person", one.person),
            ("days", one.days),
            ("before", "" if one.before is None else str(one.before)),
        ):
            if text:
                query[name] = text
        return query.urlencode()

    def since(self, now: datetime) -> datetime:
        """Midnight in Shanghai, so that 近 2 天 is today and yesterday."""
        midnight = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight - timedelta(days=int(self.days) - 1)

    def base(self, now: datetime) -> QuerySet[AccessEntry]:
        """The entries of span and person, before the action is chosen."""
        found = AccessEntry.objects.filter(at__gte=self.since(now))
        return found.filter(person=self.person) if self.person else found

    def entries(self, now: datetime) -> QuerySet[AccessEntry]:
        """Newest first."""
        found = self.base(now)
        if self.group == "other":
            found = found.exclude(action__in=[action for _, actions in GROUPS.values() for action in actions])
        elif self.group:
            found = found.filter(action__in=GROUPS[self.group][1])
        if self.before is not None:
            found = found.filter(pk__lt=self.before)
        return found.order_by("-pk")

    def counts(self, now: datetime) -> dict[str, int]:
        """Entries of each group; they add up to the total, which stands under ""."""
        by_action = dict(self.base(now).order_by().values_list("action").annotate(n=Count("pk")))
        counted = {group: sum(by_action.pop(action, 0) for action in actions) for group, (_, actions) in GROUPS.items()}
        counted["other"] = sum(by_action.values())
        return {"": sum(counted.values()), **counted}
