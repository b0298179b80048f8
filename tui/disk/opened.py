"""What the system says of a path or an open file, as the Root's records."""

from __future__ import annotations

import os
import stat
from typing import Protocol

from tui.disk.inventory import DIR, FILE, LINK, OTHER
from tui.disk.root import Content, Stat

_CHUNK = 1 << 20
_TYPES = {stat.S_IFREG: FILE, stat.S_IFDIR: DIR, stat.S_IFLNK: LINK}


class Status(Protocol):
    """The part of ``os.stat_result`` that is looked at."""

    @property
    def st_mode(self) -> int: ...
    @property
    def st_uid(self) -> int: ...
    @property
    def st_gid(self) -> int: ...
    @property
    def st_size(self) -> int: ...
    @property
    def st_mtime_ns(self) -> int: ...
    @property
    def st_ctime_ns(self) -> int: ...
    @property
    def st_dev(self) -> int: ...
    @property
    def st_ino(self) -> int: ...
    @property
    def st_nlink(self) -> int: ...


def stat_of(found: Status) -> Stat:
    """The system's answer as a record."""
    mode = found.st_mode
    return Stat(
        _TYPES.get(mode & 0o170000, OTHER),
        mode & 0o7777,
        found.st_uid,
        found.st_gid,
        found.st_size,
        found.st_mtime_ns,
        found.st_ctime_ns,
        found.st_dev,
        found.st_ino,
        found.st_nlink,
    )


def read_opened(fd: int, found: Status, limit: int) -> Content:
    """The first ``limit`` bytes of an open file, which is closed. Raises OSError."""
    try:
        chunks, left = [], limit
        while left > 0:
            chunk = os.read(fd, min(left, _CHUNK))
            if not chunk:
                break
            chunks.append(chunk)
            left -= len(chunk)
    finally:
        os.close(fd)
    data = b"".join(chunks)
    # A file that ended before the limit is as long as what was read, whatever was said before.
    return Content(data, len(data) if left > 0 else max(found.st_size, len(data)), found.st_mtime_ns / 1e9)
