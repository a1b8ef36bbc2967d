"""From file to `Pipelines`: every error with file, line, key, id and hint, all of them at once."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from huiying.config.findings import ConfigError, Finding
from huiying.config.model import Pipelines
from huiying.config.references import check_references
from huiying.config.yamltext import Marked, Path_, overlay, read_table, read_yaml

SHIPPED = Path(__file__).resolve().parent.parent / "resources" / "pipelines.yaml"
_SECRET = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(frozen=True)
class Loaded:
    """A valid configuration, the file it came from, its warnings, and where each key stands."""

    pipelines: Pipelines
    path: Path
    warnings: tuple[Finding, ...]
    marked: Marked
    #: places of secrets whose variable is not set: key path → name
    missing_secrets: Mapping[str, str]


def find_config(home: Path, named: Path | None) -> Path:
    """The file in force: the named one, else the home's, else ./pipelines.yaml, else the shipped one."""
    if named is not None:
        return named
    for candidate in (home / "pipelines.yaml", Path("pipelines.yaml")):
        if candidate.is_file():
            return candidate
    return SHIPPED


def load(path: Path, *, environment: Mapping[str, str] | None = None) -> Loaded:
    """Read and check `path`. Raises ConfigError with every finding of severity error."""
    marked = _read_chain(path, seen=())
    findings = list(marked.findings)
    _read_tables(marked, path.parent, findings)
    missing = _fill_secrets(marked, os.environ if environment is None else environment)
    tree = _prune(marked.tree)
    try:
        pipelines = Pipelines.model_validate(tree)
    except ValidationError as error:
        findings += [_finding(marked, problem) for problem in error.errors()]
        raise ConfigError(findings) from error
    findings += check_references(pipelines, marked)
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        raise ConfigError(errors)
    findings += _secret_findings(marked, missing)
    return Loaded(pipelines=pipelines, path=path, warnings=tuple(findings), marked=marked, missing_secrets=missing)


def _read_chain(path: Path, seen: tuple[Path, ...]) -> Marked:
    marked = read_yaml(path)
    base_name = marked.tree.get("extends")
    if not base_name:
        return marked
    base = SHIPPED if base_name == "shipped" else (path.parent / str(base_name))
    if base.resolve() in (*seen, path.resolve()) or len(seen) > 4:
        file, line = marked.where(("extends",))
        marked.findings.append(
            Finding(id="C004", file=file, line=line, key="extends", message="leads back to itself", hint="extend `shipped`")
        )
        return marked
    low = _read_chain(base, (*seen, path.resolve()))
    return overlay(low, marked)


#: keys that may name a CSV file instead of holding their table, and how its rows become their value
_TABLES = ("units", "departments")


def _read_tables(marked: Marked, folder: Path, findings: list[Finding]) -> None:
    def take(path: Path_, value: Any) -> list[dict[str, str]] | None:
        if not (isinstance(value, str) and value.endswith(".csv")):
            return None
        table = read_table(folder / value)
        findings.extend(table.findings)
        marked.marks.update({(*path, *mark): place for mark, place in table.marks.items()})
        rows: list[dict[str, str]] = table.tree
        return rows

    tree = marked.tree
    for key in _TABLES:
        rows = take((key,), tree.get(key))
        if rows is not None:
            tree[key] = [{name: (cell.split() if name == "words" else cell) for name, cell in row.items()} for row in rows]
    towns = take(("towns",), tree.get("towns"))
    if towns is not None:
        tree["towns"] = [row.get("name", "") for row in towns]
    sources = tree.get("sources")
    for name, source in (sources if isinstance(sources, dict) else {}).items():
        if isinstance(source, dict):
            official = take(("sources", name, "official"), source.get("official"))
            if official is not None:
                source["official"] = {row.get("uid", ""): row.get("unit", "") for row in official}


def _fill_secrets(marked: Marked, environment: Mapping[str, str]) -> dict[str, str]:
    missing: dict[str, str] = {}

    def fill(value: Any, path: Path_) -> Any:
        if isinstance(value, dict):
            return {key: fill(child, (*path, key)) for key, child in value.items()}
        if isinstance(value, list):
            return [fill(child, (*path, index)) for index, child in enumerate(value)]
        if isinstance(value, str):
            for name in _SECRET.findall(value):
                if name not in environment:
                    missing[_key(path)] = name
            return _SECRET.sub(lambda match: environment.get(match[1], ""), value)
        return value

    marked.tree = fill(marked.tree, ())
    return missing


def _prune(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {key: _prune(value) for key, value in tree.items() if value is not None}
    if isinstance(tree, list):
        return [_prune(value) for value in tree]
    return tree


def _key(path: Path_) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f"{'.' if text else ''}{part}"
    return text


#: pydantic's kinds of error → our ids; the rest is C010
_IDS = {
    "extra_forbidden": "C004",
    "missing": "C005",
    "duration": "C012",
    "time": "C012",
    "literal_error": "C013",
    "level": "C013",
    "switch": "C013",
    "address": "C014",
}


def _finding(marked: Marked, problem: Any) -> Finding:
    path: Path_ = tuple(problem["loc"])
    file, line = marked.where(path)
    kind = problem["type"]
    key = _key(path)
    message, hint = problem["msg"], "see docs/reference/configuration.md"
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(str(path[-1]), _known_keys(path[:-1]), n=1)
        message = "is not a key here"
        hint = f"did you mean {near[0]}?" if near else f"known keys: {', '.join(_known_keys(path[:-1]))}"
    elif kind == "missing":
        message, hint = "is missing", "add it"
    elif "; " in message:
        message, hint = message.split("; ", 1)
    elif kind in ("dict_type", "model_type", "tuple_type"):
        wanted = "a list (- one\\n- two)" if kind == "tuple_type" else "keys under it"
        message, hint = f"must hold {wanted}", "or leave it out for the shipped value"
    return Finding(id=_IDS.get(kind, "C010"), file=file, line=line, key=key, message=message, hint=hint)


def _known_keys(path: Path_) -> list[str]:
    model: Any = Pipelines
    for part in path:
        model = _step(model, part)
        if model is None:
            return []
    return list(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []


def _step(model: Any, part: str | int) -> Any:
    if isinstance(model, type) and issubclass(model, BaseModel):
        spec = model.model_fields.get(str(part))
        return None if spec is None else spec.annotation
    arguments = [argument for argument in get_args(model) if argument not in (str, type(None), Ellipsis)]
    return arguments[-1] if arguments else None


def _secret_findings(marked: Marked, missing: Mapping[str, str]) -> list[Finding]:
    findings = []
    for key, name in missing.items():
        file, line = marked.where(tuple(key.split(".")))
        findings.append(
            Finding(
                id="C030",
                severity="warning",
                file=file,
                line=line,
                key=key,
                message=f"the environment has no {name}",
                hint=f"set it before the start: export {name}=…; until then what needs it stays off",
            )
        )
    return findings
