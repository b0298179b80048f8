"""Rows of an Inventory compared with their revision, by descriptors: one open, one read, one close a side."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence
from typing import Callable, Optional

from tui.disk.access import Swapped
from tui.disk.compare import ABSENT_HERE, DIFFERENT, NO_SOURCE, OTHER_TYPE, SAME, UNREADABLE
from tui.disk.descriptors import Chain, Parents, open_file
from tui.disk.inventory import ABSENT, DIR, FILE, LINK, NO_ROW, Inventory
from tui.disk.resolve import Directory, Resolver
from tui.disk.root import NotThere, RootError
from tui.disk.tops import as_parts

_WHOLE = 256 << 10  # bytes: smaller files are read with one call
_CHUNK = 1 << 20
_EVERY = 16  # rows between two looks at cancelled()

_GONE = (errno.ENOENT, errno.ENOTDIR, errno.ESTALE)
_NO_FILE = (errno.ELOOP, errno.EISDIR, errno.ENXIO, errno.ENODEV)


class _Cancelled(Exception):
    pass


def _target_code(error: OSError) -> int:
    if isinstance(error, Swapped):
        return UNREADABLE
    if error.errno in _GONE:
        return ABSENT_HERE
    return OTHER_TYPE if error.errno in _NO_FILE else UNREADABLE


def _source_code(error: OSError) -> int:
    if error.errno in _GONE:
        return NO_SOURCE
    return OTHER_TYPE if error.errno in _NO_FILE else UNREADABLE


class Targets:
    """The rows' own side: directories entered as the walk did, no link followed, each the one that was walked."""

    def __init__(self, fd: int, inventory: Inventory) -> None:
        self._fd = fd
        self._inventory = inventory
        self._parents = Parents(fd)
        self._chain = Chain(fd)
        self._rows: list[int] = []  # of the directories the chain is in
        self._shut = (0, 0, 0)  # rows from, to: below a directory that cannot be entered, and their code

    def close(self) -> None:
        """Give the descriptors back; may be called more than once."""
        self._chain.close()
        self._parents.close()

    def shut(self, row: int) -> Optional[int]:
        """The code of a row whose directory is known not to be enterable."""
        first, stop, code = self._shut
        return code if first < row < stop else None

    def directory(self, row: int) -> int:
        """The descriptor of the directory a row stands in. Raises OSError."""
        inventory, rows, chain = self._inventory, self._rows, self._chain
        parent = inventory.parent[row]
        if parent == NO_ROW:
            return self._parents.at(as_parts(inventory.name(row))[:-1])
        while rows and not rows[-1] <= parent < inventory.end[rows[-1]]:
            rows.pop()
            chain.leave()
        missing = []
        while parent != NO_ROW and (not rows or parent != rows[-1]):
            missing.append(parent)
            parent = inventory.parent[parent]
        if missing and not rows:
            chain = self._chain = Chain(self._fd, as_parts(inventory.name(missing[-1]))[:-1])
        for below in reversed(missing):
            self._enter(below)
        return chain.here()

    def name(self, row: int) -> str:
        """The name of a row in its directory. Raises OSError."""
        name = self._inventory.name(row)
        if self._inventory.parent[row] == NO_ROW:
            return (as_parts(name) or (".",))[-1]
        if "/" in name or name == "..":  # no walk gives such a row
            raise FileNotFoundError(errno.ENOENT, "not a name", name)
        return name

    def _enter(self, row: int) -> None:
        inventory = self._inventory
        seen = (inventory.devices[inventory.device[row]], inventory.inode[row])
        try:
            self._chain.enter(self.name(row), seen)
        except OSError as error:
            self._shut = (row, inventory.end[row], _target_code(error))
            raise
        self._rows.append(row)


