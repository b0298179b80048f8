"""A directory of this machine, or its drives, reached by paths alone, for systems without directory descriptors."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Mapping, Sequence
from typing import Any, Optional, Union

from tui.disk.access import Identity, Names, Seen, Swapped, stats_one_by_one
from tui.disk.inventory import UNKNOWN_TIME
from tui.disk.root import NotThere, RootError, Unusable, root_error
from tui.paths import child_path, from_bytes, to_bytes

WINDOWS = os.name == "nt"
# What no name can have in it here; what does may mean something else altogether (a stream, a pattern).
_NOT_HELD = re.compile(r'[\\/:*?"<>|\x00-\x1f]' if WINDOWS else "[/\0]")
_LINK_TAGS = (0xA000000C, 0xA0000003)  # IO_REPARSE_TAG_SYMLINK, IO_REPARSE_TAG_MOUNT_POINT (a junction)
_IN_USE = (32, 33)  # ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION
_NO_NAME = (53, 123, 161, 206, 267)  # a path that names nothing, or leads through what is no directory
_MOST = 2**64 - 1

Found = Union[Seen, os.stat_result]


def host_error(error: OSError, path: str) -> RootError:
    """What an OSError of this machine means for a path inside a Root."""
    code = getattr(error, "winerror", None)
    if code in _IN_USE:
        return Unusable(path, "in use by another program")
    if code in _NO_NAME:
        return NotThere(path, "no such file or directory")
    return root_error(error, path)


def _seen(found: Any) -> Found:
    """What ``os.lstat`` tells, as a Root tells it: on Windows a junction is a link, and nobody knows of changes."""
    if not WINDOWS:
        return found  # type: ignore[no-any-return]
    mode = found.st_mode
    if found.st_reparse_tag in _LINK_TAGS:
        mode = stat.S_IFLNK | 0o777
    else:
        # Windows makes permission bits up; whoever may write besides the owner they do not tell.
        mode &= ~0o022
    inode = min(found.st_ino, _MOST)
    return Seen(mode, inode, found.st_dev, found.st_nlink, 0, 0, found.st_size, found.st_mtime_ns, UNKNOWN_TIME)


class Paths:
    """The machine's own paths of a Root's, and looks at them: see ``tui.disk.access.Access``.

    A directory (``here``) is its path inside the Root.
    """

    def __init__(self, tops: Union[str, Mapping[str, str]]) -> None:
        """``tops``: the directory that ``/`` is, or the directories that stand in it by name."""
        self.drives = None if isinstance(tops, str) else dict(tops)
        self._top = tops if isinstance(tops, str) else ""

    def native(self, path: str) -> str:
        """The machine's path of an absolute one inside the Root. Raises FileNotFoundError where it can have none."""
        top, names = self._top, path.split("/")[1:]
        if self.drives is not None:
            top, names = self.drives.get(names[0], ""), names[1:]
            if not top:
                raise FileNotFoundError(errno.ENOENT, "No such drive", path)
        names = [name for name in names if name]
        for name in names:
            if _NOT_HELD.search(name):
                raise FileNotFoundError(errno.ENOENT, "No file system of this machine can hold that name", path)
        return os.path.join(top, *names) if names else top

    def is_top(self, path: str) -> bool:
        """Whether a path is where the Root, or one of its drives, begins."""
        return path == "/" or (self.drives is not None and path[1:] in self.drives)

    def look(self, path: str) -> Found:
        """What is at a path, no link followed below the top. Raises OSError, and ValueError for a NUL."""
        if path == "/" and self.drives is not None:
            return Seen(stat.S_IFDIR | 0o755, 0, 0, 1, 0, 0, 0, UNKNOWN_TIME, UNKNOWN_TIME)
        place = self.native(path)
        return _seen(os.stat(place) if self.is_top(path) else os.lstat(place))

    def listed(self, path: str) -> list[str]:
        """The names in a directory that text and bytes both can hold, in byte order. Raises OSError."""
        if path == "/" and self.drives is not None:
            return sorted(self.drives)
        with self.names(path) as names:
            return sorted(names, key=to_bytes)

    def link_text(self, path: str) -> str:
        """The text of a link, as the operator of this system would write it. Raises OSError."""
        text = os.readlink(self.native(path))
        return text[4:] if WINDOWS and re.match(r"\\\\\?\\[A-Za-z]:", text) else text

    # As a walk reaches it.

    def parents(self) -> PathParents:
        return PathParents(self)

    def chain(self, above: Sequence[str] = ()) -> PathChain:
        return PathChain(self, above)

    def stat(self, name: str, here: str) -> Found:
        return self.look(here if name == "." else child_path(here, name))

    def stats(self, names: list[str], here: str) -> tuple[list[str], list[Found], list[tuple[str, OSError]]]:
        if self.drives is None and not WINDOWS:
            top = self.native(here) + os.sep
            return stats_one_by_one(lambda name: os.lstat(top + name), names)
        return stats_one_by_one(lambda name: self.look(child_path(here, name)), names)

    def read_link(self, name: str, here: str) -> str:
        return self.link_text(child_path(here, name))

    def names(self, here: str) -> Names:
        return Names(self.native(here), _told_apart if WINDOWS else None)


def _told_apart(name: str) -> bool:
    """Whether a name comes back from its bytes: some with half characters do not."""
    return name.isascii() or from_bytes(to_bytes(name)) == name


def _plain_directory(paths: Paths, path: str) -> Found:
    found = paths.look(path)
    if not stat.S_ISDIR(found.st_mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
    return found


class PathParents:
    """The directories that single paths stand in: see ``tui.disk.access.Parents``."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._parts: Optional[tuple[str, ...]] = None

    def at(self, parts: tuple[str, ...]) -> str:
        path = "/" + "/".join(parts)
        if parts != self._parts:
            self._parts = None
            _go_down(self._paths, parts)
            self._parts = parts
        return path

    def close(self) -> None:
        self._parts = None


def _go_down(paths: Paths, parts: Sequence[str]) -> str:
    path = "/"
    for part in parts:
        path = child_path(path, part)
        _plain_directory(paths, path)
    return path


class PathChain:
    """Directories entered one below the other: see ``tui.disk.access.Chain``."""

    def __init__(self, paths: Paths, above: Sequence[str]) -> None:
        self._paths = paths
        self._above = tuple(above)
        self._way: list[str] = []

    def enter(self, name: str, seen: Identity) -> str:
        here = self._way[-1] if self._way else _go_down(self._paths, self._above)
        path = here if name == "." else child_path(here, name)
        found = _plain_directory(self._paths, path)
        if (found.st_dev, found.st_ino) != seen:
            raise Swapped(name)
        self._way.append(path)
        return path

    def leave(self) -> None:
        self._way.pop()

    def here(self) -> str:
        return self._way[-1]

    def close(self) -> None:
        self._way.clear()
