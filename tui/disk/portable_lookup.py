"""Path look-up by paths alone, one component at a time, so that no link and no ``..`` leads out."""

from __future__ import annotations

import stat
import threading
import time
from collections import OrderedDict
from typing import Callable

from tui.disk.portable_paths import WINDOWS, Found, Paths, host_error
from tui.disk.root import MAX_LINKS, Looped, NotThere, Unusable
from tui.paths import child_path

CACHED = 1024  # directories whose place is kept for the next look-up
FRESH = 1.0  # seconds for which a cached directory is taken to stand where it was found


class Lookup:
    """Finds paths of a Root. Safe to use from several threads."""

    def __init__(self, paths: Paths, clock: Callable[[], float] = time.monotonic) -> None:
        self._paths = paths
        self._clock = clock
        self._cache: OrderedDict[str, tuple[float, str, int]] = OrderedDict()  # since when, real path, links
        self._lock = threading.Lock()
        self.closed = False

    def forget(self) -> None:
        """Look everything up anew from now on."""
        with self._lock:
            self._cache.clear()

    def found(self, path: str, follow: bool) -> tuple[str, Found]:
        """Where a path leads, links followed (the last one only if ``follow``), and what is there. Raises RootError."""
        if not path.startswith("/") or "\0" in path:
            raise Unusable(path, "has a NUL in it" if "\0" in path else "is not an absolute path")
        if self.closed:
            raise Unusable(path, "the instance is not open any more")
        head, _, name = path.rpartition("/")
        try:
            if name in ("", ".", ".."):
                real = self._onward(path, "/", _names(path), [0])
                return real, self._directory(path, real)
            return self._last(path, head, name, follow)
        except UnicodeEncodeError:
            raise NotThere(path, "no file system can hold that name") from None
        except OSError as error:
            raise host_error(error, path) from None

    def _last(self, path: str, head: str, name: str, follow: bool) -> tuple[str, Found]:
        here, links = self._head(path, head)
        count = [links]
        while True:
            real = child_path(here, name)
            found = self._paths.look(real)
            if not follow or not stat.S_ISLNK(found.st_mode):
                return real, found
            here, names = self._target(path, here, real, count)
            if not names or names[0] in (".", ".."):
                real = self._onward(path, here, names, count)
                return real, self._directory(path, real)
            name = names.pop(0)
            here = self._onward(path, here, names, count)

    def _head(self, path: str, head: str) -> tuple[str, int]:
        now = self._clock()
        with self._lock:
            known = self._cache.get(head)
            if known is not None and now - known[0] <= FRESH:
                return known[1], known[2]
        count = [0]
        real = self._onward(path, "/", _names(head), count)
        with self._lock:
            self._cache[head] = (now, real, count[0])
            self._cache.move_to_end(head)
            if len(self._cache) > CACHED:
                self._cache.popitem(last=False)
        return real, count[0]

    def _directory(self, path: str, real: str) -> Found:
        found = self._paths.look(real)
        if not stat.S_ISDIR(found.st_mode):
            raise NotThere(path, "part of the path is not a directory")
        return found

    def _onward(self, path: str, here: str, names: list[str], count: list[int]) -> str:
        """Follow ``names`` (last first, used up) as directories; ``count`` has the links on the way."""
        while names:
            name = names.pop()
            if name == ".":
                continue
            if name == "..":
                here = here.rpartition("/")[0] or "/"
                continue
            real = child_path(here, name)
            mode = self._paths.look(real).st_mode
            if stat.S_ISDIR(mode):
                here = real
            elif stat.S_ISLNK(mode):
                here, more = self._target(path, here, real, count)
                names += more
            else:
                raise NotThere(path, "part of the path is not a directory")
        return here

    def _target(self, path: str, here: str, link: str, count: list[int]) -> tuple[str, list[str]]:
        """Where a link's text starts from, and its names, last first."""
        count[0] += 1
        if count[0] > MAX_LINKS:
            raise Looped(path, f"more than {MAX_LINKS} symbolic links on the way")
        text = self._paths.link_text(link)
        if WINDOWS:
            text = text.replace("\\", "/")
            if text.startswith("//") or text[1:2] == ":":
                raise NotThere(path, "a link leads out of the instance")
        return "/" if text.startswith("/") else here, _names(text)


def _names(text: str) -> list[str]:
    """A path's names, last first. A slash at the end asks for a directory, as ``.`` does."""
    names = [name for name in text.split("/") if name]
    if names and text.endswith("/"):
        names.append(".")
    names.reverse()
    return names
