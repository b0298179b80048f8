"""Windows look-up on any Root: names without letter case, drives, and links whose text is a Windows path."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Callable, NamedTuple, Optional

from tui.disk.inventory import DIR, LINK
from tui.disk.listings import FRESH, Listings
from tui.disk.root import MAX_LINKS, Looped, NotThere, Root, RootError, Unusable
from tui.paths import child_path, normal_path
from tui.windows_paths import fold, inside

KNOWN = 1024  # directories whose place is kept for the next look-up
LONGEST = 32_767  # characters of a path: Windows has no longer ones


class Folder:
    """A directory, links resolved: its path in the disk's spelling, the inner Root's path, and where it is in."""

    __slots__ = ("above", "inner", "path")

    def __init__(self, path: str, inner: str, above: Optional[Folder]) -> None:
        self.path = path
        self.inner = inner
        self.above = above  # None for the top, which holds the drives


class Place(NamedTuple):
    """Where a path leads: its path in the disk's spelling, and the inner Root's (empty for the top)."""

    path: str
    inner: str


class _Known(NamedTuple):
    """What became of a directory's path: its spelling, the folder or why there is none, links on the way."""

    spelled: str
    folder: Optional[Folder]
    error: Optional[tuple[type[RootError], str]]  # its kind and reason; the error itself would hold frames
    links: int
    since: float


class _Tail:
    """Names that are not on disk, as they first were asked for."""

    __slots__ = ("below", "names")

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.below: dict[str, _Tail] = {}

    def spell(self, names: list[str]) -> list[str]:
        at, spelled = self, []
        for i, name in enumerate(names):
            key = fold(name)
            spelled.append(at.names.setdefault(key, name))
            if i < len(names) - 1:
                at = at.below.setdefault(key, _Tail())
        return spelled


