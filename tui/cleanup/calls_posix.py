"""A cleanup's file-system calls on a POSIX system: by directory descriptor, no link ever followed."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import sqlite3
import stat
from collections.abc import Mapping
from typing import Optional

from tui.cleanup.copying import beside, copy_entry, digest_of, dress, read_attributes, write_attributes
from tui.cleanup.renaming import Renaming
from tui.cleanup.sqlite import connect
from tui.cleanup.undisturbed import Watching
from tui.disk.opened import Status

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_ENTER = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_MAKE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_HAS_ATTRIBUTES = hasattr(os, "listxattr")


class PosixCalls:
    """See ``tui.cleanup.calls.Calls``. A directory is its descriptor."""

    def __init__(self) -> None:
        self.owner: Optional[int] = os.geteuid()
        self.rename = Renaming()
        self.watched = Watching()

    def open_top(self, place: str) -> int:
        return os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def open_dir(self, name: str, here: int) -> int:
        try:
            return os.open(name, _DIRECTORY, dir_fd=here)
        except PermissionError:  # one that may be gone through and not listed
            return os.open(name, _ENTER, dir_fd=here)

    def close(self, handle: int) -> None:
        os.close(handle)

    def where(self, here: int) -> Optional[str]:
        try:
            return os.readlink(f"/proc/self/fd/{here}")
        except FileNotFoundError:
            return None

    def path(self, here: int) -> str:
        where = self.where(here)
        if where is None:  # without /proc; macOS tells by fcntl
            get_path = getattr(fcntl, "F_GETPATH", 50)
            where = os.fsdecode(fcntl.fcntl(here, get_path, bytes(1024)).rstrip(b"\0"))
        return where

    def look(self, name: str, here: int) -> Status:
        return os.stat(name, dir_fd=here, follow_symlinks=False)

    def read_link(self, name: str, here: int) -> str:
        return os.readlink(name, dir_fd=here)

    def names(self, here: int) -> list[str]:
        return os.listdir(here)

    def digest(self, name: str, here: int) -> str:
        fd = os.open(name, _READ, dir_fd=here)
        try:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                raise OSError(errno.EINVAL, "not a regular file", name)
            return digest_of(fd)
        finally:
            os.close(fd)

    def attributes(self, name: str, here: int) -> Mapping[str, bytes]:
        if not _HAS_ATTRIBUTES:
            return {}
        if name == ".":
            with contextlib.suppress(OSError):  # EBADF: entered, and not open to be read
                return read_attributes(here)
        return read_attributes(beside(here, name))

    def mkdir(self, name: str, here: int, mode: int = 0o700) -> None:
        os.mkdir(name, mode, dir_fd=here)

    def link(self, name: str, here: int, new: str, there: int) -> None:
        os.link(name, new, src_dir_fd=here, dst_dir_fd=there, follow_symlinks=False)

    def copy(self, name: str, here: int, new: str, there: int) -> None:
        copy_entry(name, here, new, there)

    def write(self, name: str, here: int, content: bytes, like: Status, attributes: Mapping[str, bytes]) -> None:
        fd = os.open(name, _MAKE, 0o600, dir_fd=here)
        try:
            view = memoryview(content)
            while view:
                view = view[os.write(fd, view) :]
            dress(fd, like, attributes)
            os.fsync(fd)
        finally:
            os.close(fd)

    def unlink(self, name: str, here: int) -> None:
        os.unlink(name, dir_fd=here)

    def rmdir(self, name: str, here: int) -> None:
        os.rmdir(name, dir_fd=here)

    def set_owner(self, here: int, uid: int, gid: int) -> None:
        os.chown(here, uid, gid)

    def set_mode(self, here: int, mode: int) -> None:
        os.chmod(here, mode)

    def set_attributes(self, here: int, attributes: Mapping[str, bytes]) -> None:
        if _HAS_ATTRIBUTES:
            write_attributes(here, attributes)

    def set_times(self, here: int, atime_ns: int, mtime_ns: int) -> None:
        os.utime(here, ns=(atime_ns, mtime_ns))

    def sync(self, here: int) -> None:
        os.fsync(here)

    def lock(self, here: int) -> int:
        fd = os.open(".", _DIRECTORY, dir_fd=here)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BaseException:
            os.close(fd)
            raise
        return fd

    def database(self, place: str, read_only: bool) -> sqlite3.Connection:
        return connect(place, read_only)
