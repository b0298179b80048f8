"""The Root of a POSIX system: this machine, or any directory that holds an instance's file system."""

from __future__ import annotations

import builtins
import io
import os
import stat
from collections.abc import Iterator, Sequence
from typing import BinaryIO, Callable, Optional

from tui.disk import posix_compare, statx
from tui.disk.compare import content_equal
from tui.disk.descriptors import Descriptors, open_file, open_list
from tui.disk.forked import ENOUGH, compare_in_two, may_fork
from tui.disk.inventory import Inventory
from tui.disk.measure import Measurement
from tui.disk.opened import read_opened, stat_of
from tui.disk.resolve import Directory, Resolver
from tui.disk.root import Content, NotThere, RootError, Stat, Unusable, WalkProgress, WalkRequest, root_error
from tui.disk.walk import walk
from tui.paths import child_path, to_bytes


def _look(directory: Directory, name: str) -> os.stat_result:
    return os.stat(name, dir_fd=directory.fd, follow_symlinks=False)


class PosixRoot:
    """A Root below a directory that is opened once and never looked up by its own path again.

    See ``tui.disk.root.Root``. A directory found for one look-up serves the next ones for up to a
    second (``tui.disk.resolve.FRESH``); ``forget`` makes them look again.
    """

    def __init__(self, directory: str = "/", label: Optional[str] = None, kind: str = "directory") -> None:
        """Open ``directory``, a path of the machine the tool runs on. Raises OSError."""
        flags = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_CLOEXEC
        self.label = directory if label is None else label
        self.kind = kind
        self.platform = "linux"
        self._resolver = Resolver(os.open(directory, flags))

    def __enter__(self) -> PosixRoot:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the descriptors back. Look-ups raise Unusable from now on."""
        self._resolver.close()

    def forget(self) -> None:
        """Look every directory up anew from now on."""
        self._resolver.forget()

    def searchable(self) -> bool:
        """Whether anything at all can be looked up below the Root's top."""
        try:
            os.stat("./.", dir_fd=self._resolver.fd)
        except OSError:
            return False
        return True

    def spelling(self, path: str) -> str:
        """The path itself: letter case matters."""
        return path

    def stat(self, path: str, follow: bool = True) -> Optional[Stat]:
        """What is at a path; None where nothing is. Raises Denied, Looped, Unusable."""
        try:
            return stat_of(self._found(path, follow)[2])
        except NotThere:
            return None

    def real_path(self, path: str, follow_last: bool = True) -> str:
        """Where a path really leads, links resolved. Raises NotThere, Denied, Looped, Unusable."""
        directory, name, _ = self._found(path, follow_last)
        return directory.path if name == "." else child_path(directory.path, name)

    def read(self, path: str, limit: int) -> Content:
        """The first ``limit`` bytes of a regular file. Never waits on a pipe or device. Raises RootError."""
        fd, found = self._open(path)
        try:
            return read_opened(fd, found, limit)
        except OSError as error:
            raise root_error(error, path) from None

    def open(self, path: str) -> BinaryIO:
        """A regular file to read from, unbuffered, seekable. Raises RootError."""
        return io.FileIO(self._open(path)[0], "rb")

    def list(self, path: str) -> builtins.list[tuple[str, Stat]]:
        """The entries of a directory (reached through links) by name in byte order, each as itself.

        Raises RootError.
        """
        directory, name = self._resolver.locate(path, True)
        entries = []
        try:
            fd = open_list(name, directory.fd)
            try:
                for entry in sorted(os.listdir(fd), key=to_bytes):
                    try:
                        entries.append((entry, stat_of(os.stat(entry, dir_fd=fd, follow_symlinks=False))))
                    except FileNotFoundError:
                        continue  # removed since it was listed
            finally:
                os.close(fd)
        except OSError as error:
            raise root_error(error, path) from None
        return entries

    def read_link(self, path: str) -> str:
        """The text of a symbolic link. Raises RootError."""
        directory, name, found = self._found(path, False)
        if not stat.S_ISLNK(found.st_mode):
            raise Unusable(path, "not a symbolic link")
        try:
            return os.readlink(name, dir_fd=directory.fd)
        except OSError as error:
            raise root_error(error, path) from None

    def birth_ns(self, path: str) -> Optional[int]:
        """When a path (itself, not what it links to) was made; None where the platform does not tell."""
        try:
            directory, name = self._resolver.locate(path, False)
        except RootError:
            return None
        return statx.birth_ns(name, directory.fd)

    def same_content(self, a: str, b: str) -> bool:
        """Whether two regular files hold the same bytes now. Raises RootError."""
        return content_equal(self, a, b)

    def walk(
        self, request: WalkRequest, cancelled: Callable[[], bool] = lambda: False
    ) -> Iterator[WalkProgress | Inventory]:
        """Walk; yields progress a few times a second, Inventories that are ``partial`` and one that is not last."""
        top = self._resolver.directory("/")
        return walk(Descriptors(top.fd, top), request, cancelled)

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

        def compare(some: Sequence[int]) -> Iterator[tuple[int, bytes]]:
            return posix_compare.compare(self._resolver, inventory, some, source, cancelled)

        return compare_in_two(compare, rows, cancelled) if len(rows) >= ENOUGH and may_fork() else compare(rows)

    def measure(self, directories: Sequence[str]) -> Measurement:
        """Begin to count what lies below directories; the caller sees it through and closes it."""
        return Measurement(self.walk, directories)

    def _found(self, path: str, follow: bool) -> tuple[Directory, str, os.stat_result]:
        try:
            directory, name = self._resolver.locate(path, False)
            found = _look(directory, name)
            if follow and stat.S_ISLNK(found.st_mode):
                directory, name = self._resolver.locate(path, True)
                found = _look(directory, name)
        except OSError as error:
            raise root_error(error, path) from None
        return directory, name, found

    def _open(self, path: str) -> tuple[int, os.stat_result]:
        directory, name, found = self._found(path, True)
        # Looked at first, since opening alone can move a device.
        if not stat.S_ISREG(found.st_mode):
            raise Unusable(path, "is a directory" if stat.S_ISDIR(found.st_mode) else "not a regular file")
        try:
            fd = open_file(name, directory.fd)
            try:
                found = os.fstat(fd)
                if not stat.S_ISREG(found.st_mode):
                    raise Unusable(path, "replaced while it was looked at")
            except BaseException:
                os.close(fd)
                raise
        except OSError as error:
            raise root_error(error, path) from None
        return fd, found
