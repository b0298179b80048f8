"""Whether files of two trees hold the same bytes: by digest where one side knows its own, else both are read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Callable, Optional

from tui.disk.compare import DIFFERENT, SAME, UNREADABLE, streams_equal
from tui.disk.forked import ENOUGH, compare_in_two, may_fork
from tui.disk.posix_files import files_of
from tui.disk.root import RootError
from tui.disk.tree import RootTree, Tree

Pair = tuple[Tree, str, Tree, str]  # a file of one tree, and a file of another or the same

_SMALL = 64 << 10  # bytes: files up to that size are read whole, with one call
_CHUNK = 1 << 20
_PART = 64  # pairs between two looks at cancelled()


class _Reader:
    """Reads files of one tree."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._files = files_of(tree.root) if isinstance(tree, RootTree) else None

    def start(self, path: str) -> bytes:
        """All of a small file; of any other one more than ``_SMALL`` bytes. Raises RootError."""
        if self._files is not None and isinstance(self._tree, RootTree):
            try:
                return self._files.start(self._tree.place(path), _SMALL + 1)
            except OSError:
                pass  # replaced by a link, gone: the tree tells
        return self._tree.read(path, _SMALL + 1).data

    def digest(self, path: str) -> bytes:
        """The SHA-256 of a file. Raises RootError, OSError."""
        data = self.start(path)
        if len(data) <= _SMALL:
            return hashlib.sha256(data).digest()
        sha = hashlib.sha256()
        with self._tree.open(path) as file:
            for chunk in iter(lambda: file.read(_CHUNK), b""):
                sha.update(chunk)
        return sha.digest()


class _Comparison:
    def __init__(self) -> None:
        self._readers: dict[int, _Reader] = {}

    def code(self, pair: Pair) -> int:
        """SAME, DIFFERENT or UNREADABLE."""
        try:
            return SAME if self._same(*pair) else DIFFERENT
        except (RootError, OSError):
            return UNREADABLE

    def _same(self, tree_a: Tree, path_a: str, tree_b: Tree, path_b: str) -> bool:
        digest_a, digest_b = tree_a.digest(path_a), tree_b.digest(path_b)
        if digest_a is not None:
            return digest_a == (self._reader(tree_b).digest(path_b) if digest_b is None else digest_b)
        if digest_b is not None:
            return digest_b == self._reader(tree_a).digest(path_a)
        first, second = self._reader(tree_a).start(path_a), self._reader(tree_b).start(path_b)
        if first != second or len(first) <= _SMALL:
            return first == second
        with tree_a.open(path_a) as ours, tree_b.open(path_b) as theirs:
            return streams_equal(ours, theirs, path_a, path_b)

    def _reader(self, tree: Tree) -> _Reader:
        reader = self._readers.get(id(tree))
        if reader is None:
            reader = self._readers[id(tree)] = _Reader(tree)
        return reader


def same_bytes(tree_a: Tree, path_a: str, tree_b: Tree, path_b: str) -> Optional[bool]:
    """Whether two regular files hold the same bytes now; None where one of them cannot be read."""
    code = _Comparison().code((tree_a, path_a, tree_b, path_b))
    return None if code == UNREADABLE else code == SAME


def compare_all(pairs: Sequence[Pair], cancelled: Callable[[], bool] = lambda: False) -> bytes:
    """SAME, DIFFERENT or UNREADABLE (see ``tui.disk.compare``) for each pair; fewer once ``cancelled()`` is true.

    The second half of many pairs is compared in a second process, where that is safe.
    """

    def compare(rows: Sequence[int]) -> Iterator[tuple[int, bytes]]:
        comparison, codes = _Comparison(), bytearray()
        for row in rows:
            if len(codes) % _PART == 0 and cancelled():
                break
            codes.append(comparison.code(pairs[row]))
        yield len(codes), bytes(codes)

    rows = range(len(pairs))
    parts = compare_in_two(compare, rows, cancelled) if len(pairs) >= ENOUGH and may_fork() else compare(rows)
    return b"".join(codes for _, codes in parts)
