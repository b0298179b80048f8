"""What a walk needs of the disk: by descriptors where the system has them, else by paths."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any, Callable, NamedTuple, Optional, Protocol, TypeVar, Union

Identity = tuple[int, int]  # device, inode


class Swapped(OSError):
    """Another directory stands where one was seen a moment before."""


class Seen(NamedTuple):
    """What one path is: the first fields of ``os.stat_result`` under its names, which serves as well."""

    st_mode: int
    st_ino: int
    st_dev: int
    st_nlink: int
    st_uid: int
    st_gid: int
    st_size: int
    st_mtime_ns: int
    st_ctime_ns: int


class Names:
    """A directory's names that ``fit``, as the system gives them, for as long as the context is open."""

    def __init__(self, directory: Union[int, str], fit: Optional[Callable[[str], bool]] = None) -> None:
        """``directory`` as ``os.scandir`` takes it. Raises OSError."""
        self._entries = os.scandir(directory)
        self._fit = fit

    def __enter__(self) -> Iterator[str]:
        names = (entry.name for entry in self._entries)
        return names if self._fit is None else filter(self._fit, names)

    def __exit__(self, *exception: object) -> None:
        self._entries.close()


class Parents(Protocol):
    """The directories that single paths stand in."""

    def at(self, parts: tuple[str, ...]) -> Any:
        """The directory, good until the next call; no link is followed. Raises OSError."""

    def close(self) -> None:
        """Let go of it; may be called more than once."""


class Chain(Protocol):
    """Directories entered one below the other, each checked to be the one that was seen. All raise OSError."""

    def enter(self, name: str, seen: Identity) -> Any:
        """Go one level down; the directory there. Raises Swapped where it is another one."""

    def leave(self) -> None:
        """Go one level up."""

    def here(self) -> Any:
        """The directory the chain is in."""

    def close(self) -> None:
        """Leave everything; may be called more than once."""


class Access(Protocol):
    """The disk below a Root's top. A directory (``here``) is whatever Parents and Chain give for one.

    All follow no link and raise OSError.
    """

    def parents(self) -> Parents:
        """For single paths."""

    def chain(self, above: Sequence[str] = ()) -> Chain:
        """For a tree, from the directory that ``above`` names."""

    def stat(self, name: str, here: Any) -> Any:
        """What a name in a directory is: a ``Seen`` or an ``os.stat_result``."""

    def stats(self, names: list[str], here: Any) -> tuple[list[str], list[Any], list[tuple[str, OSError]]]:
        """The names that still are in a directory with what they are, and the others with the reason."""

    def read_link(self, name: str, here: Any) -> str:
        """The text of a symbolic link."""

    def names(self, here: Any) -> Names:
        """The names in a directory, as they come."""


T = TypeVar("T")


def stats_one_by_one(
    look: Callable[[str], T], names: list[str]
) -> tuple[list[str], list[T], list[tuple[str, OSError]]]:
    """What ``Access.stats`` gives where one of the names may be gone."""
    kept, stats, failed = [], [], []
    for name in names:
        try:
            stats.append(look(name))
            kept.append(name)
        except OSError as error:
            # Without its traceback, which would keep this frame, its callers and their descriptors.
            failed.append((name, error.with_traceback(None)))
    return kept, stats, failed
