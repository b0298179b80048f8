"""A cleanup's file-system calls on Windows, where there are no directory descriptors: by whole paths.

Every directory on the way is looked at before it is gone through; between that look and an act another program that
may write above can swap one, which NTFS lets only an administrator do in the places that a deployment writes to.
``os.rename`` never replaces anything here. A file that another program holds is named as in use, and a step that
failed for that can be tried again in a new cleanup; a read-only attribute is taken off for the act and set again.
Directories are made for their owner and administrators alone where Python knows how to (3.9.20, 3.11.10, 3.12.4 and
later); what is moved keeps its own access control list, as a rename on one volume does.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator, Mapping
from typing import Any, Callable, Optional

from tui.cleanup.copying import NotTheSame
from tui.cleanup.sqlite import connect
from tui.disk.opened import Status
from tui.disk.portable_paths import Paths
from tui.disk.win32 import long_path, open_shared

_CHUNK = 1 << 20
_ANOTHER_VOLUME = 17  # ERROR_NOT_SAME_DEVICE
_LOCK = "lock"


class WindowsCalls:
    """See ``tui.cleanup.calls.Calls``. A directory is its path, in the form that may be of any length."""

    owner: Optional[int] = None

    def open_top(self, place: str) -> str:
        place = long_path(place)
        if not stat.S_ISDIR(os.stat(place).st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), place)
        return place

    def open_dir(self, name: str, here: str) -> str:
        if not stat.S_ISDIR(self.look(name, here).st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), name)
        return _join(here, name)

    def close(self, handle: Any) -> None:
        if isinstance(handle, int):
            os.close(handle)

    def where(self, here: str) -> Optional[str]:
        return None

    def path(self, here: str) -> str:
        return here

    def look(self, name: str, here: str) -> Status:
        return Paths(here).look("/" if name == "." else "/" + name)

    def read_link(self, name: str, here: str) -> str:
        return Paths(here).link_text("/" + name)

    def watched(self, here: str) -> Optional[Callable[[], bool]]:
        return None

    def names(self, here: str) -> list[str]:
        return os.listdir(here)

    def digest(self, name: str, here: str) -> str:
        if not stat.S_ISREG(self.look(name, here).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", name)
        total = hashlib.sha256()
        with open(open_shared(_join(here, name)), "rb", buffering=0) as stream:
            while chunk := stream.read(_CHUNK):
                total.update(chunk)
        return total.hexdigest()

    def attributes(self, name: str, here: str) -> Mapping[str, bytes]:
        return {}

    def mkdir(self, name: str, here: str, mode: int = 0o700) -> None:
        os.mkdir(_join(here, name), mode)

    def rename(self, name: str, here: str, new: str, there: str) -> None:
        try:
            os.rename(_join(here, name), _join(there, new))
        except OSError as error:
            if getattr(error, "winerror", None) == _ANOTHER_VOLUME:
                raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), name) from None
            raise

    def link(self, name: str, here: str, new: str, there: str) -> None:
        os.link(_join(here, name), _join(there, new))

    def copy(self, name: str, here: str, new: str, there: str) -> None:
        source, target = _join(here, name), _join(there, new)
        found = self.look(name, here)
        if stat.S_ISLNK(found.st_mode):
            os.symlink(os.readlink(source), target)
            return
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "not a regular file", name)
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), new)
        shutil.copyfile(source, target)
        with open(target, "r+b") as stream:
            os.fsync(stream.fileno())
        shutil.copystat(source, target)
        after = self.look(name, here)
        same = (after.st_size, after.st_mtime_ns) == (found.st_size, found.st_mtime_ns)
        if not same or self.digest(name, here) != self.digest(new, there):
            raise NotTheSame(errno.EIO, "what was written is not what was read", name)

    def write(self, name: str, here: str, content: bytes, like: Status, attributes: Mapping[str, bytes]) -> None:
        with open(_join(here, name), "xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())

    def unlink(self, name: str, here: str) -> None:
        place = _join(here, name)
        with _writable(place):
            os.unlink(place)

    def rmdir(self, name: str, here: str) -> None:
        place = _join(here, name)
        with _writable(place):
            try:
                os.rmdir(place)
            except OSError as error:
                if getattr(error, "winerror", None) == 145:  # ERROR_DIR_NOT_EMPTY
                    raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY), name) from None
                raise

    def set_owner(self, here: str, uid: int, gid: int) -> None:
        """Owners are not told here."""

    def set_mode(self, here: str, mode: int) -> None:
        os.chmod(here, mode)

    def set_attributes(self, here: str, attributes: Mapping[str, bytes]) -> None:
        """There are none that are told here."""

    def set_times(self, here: str, atime_ns: int, mtime_ns: int) -> None:
        os.utime(here, ns=(atime_ns, mtime_ns))

    def sync(self, here: str) -> None:
        """NTFS keeps the order of what is done to directories by itself."""

    def lock(self, here: str) -> int:
        import msvcrt

        fd = os.open(_join(here, _LOCK), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            os.close(fd)
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN), _LOCK) from None
        return fd

    def database(self, place: str, read_only: bool) -> sqlite3.Connection:
        return connect(place, read_only)


def _join(here: str, name: str) -> str:
    return Paths(here).native("/" + name)


@contextlib.contextmanager
def _writable(place: str) -> Iterator[None]:
    """For an act, without the read-only attribute, which keeps it from being removed; set again where that fails."""
    mode = os.lstat(place).st_mode
    if stat.S_ISLNK(mode) or mode & stat.S_IWRITE:
        yield
        return
    os.chmod(place, mode | stat.S_IWRITE)
    try:
        yield
    except OSError:
        with contextlib.suppress(OSError):
            os.chmod(place, mode)
        raise
