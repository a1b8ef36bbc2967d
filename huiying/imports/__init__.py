"""Import of tables and JSON lines: 12345 exports, mailboxes, licensed data."""

from huiying.imports.importing import ImportReport, import_file
from huiying.imports.reading import ImportFailed

__all__ = ["ImportFailed", "ImportReport", "import_file"]
