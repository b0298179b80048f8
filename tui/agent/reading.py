"""Reading a record's bytes through a Root: bounded, and with a Problem instead of an exception."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Optional

from tui.agent.records import Problem
from tui.disk.inventory import DIR
from tui.disk.root import Content, NotThere, Root, RootError, Stat

CHUNK = 1 << 22  # bytes read at a time from a large record


_TEMPORARY = re.compile(r"\..+\.tmp\.[0-9]+\Z", re.DOTALL)


def leftovers(path: str, names: Iterable[str]) -> Iterator[Problem]:
    """Files in the directory ``path`` that version 2 of the agent wrote to and did not come to rename."""
    for name in names:
        if _TEMPORARY.match(name):
            message = (
                "The agent was stopped while it wrote this file: it is what was to replace a record, or part of it."
            )
            yield Problem("leftover-temporary", posixpath.join(path, name), message, severity="info")


def never() -> bool:
    """For whoever cannot be cancelled."""
    return False


def usable(path: str) -> bool:
    """Whether a path from a record can be asked for at all: absolute, and free of NUL."""
    return path.startswith("/") and "\0" not in path


def unreadable(path: str, reason: str, severity: str = "warning") -> Problem:
    """The Problem of a record that is there and cannot be read."""
    return Problem("record-unreadable", path, f"The record cannot be read: {reason}.", severity=severity)


def read_record(root: Root, path: str, limit: int) -> tuple[Optional[Content], Optional[Problem]]:
    """A record's first ``limit`` bytes; ``(None, None)`` where there is no such file."""
    if not usable(path):
        return None, None
    try:
        return root.read(path, limit), None
    except NotThere:
        return None, None
    except RootError as error:
        return None, unreadable(path, error.reason)
    except OSError as error:
        return None, unreadable(path, error.strerror or "I/O error")


def stat_or_none(root: Root, path: str, follow: bool = True) -> Optional[Stat]:
    """What is at a path; None also where it cannot be looked at."""
    if not usable(path):
        return None
    try:
        return root.stat(path, follow)
    except (RootError, OSError):
        return None


def is_directory(root: Root, path: str) -> bool:
    """Whether a path leads to a directory, through links too, as Ruby's ``File.directory?`` asks."""
    stat = stat_or_none(root, path)
    return stat is not None and stat.type == DIR


def chunks(stream: BinaryIO, limit: int, size: int = CHUNK) -> Iterator[bytes]:
    """A stream's bytes, piece by piece, up to ``limit`` in all. Raises OSError."""
    left = limit
    while left > 0:
        piece = stream.read(min(size, left))
        if not piece:
            return
        left -= len(piece)
        yield piece
