"""Rows for paths that a record names and that are not on disk, put where they would stand."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from typing import Any, Optional

from tui.disk.inventory import ABSENT, DIR, NO_ROW, UNKNOWN_TIME, Inventory
from tui.disk.tops import clean_path, sort_paths
from tui.paths import path_key, split, to_bytes


def _new(number: int) -> int:
    """A new row's number among the new ones, as a parent's number, and back: never an old row's nor NO_ROW."""
    return NO_ROW - 1 - number


class _Finder:
    """Finds places for paths that come in tree order: every directory is gone through once at most."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        rows = list(inventory.children(NO_ROW))
        self.tops = {inventory.name(row): row for row in rows}
        self.keys = sorted((path_key(name), row) for name, row in self.tops.items())
        self.names, self.ends = bytes(inventory.name_blob), inventory.name_end
        self.top = NO_ROW
        self.way: list[tuple[str, int]] = []  # name and row of the directories below the top
        self.next: list[int] = []  # for the top and each of them, the child looked at last

    def directory(self, path: str) -> Optional[int]:
        """The row that a path has, if it is one that absent rows can stand below. The way then leads there."""
        top = path
        parts: list[str] = []
        while top not in self.tops:
            if top == "/":
                return None
            top, name = split(top)
            parts.append(name)
        parts.reverse()
        row = self.tops[top]
        if row != self.top:
            self.top, self.way, self.next = row, [], [row + 1]
        same = 0
        for (name, _), part in zip(self.way, parts):
            if name != part:
                break
            same += 1
        del self.way[same:], self.next[same + 1 :]
        for part in parts[same:]:
            child = self.child(to_bytes(part))
            if child is None:
                return None
            self.way.append((part, child))
            self.next.append(child + 1)
        row = self.way[-1][1] if self.way else self.top
        return row if self.inventory.type[row] in (DIR, ABSENT) else None

    def child(self, name: bytes) -> Optional[int]:
        """The row of a name in the directory that the way leads to; ``next`` is its place if there is none."""
        end = self.inventory.end
        stop = end[self.way[-1][1] if self.way else self.top]
        row, names, ends = self.next[-1], self.names, self.ends
        while row < stop:
            found = names[ends[row - 1] : ends[row]]
            if found >= name:
                self.next[-1] = row
                return row if found == name else None
            row = end[row]
        self.next[-1] = row
        return None

    def new_top(self, path: str) -> int:
        """Where the top of a tree of its own goes."""
        at = bisect_left(self.keys, (path_key(path), NO_ROW))
        return self.keys[at][1] if at < len(self.keys) else len(self.inventory)


class _Absent:
    """The rows to add, in order: ``at`` is the old row that each goes before."""

    def __init__(self) -> None:
        self.at: list[int] = []
        self.names: list[bytes] = []
        self.parent: list[int] = []  # an old row, NO_ROW, or _new(i) for the i-th of these

    def add(self, at: int, name: str, parent: int) -> int:
        self.at.append(at)
        self.names.append(to_bytes(name))
        self.parent.append(parent)
        return len(self.at) - 1

    def sort(self) -> None:
        """From the order of paths to the order of rows: a new top comes after the tree its path lies in."""
        tops: list[int] = []
        for i, parent in enumerate(self.parent):
            tops.append(i if parent == NO_ROW else tops[_new(parent)] if parent < NO_ROW else NO_ROW)
        order = sorted(range(len(tops)), key=lambda i: (self.at[i], tops[i], i))
        place = [0] * len(order)
        for new, old in enumerate(order):
            place[old] = new
        self.at = [self.at[i] for i in order]
        self.names = [self.names[i] for i in order]
        parents = [self.parent[i] for i in order]
        self.parent = [_new(place[_new(parent)]) if parent < NO_ROW else parent for parent in parents]


def _place(inventory: Inventory, paths: Iterable[str]) -> _Absent:
    finder, absent = _Finder(inventory), _Absent()
    placed: dict[str, int] = {}
    for path in sort_paths({clean_path(path) for path in paths if "\0" not in path}):
        if path in finder.tops:
            continue
        above, name = split(path)
        if above in placed:
            i = placed[above]
            placed[path] = absent.add(absent.at[i], name, _new(i))
            continue
        row = finder.directory(above)
        if row is None:
            placed[path] = absent.add(finder.new_top(path), path, NO_ROW)
        elif finder.child(to_bytes(name)) is None:
            placed[path] = absent.add(finder.next[-1], name, row)
    absent.sort()
    return absent


def _held(inventory: Inventory, absent: _Absent) -> tuple[list[int], dict[int, int]]:
    """How many absent rows come to lie below each absent row, and below each old one that gets any."""
    within = [0] * len(absent.at)
    below: dict[int, int] = {}
    for i in range(len(absent.at) - 1, -1, -1):
        parent = absent.parent[i]
        if parent < NO_ROW:
            within[_new(parent)] += within[i] + 1
        elif parent != NO_ROW:
            below[parent] = below.get(parent, 0) + within[i] + 1
    above = set(below)
    for row in below:
        row = inventory.parent[row]
        while row != NO_ROW and row not in above:
            above.add(row)
            row = inventory.parent[row]
    for row in sorted(above, reverse=True):
        parent = inventory.parent[row]
        if parent != NO_ROW:
            below[parent] = below.get(parent, 0) + below.get(row, 0)
    return within, below


class _Merger:
    """Copies columns, with room for new rows between the old ones."""

    def __init__(self, count: int, at: list[int]) -> None:
        self.pieces: list[tuple[int, int, int]] = []  # old rows from, to, and how many new ones come after them
        start = 0
        for i, stop in enumerate(at):
            if i and stop == at[i - 1]:
                last = self.pieces[-1]
                self.pieces[-1] = last[0], last[1], last[2] + 1
            else:
                self.pieces.append((start, stop, 1))
            start = stop
        self.pieces.append((start, count, 0))

    def column(self, old: array[Any], value: int) -> array[Any]:
        """A copy with the same value in every new row."""
        return self.values(old, array(old.typecode, [value]) * sum(piece[2] for piece in self.pieces))

    def values(self, old: array[Any], new: array[Any]) -> array[Any]:
        """A copy with these values in the new rows."""
        merged, used = array(old.typecode), 0
        for start, stop, more in self.pieces:
            merged.extend(old[start:stop])
            merged.extend(new[used : used + more])
            used += more
        return merged

    def shifted(self, old: array[Any]) -> array[Any]:
        """A copy, each value greater by the new rows before it; new rows are 0."""
        merged, before = array(old.typecode), 0
        for start, stop, more in self.pieces:
            merged.extend([value + before for value in old[start:stop]])
            merged.extend(array(old.typecode, [0]) * more)
            before += more
        return merged


def _names(inventory: Inventory, absent: _Absent, pieces: list[tuple[int, int, int]]) -> tuple[bytearray, array[int]]:
    blob, ends, used = bytearray(), array("Q"), 0
    old_blob, old_ends = inventory.name_blob, inventory.name_end
    for start, stop, more in pieces:
        first = old_ends[start - 1] if start else 0
        shift = len(blob) - first
        if stop > start:
            ends.extend([end + shift for end in old_ends[start:stop]])
            blob += old_blob[first : old_ends[stop - 1]]
        for name in absent.names[used : used + more]:
            blob += name
            ends.append(len(blob))
        used += more
    return blob, ends


def with_absent(inventory: Inventory, paths: Iterable[str]) -> Inventory:
    """See ``Inventory.with_absent``."""
    absent = _place(inventory, paths)
    merger = _Merger(len(inventory), absent.at)
    moved = array("i")  # the numbers that old rows come to have
    rows: list[int] = []  # and new ones
    for start, stop, more in merger.pieces:
        shift = len(rows)
        moved.extend(range(start + shift, stop + shift))
        rows.extend(range(stop + shift, stop + shift + more))
    moved.append(NO_ROW)  # moved[NO_ROW]: a top stays one
    within, below = _held(inventory, absent)
    end = merger.shifted(inventory.end)
    for row, more in below.items():
        end[moved[row]] += more
    parent = merger.values(
        array("i", map(moved.__getitem__, inventory.parent)),
        array("i", [rows[_new(old)] if old < NO_ROW else moved[old] for old in absent.parent]),
    )
    for row, more in zip(rows, within):
        end[row] = row + 1 + more
    blob, name_end = _names(inventory, absent, merger.pieces)
    kind = merger.values(array("B", bytes(inventory.type)), array("B", [ABSENT]) * len(rows))
    column = merger.column
    return Inventory(
        name_blob=blob,
        name_end=name_end,
        parent=parent,
        end=end,
        type=bytearray(kind),
        mode=column(inventory.mode, 0),
        uid=column(inventory.uid, 0),
        gid=column(inventory.gid, 0),
        size=column(inventory.size, 0),
        mtime_ns=column(inventory.mtime_ns, UNKNOWN_TIME),
        ctime_ns=column(inventory.ctime_ns, UNKNOWN_TIME),
        device=column(inventory.device, 0),
        inode=column(inventory.inode, 0),
        devices=list(inventory.devices),
        links={moved[row]: count for row, count in inventory.links.items()},
        targets={moved[row]: text for row, text in inventory.targets.items()},
        births={moved[row]: when for row, when in inventory.births.items()},
        notes=list(inventory.notes),
        partial=inventory.partial,
    )
