"""The Root of a system without directory descriptors, Windows above all: reached by paths, each name looked at."""

from __future__ import annotations

import builtins
import io
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO, Callable, Optional, Union

from tui.disk import portable_compare, statx, win32
from tui.disk.compare import content_equal
from tui.disk.inventory import Inventory
from tui.disk.measure import Measurement
from tui.disk.opened import read_opened, stat_of
from tui.disk.portable_lookup import Lookup
from tui.disk.portable_paths import WINDOWS, Found, Paths, host_error
from tui.disk.root import Content, NotThere, RootError, Stat, Unusable, WalkProgress, WalkRequest
from tui.disk.walk import walk
from tui.paths import child_path

_READ = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
)
_NO_ATIME = getattr(os, "O_NOATIME", 0)
_HERE = -100  # AT_FDCWD: an absolute path needs no directory


def open_plain(place: str, seen: Found) -> int:
    """A descriptor to read the regular file that was seen with. Raises OSError, FileNotFoundError for another one."""
    if WINDOWS:
        fd = win32.open_shared(place)
    else:
        try:
            fd = os.open(place, _READ | _NO_ATIME)
        except PermissionError:
            fd = os.open(place, _READ)
    found = os.fstat(fd)
    same = not seen.st_ino or not found.st_ino or min(found.st_ino, 2**64 - 1) == seen.st_ino
    if not stat.S_ISREG(found.st_mode) or not same:
        os.close(fd)
        raise FileNotFoundError(0, "replaced while it was looked at", place)
    return fd