class Comparison:
    """One thread's work: rows with their sources, in order."""

    def __init__(self, resolver: Resolver, inventory: Inventory, cancelled: Callable[[], bool]) -> None:
        self.resolver = resolver
        self.inventory = inventory
        self.cancelled = cancelled
        self.targets = Targets(resolver.fd, inventory)
        self.head: Optional[str] = None  # the last source's directory, and what it is, or the code it gives
        self.there: Optional[Directory] = None
        self.no_directory = NO_SOURCE
        self.buffers: Optional[tuple[bytearray, bytearray]] = None

    def close(self) -> None:
        """Give the descriptors back."""
        self.targets.close()

    def codes(self, rows: Sequence[int], sources: Sequence[Optional[str]]) -> bytearray:
        """What comparing rows gives; fewer than were asked for, once ``cancelled()`` is true."""
        results = bytearray()
        try:
            for row, path in zip(rows, sources):
                if not len(results) % _EVERY and self.cancelled():
                    break
                results.append(self.code(row, path))
        except _Cancelled:
            pass
        return results

    def code(self, row: int, path: Optional[str]) -> int:
        """What comparing one row gives."""
        kind = self.inventory.type[row]
        if kind == ABSENT:
            return ABSENT_HERE
        if path is None:
            return SAME if kind == DIR else NO_SOURCE
        head, _, name = path.rpartition("/")
        if name in ("", ".", "..") or path[0] != "/":
            name = self._odd(path)
        elif head != self.head:
            self._go(head)
        if self.there is None:
            return self.no_directory
        try:
            found = os.stat(name, dir_fd=self.there.fd, follow_symlinks=False)
        except OSError as error:
            return _source_code(error)
        except ValueError:
            return NO_SOURCE
        if kind == FILE:
            return self._file(row, name, self.there.fd, found)
        if kind == LINK:
            return self._link(row, name, self.there.fd, found)
        if kind == DIR:
            return self._dir(path, found)
        return OTHER_TYPE

    def _go(self, head: str) -> None:
        self.head = head
        try:
            self.there = self.resolver.directory(head)
        except RootError as error:
            self._nowhere(error)

    def _odd(self, path: str) -> str:
        """Where a path leads that does not end in a name; its name there."""
        self.head = None
        try:
            self.there, name = self.resolver.locate(path, False)
        except RootError as error:
            self._nowhere(error)
            return ""
        return name

    def _nowhere(self, error: RootError) -> None:
        self.there = None
        self.no_directory = NO_SOURCE if isinstance(error, NotThere) else UNREADABLE

    def _dir(self, path: str, found: os.stat_result) -> int:
        if stat.S_ISLNK(found.st_mode):
            try:
                self.resolver.directory(path)
            except NotThere:
                return OTHER_TYPE
            except RootError:
                return UNREADABLE
            return SAME
        return SAME if stat.S_ISDIR(found.st_mode) else OTHER_TYPE

    def _link(self, row: int, name: str, dir_fd: int, found: os.stat_result) -> int:
        if not stat.S_ISLNK(found.st_mode):
            return OTHER_TYPE
        ours = self.inventory.targets.get(row)
        if ours is None:
            return UNREADABLE
        try:
            return SAME if os.readlink(name, dir_fd=dir_fd) == ours else DIFFERENT
        except OSError as error:
            return _source_code(error)

    def _file(self, row: int, name: str, dir_fd: int, found: os.stat_result) -> int:
        inventory = self.inventory
        if not stat.S_ISREG(found.st_mode):
            return OTHER_TYPE
        if found.st_size != inventory.size[row]:
            return DIFFERENT
        if found.st_ino == inventory.inode[row] and found.st_dev == inventory.devices[inventory.device[row]]:
            return SAME
        shut = self.targets.shut(row)
        if shut is not None:
            return shut
        try:
            ours = open_file(self.targets.name(row), self.targets.directory(row))
        except OSError as error:
            return _target_code(error)
        try:
            try:
                theirs = open_file(name, dir_fd)
            except OSError as error:
                return _source_code(error)
            try:
                return self._contents(ours, theirs, found.st_size)
            finally:
                os.close(theirs)
        except IsADirectoryError:
            return OTHER_TYPE
        except OSError:
            return UNREADABLE
        finally:
            os.close(ours)

    def _contents(self, ours: int, theirs: int, size: int) -> int:
        if size <= _WHOLE:
            # One byte more than there should be, so that a file that grew meanwhile shows.
            a, b = os.read(ours, size + 1), os.read(theirs, size + 1)
            if len(a) == size == len(b):
                return SAME if a == b else DIFFERENT
        if self.buffers is None:
            self.buffers = bytearray(_CHUNK), bytearray(_CHUNK)
        mine, other = self.buffers
        at = 0
        while True:
            got = _fill(ours, mine, at)
            if got != _fill(theirs, other, at) or (mine != other if got == _CHUNK else mine[:got] != other[:got]):
                return DIFFERENT
            if got < _CHUNK:
                return SAME
            at += got
            if self.cancelled():
                raise _Cancelled


def _fill(fd: int, buffer: bytearray, at: int) -> int:
    view, filled = memoryview(buffer), 0
    while filled < len(buffer):
        got = os.preadv(fd, [view[filled:]], at + filled)
        if not got:
            break
        filled += got
    return filled
