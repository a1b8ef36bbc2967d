"""YAML read as text: no `7:30` = 450, no `on` = True, duplicate keys are errors, and each value keeps its line."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from huiying.config.findings import Finding

Path_ = tuple[str | int, ...]
MAX_BYTES = 2_000_000


@dataclass
class Marked:
    """A tree of str, list and dict, with the file and line of each of its nodes."""

    tree: Any
    marks: dict[Path_, tuple[str, int]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def where(self, path: Path_) -> tuple[str, int | None]:
        """File and line of a node, or of its nearest parent that stands in a file."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.marks:
                return self.marks[path[:length]]
        return "", None


def read_yaml(path: Path) -> Marked:
    """The file's tree; what cannot be read becomes findings (C001 missing, C002 not YAML, C003 duplicate key)."""
    marked = Marked(tree={})
    name = path.name

    def finding(id_: str, line: int | None, key: str, message: str, hint: str) -> None:
        marked.findings.append(Finding(id=id_, file=name, line=line, key=key, message=message, hint=hint))

    try:
        raw = path.read_bytes()
    except OSError as error:
        finding("C001", None, "", f"cannot be read ({error.strerror})", "name the file with --config, or run in its folder")
        return marked
    if len(raw) > MAX_BYTES:
        finding("C002", None, "", f"is larger than {MAX_BYTES:,} bytes", "put tables into CSV files beside it")
        return marked
    try:
        node = yaml.compose(raw.decode("utf-8-sig"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        finding("C002", raw[: error.start].count(b"\n") + 1, "", "is not UTF-8", "save it as UTF-8")
        return marked
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        finding(
            "C002",
            mark.line + 1 if mark else None,
            "",
            f"is not YAML: {problem}",
            "look at the indentation and quotes of this line and the one before",
        )
        return marked

    def build(node: yaml.Node, path: Path_, depth: int) -> Any:
        marked.marks[path] = (name, node.start_mark.line + 1)
        if depth > 20:
            finding("C002", node.start_mark.line + 1, ".".join(map(str, path)), "is nested too deeply", "or refers to itself")
            return ""
        if isinstance(node, yaml.MappingNode):
            result: dict[str, Any] = {}
            for key_node, value_node in node.value:
                key = str(key_node.value)
                here = (*path, key)
                if key in result:
                    first = marked.marks[here][1]
                    finding(
                        "C003",
                        key_node.start_mark.line + 1,
                        ".".join(map(str, here)),
                        f"stands twice (first in line {first})",
                        "remove one of them",
                    )
                    continue
                result[key] = build(value_node, here, depth + 1)
                marked.marks[here] = (name, key_node.start_mark.line + 1)
            return result
        if isinstance(node, yaml.SequenceNode):
            return [build(child, (*path, index), depth + 1) for index, child in enumerate(node.value)]
        # `key:` with nothing after it means "as shipped", not the text ""
        return None if node.tag == "tag:yaml.org,2002:null" and node.value in ("", "~", "null") else str(node.value)

    tree = build(node, (), 0) if node is not None else {}
    if not isinstance(tree, dict):
        finding("C002", 1, "", "is not a mapping of keys", "begin with a key such as `sources:`")
        tree = {}
    marked.tree = tree
    return marked


def read_table(path: Path) -> Marked:
    """A CSV file (UTF-8, first line = names) as a list of rows of non-empty cells, with lines."""
    marked = Marked(tree=[])
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            for index, row in enumerate(reader):
                marked.tree.append({str(key): value for key, value in row.items() if key and isinstance(value, str) and value != ""})
                marked.marks[(index,)] = (path.name, reader.line_num)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 CSV"
        marked.findings.append(
            Finding(id="C001", file=path.name, message=f"cannot be read ({reason})", hint="put the table beside pipelines.yaml, as UTF-8")
        )
    return marked


def overlay(base: Marked, top: Marked) -> Marked:
    """`top` over `base`: mappings are merged key by key, anything else is replaced."""
    marks = dict(base.marks)

    def merge(low: Any, high: Any, path: Path_) -> Any:
        if isinstance(low, dict) and isinstance(high, dict):
            merged = dict(low)
            for key, value in high.items():
                merged[key] = merge(low[key], value, (*path, key)) if key in low else _take(value, (*path, key))
            return merged
        return _take(high, path)

    def _take(value: Any, path: Path_) -> Any:
        for mark in [mark for mark in marks if mark[: len(path)] == path]:
            del marks[mark]
        marks.update({mark: place for mark, place in top.marks.items() if mark[: len(path)] == path})
        return value

    tree = merge(base.tree, top.tree, ())
    return Marked(tree=tree, marks=marks, findings=[*base.findings, *top.findings])