class Folders:
    """Finds Windows paths below the drives, which are directories of an inner Root. For one thread at a time."""

    def __init__(self, inner: Root, drives: Mapping[str, str], clock: Callable[[], float] = time.monotonic) -> None:
        """``drives``: ``C:`` and the like, with the inner Root's directory of each."""
        self._inner = inner
        self._clock = clock
        self.drives = {name.upper(): drives[name] for name in sorted(drives)}
        self._top = Folder("/", "", None)
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._listings = Listings(inner, clock)
        self._tails: dict[str, _Tail] = {}

    def forget(self) -> None:
        """Look everything up anew from now on; what is not there keeps the spelling that it was given."""
        self._known.clear()
        self._listings.forget()

    def spelling(self, path: str) -> str:
        """See ``tui.disk.root.Root.spelling``."""
        normal = normal_path(path)
        if normal is None or len(path) > LONGEST or "\0" in path:
            return path
        if normal == "/":
            return normal
        head, _, name = normal.rpartition("/")
        known = self._directory(head or "/")
        if known.folder is not None:
            found = self._find(known.folder, name)
            if found is not None:
                return child_path(known.spelled, found)
        if len(known.spelled) != len(head or "/"):  # part of the way is not there either
            name = normal[len(known.spelled.rstrip("/")) + 1 :]
        tail = self._tails.get(known.spelled)
        if tail is None:
            tail = self._tails[known.spelled] = _Tail()
        return child_path(known.spelled, "/".join(tail.spell(name.split("/"))))

    def locate(self, path: str, follow: bool) -> Place:
        """Where a path leads, links followed, the last one only if ``follow``; it need not exist. Raises RootError."""
        normal = normal_path(path)
        if normal is None or "\0" in path:
            raise Unusable(path, "has a NUL in it" if "\0" in path else "is not an absolute path")
        if len(path) > LONGEST:
            raise NotThere(path, "longer than any path can be")
        if normal == "/":
            return Place("/", "")
        if path[-1] == "/":  # asks for a directory
            folder = self._folder(path, normal)
            return Place(folder.path, folder.inner)
        head, _, name = normal.rpartition("/")
        known = self._directory(head or "/")
        folder = self._usable(path, head or "/", known)
        return self._last(path, folder, name, [known.links], follow)

    def _folder(self, path: str, normal: str) -> Folder:
        return self._usable(path, normal, self._directory(normal))

    def _usable(self, path: str, head: str, known: _Known) -> Folder:
        if known.folder is not None and len(known.spelled) == len(head):
            return known.folder
        if known.error is not None:
            kind, reason = known.error
            raise kind(path, reason)
        raise NotThere(path, "no such file or directory")

    def _directory(self, path: str) -> _Known:
        """What is known of a directory (normal path); where it is not there, of the deepest one above it."""
        now, todo, at = self._clock(), [], path
        known = self._cached(at, now)
        while known is None:
            if at == "/":
                known = _Known("/", self._top, None, 0, now)
                break
            at, _, name = at.rpartition("/")
            at = at or "/"
            todo.append(name)
            known = self._cached(at, now)
        while todo and known.folder is not None:
            name = todo.pop()
            below = self._step(path, known, name)
            if below is None:
                break
            at, known = child_path(at, name), below
            self._known[at] = known
            if len(self._known) > KNOWN:
                self._known.popitem(last=False)
        return known

    def _cached(self, path: str, now: float) -> Optional[_Known]:
        known = self._known.get(path)
        if known is not None and now - known.since > FRESH:
            del self._known[path]
            return None
        return known

    def _step(self, path: str, known: _Known, name: str) -> Optional[_Known]:
        """One name further; None where it is not there."""
        assert known.folder is not None
        found = self._find(known.folder, name)
        if found is None:
            return None
        spelled = child_path(known.spelled, found)
        links = [known.links]
        try:
            folder = self._enter(path, known.folder, found, links)
        except RootError as error:
            return _Known(spelled, None, (type(error), error.reason), links[0], known.since)
        return _Known(spelled, folder, None, links[0], known.since)

    def _enter(self, path: str, folder: Folder, found: str, links: list[int]) -> Folder:
        """The directory of a name that is there, through links. Raises RootError."""
        if folder is self._top:
            return Folder(child_path("/", found), self.drives[found], folder)
        kind = self._kind(folder, found)
        if kind == DIR:
            return Folder(child_path(folder.path, found), child_path(folder.inner, found), folder)
        if kind != LINK:
            raise NotThere(path, "part of the path is not a directory")
        start, names = self._target(path, folder, found, links)
        return self._onward(path, start, names, links)

    def _onward(self, path: str, folder: Folder, names: list[str], links: list[int]) -> Folder:
        """Go on by names (last first, used up), links followed. Raises RootError."""
        while names:
            name = names.pop()
            if name == "..":
                folder = folder.above if folder.above is not None and folder.above is not self._top else folder
                continue
            found = self._find(folder, name)
            if found is None:
                raise NotThere(path, "no such file or directory")
            if folder is not self._top and self._kind(folder, found) == LINK:
                folder, more = self._target(path, folder, found, links)
                names += more
            else:
                folder = self._enter(path, folder, found, links)
        return folder

    def _last(self, path: str, folder: Folder, name: str, links: list[int], follow: bool) -> Place:
        while True:
            found = self._find(folder, name)
            if folder is self._top:
                if found is None:
                    raise NotThere(path, "no such drive")
                return Place(child_path("/", found), self.drives[found])
            name = name if found is None else found
            if found is None or not follow or self._kind(folder, found) != LINK:
                return Place(child_path(folder.path, name), child_path(folder.inner, name))
            folder, names = self._target(path, folder, found, links)
            if not names or names[0] == "..":
                folder = self._onward(path, folder, names, links)
                return Place(folder.path, folder.inner)
            name = names.pop(0)
            folder = self._onward(path, folder, names, links)

    def _target(self, path: str, folder: Folder, found: str, links: list[int]) -> tuple[Folder, list[str]]:
        """Where a link's text starts from, and its names, last first. Raises RootError."""
        links[0] += 1
        if links[0] > MAX_LINKS:
            raise Looped(path, f"more than {MAX_LINKS} links on the way")
        text = self._inner.read_link(child_path(folder.inner, found)).replace("\\", "/")
        absolute = inside(text)
        if absolute is not None:
            return self._top, absolute.split("/")[:0:-1]
        if text.startswith("//") or text[1:2] == ":":
            raise NotThere(path, "a link leads out of the instance")
        names: list[str] = []
        for name in text.split("/"):
            if name == ".." and names and names[-1] != "..":
                names.pop()
            elif name not in ("", "."):
                names.append(name)
        names.reverse()
        if text.startswith("/"):
            while folder.above is not None and folder.above is not self._top:
                folder = folder.above
        return folder, names

    def _find(self, folder: Folder, name: str) -> Optional[str]:
        """A name as the disk spells it; None where it is not there."""
        if folder is self._top:
            return name.upper() if name.upper() in self.drives else None
        listing = self._listings.of(folder.inner)
        if listing.names is None:  # it may be there all the same
            return name if self._inner.stat(child_path(folder.inner, name), False) is not None else None
        return listing.find(name)

    def _kind(self, folder: Folder, found: str) -> int:
        listing = self._listings.of(folder.inner)
        if listing.names is None:
            stat = self._inner.stat(child_path(folder.inner, found), False)
            return -1 if stat is None else stat.type
        return LINK if found in listing.links else -1 if found in listing.others else DIR
