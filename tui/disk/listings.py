"""Directory listings by names without letter case, kept for the next look-up."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Callable, Optional

from tui.disk.inventory import DIR, LINK
from tui.disk.root import Root, RootError
from tui.windows_paths import fold

FRESH = 1.0  # seconds for which a directory is taken to be as it was found
LISTED = 100_000  # names in all listings that are kept
_SETTLED = 2_000_000_000  # nanoseconds: a younger modification time may stand for two changes


class Listing:
    """The names of a directory by what Windows takes for the same; ``twins`` differ by letter case alone."""

    __slots__ = ("count", "links", "mtime_ns", "names", "others", "since", "twins")

    def __init__(self, since: float, mtime_ns: int) -> None:
        self.since = since
        self.mtime_ns = mtime_ns
        self.names: Optional[dict[str, str]] = {}  # None: may not be listed
        self.twins: set[str] = set()
        self.links: set[str] = set()
        self.others: set[str] = set()  # neither directories nor links
        self.count = 0

    def find(self, name: str) -> Optional[str]:
        if name in self.twins:
            return name
        return None if self.names is None else self.names.get(fold(name))


class Listings:
    """The directories of a Root that were asked for last, looked at again once they have changed."""

    def __init__(self, root: Root, clock: Callable[[], float]) -> None:
        self._root = root
        self._clock = clock
        self._kept: OrderedDict[str, Listing] = OrderedDict()
        self._names = 0

    def forget(self) -> None:
        """Read everything anew from now on."""
        self._kept.clear()
        self._names = 0

    def of(self, directory: str) -> Listing:
        """The listing of a directory, a real path of the Root."""
        now = self._clock()
        listing = self._kept.get(directory)
        if listing is not None:
            if now - listing.since <= FRESH:
                return listing
            if listing.mtime_ns and self._mtime_ns(directory) == listing.mtime_ns:
                listing.since = now
                self._kept.move_to_end(directory)
                return listing
            del self._kept[directory]
            self._names -= listing.count
        listing = self._kept[directory] = self._read(directory, now)
        self._names += listing.count
        while self._names > LISTED and len(self._kept) > 1:
            self._names -= self._kept.popitem(last=False)[1].count
        return listing

    def _mtime_ns(self, directory: str) -> int:
        """When names in a directory last came or went; 0 where that cannot be told."""
        try:
            stat = self._root.stat(directory, False)
        except RootError:
            return 0
        return 0 if stat is None else stat.mtime_ns

    def _read(self, directory: str, now: float) -> Listing:
        mtime_ns = self._mtime_ns(directory)
        listing = Listing(now, mtime_ns if time.time_ns() - mtime_ns > _SETTLED else 0)
        try:
            entries = self._root.list(directory)
        except RootError:
            listing.names = None
            return listing
        names: dict[str, str] = {}
        for name, stat in entries:
            first = names.setdefault(fold(name), name)
            if first != name:
                listing.twins.update((first, name))
            if stat.type == LINK:
                listing.links.add(name)
            elif stat.type != DIR:
                listing.others.add(name)
        listing.names, listing.count = names, len(entries) + 1
        return listing
