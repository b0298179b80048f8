"""Many small files of a POSIX Root read one after the other: one open, one look, one read, one close each."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING, Optional

from tui.disk.root import Root

if TYPE_CHECKING:
    from tui.disk.resolve import Directory, Resolver


class Files:
    """Opens files by the directory that the last one stood in. Not for several threads."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._head: Optional[str] = None
        self._there: Optional[Directory] = None

    def start(self, path: str, limit: int) -> bytes:
        """The first ``limit`` bytes of a regular file that no link stands for. Raises RootError, OSError."""
        from tui.disk.descriptors import open_file

        head, _, name = path.rpartition("/")
        if self._there is None or head != self._head:
            self._there = None
            self._there, self._head = self._resolver.directory(head), head
        fd = open_file(name, self._there.fd)
        try:
            found = os.fstat(fd)
            if not stat.S_ISREG(found.st_mode):
                raise OSError(errno.EINVAL, "not a regular file")
            data = os.read(fd, limit)
            # Only where it is as long as it should be nothing more can come.
            while len(data) != found.st_size and len(data) < limit:
                more = os.read(fd, limit - len(data))
                if not more:
                    break
                data += more
        finally:
            os.close(fd)
        return data


def files_of(root: Root) -> Optional[Files]:
    """A reader of a Root's files; None where it is no POSIX one."""
    if not os.supports_dir_fd:
        return None
    from tui.disk.posix import PosixRoot

    return Files(root._resolver) if isinstance(root, PosixRoot) else None
