"""A SQLite database opened the way a journal needs it."""

from __future__ import annotations

import os
import sqlite3
from pathlib import PurePath, PurePosixPath, PureWindowsPath

BUSY = 5.0  # seconds to wait for another process


def connect(place: str, read_only: bool) -> sqlite3.Connection:
    """A connection in autocommit mode; read-only it makes and changes nothing. Raises sqlite3.Error."""
    mode = "ro" if read_only else "rwc"
    return sqlite3.connect(f"{_uri(place)}?mode={mode}", uri=True, isolation_level=None, timeout=BUSY)


def _uri(place: str) -> str:
    if os.name == "nt" and place.startswith("\\\\?\\"):
        place = place[4:]
    path: PurePath = PureWindowsPath(place) if os.name == "nt" else PurePosixPath(place)
    return path.as_uri()
