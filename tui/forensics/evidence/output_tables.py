"""The tables that PowerShell prints of files: ``New-Item`` of what it makes, ``Get-ChildItem`` of what is there.

Both look alike. A row whose time is the minute of the log's line is of something just written.
"""

from __future__ import annotations

import re
from typing import NamedTuple, Optional

from tui.forensics.evidence.output_words import Says

_DIRECTORY = re.compile(rb" {2,8}[^\W\d_][^:\n]{2,20}: (?P<path>(?:[A-Za-z]:|\\)[^\n]{0,2000})")
_MORE = re.compile(rb" {4,16}(?P<path>\S[^\n]{0,2000})")
_ROW = re.compile(
    rb"(?P<mode>[dl-][a-z-]{4,5}) {2,20}\S[^\n]{0,30}? {1,6}(?P<hour>\d{1,2})[:.](?P<minute>\d\d)(?::\d\d)?"
    rb"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)? +(?:(?P<size>\d+) )?(?P<name>[^\n]*)"
)
_MARGIN = 2  # minutes that a row may be older than the line it stands in


class Row(NamedTuple):
    """A row of a table: a path, native, and what its time says."""

    path: bytes
    says: Says


class Table:
    """Takes lines of output one by one."""

    def __init__(self) -> None:
        self._directory = b""
        self._open = False  # the directory's name may go on in the next line

    def take(self, line: bytes, clock: Optional[bytes]) -> Optional[Row]:
        """The path in a row of a table. ``clock`` is the log line's own ``HH:MM``."""
        text = line.rstrip()
        if not text:
            self._open = False
            return None
        heading = _DIRECTORY.fullmatch(text) if text[:2] == b"  " else None
        if heading is not None:
            self._directory, self._open = heading["path"], True
            return None
        if self._open:
            more = _MORE.fullmatch(text)
            if more is not None:
                self._directory += more["path"]
                return None
        if not self._directory:
            return None
        row = _ROW.fullmatch(text)
        if row is None:
            return None
        name = row["name"].strip()
        if not name or (row["size"] is None and row["mode"][:1] == b"-"):
            return None
        path = self._directory.rstrip(b"\\") + b"\\" + name
        return Row(path, Says.MADE if _fresh(row, clock) else Says.NAMED)


def _fresh(row: re.Match[bytes], clock: Optional[bytes]) -> bool:
    if clock is None or not (clock[:2].isdigit() and clock[3:5].isdigit()):
        return False
    hour = int(row["hour"])
    if row["half"]:
        hour = hour % 12 + (12 if row["half"] in b"Pp" else 0)
    minutes = int(clock[:2]) * 60 + int(clock[3:5]) - hour * 60 - int(row["minute"])
    return 0 <= minutes % 1440 <= _MARGIN
