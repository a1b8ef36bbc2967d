"""docs/reference/configuration.md, made from the model: `python -m huiying.config.reference > docs/reference/configuration.md`."""

from __future__ import annotations

import sys
import types
import typing
from collections.abc import Iterator
from datetime import time, timedelta
from typing import Any

from pydantic import BaseModel

from huiying.config.model import Pipelines
from huiying.config.types import show_duration

HEAD = """\
# pipelines.yaml: every key

Made from `huiying/config/model.py` (`python -m huiying.config.reference`); a test compares them. Values are text in the file: durations
are written `3h`, `90m`, `45s`, times of day `08:00`, secrets `${NAME}` from the environment. A key that is left out has its default.
Unknown and doubled keys are errors; `huiying check` names file, line, key and what to write. The tables `units`, `departments`, `towns`
and a source's `official` may be the name of a CSV file beside the configuration (first line = names of the columns).

| key | value | default | meaning |
|---|---|---|---|
"""


def markdown() -> str:
    """The whole page."""
    rows = (f"| `{key}` | {kind} | {default} | {help_} |" for key, kind, default, help_ in keys(Pipelines))
    return HEAD + "\n".join(rows) + "\n"


def keys(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str, str, str]]:
    """(key, kind, default, help) of every key, sections first; `NAME` stands for a free name, `[]` for a list's entry."""
    for name, spec in model.model_fields.items():
        key = prefix + name
        inner, path = _inner(spec.annotation, key)
        yield key, _kind(spec.annotation), _default(spec), (spec.description or "").replace("|", "\\|")
        if inner is not None:
            yield from keys(inner, path + ".")


def _inner(annotation: Any, key: str) -> tuple[type[BaseModel] | None, str]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, key
    arguments = typing.get_args(annotation)
    origin = typing.get_origin(annotation)
    for argument in arguments:
        if isinstance(argument, type) and issubclass(argument, BaseModel):
            return argument, f"{key}.NAME" if origin is dict else f"{key}[]" if origin is tuple else key
    return None, key


def _kind(annotation: Any) -> str:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation is timedelta:
        return "duration"
    if annotation is time:
        return "time of day"
    if annotation is bool:
        return "true / false"
    if origin is typing.Literal:
        return " / ".join(f"`{argument}`" for argument in arguments)
    if origin is tuple:
        return f"list of {_kind(arguments[0])}"
    if origin is dict:
        return f"NAME: {_kind(arguments[1])}"
    if origin in (typing.Union, types.UnionType):
        return _kind(next(argument for argument in arguments if argument is not type(None)))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "keys"
    return {"str": "text", "int": "number", "float": "number", "Level": "level 1–4"}.get(getattr(annotation, "__name__", ""), "text")


def _default(spec: Any) -> str:
    if spec.is_required():
        return "*required*"
    value = spec.default
    if isinstance(value, BaseModel):
        return ""
    return _shown(value)


def _shown(value: Any) -> str:
    if value is None or value in ("", (), {}):
        return "–"
    if isinstance(value, timedelta):
        return f"`{show_duration(value)}`"
    if isinstance(value, time):
        return f"`{value:%H:%M}`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return ", ".join(_shown(entry) for entry in value)
    return f"`{value}`"


if __name__ == "__main__":
    sys.stdout.write(markdown())
