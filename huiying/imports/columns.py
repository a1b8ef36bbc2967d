"""Which column holds what: names seen in 12345, mailbox and message-board exports, and the operator's own mapping."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from huiying.imports.names import NAMES
from huiying.imports.reading import ImportFailed

REQUIRED = (("title", "body"), ("posted_at",))
_REMARK = re.compile(r"[(\[【].*?[)\]】]|[*:\s]")


@dataclass(frozen=True, slots=True)
class Columns:
    """Field → the columns of this table that hold it, in order of preference."""

    of: Mapping[str, tuple[str, ...]]

    def cell(self, row: Mapping[str, str], field: str) -> str:
        """The first filled cell of a field, "" when there is none."""
        return next((text for name in self.of.get(field, ()) if (text := row.get(name, "").strip())), "")


def normal(name: str) -> str:
    """A column name as it is compared: half width, lower case, without spaces, stars and remarks in brackets."""
    folded = unicodedata.normalize("NFKC", name).lower()
    return _REMARK.sub("", folded) or folded.strip()


_FIELD_OF = {normal(name): field for field, names in NAMES.items() for name in names}


def recognised(header: Sequence[str]) -> int:
    """How many column names of a row are known: the row with two or more is the header."""
    return sum(normal(name) in _FIELD_OF for name in header)


def find_columns(header: Sequence[str], mapping: Mapping[str, Sequence[str]] | None = None, where: str = "") -> Columns:
    """The columns of a header, the operator's mapping first; `where` begins the text of an error. Raises ImportFailed."""
    by_name = {normal(name): name for name in reversed(header) if name}
    found: dict[str, tuple[str, ...]] = {}
    for field, names in NAMES.items():
        found[field] = tuple(by_name[normal(name)] for name in names if normal(name) in by_name)
    for field, wanted in (mapping or {}).items():
        strange = [name for name in wanted if normal(name) not in by_name]
        if strange:
            raise ImportFailed(f"{where}对照表写 {field} 在列「{'、'.join(strange)}」，表里没有；表头是：{_shown(header)}")
        found[field] = tuple(by_name[normal(name)] for name in wanted)
    for choice in REQUIRED:
        if not any(found[field] for field in choice):
            needed = "、".join(f"{field}（{'、'.join(NAMES[field][:3])}…）" for field in choice)
            raise ImportFailed(f"{where}找不到 {needed} 这样的列；表头是：{_shown(header)}。请用 --mapping 文件写明，如 {choice[0]}: 列名")
    return Columns(found)


def _shown(header: Sequence[str]) -> str:
    names = [name[:20] for name in header if name.strip()]
    return "、".join(names[:15]) + (" 等" if len(names) > 15 else "") if names else "（空）"


def read_mapping(path: Path) -> dict[str, list[str]]:
    """A mapping file, YAML or JSON: `field: column` or `field: [column, …]`. Raises ImportFailed."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ImportFailed(f"{path}: 读不了对照表（{error}）") from error
    try:
        if path.suffix.lower() == ".json":
            content = json.loads(text)
        else:
            import yaml

            content = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - BaseLoader makes strings only
    except ValueError as error:
        raise ImportFailed(f"{path}: 不是有效的 JSON（{error}）") from error
    except Exception as error:  # yaml.YAMLError, without importing yaml for JSON
        raise ImportFailed(f"{path}: 不是有效的 YAML（{error}）") from error
    if not isinstance(content, dict):
        raise ImportFailed(f"{path}: 对照表要写成「字段: 列名」，每行一个；字段有 {'、'.join(f for f in NAMES if f != 'unused')}")
    unknown = [str(field) for field in content if field not in NAMES]
    if unknown:
        raise ImportFailed(f"{path}: 不认识字段 {'、'.join(unknown)}；可写 {'、'.join(f for f in NAMES if f != 'unused')}")
    return {str(field): [str(name) for name in (names if isinstance(names, list) else [names])] for field, names in content.items()}
