"""Roots that fail, or whose instance changes, in the middle of a scan."""

from __future__ import annotations

import builtins
import errno
import io
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, Callable, Optional

from tui.disk.inventory import Inventory
from tui.disk.measure import Measurement
from tui.disk.root import Content, Denied, Looped, NotThere, Root, RootError, Stat, Unusable, WalkProgress, WalkRequest

KINDS: tuple[type[RootError], ...] = (NotThere, Denied, Looped, Unusable)
Act = Callable[[str], None]  # is told the path; may raise


class Troubled:
    """A Root on another one that does something at its n-th look-up, ``many`` times in a row from there.

    ``calls`` counts the look-ups, so that a first run without trouble tells how many there are.
    """

    def __init__(self, inner: Root, at: int, act: Act, many: int = 1) -> None:
        self._inner = inner
        self._at = range(at, at + many)
        self._act = act
        self.calls = 0
        self.label, self.kind, self.platform = inner.label, inner.kind, inner.platform

    def _count(self, path: str) -> None:
        self.calls += 1
        if self.calls in self._at:
            self._act(path)

    def spelling(self, path: str) -> str:
        return self._inner.spelling(path)

    def stat(self, path: str, follow: bool = True) -> Optional[Stat]:
        try:
            self._count(path)
        except NotThere:
            return None
        return self._inner.stat(path, follow)

    def real_path(self, path: str, follow_last: bool = True) -> str:
        self._count(path)
        return self._inner.real_path(path, follow_last)

    def read(self, path: str, limit: int) -> Content:
        self._count(path)
        return self._inner.read(path, limit)

    def open(self, path: str) -> BinaryIO:
        self._count(path)
        return _Stream(self._inner.open(path), lambda: self._count(path))

    def list(self, path: str) -> builtins.list[tuple[str, Stat]]:
        self._count(path)
        return self._inner.list(path)

    def read_link(self, path: str) -> str:
        self._count(path)
        return self._inner.read_link(path)

    def birth_ns(self, path: str) -> Optional[int]:
        return self._inner.birth_ns(path)

    def walk(
        self, request: WalkRequest, cancelled: Callable[[], bool] = lambda: False
    ) -> Iterator[WalkProgress | Inventory]:
        self._count(request.trees[0] if request.trees else "/")
        for event in self._inner.walk(request, cancelled):
            self._count("/")
            yield event

    def compare(
        self,
        inventory: Inventory,
        rows: Sequence[int],
        source: Callable[[int], Optional[str]],
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Iterator[tuple[int, bytes]]:
        self._count("/")
        yield from self._inner.compare(inventory, rows, source, cancelled)

    def same_content(self, a: str, b: str) -> bool:
        self._count(a)
        return self._inner.same_content(a, b)

    def close(self) -> None:
        self._inner.close()

    def __enter__(self) -> Root:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def measure(self, directories: Sequence[str]) -> Measurement:
        return self._inner.measure(directories)


class _Stream(io.RawIOBase):
    """A file that is counted at every read; trouble there is the system's: an OSError."""

    def __init__(self, inner: BinaryIO, count: Callable[[], None]) -> None:
        self._inner = inner
        self._count_read = count

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def read(self, size: int = -1) -> bytes:
        try:
            self._count_read()
        except RootError as error:
            raise OSError(errno.EIO, "Input/output error") from error
        return self._inner.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._inner.seek(offset, whence)

    def tell(self) -> int:
        return self._inner.tell()

    def fileno(self) -> int:
        return self._inner.fileno()

    def close(self) -> None:
        self._inner.close()
        super().close()


def failing(kind: type[RootError]) -> Act:
    """Raise an error of this kind."""

    def act(path: str) -> None:
        raise kind(path, "made to fail")

    return act


def always(kind: type[RootError], at: str) -> Act:
    """Raise an error of this kind for one path alone."""

    def act(path: str) -> None:
        if path == at:
            raise kind(path, "made to fail")

    return act
