"""Path look-up inside a Root, one component at a time, so that no link and no ``..`` leads out of it."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections import OrderedDict
from typing import Callable, Optional

from tui.disk.descriptors import open_below, open_enter
from tui.disk.root import MAX_LINKS, Looped, NotThere, Unusable, root_error
from tui.paths import child_path

CACHED = 64  # directories kept open for the next look-up
FRESH = 1.0  # seconds for which a cached directory is taken to stand where it was found


class Directory:
    """An open directory and where it really is in the Root. Closed when nobody holds it any more."""

    __slots__ = ("fd", "owner", "path", "since")

    def __init__(self, fd: int, path: str, since: float, owner: Optional[Directory] = None) -> None:
        self.fd = fd
        self.path = path
        self.since = since  # when the look-up that found it began
        self.owner = owner  # who closes the descriptor, if it is borrowed

    def __del__(self, close: Callable[[int], None] = os.close) -> None:
        if self.fd >= 0 and self.owner is None:
            close(self.fd)
            self.fd = -1


def _components(text: str) -> list[str]:
    """A path's components, last first. A slash at the end asks for a directory, as ``.`` does."""
    parts = [part for part in text.split("/") if part]
    if parts and text.endswith("/"):
        parts.append(".")
    parts.reverse()
    return parts


class Resolver:
    """Finds paths below one directory. Safe to use from several threads."""

    def __init__(self, fd: int, clock: Callable[[], float] = time.monotonic) -> None:
        """``fd`` becomes the Resolver's: the directory that the instance's ``/`` is."""
        self._top = Directory(fd, "/", 0.0)
        self._clock = clock
        self._cache: OrderedDict[str, tuple[Directory, int]] = OrderedDict()  # with the links on the way
        self._lock = threading.Lock()

    @property
    def fd(self) -> int:
        """The descriptor of the Root's top; -1 once closed."""
        return self._top.fd

    def close(self) -> None:
        """Close everything that no look-up uses any more."""
        with self._lock:
            self._cache.clear()
            self._top = Directory(-1, "/", 0.0)

    def forget(self) -> None:
        """Look everything up anew from now on."""
        with self._lock:
            self._cache.clear()

    def locate(self, path: str, follow: bool) -> tuple[Directory, str]:
        """The directory a path's last component stands in, and its name there; ``.`` for the directory itself.

        Links are followed in all components, in the last one only if ``follow``. The last component
        may or may not exist. Raises RootError.
        """
        if not path.startswith("/") or "\0" in path:
            raise Unusable(path, "has a NUL in it" if "\0" in path else "is not an absolute path")
        if self._top.fd < 0:
            raise Unusable(path, "the instance is not open any more")
        if not path.isascii():
            try:
                os.fsencode(path)
            except UnicodeEncodeError:
                raise NotThere(path, "no file system can hold that name") from None
        try:
            return self._locate(path, follow)
        except OSError as error:
            raise root_error(error, path) from None

    def directory(self, path: str) -> Directory:
        """A directory, links followed, to look names up in. Raises RootError."""
        return self.locate(path.rstrip("/") + "/", True)[0]

    def _locate(self, path: str, follow: bool) -> tuple[Directory, str]:
        head, _, name = path.rpartition("/")
        if name in ("", ".", ".."):
            return self._way(path, path.rstrip("/"))[0], "."
        current, passed = self._way(path, head)
        return self._last(path, current, name, [passed]) if follow else (current, name)

    def _way(self, path: str, directory: str) -> tuple[Directory, int]:
        """A directory on the way of ``path`` and the links before it, from the last one above it that is known."""
        at, parts, known = directory, list[str](), None
        while at:
            known = self._cached(at)
            if known is not None:
                break
            at, _, name = at.rpartition("/")
            if name:
                parts.append(name)
        if not parts:
            return known or (self._start(), 0)
        current, passed = known or (self._start(), 0)
        links = [passed]
        current = self._onward(path, current, parts, links)
        self._remember(directory, current, links[0])
        return current, links[0]

    def _start(self) -> Directory:
        top = self._top
        return Directory(top.fd, "/", self._clock(), top)

    def _cached(self, path: str) -> Optional[tuple[Directory, int]]:
        with self._lock:
            found = self._cache.get(path)
            if found is None:
                return None
            if self._clock() - found[0].since > FRESH:
                del self._cache[path]
                return None
            self._cache.move_to_end(path)
            return found

    def _remember(self, path: str, directory: Directory, links: int = 0) -> None:
        with self._lock:
            self._cache[path] = directory, links
            if len(self._cache) > CACHED:
                self._cache.popitem(last=False)

    def _onward(self, path: str, current: Directory, parts: list[str], links: list[int]) -> Directory:
        """Follow ``parts`` (last first, used up) as directories; ``links`` counts the links on the way."""
        while parts:
            name = parts.pop()
            if name == ".":
                continue
            if name == "..":
                current = self._above(current)
                continue
            real = child_path(current.path, name)
            known = self._cached(real)
            if known is not None:
                current = known[0]
                self._count(path, links, known[1])
                continue
            try:
                current = Directory(open_enter(name, current.fd), real, current.since)
            except OSError as error:
                if error.errno not in (errno.ENOTDIR, errno.ELOOP):
                    raise
                current = self._through(path, current, name, parts, links)
            else:
                self._remember(real, current)
        return current

    def _above(self, current: Directory) -> Directory:
        # Never by opening "..": the directory may have been moved since, out of the Root too.
        path = current.path.rpartition("/")[0]
        start = self._start()
        if not path:
            return start
        known = self._cached(path)
        if known is not None:
            return known[0]
        above = Directory(open_below(start.fd, path.split("/")[1:]), path, start.since)
        self._remember(path, above)
        return above

    def _through(self, path: str, current: Directory, name: str, parts: list[str], links: list[int]) -> Directory:
        """Put a link's target before the remaining ``parts``; the directory that it starts from."""
        try:
            target = os.readlink(name, dir_fd=current.fd)
        except OSError as error:
            if error.errno == errno.EINVAL:  # no link
                raise NotThere(path, "part of the path is not a directory") from None
            raise
        self._count(path, links, 1)
        parts += _components(target)
        return self._start() if target.startswith("/") else current

    @staticmethod
    def _count(path: str, links: list[int], more: int) -> None:
        links[0] += more
        if links[0] > MAX_LINKS:
            raise Looped(path, f"more than {MAX_LINKS} symbolic links on the way")

    def _last(self, path: str, current: Directory, name: str, links: list[int]) -> tuple[Directory, str]:
        """Follow a last component for as long as it is a link."""
        while True:
            try:
                os.readlink(name, dir_fd=current.fd)
            except OSError as error:
                if error.errno in (errno.EINVAL, errno.ENOENT):
                    return current, name
                raise
            parts: list[str] = []
            current = self._through(path, current, name, parts, links)
            if not parts or parts[0] in (".", ".."):
                return self._onward(path, current, parts, links), "."
            name = parts.pop(0)
            current = self._onward(path, current, parts, links)
