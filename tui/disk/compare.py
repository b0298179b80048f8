"""Comparison of deployed files with their revision: type, then size, then content, read once."""

from __future__ import annotations

from typing import BinaryIO

from tui.disk.root import Root, Unusable

# What comparing one row with its source gives. UNREADABLE: no verdict, one side could not be read
# or the directory above the row was replaced since the walk.
SAME, DIFFERENT, OTHER_TYPE, NO_SOURCE, ABSENT_HERE, UNREADABLE = range(6)
CODE_NAMES = ("same", "different", "other-type", "no-source", "absent-here", "unreadable")

_CHUNK = 1 << 20


def _fill(file: BinaryIO, buffer: bytearray, path: str) -> int:
    view, filled = memoryview(buffer), 0
    try:
        while filled < len(buffer):
            got = file.readinto(view[filled:])  # type: ignore[attr-defined]
            if not got:
                break
            filled += got
    except OSError as error:
        raise Unusable(path, (error.strerror or str(error)).lower()) from None
    return filled


def streams_equal(first: BinaryIO, second: BinaryIO, a: str, b: str) -> bool:
    """Whether two open files hold the same bytes from here on, in two megabytes of memory.

    ``a`` and ``b`` are their paths. Raises Unusable.
    """
    ours, theirs = bytearray(_CHUNK), bytearray(_CHUNK)
    while True:
        got = _fill(first, ours, a)
        if got != _fill(second, theirs, b):
            return False
        if ours != theirs if got == _CHUNK else ours[:got] != theirs[:got]:
            return False
        if got < _CHUNK:
            return True


def content_equal(root: Root, a: str, b: str) -> bool:
    """Whether two regular files of a Root hold the same bytes now. Raises RootError."""
    with root.open(a) as first, root.open(b) as second:
        return streams_equal(first, second, a, b)
