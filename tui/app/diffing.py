"""A file beside the one in its revision: a unified difference, or a plain word on why there is none."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Callable, Optional

from tui.app.words import counted
from tui.disk.root import Content, Root, RootError
from tui.paths import from_bytes, showable

LIMIT = 256 * 1024  # bytes of either file
MOST_LINES = 10_000  # of either file: aligning them takes time by their product


@dataclass(frozen=True)
class Difference:
    """``lines`` of a unified difference, fit for a terminal; ``note`` where there is more, or else, to say."""

    lines: tuple[str, ...] = ()
    note: Optional[str] = None


def difference(root: Root, path: str, source: str, shown: Callable[[str], str] = showable) -> Difference:
    """From ``source``, the file in the revision, to ``path``. Never raises: what cannot be read is a note.

    ``shown`` makes a path fit for a terminal.
    """
    contents: list[Content] = []
    for name in (source, path):
        try:
            contents.append(root.read(name, LIMIT))
        except RootError as error:
            return Difference(note=f"Cannot be read: {shown(error.path)}: {showable(error.reason)}")
    before, after = contents
    sizes = f"{counted(before.size, 'byte')} in the revision, {counted(after.size, 'byte')} here"
    if before.complete and after.complete and before.data == after.data:
        return Difference(note="No difference: the contents are the same.")
    if b"\0" in before.data or b"\0" in after.data:
        return Difference(note=f"Not text: {sizes}. {_first(before, after)}")
    if not before.complete or not after.complete:
        return Difference(note=f"Too large to compare by lines: {sizes}, at most {LIMIT:,}. {_first(before, after)}")
    return _by_lines(_lines(before.data), _lines(after.data), sizes)


def _first(before: Content, after: Content) -> str:
    """Where two contents part, as far as they were read."""
    length = min(len(before.data), len(after.data))
    if before.data[:length] == after.data[:length]:
        return f"The first {length:,} bytes are the same."
    low, high = 0, length
    while high - low > 1:
        middle = (low + high) // 2
        if before.data[low:middle] == after.data[low:middle]:
            low = middle
        else:
            high = middle
    return f"They first differ in byte {low + 1:,}."


def _lines(data: bytes) -> list[bytes]:
    return data.split(b"\n")


def _by_lines(before: list[bytes], after: list[bytes], sizes: str) -> Difference:
    if max(len(before), len(after)) > MOST_LINES:
        return Difference(note=f"Too many lines to align, {len(before):,} and {len(after):,}: {sizes}.")
    texts = [
        [_text(line) for line in lines[:-1]] + ([_text(lines[-1]) + "  (no newline at the end)"] if lines[-1] else [])
        for lines in (before, after)
    ]
    shown = tuple(difflib.unified_diff(texts[0], texts[1], lineterm=""))[2:]
    return Difference(shown)


def _text(line: bytes) -> str:
    return showable(from_bytes(line))
