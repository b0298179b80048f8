"""A Tree: the files of a revision, wherever they are: a directory, a bundle, or a place on the instance."""

from __future__ import annotations

import builtins
from collections.abc import Collection, Iterator
from typing import BinaryIO, Callable, Optional, Protocol

from tui.disk.inventory import DIR, FILE
from tui.disk.root import Content, NotThere, Root, RootError, Stat
from tui.paths import child_path


class Tree(Protocol):
    """Reads files by absolute paths of the tree's own, ``/`` being its top. Links are given as they are.

    They are never followed.

    Nothing is written, and where the system allows no access time changes. All methods raise RootError.
    """

    def list(self, path: str) -> builtins.list[tuple[str, Stat]]:
        """The entries of a directory by name in byte order, each as itself."""

    def read_link(self, path: str) -> str:
        """The text of a symbolic link."""

    def read(self, path: str, limit: int) -> Content:
        """The first ``limit`` bytes of a regular file."""

    def open(self, path: str) -> BinaryIO:
        """A regular file to read from its start, independent of all others that are open, in other processes too."""

    def digest(self, path: str) -> Optional[bytes]:
        """The SHA-256 of a regular file where it is known without reading the file again; else None."""

    def close(self) -> None:
        """Give back what the tree holds open."""


class RootTree:
    """The tree below a directory of a Root. Closing it closes the Root where the tree has it to itself (``owned``)."""

    def __init__(self, root: Root, top: str = "/", owned: bool = False) -> None:
        self.root = root
        self.top = top.rstrip("/")
        self._owned = owned

    def place(self, path: str) -> str:
        """The Root's path of one of the tree's."""
        return self.top + path if path != "/" else self.top or "/"

    def list(self, path: str) -> builtins.list[tuple[str, Stat]]:
        """See Tree."""
        return self.root.list(self.place(path))

    def read_link(self, path: str) -> str:
        """See Tree."""
        return self.root.read_link(self.place(path))

    def read(self, path: str, limit: int) -> Content:
        """See Tree."""
        return self.root.read(self.place(path), limit)

    def open(self, path: str) -> BinaryIO:
        """See Tree."""
        return self.root.open(self.place(path))

    def digest(self, path: str) -> Optional[bytes]:
        """Never known."""
        return None

    def close(self) -> None:
        """See Tree."""
        if self._owned:
            self.root.close()


def sized_files(
    tree: Tree, sizes: Collection[int], cancelled: Callable[[], bool] = lambda: False, top: str = "/"
) -> Iterator[tuple[Optional[str], int]]:
    """``(path, size)`` of the regular files below a directory of a tree whose size in bytes is one of some.

    A path of None says that something there was not read.
    """
    todo = [top]
    while todo and not cancelled():
        directory = todo.pop()
        try:
            entries = tree.list(directory)
        except NotThere:
            continue
        except RootError:
            yield None, 0
            continue
        for name, stat in entries:
            if stat.type == DIR:
                todo.append(child_path(directory, name))
            elif stat.type == FILE and stat.size in sizes:
                yield child_path(directory, name), stat.size
