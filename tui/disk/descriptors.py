"""Directories and files opened by descriptor, one name at a time: a link put in their place leads nowhere."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Optional

from tui.disk.access import Identity, Names, Swapped, stats_one_by_one

KEPT_OPEN = 64  # descriptors that one Chain holds; a process may usually have 1,024

_NO_ATIME = getattr(os, "O_NOATIME", 0)
_PLAIN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_READ = _PLAIN | _NO_ATIME
_LIST = _PLAIN | os.O_DIRECTORY | _NO_ATIME
_ENTER = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def _open(name: str | bytes, flags: int, dir_fd: int) -> int:
    try:
        return os.open(name, flags, dir_fd=dir_fd)
    except PermissionError:
        # Only a file's owner (or root) may leave its access time alone.
        if not _NO_ATIME:
            raise
    return os.open(name, flags & ~_NO_ATIME, dir_fd=dir_fd)


def open_file(name: str | bytes, dir_fd: int) -> int:
    """A descriptor to read a file with. Never follows a link or waits for a pipe's writer. Raises OSError."""
    return _open(name, _READ, dir_fd)


def open_list(name: str | bytes, dir_fd: int) -> int:
    """A descriptor to list a directory with; ENOTDIR where a link or anything else stands. Raises OSError."""
    return _open(name, _LIST, dir_fd)


def open_enter(name: str, dir_fd: int) -> int:
    """A descriptor to look names up in a directory with, which need not be readable. Raises OSError."""
    return os.open(name, _ENTER, dir_fd=dir_fd)


def open_below(fd: int, parts: Sequence[str]) -> int:
    """A directory some levels below another, no link followed on the way. Raises OSError."""
    current = open_enter(".", fd)
    for part in parts:
        try:
            below = open_enter(part, current)
        finally:
            os.close(current)
        current = below
    return current


class Parents:
    """The directories that single paths stand in; the last one stays open, since the next is often the same."""

    def __init__(self, fd: int) -> None:
        self._top = fd
        self._fd = -1
        self._parts: Optional[tuple[str, ...]] = None

    def at(self, parts: tuple[str, ...]) -> int:
        """The directory's descriptor, good until the next call; no link is followed. Raises OSError."""
        if parts != self._parts:
            self.close()
            self._fd = open_below(self._top, parts)
            self._parts = parts
        return self._fd

    def close(self) -> None:
        """Close what is open; may be called more than once."""
        if self._fd >= 0:
            os.close(self._fd)
        self._fd, self._parts = -1, None


class Chain:
    """Directories entered one below the other, each checked to be the one that was seen.

    However deep it goes, at most ``KEPT_OPEN`` of them are open: the shallow ones are closed, and
    found again from the top when the way leads back to them. All methods raise OSError.
    """

    def __init__(self, fd: int, above: Sequence[str] = ()) -> None:
        """Start below the directory that ``above`` names, itself below ``fd`` (which stays the caller's)."""
        self._top = fd
        self._above = tuple(above)
        self._levels: list[tuple[str, Identity]] = []
        self._open: list[int] = []  # of the deepest levels

    def __len__(self) -> int:
        return len(self._levels)

    def enter(self, name: str, seen: Identity) -> int:
        """Go one level down; the descriptor of the directory there. Raises Swapped where it is another one."""
        if self._levels:
            fd = self._enter(name, self.here(), seen)
        else:
            base = open_below(self._top, self._above)
            try:
                fd = self._enter(name, base, seen)
            finally:
                os.close(base)
        self._levels.append((name, seen))
        self._keep(fd, KEPT_OPEN)
        return fd

    def leave(self) -> None:
        """Go one level up."""
        self._levels.pop()
        if self._open:
            os.close(self._open.pop())

    def here(self) -> int:
        """The descriptor of the directory the chain is in, opened again where it had been closed."""
        if not self._open:
            self._reopen()
        return self._open[-1]

    def close(self) -> None:
        """Leave everything; may be called more than once."""
        self._levels.clear()
        while self._open:
            os.close(self._open.pop())

    def _keep(self, fd: int, most: int) -> None:
        self._open.append(fd)
        if len(self._open) > most:
            os.close(self._open.pop(0))

    def _reopen(self) -> None:
        # Half of what may be open is opened again at once, so that a way back of n levels costs
        # n * n / KEPT_OPEN steps and not n * n / 2.
        above = open_below(self._top, self._above)
        try:
            for name, seen in self._levels:
                self._keep(self._enter(name, self._open[-1] if self._open else above, seen), KEPT_OPEN // 2)
        except OSError:
            while self._open:
                os.close(self._open.pop())
            raise
        finally:
            os.close(above)

    @staticmethod
    def _enter(name: str, dir_fd: int, seen: Identity) -> int:
        fd = open_list(name, dir_fd)
        found = os.fstat(fd)
        if (found.st_dev, found.st_ino) != seen:
            os.close(fd)
            raise Swapped(name)
        return fd


class Descriptors:
    """The disk below an open directory, as a walk reaches it: see ``tui.disk.access.Access``."""

    def __init__(self, fd: int, owner: object) -> None:
        """``owner`` keeps the descriptor open for as long as this is held."""
        self._top = fd
        self._owner = owner

    def parents(self) -> Parents:
        return Parents(self._top)

    def chain(self, above: Sequence[str] = ()) -> Chain:
        return Chain(self._top, above)

    def stat(self, name: str, here: int) -> os.stat_result:
        return os.stat(name, dir_fd=here, follow_symlinks=False)

    def stats(self, names: list[str], here: int) -> tuple[list[str], list[os.stat_result], list[tuple[str, OSError]]]:
        look = os.stat
        try:
            return names, [look(name, dir_fd=here, follow_symlinks=False) for name in names], []
        except OSError:
            pass  # left first, or the errors to come would hold this one and its frames
        return stats_one_by_one(lambda name: look(name, dir_fd=here, follow_symlinks=False), names)

    def read_link(self, name: str, here: int) -> str:
        return os.readlink(name, dir_fd=here)

    def names(self, here: int) -> Names:
        return Names(here)
