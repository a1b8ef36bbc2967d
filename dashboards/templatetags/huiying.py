"""Small parts of the pages as tags: icon, due, level, bar, state, clocks, rail, instants."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from alerts.models import Alert
from alerts.states import State, label
from dashboards import words
from dashboards.due import Due
from dashboards.spans import plain
from store.masking import MASK

register = template.Library()
#: `huiying crawl 来源 --try 网址`, as advice writes it
COMMAND = re.compile(r"huiying [a-z]+(?: (?:--[a-z-]+|[a-z0-9-]+|来源|网址))*")
ICONS = "/static/icons.svg"
STATE_LOOKS = {
    State.OWNED: ("tag-mine", "user-check"),
    State.ANSWERED: ("tag-ok", "circle-check"),
    State.CLOSED: ("tag-ok", "circle-check"),
    State.MERGED: ("", "stack-2"),
}


@register.simple_tag
def icon(name: str) -> SafeString:
    return format_html('<svg class="i" aria-hidden="true"><use href="{}#i-{}"/></svg>', ICONS, name)


@register.simple_tag
def level(number: int) -> SafeString:
    """The sign of a level: darkness, never hue."""
    return format_html(
        '<span class="lv lv{}" title="{}"><span class="vh">级别</span>{}</span>', number, words.level_name(number), words.level_sign(number)
    )


@register.simple_tag
def due(shown: Due, size: str = "") -> SafeString:
    """Time left: shape, class and words; the page's timer keeps the words true from data-due."""
    shape = (
        format_html(
            '<svg class="ring" viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="6"/>'
            '<circle cx="8" cy="8" r="6" pathLength="100" stroke-dasharray="{} 100"/></svg>',
            max(1, shown.used),
        )
        if shown.shape == "ring"
        else icon(shown.shape)
    )
    timer = format_html(' data-due="{}" data-target="{}"', shown.until, shown.target_s) if shown.until else ""
    css = " ".join(filter(None, ("due", shown.css, "due-big" if size == "big" else "")))
    return format_html('<span class="{}"{}>{}<b>{}</b></span>', css, timer, shape, shown.words)


@register.simple_tag
def bar(weight: float, most: float = 1.0) -> SafeString:
    """A weight as a bar of at most 64 units; against ones are grey."""
    width = round(min(1.0, abs(weight) / most) * 64, 1) if most else 0
    return format_html(
        '<svg viewBox="0 0 64 8" preserveAspectRatio="none" aria-hidden="true"><rect class="b-bg" width="64" height="8"/>'
        '<rect class="{}" width="{}" height="8"/></svg>',
        "b-fg" if weight >= 0 else "b-neg",
        width,
    )


@register.simple_tag
def state(alert: Alert) -> SafeString:
    """The state as a tag: icon and word."""
    text = label(alert.state, unit=alert.unit, returned=alert.returned)
    css, shape = STATE_LOOKS.get(State(alert.state), ("", "circle-dashed"))
    if alert.returned and alert.state == State.OPEN:
        css, shape = "tag-soon", "history"
    if alert.provisional_until and alert.state in (State.OPEN, State.OWNED):
        text += "，待核"
    return format_html('<span class="tag {}">{}{}</span>', css, icon(shape), text)


@register.filter
def instant(moment: datetime | None, now: datetime) -> str:
    return words.instant(moment, now)


@register.filter
def weekday_instant(moment: datetime, now: datetime) -> str:
    return words.weekday_instant(moment, now)


@register.filter
def day_of(moment: datetime, now: datetime) -> str:
    return words.day(moment, now)


@register.filter
def interval(delta: timedelta) -> str:
    return words.interval(delta)


@register.filter
def level_words(number: int) -> str:
    return f"{words.level_sign(number)} {words.level_name(number)}"


@register.filter
def percent(share: float | None) -> str:
    """`72%`; a judgement is never certain, so what is short of 1 stays under 100%."""
    if share is None:
        return ""
    return f"{min(99, round(share * 100)) if share < 1 else 100}%"


@register.filter
def signed(weight: float) -> str:
    return f"{'+' if weight >= 0 else '−'}{abs(weight):.2f}"


@register.filter
def short_event(event_id: str) -> str:
    """`2026-1122-07` → `1122-07`."""
    return event_id.split("-", 1)[-1]


@register.filter
def said(text: str) -> str:
    """A text with its hidden numbers as the word 已隐去, for places that hold no markup."""
    return text.replace(MASK, "已隐去")


@register.filter
def masked(text: str) -> SafeString:
    """A text with its hidden numbers as 已隐去, everything else escaped."""
    return mark_safe(plain(text))  # noqa: S308 - plain() escapes


@register.filter
def commands(text: str) -> SafeString:
    """A text for operators with the commands it names as such, so that no line ends within an option."""
    return mark_safe(COMMAND.sub(r"<code>\g<0></code>", escape(text)))  # noqa: S308 - escaped before
