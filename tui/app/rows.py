"""The rows that the files screen shows: an Examination flattened to what is open, filtered and sorted.

No object is made for a row: what is visible is an array of row numbers, and a page of it is drawn by
looking those rows up.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress
from typing import Optional

from tui.app.filter import Filter, match
from tui.app.openness import Openness
from tui.disk.inventory import ABSENT, DIR, NO_ROW
from tui.forensics.examination import Examination
from tui.forensics.marks import Mark, State

TREE, FLAT = "tree", "flat"
SORTS = ("path", "size", "mtime", "mark", "state")

# The order in which marks and states are worth looking at: what needs an operator comes first.
_MARK_RANK = (Mark.ORPHANED, Mark.SCRIPT_CREATED, Mark.UNATTRIBUTED, Mark.DEPLOYED)
_STATE_RANK = (
    State.MISSING,
    State.REPLACED,
    State.MODIFIED,
    State.UNVERIFIED,
    State.PENDING,
    State.NONE,
    State.INTACT,
)

_TURNED = bytes([1, 0]) + bytes(254)
_DIRECTORY = bytes(kind == DIR for kind in range(256))


class Rows:
    """The visible rows of an Examination, by position. ``visible[p]`` is the row at position ``p``.

    ``only`` leaves in nothing but some rows, in a flat list.
    """

    def __init__(self, examination: Examination, only: Optional[Iterable[int]] = None) -> None:
        self.examination = examination
        self.view = TREE if only is None else FLAT
        self._only = None if only is None else _mask(only, len(examination.inventory))
        self.sort = "path"
        self.filter = Filter()
        self.mask: Optional[bytearray] = None  # 1 where the filter lets a row through; None without a filter
        self.files: tuple[int, ...] = ()  # by mark, of those that the filter lets through; directories not counted
        self.visible: array[int] = array("I")
        self._plain = Openness(examination.inventory, "tops")
        self._filtered: Optional[Openness] = None
        self._keys: dict[str, Sequence[int]] = {}
        self._apply_filter()
        self._flatten()

    def __len__(self) -> int:
        return len(self.visible)

    @property
    def openness(self) -> Openness:
        """What is open: a filter has its own, so that clearing it brings back what was open before."""
        return self._filtered or self._plain

    def is_open(self, row: int) -> bool:
        """Whether what lies below a row is shown."""
        return self.view == TREE and self.has_below(row) and bool(self.openness.flags[row])

    def has_below(self, row: int) -> bool:
        """Whether anything lies below a row."""
        return self.examination.inventory.end[row] > row + 1

    def depth(self, row: int) -> int:
        """How far a row is moved in: 0 in the flat view."""
        return self.examination.inventory.depth(row) if self.view == TREE else 0

    def label(self, row: int) -> str:
        """A row's name as the view shows it: the whole path in the flat view and for tops of trees."""
        inventory = self.examination.inventory
        return inventory.name(row) if self.view == TREE else inventory.path(row)

    def size(self, row: int) -> int:
        """Bytes on disk: a directory's are those of all below it."""
        inventory = self.examination.inventory
        if inventory.type[row] == DIR or self.has_below(row):
            return self.examination.below(row)[1]
        return inventory.size[row]

    # What changes the view. Positions are good only until the next of these.

    def set_view(self, view: str) -> None:
        """Show a tree or a flat list."""
        self.view = view
        self._flatten()

    def set_sort(self, sort: str) -> None:
        """Sort: siblings in the tree, everything in the flat view."""
        self.sort = sort
        self._flatten()

    def set_filter(self, wanted: Filter) -> None:
        """Show what a filter lets through and, in the tree, the directories that leads through."""
        if wanted == self.filter:
            return
        self.filter = wanted
        self._filtered = Openness(self.examination.inventory, "all") if wanted else None
        self._apply_filter()
        self._flatten()

    def set_open(self, position: int, opened: bool) -> None:
        """Open or close the directory at a position; costs what lies below it."""
        row = self.visible[position]
        if self.view != TREE or not self.has_below(row) or self.is_open(row) == opened:
            return
        self.openness.flags[row] = opened
        if opened:
            self.visible[position + 1 : position + 1] = self._below(row)
        else:
            end = self.examination.inventory.end[row]
            stop = position + 1
            if self.sort == "path":
                stop = bisect_left(self.visible, end, stop)
            else:
                while stop < len(self.visible) and row < self.visible[stop] < end:
                    stop += 1
            del self.visible[position + 1 : stop]

    def open_all(self, opened: bool) -> None:
        """Open every directory, or close every one."""
        changed = Openness(self.examination.inventory, "all" if opened else "none")
        if self._filtered is not None:
            self._filtered = changed
        else:
            self._plain = changed
        self._flatten()

    def reveal(self, row: int) -> None:
        """Open the directories above a row."""
        parents, changed = self.examination.inventory.parent, False
        row = parents[row]
        while row != NO_ROW:
            changed = changed or not self.openness.flags[row]
            self.openness.flags[row] = 1
            row = parents[row]
        if changed and self.view == TREE:
            self._flatten()

    def replace(self, examination: Examination) -> None:
        """Show a later Examination of the same instance, all else as it was."""
        old, new = self.examination.inventory, examination.inventory
        self.examination = examination
        self._keys = {}
        self._plain = self._plain.carried(old, new)
        if self._filtered is not None:
            self._filtered = self._filtered.carried(old, new)
        self._apply_filter()
        self._flatten()

    # Where a row is.

    def position(self, row: int) -> Optional[int]:
        """Where a row stands; None where it is not visible."""
        if self.sort == "path":
            at = bisect_left(self.visible, row)
            return at if at < len(self.visible) and self.visible[at] == row else None
        try:
            return self.visible.index(row)
        except ValueError:
            return None

    def nearest(self, row: int) -> int:
        """Where a row stands or, if it is not visible, the closest directory above it or row beside it."""
        if not self.visible:
            return 0
        parents, above = self.examination.inventory.parent, row
        while self.view == TREE and above != NO_ROW:
            found = self.position(above)
            if found is not None:
                return found
            above = parents[above]
        found = self.position(row)
        if found is None:
            found = bisect_left(self.visible, row) if self.sort == "path" else 0
        return max(0, min(found, len(self.visible) - 1))

    # How it is made.

    def _apply_filter(self) -> None:
        marks, types = self.examination.mark, self.examination.inventory.type
        self.mask = match(self.examination, self.filter) if self.filter else None
        if self._only is not None:
            self.mask = self._only if self.mask is None else bytearray(map(int.__and__, self.mask, self._only))
        outside = self.mask.translate(_TURNED) if self.mask is not None else bytes(len(marks))
        left_out = int.from_bytes(outside, "little") | int.from_bytes(types.translate(_DIRECTORY), "little")
        # A mark of 4 or more is none: what is left out is moved there.
        shifted = int.from_bytes(marks, "little") | left_out << 2
        counted = shifted.to_bytes(len(marks), "little")
        self.files = tuple(counted.count(mark) for mark in Mark)

    def _flatten(self) -> None:
        count = len(self.examination.inventory)
        if self.view == FLAT:
            rows = array("I", range(count) if self.mask is None else compress(range(count), self.mask))
            self.visible = rows if self.sort == "path" else array("I", self._sorted(rows))
        elif self.sort == "path":
            self.visible = self._walk(0, count)
        else:
            self.visible = self._walk_sorted(NO_ROW)

    def _below(self, row: int) -> array[int]:
        if self.sort != "path":
            return self._walk_sorted(row)
        return self._walk(row + 1, self.examination.inventory.end[row])

    def _walk(self, row: int, stop: int) -> array[int]:
        """The visible rows of a part of the tree, in tree order."""
        end, flags, mask = self.examination.inventory.end, self.openness.flags, self.mask
        if mask is None and flags.find(0, row, stop) < 0:
            return array("I", range(row, stop))
        found: list[int] = []
        append = found.append
        while row < stop:
            after = end[row]
            if mask is not None and not mask[row] and mask.find(1, row, after) < 0:
                row = after
                continue
            append(row)
            row = row + 1 if flags[row] else after
        return array("I", found)

    def _walk_sorted(self, top: int) -> array[int]:
        """The visible rows below one, siblings sorted."""
        inventory, flags, found = self.examination.inventory, self.openness.flags, array("I")
        end = inventory.end
        pending = self._siblings(top)
        while pending:
            row = pending.pop()
            found.append(row)
            if flags[row] and end[row] > row + 1:
                pending += self._siblings(row)
        return found

    def _siblings(self, row: int) -> list[int]:
        """The visible rows directly below one, sorted, the last first."""
        inventory, mask = self.examination.inventory, self.mask
        rows: list[int] = list(inventory.children(row))
        if mask is not None:
            rows = [child for child in rows if mask[child] or mask.find(1, child, inventory.end[child]) >= 0]
        rows = self._sorted(rows)
        rows.reverse()
        return rows

    def _sorted(self, rows: Sequence[int]) -> list[int]:
        key = self._key()
        return sorted(rows, key=key.__getitem__, reverse=self.sort in ("size", "mtime"))

    def _key(self) -> Sequence[int]:
        """A number a row to sort by, made once."""
        if self.sort not in self._keys:
            self._keys[self.sort] = self._make_key()
        return self._keys[self.sort]

    def _make_key(self) -> Sequence[int]:
        examination = self.examination
        inventory = examination.inventory
        if self.sort == "mtime":
            return inventory.mtime_ns
        if self.sort == "size":
            sizes = array("q", inventory.size)
            for row in self._parents():
                sizes[row] = self.size(row)
            return sizes
        column, order = (examination.mark, _MARK_RANK) if self.sort == "mark" else (examination.state, _STATE_RANK)
        ranks = bytearray(column.translate(bytes(order.index(c) if c < len(order) else 255 for c in range(256))))
        own = bytes(ranks)
        for row in self._parents():  # a directory stands where the worst of what it holds would
            ranks[row] = min(own[row : inventory.end[row]])
        return ranks

    def _parents(self) -> Iterator[int]:
        """Rows of directories, also missing ones."""
        inventory = self.examination.inventory
        for kind in (DIR, ABSENT):
            row = inventory.type.find(kind)
            while row >= 0:
                if kind == DIR or inventory.end[row] > row + 1:
                    yield row
                row = inventory.type.find(kind, row + 1)


def _mask(rows: Iterable[int], count: int) -> bytearray:
    mask = bytearray(count)
    for row in rows:
        mask[row] = 1
    return mask
