"""Rows of an Inventory compared with their revision, by paths: see ``tui.disk.root.Root.compare``."""

from __future__ import annotations

import io
import stat
import time
from collections.abc import Iterator, Sequence
from typing import Callable, Optional

from tui.disk.compare import ABSENT_HERE, DIFFERENT, NO_SOURCE, OTHER_TYPE, SAME, UNREADABLE
from tui.disk.inventory import ABSENT, DIR, FILE, LINK, NO_ROW, Inventory
from tui.disk.portable_lookup import Lookup
from tui.disk.portable_paths import Found, Paths
from tui.disk.root import NotThere, RootError
from tui.disk.tops import clean_path

_CHUNK = 1 << 18
_REPORT = 0.1  # seconds between two yields
_EVERY = 16  # rows between two looks at cancelled()

Opener = Callable[[str, Found], int]


class _Cancelled(Exception):
    pass


class _Comparison:
    def __init__(
        self, paths: Paths, lookup: Lookup, opener: Opener, inventory: Inventory, cancelled: Callable[[], bool]
    ) -> None:
        self.paths = paths
        self.lookup = lookup
        self.opener = opener
        self.inventory = inventory
        self.cancelled = cancelled
        self.parent = NO_ROW  # the directory looked at last, and the code of all below it if it is another one
        self.shut: Optional[int] = None

    def code(self, row: int, path: str, source: Optional[str]) -> int:
        kind = self.inventory.type[row]
        if kind == ABSENT:
            return ABSENT_HERE
        if source is None:
            return SAME if kind == DIR else NO_SOURCE
        if "\0" in source:
            return NO_SOURCE
        try:
            real, found = self.lookup.found(source, False)
            if kind == DIR:
                return self._directory(source, found)
        except NotThere:
            return NO_SOURCE
        except RootError:
            return UNREADABLE
        mode = found.st_mode
        if kind == LINK:
            return self._link(row, real) if stat.S_ISLNK(mode) else OTHER_TYPE
        if kind != FILE or not stat.S_ISREG(mode):
            return OTHER_TYPE
        if found.st_size != self.inventory.size[row]:
            return DIFFERENT
        return self._file(row, path, real, found)

    def _directory(self, source: str, found: Found) -> int:
        if stat.S_ISLNK(found.st_mode):
            try:
                found = self.lookup.found(source, True)[1]
            except NotThere:
                return OTHER_TYPE
        return SAME if stat.S_ISDIR(found.st_mode) else OTHER_TYPE

    def _link(self, row: int, real: str) -> int:
        ours = self.inventory.targets.get(row)
        if ours is None:
            return UNREADABLE
        try:
            return SAME if self.paths.link_text(real) == ours else DIFFERENT
        except FileNotFoundError:
            return NO_SOURCE
        except OSError:
            return UNREADABLE

    def _file(self, row: int, path: str, real: str, theirs: Found) -> int:
        try:
            shut = self._above(row)
            if shut is not None:
                return shut
            ours = self.paths.look(path)
        except (FileNotFoundError, NotADirectoryError, NotThere):
            return ABSENT_HERE
        except (OSError, RootError, ValueError):
            return UNREADABLE
        if not stat.S_ISREG(ours.st_mode):
            return OTHER_TYPE
        if ours.st_ino and (ours.st_dev, ours.st_ino) == (theirs.st_dev, theirs.st_ino):
            return SAME
        if ours.st_size != theirs.st_size:
            return DIFFERENT
        return self._contents(path, ours, real, theirs)

    def _above(self, row: int) -> Optional[int]:
        """The code of all in a row's directory where that, or one above it, is not the one that was walked."""
        inventory = self.inventory
        parent, name = inventory.parent[row], inventory.name(row)
        if parent != NO_ROW and ("/" in name or name == ".."):  # no walk gives such a row
            return ABSENT_HERE
        if parent == NO_ROW:
            return None if self.lookup.found(name, False)[0] == clean_path(name) else ABSENT_HERE
        if parent != self.parent:
            self.parent, self.shut = parent, None
            at = parent
            while at != NO_ROW and self.shut is None:
                seen = inventory.devices[inventory.device[at]], inventory.inode[at]
                found = self.paths.look(inventory.path(at))
                if not stat.S_ISDIR(found.st_mode):
                    self.shut = OTHER_TYPE if stat.S_ISLNK(found.st_mode) else ABSENT_HERE
                elif seen[1] and (found.st_dev, found.st_ino) != seen:
                    self.shut = UNREADABLE
                at = inventory.parent[at]
        return self.shut

    def _contents(self, path: str, ours: Found, real: str, theirs: Found) -> int:
        try:
            first = io.FileIO(self.opener(self.paths.native(path), ours), "rb")
        except FileNotFoundError:
            return ABSENT_HERE
        except OSError:
            return UNREADABLE
        with first:
            try:
                second = io.FileIO(self.opener(self.paths.native(real), theirs), "rb")
            except FileNotFoundError:
                return NO_SOURCE
            except OSError:
                return UNREADABLE
            with second:
                try:
                    return self._read(first, second)
                except OSError:
                    return UNREADABLE

    def _read(self, first: io.FileIO, second: io.FileIO) -> int:
        while True:
            a, b = _some(first), _some(second)
            if a != b:
                return DIFFERENT
            if len(a) < _CHUNK:
                return SAME
            if self.cancelled():
                raise _Cancelled


def _some(file: io.FileIO) -> bytes:
    """The next bytes of a file: fewer than ``_CHUNK`` only at its end."""
    data = file.read(_CHUNK) or b""
    while len(data) < _CHUNK:
        more = file.read(_CHUNK - len(data))
        if not more:
            break
        data += more
    return data


def compare(
    paths: Paths,
    lookup: Lookup,
    opener: Opener,
    inventory: Inventory,
    rows: Sequence[int],
    source: Callable[[int], Optional[str]],
    cancelled: Callable[[], bool],
) -> Iterator[tuple[int, bytes]]:
    """Compare rows with their sources: yields ``(rows done, results)``."""
    comparison = _Comparison(paths, lookup, opener, inventory, cancelled)
    gathered, done, report_at = bytearray(), 0, time.monotonic() + _REPORT
    try:
        for row, path in inventory.paths(rows):
            if done % _EVERY == 0 and cancelled():
                break
            gathered.append(comparison.code(row, path, source(row)))
            done += 1
            if time.monotonic() >= report_at:
                yield done, bytes(gathered)
                gathered.clear()
                report_at = time.monotonic() + _REPORT
    except _Cancelled:
        pass
    if gathered:
        yield done, bytes(gathered)
