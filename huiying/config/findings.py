"""What a check of configuration or environment found, in the one form that pages and command line print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing to mend: `pipelines.yaml:41: sla.target: '3hours' is not a duration; write 3h [C012]`."""

    id: str
    severity: Literal["error", "warning", "info"] = "error"
    file: str = ""
    line: int | None = None
    key: str = ""
    message: str
    hint: str = ""

    def __str__(self) -> str:
        where = self.file + (f":{self.line}" if self.line else "")
        head = ": ".join(part for part in (where, self.key) if part)
        tail = f"; {self.hint}" if self.hint else ""
        return f"{head + ': ' if head else ''}{self.message}{tail} [{self.id}]"

    def row(self) -> dict[str, object]:
        """The `huiying check --json` row."""
        return {
            "id": self.id,
            "severity": self.severity,
            "file": self.file,
            "line": self.line,
            "key": self.key,
            "message": self.message,
            "hint": self.hint,
        }


class ConfigError(Exception):
    """The configuration has errors; `findings` holds all of them, not only the first."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in findings))
