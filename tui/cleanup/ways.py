"""The ways to directories: opened name by name from a trusted top, never through a link, and looked at again."""

from __future__ import annotations

import errno
import os
import stat
from collections import OrderedDict
from collections.abc import Mapping
from typing import Callable, Optional

from tui.cleanup.calls import Calls, Handle
from tui.cleanup.identity import Key, key_of

SURE_FOR = 32  # acts in a directory after which it is asked again where it is
KEPT_OPEN = 48  # directories; a process may usually have 1,024 descriptors


class Moved(OSError):
    """A directory is not where it was, or a link or another one stands in its place."""


class Way:
    """An open directory, and where it was when it was opened. Closed when nobody holds it any more."""

    __slots__ = ("close", "handle", "key", "path", "sure", "where")

    def __init__(
        self,
        path: str,
        handle: Handle,
        key: Optional[Key],
        where: Optional[str],
        close: Optional[Callable[[Handle], None]] = None,
    ) -> None:
        self.path = path
        self.handle = handle
        self.key = key  # where the system does not tell where it is
        self.where = where
        self.close = close
        self.sure = SURE_FOR  # acts until it is to be asked again where it is

    def __del__(self) -> None:
        if self.close is not None:
            self.close(self.handle)


class Ways:
    """Directories below trusted ones, the last used of them kept open. All methods raise OSError.

    Each is entered from the one above it by ``O_NOFOLLOW``, so a link on the way is an error and not a way out. Who
    may write in a directory above can still move an opened one elsewhere, and put another in its place: ``still``
    asks the system where the opened one is now (or goes the way again). That is done when a directory is entered and
    after every 32 acts in it (``sure``). What remains is the time between that answer and the act, about a
    millisecond, in which the directory can be moved: the act then falls on the planned thing, looked at by its own
    identity right before, in the directory it was seen in, and on nothing else.
    """

    def __init__(self, calls: Calls, tops: Mapping[str, Handle], make: bool = False, private: bool = False) -> None:
        """``tops``: the directory that ``/`` is, under the name "", or those of drives under theirs.

        The handles stay the caller's. ``make``: what is not there is made, for its owner alone. ``private``: nobody
        else can move anything below the tops, so it is not asked where an opened one is.
        """
        self._calls = calls
        self._private = private
        self._tops = {name: self._way("/" + name, top, self._where(top)) for name, top in tops.items()}
        self._drives = "" not in tops
        self._make = make
        self._open: OrderedDict[str, Way] = OrderedDict()

    def at(self, path: str) -> Way:
        """A directory. Raises Moved, FileNotFoundError."""
        way = self._open.get(path)
        if way is not None:
            if self.still(way):
                self._open.move_to_end(path)
                way.sure = SURE_FOR
                return way
            self.forget(path)
        return self._found(path)

    def still(self, way: Way) -> bool:
        """Whether an opened directory is where it was."""
        if self._private:
            return True
        if way.where is not None:
            return self._calls.where(way.handle) == way.where
        top, names = self._split(way.path)
        current = top.handle
        try:
            for name in names:
                below = self._calls.open_dir(name, current)
                if current != top.handle:
                    self._calls.close(current)
                current = below
            return key_of(self._calls.look(".", current)) == way.key
        except OSError:
            return False
        finally:
            if current != top.handle:
                self._calls.close(current)

    def sure(self, way: Way) -> bool:
        """Whether an opened directory is where it was, a few acts ago at most: to be asked before each act."""
        if way.sure <= 0:
            if not self.still(way):
                return False
            way.sure = SURE_FOR
        way.sure -= 1
        return True

    def forget(self, path: str) -> None:
        """Let go of a directory that was removed, or is to be looked up anew."""
        self._open.pop(path, None)

    def close(self) -> None:
        """Let go of all; may be called more than once."""
        self._open.clear()

    def _split(self, path: str) -> tuple[Way, list[str]]:
        names = path.split("/")[1:] if path != "/" else []
        if any(name in ("", ".", "..") or "\0" in name for name in names):
            raise FileNotFoundError(errno.ENOENT, "not a whole path", path)
        if not self._drives:
            return self._tops[""], names
        top = self._tops.get(names[0]) if names else None
        if top is None:
            raise FileNotFoundError(errno.ENOENT, "no such drive", path)
        return top, names[1:]

    def _found(self, path: str) -> Way:
        top, names = self._split(path)
        current, at = top, top.path if top.path != "/" else ""
        start = 0
        for count in range(len(names), 0, -1):
            above = f"{at}/" + "/".join(names[:count])
            known = self._open.get(above)
            if known is None:
                continue
            if self.still(known):
                current, at, start = known, above, count
                break
            self.forget(above)
        for name in names[start:]:
            at = f"{at}/{name}"
            current = self._enter(current, name, at)
        if current is not top:
            self._open.move_to_end(path)
        return current

    def _enter(self, above: Way, name: str, path: str) -> Way:
        calls = self._calls
        try:
            handle = calls.open_dir(name, above.handle)
        except FileNotFoundError:
            if not self._make:
                raise
            calls.mkdir(name, above.handle)
            handle = calls.open_dir(name, above.handle)
        except OSError as error:
            if error.errno not in (errno.ENOTDIR, errno.ELOOP):
                raise
            raise Moved(errno.ENOTDIR, self._what(name, above.handle), path) from None
        try:
            where = self._where(handle)
            expected = None if above.where is None else os.path.join(above.where, name)
            if where != expected:
                raise Moved(errno.ENOTDIR, "it was moved while it was opened", path)
            way = self._way(path, handle, where, calls.close)
        except BaseException:
            calls.close(handle)
            raise
        self._open[path] = way
        if len(self._open) > KEPT_OPEN:
            self._open.popitem(last=False)
        return way

    def _way(
        self, path: str, handle: Handle, where: Optional[str], close: Optional[Callable[[Handle], None]] = None
    ) -> Way:
        asked = where is not None or self._private
        return Way(path, handle, None if asked else key_of(self._calls.look(".", handle)), where, close)

    def _where(self, handle: Handle) -> Optional[str]:
        return None if self._private else self._calls.where(handle)

    def _what(self, name: str, here: Handle) -> str:
        try:
            found = self._calls.look(name, here)
        except OSError:
            return "it is no directory any more"
        return "a link stands there" if stat.S_ISLNK(found.st_mode) else "it is no directory any more"
