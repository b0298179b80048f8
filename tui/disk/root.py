"""The Root: the one way to an instance's files, for this machine, a mounted volume or a fixture alike."""

from __future__ import annotations

import builtins
import errno
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Callable, NamedTuple, Optional, Protocol

from tui.disk.inventory import Inventory

if TYPE_CHECKING:
    from tui.disk.measure import Measurement

MAX_LINKS = 40  # symbolic links that Linux follows in one path before it gives ELOOP


class RootError(Exception):
    """A path inside a Root that cannot be used: ``path`` (the instance's own), ``reason`` (one clause)."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class NotThere(RootError):
    """Nothing at that path (ENOENT, ENOTDIR; also a dangling link, where links are followed)."""


class Denied(RootError):
    """No permission to look."""


class Looped(RootError):
    """More symbolic links than the system follows."""


class Unusable(RootError):
    """Anything else: not a regular file, an I/O error, a name too long."""


def root_error(error: OSError, path: str) -> RootError:
    """What an OSError means for a path inside a Root."""
    number = error.errno
    if number == errno.ENOENT:
        return NotThere(path, "no such file or directory")
    if number == errno.ENOTDIR:
        return NotThere(path, "part of the path is not a directory")
    if number in (errno.EACCES, errno.EPERM):
        return Denied(path, "permission denied")
    if number == errno.ELOOP:
        return Unusable(path, "replaced by a link while it was looked at")
    return Unusable(path, (error.strerror or str(error)).lower())


class Stat(NamedTuple):
    """What is known of one path. ``type`` as in ``tui.disk.inventory``; times in nanoseconds since 1970."""

    type: int
    mode: int
    uid: int
    gid: int
    size: int
    mtime_ns: int
    ctime_ns: int
    device: int
    inode: int
    links: int

    @property
    def mtime(self) -> float:
        return self.mtime_ns / 1e9


@dataclass(frozen=True)
class Content:
    """The bytes of a file, up to a limit. ``size`` is the whole file's."""

    data: bytes
    size: int
    mtime: float

    @property
    def complete(self) -> bool:
        return len(self.data) == self.size


@dataclass(frozen=True)
class WalkRequest:
    """What to look through.

    ``trees`` are directories to walk whole; ``singles`` paths to look at alone (in shared directories).
    A single inside a tree is not listed twice; a tree inside another neither. What does not exist is
    left out, and so is what can only be reached through a link: the walk goes by what really stands
    at a path.
    """

    trees: Sequence[str]
    singles: Sequence[str] = ()
    cross_mounts: bool = False


@dataclass(frozen=True)
class WalkProgress:
    """How far a walk is: entries seen, and the directory it is in."""

    entries: int
    where: str


class Root(Protocol):
    """Reads an instance. Every path is absolute and the instance's own; nothing leads out of it.

    Links, absolute ones too, are followed inside the Root; ``..`` at the top stays at the top; more
    than ``MAX_LINKS`` raise ``Looped``. Nothing is written and, where the system allows, no access
    time changes.
    """

    label: str
    kind: str  # machine or directory
    platform: (
        str  # linux or windows: whose rules its paths follow; a Windows path is /C:/temp/a.txt (tui.windows_paths)
    )

    def spelling(self, path: str) -> str:
        """A path with the letter case that its names have on disk, as far as they are there.

        What is not there is spelled as it first was asked for. The path itself where case matters.
        """

    def stat(self, path: str, follow: bool = True) -> Optional[Stat]:
        """What is at a path; None where nothing is. Raises Denied, Looped, Unusable."""

    def real_path(self, path: str, follow_last: bool = True) -> str:
        """Where a path really leads, links resolved. Raises NotThere, Denied, Looped, Unusable."""

    def read(self, path: str, limit: int) -> Content:
        """The first ``limit`` bytes of a regular file. Never waits on a pipe or device. Raises RootError."""

    def open(self, path: str) -> BinaryIO:
        """A regular file to read from, unbuffered, seekable. Raises RootError."""

    def list(self, path: str) -> builtins.list[tuple[str, Stat]]:
        """The entries of a directory (reached through links) by name in byte order, each as itself.

        Raises RootError.
        """

    def read_link(self, path: str) -> str:
        """The text of a symbolic link. Raises RootError."""

    def birth_ns(self, path: str) -> Optional[int]:
        """When a path (itself, not what it links to) was made; None where the platform does not tell."""

    def walk(
        self, request: WalkRequest, cancelled: Callable[[], bool] = lambda: False
    ) -> Iterator[WalkProgress | Inventory]:
        """Walk; yields progress a few times a second and the Inventory last (cut short if cancelled).

        Inventories that come before the last one are snapshots of what was seen so far (``partial``).
        """

    def compare(
        self,
        inventory: Inventory,
        rows: Sequence[int],
        source: Callable[[int], Optional[str]],
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Iterator[tuple[int, bytes]]:
        """Compare rows (ascending) with their revision's file ``source(row)``; yields ``(rows done, results)``.

        ``results`` has one code a row done since the last yield: see ``tui.disk.compare``. A directory
        row may have None for its source. Ends early once ``cancelled()`` is true.
        """

    def same_content(self, a: str, b: str) -> bool:
        """Whether two regular files hold the same bytes now. Raises RootError."""

    def close(self) -> None:
        """Give back what the Root holds open. Look-ups raise Unusable from now on."""

    def __enter__(self) -> Root: ...

    def __exit__(self, *exception: object) -> None: ...

    def measure(self, directories: Sequence[str]) -> Measurement:
        """Begin to count files and bytes below directories; the caller sees it through and closes it."""
