"""What stands in the model of the disk: directories, which change, and everything else, which is replaced."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from typing import NamedTuple, Optional, Union

from tui.disk.inventory import DIR, NO_ROW
from tui.disk.tree import Tree
from tui.paths import child_path


class NoWay(Exception):
    """A path that leads nowhere: ``number`` is the errno that the system would give."""

    def __init__(self, number: int) -> None:
        super().__init__(errno.errorcode[number])
        self.number = number


class Item:
    """What stands under a name and is no directory; and a directory as it was, in the journal. Never changed.

    ``home`` is the directory that its content (or link text) is read from: None for what stands on the
    instance's disk at its own place. ``name`` is its name there, where it is another one, and ``row`` its
    row in the Inventory.
    """

    __slots__ = ("gid", "home", "kind", "mode", "name", "row", "size", "target", "uid")

    inode = 0  # of a file that has several names: see Named
    links = 1

    def __init__(
        self,
        kind: int,
        mode: int = 0,
        uid: int = 0,
        gid: int = 0,
        size: int = 0,
        home: Optional[Dir] = None,
        target: Optional[str] = None,
        name: Optional[str] = None,
    ) -> None:
        self.kind = kind
        self.mode = mode
        self.uid = uid
        self.gid = gid
        self.size = size
        self.home = home
        self.target = target
        self.name = name
        self.row = NO_ROW

    def with_attributes(self, mode: int, uid: int, gid: int) -> Item:
        """The same with another mode and owner."""
        return Item(self.kind, mode, uid, gid, self.size, self.home, self.target, self.name)


class Named(Item):
    """A file of the instance that has several names."""

    __slots__ = ("inode", "links")

    def __init__(self, item: Item, inode: int, links: int) -> None:
        super().__init__(item.kind, item.mode, item.uid, item.gid, item.size, item.home, item.target, item.name)
        self.row = item.row
        self.inode = inode
        self.links = links

    def with_attributes(self, mode: int, uid: int, gid: int) -> Item:
        """The same with another mode and owner."""
        return Named(super().with_attributes(mode, uid, gid), self.inode, self.links)


class Dir:
    """A directory of the model. ``tree`` and ``real`` say where its entries are read from; None where it was made."""

    __slots__ = ("above", "children", "device", "gid", "mode", "path", "real", "spelled", "tree", "uid")

    def __init__(
        self,
        path: str,
        above: Optional[Dir],
        mode: int,
        uid: int,
        gid: int,
        tree: Optional[Tree] = None,
        real: str = "",
    ) -> None:
        self.path = path
        self.above = above  # None for the top
        self.mode = mode
        self.uid = uid
        self.gid = gid
        self.tree = tree
        self.real = real
        self.device = 0
        self.children: Optional[dict[str, Entry]] = {} if tree is None else None
        self.spelled: Optional[dict[str, str]] = None  # on Windows: folded name -> the name as it is written

    kind = DIR

    def item(self) -> Item:
        """What it is now, for the journal."""
        return Item(DIR, self.mode, self.uid, self.gid)


Entry = Union[Item, Dir]
Old = Union[Entry, tuple[int, int, int], None]


class Changes:
    """Changes that can be taken back, in columns: in a directory, under a name, what stood there.

    A directory's own mode and owner before a change are three numbers, the name is empty.
    """

    def __init__(self) -> None:
        self._directories: list[Dir] = []
        self._names: list[str] = []
        self._old: list[Old] = []

    def __len__(self) -> int:
        return len(self._names)

    def add(self, directory: Dir, name: str, old: Old) -> None:
        """One more."""
        self._directories.append(directory)
        self._names.append(name)
        self._old.append(old)

    def taken_back(self, start: int) -> Iterator[tuple[Dir, str, Old]]:
        """The changes from number ``start`` on, the last one first; they are held no longer."""
        while len(self._names) > start:
            yield self._directories.pop(), self._names.pop(), self._old.pop()


class Found(NamedTuple):
    """Where a path leads: the directory that really holds its last name, and what stands there, if anything."""

    dir: Dir
    name: str  # empty: the path is that directory itself
    entry: Optional[Entry]

    @property
    def path(self) -> str:
        """The path without links."""
        return child_path(self.dir.path, self.name) if self.name else self.dir.path