class PortableRoot:
    """A Root below a directory, or below the drives of this machine, that is reached by paths.

    See ``tui.disk.root.Root``. Each directory on the way is looked at before it is gone through, and
    what is opened is checked to be what was seen, so no link leads out. Between the two looks another
    program may still swap a directory; ``PosixRoot`` has no such gap.

    On Windows, where this is used, owners are 0 and permissions those of a file that its owner alone may
    write (neither is known), there is no time of change, and files are opened so
    that others may rename and remove them meanwhile. A volume set up to keep last access times (most
    are not, or update them within the hour) may note that a file was read: Windows lets no reader
    prevent that without write access.
    """

    platform = "linux"

    def __init__(
        self, tops: Union[str, Mapping[str, str]] = "/", label: Optional[str] = None, kind: str = "directory"
    ) -> None:
        """``tops``: the directory that ``/`` is, or directories by the names under which they stand in it.

        They are paths of the machine the tool runs on. Raises OSError.
        """
        self.label = label if label is not None else tops if isinstance(tops, str) else "this machine"
        self.kind = kind
        self._paths = Paths(
            _absolute(tops) if isinstance(tops, str) else {name: _absolute(top) for name, top in tops.items()}
        )
        self._lookup = Lookup(self._paths)

    def __enter__(self) -> PortableRoot:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is held open. Look-ups raise Unusable from now on."""
        self._lookup.forget()
        self._lookup.closed = True

    def forget(self) -> None:
        """Look every directory up anew from now on."""
        self._lookup.forget()

    def searchable(self) -> bool:
        """Whether anything at all can be looked up below the Root's top."""
        try:
            if WINDOWS:
                self._paths.listed("/")
            else:
                os.lstat(os.path.join(self._paths.native("/"), "."))
        except OSError:
            return False
        return True

    def spelling(self, path: str) -> str:
        """The path itself: letter case matters (a ``WindowsView`` sees to where it does not)."""
        return path

    def stat(self, path: str, follow: bool = True) -> Optional[Stat]:
        """What is at a path; None where nothing is. Raises Denied, Looped, Unusable."""
        try:
            return stat_of(self._lookup.found(path, follow)[1])
        except NotThere:
            return None

    def real_path(self, path: str, follow_last: bool = True) -> str:
        """Where a path really leads, links resolved. Raises NotThere, Denied, Looped, Unusable."""
        return self._lookup.found(path, follow_last)[0]

    def read(self, path: str, limit: int) -> Content:
        """The first ``limit`` bytes of a regular file. Never waits on a pipe or device. Raises RootError."""
        fd, found = self._open(path)
        try:
            return read_opened(fd, found, limit)
        except OSError as error:
            raise host_error(error, path) from None

    def open(self, path: str) -> BinaryIO:
        """A regular file to read from, unbuffered, seekable. Raises RootError."""
        return io.FileIO(self._open(path)[0], "rb")

    def list(self, path: str) -> builtins.list[tuple[str, Stat]]:
        """The entries of a directory (reached through links) by name in byte order, each as itself.

        On Windows without names that bytes cannot tell from others (half characters in a certain
        range). Raises RootError.
        """
        real = self._lookup.found(path, True)[0]
        entries = []
        try:
            for name in self._paths.listed(real):
                try:
                    entries.append((name, stat_of(self._paths.look(child_path(real, name)))))
                except FileNotFoundError:
                    continue  # removed since it was listed
        except OSError as error:
            raise host_error(error, path) from None
        return entries

    def read_link(self, path: str) -> str:
        """The text of a symbolic link, on Windows also of a junction. Raises RootError."""
        real, found = self._lookup.found(path, False)
        if not stat.S_ISLNK(found.st_mode):
            raise Unusable(path, "not a symbolic link")
        try:
            return self._paths.link_text(real)
        except OSError as error:
            raise host_error(error, path) from None

    def birth_ns(self, path: str) -> Optional[int]:
        """When a path (itself, not what it links to) was made; None where the platform does not tell."""
        try:
            place = self._paths.native(self._lookup.found(path, False)[0])
            return _birth_ns(os.lstat(place)) if WINDOWS else statx.birth_ns(place, _HERE)
        except (RootError, OSError):
            return None

    def same_content(self, a: str, b: str) -> bool:
        """Whether two regular files hold the same bytes now. Raises RootError."""
        return content_equal(self, a, b)

    def walk(
        self, request: WalkRequest, cancelled: Callable[[], bool] = lambda: False
    ) -> Iterator[WalkProgress | Inventory]:
        """Walk; yields progress a few times a second, Inventories that are ``partial`` and one that is not last."""
        self._lookup.found("/", True)
        return walk(self._paths, request, cancelled)

    def compare(
        self,
        inventory: Inventory,
        rows: Sequence[int],
        source: Callable[[int], Optional[str]],
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Iterator[tuple[int, bytes]]:
        """Compare rows (ascending) with their revision's file ``source(row)``; yields ``(rows done, results)``.

        See ``tui.disk.compare`` for the codes. Ends early once ``cancelled()`` is true.
        """
        return portable_compare.compare(self._paths, self._lookup, open_plain, inventory, rows, source, cancelled)

    def measure(self, directories: Sequence[str]) -> Measurement:
        """Begin to count what lies below directories; the caller sees it through and closes it."""
        return Measurement(self.walk, directories)

    def _open(self, path: str) -> tuple[int, os.stat_result]:
        real, found = self._lookup.found(path, True)
        # Looked at first, since opening alone can move a device.
        if not stat.S_ISREG(found.st_mode):
            raise Unusable(path, "is a directory" if stat.S_ISDIR(found.st_mode) else "not a regular file")
        try:
            fd = open_plain(self._paths.native(real), found)
        except OSError as error:
            raise host_error(error, path) from None
        return fd, os.fstat(fd)


def _absolute(directory: str) -> str:
    """A directory of this machine, links in its own path resolved. Raises OSError."""
    if "\0" in directory:
        raise ValueError("embedded null byte")
    place = win32.long_path(directory) if WINDOWS else os.path.realpath(directory)
    if not stat.S_ISDIR(os.stat(place).st_mode):
        raise NotADirectoryError(20, "Not a directory", directory)
    return place


def _birth_ns(found: os.stat_result) -> int:
    # Windows keeps the time of creation where others have the time of change.
    return int(getattr(found, "st_birthtime_ns", found.st_ctime_ns))
