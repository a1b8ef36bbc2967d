"""Types of values in pipelines.yaml: durations, times of day, severity levels, addresses."""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer
from pydantic_core import PydanticCustomError

from store.records import Level

_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def read_duration(text: object) -> timedelta:
    """`3h`, `90m`, `45s`, `1h30m`, `2d`, `0`; anything else raises."""
    if isinstance(text, timedelta):
        return text
    source = str(text).strip().lower().lstrip("+")
    if source == "0":
        return timedelta(0)
    parts = _PART.findall(source)
    if not parts or "".join(number + unit for number, unit in parts) != source:
        raise PydanticCustomError("duration", "'{given}' is not a duration; write 3h, 90m or 45s", {"given": str(text)})
    return timedelta(seconds=sum(float(number) * _SECONDS[unit] for number, unit in parts))


def show_duration(span: timedelta) -> str:
    """The shortest form that `read_duration` reads back."""
    seconds = span.total_seconds()
    if seconds == 0:
        return "0"
    for unit in ("d", "h", "m"):
        if seconds % _SECONDS[unit] == 0 and (unit != "d" or seconds >= 172800):
            return f"{int(seconds // _SECONDS[unit])}{unit}"
    return f"{seconds:g}s"


def read_time(text: object) -> time:
    """`08:00`; YAML numbers never come here, because the file is read as text."""
    if isinstance(text, time):
        return text
    match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", str(text).strip())
    if not match:
        raise PydanticCustomError("time", "'{given}' is not a time of day; write 08:00", {"given": str(text)})
    return time(int(match[1]), int(match[2]))


_LEVELS = {"1": 1, "2": 2, "3": 3, "4": 4, "I": 1, "II": 2, "III": 3, "IV": 4, "Ⅰ": 1, "Ⅱ": 2, "Ⅲ": 3, "Ⅳ": 4}


def read_level(text: object) -> Level:
    """1 = 特大 … 4 = 网络诉求, as digit or Roman numeral."""
    if isinstance(text, Level):
        return text
    number = _LEVELS.get(str(text).strip().upper())
    if number is None:
        raise PydanticCustomError("level", "'{given}' is not a level; write 1 (特大), 2, 3 or 4 (网络诉求)", {"given": str(text)})
    return Level(number)


_WORDS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def read_switch(text: object) -> bool:
    """true/false, yes/no, on/off."""
    if isinstance(text, bool):
        return text
    value = _WORDS.get(str(text).strip().lower())
    if value is None:
        raise PydanticCustomError("switch", "'{given}' is neither true nor false", {"given": str(text)})
    return value


def read_url(text: object) -> str:
    source = str(text).strip()
    if not re.match(r"https?://[^/\s]+", source):
        raise PydanticCustomError("address", "'{given}' is not a web address; write http://… or https://…", {"given": source})
    return source


def read_texts(value: object) -> object:
    """One text, or a list of them."""
    if isinstance(value, str):
        return (value,) if value.strip() else ()
    return value


Duration = Annotated[timedelta, BeforeValidator(read_duration), PlainSerializer(show_duration)]
TimeOfDay = Annotated[time, BeforeValidator(read_time), PlainSerializer(lambda value: value.strftime("%H:%M"))]
LevelNumber = Annotated[Level, BeforeValidator(read_level), PlainSerializer(int)]
Switch = Annotated[bool, BeforeValidator(read_switch)]
Url = Annotated[str, BeforeValidator(read_url)]
Texts = Annotated[tuple[str, ...], BeforeValidator(read_texts)]
