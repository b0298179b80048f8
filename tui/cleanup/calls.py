"""Every file-system call by which a cleanup changes something, or looks right before it does.

One small Protocol, so that a cleanup can be run on calls that fail, or that end the process, at any point.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from typing import Any, Callable, Optional, Protocol

from tui.disk.opened import Status

Handle = Any  # an open directory: a descriptor, or where there are none its path


class InUse(OSError):
    """Another program holds a file so that it cannot be moved or removed (Windows)."""


class Calls(Protocol):
    """Names are looked up in an open directory and no link is followed. All raise OSError."""

    owner: Optional[int]  # user id whose state directory must be; None where owners are not told

    def open_top(self, place: str) -> Handle:
        """A trusted directory by the machine's own path, links followed."""

    def open_dir(self, name: str, here: Handle) -> Handle:
        """A directory below another; ENOTDIR or ELOOP where a link or anything else stands."""

    def close(self, handle: Handle) -> None:
        """Give a directory or a lock back."""

    def where(self, here: Handle) -> Optional[str]:
        """The path by which an open directory is reached now; None where the system does not tell."""

    def path(self, here: Handle) -> str:
        """The machine's path of an open directory, to open a database in."""

    def look(self, name: str, here: Handle) -> Status:
        """What stands at a name; ``.`` is the directory itself."""

    def read_link(self, name: str, here: Handle) -> str:
        """The text of a symbolic link."""

    def watched(self, here: Handle) -> Optional[Callable[[], bool]]:
        """Watch a directory, instead of the one before; gives the question whether nothing was put into it or written
        to in it since it was asked last. None where the system does not tell."""

    def names(self, here: Handle) -> list[str]:
        """What is in a directory."""

    def digest(self, name: str, here: Handle) -> str:
        """The SHA-256 of a regular file's content, in hex. Never waits on a pipe."""

    def attributes(self, name: str, here: Handle) -> Mapping[str, bytes]:
        """Extended attributes, access control lists among them; none where there can be none."""

    def mkdir(self, name: str, here: Handle, mode: int = 0o700) -> None:
        """Make a directory."""

    def rename(self, name: str, here: Handle, new: str, there: Handle) -> None:
        """Move within a file system; FileExistsError where something stands at the new name. Never replaces."""

    def link(self, name: str, here: Handle, new: str, there: Handle) -> None:
        """Give a file a second name."""

    def copy(self, name: str, here: Handle, new: str, there: Handle) -> None:
        """Copy one entry that is no directory to a name that is free: content with its holes, owner, mode, times,
        attributes. Read again and compared, durable when this returns; what was written may stay after an error."""

    def write(self, name: str, here: Handle, content: bytes, like: Status, attributes: Mapping[str, bytes]) -> None:
        """Make a file with this content, and owner, mode and attributes as told. Durable when this returns."""

    def unlink(self, name: str, here: Handle) -> None:
        """Remove what is no directory."""

    def rmdir(self, name: str, here: Handle) -> None:
        """Remove an empty directory."""

    def set_owner(self, here: Handle, uid: int, gid: int) -> None:
        """Set an open directory's owner."""

    def set_mode(self, here: Handle, mode: int) -> None:
        """Set an open directory's permissions."""

    def set_attributes(self, here: Handle, attributes: Mapping[str, bytes]) -> None:
        """Set an open directory's extended attributes."""

    def set_times(self, here: Handle, atime_ns: int, mtime_ns: int) -> None:
        """Set an open directory's times."""

    def sync(self, here: Handle) -> None:
        """Make what was done in an open directory durable."""

    def lock(self, here: Handle) -> Handle:
        """Hold a directory against other cleanups; BlockingIOError where another one has it. Ends with the process."""

    def database(self, place: str, read_only: bool) -> sqlite3.Connection:
        """A SQLite database by its path, in autocommit mode. Raises sqlite3.Error."""


def real_calls() -> Calls:
    """The calls of the system that the program runs on."""
    if os.supports_dir_fd:
        from tui.cleanup.calls_posix import PosixCalls

        return PosixCalls()
    from tui.cleanup.calls_windows import WindowsCalls

    return WindowsCalls()
