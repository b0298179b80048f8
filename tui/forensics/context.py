"""A source in its context: the lines of a file around the one that a piece of evidence names.

Nothing but those lines is kept: a line far down in a large log is found block by block.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Callable, Optional

from tui.agent.reading import stat_or_none, usable
from tui.disk.root import NotThere, Root, RootError
from tui.paths import from_bytes

BLOCK = 1 << 18  # bytes read at a time
LIMIT = 1 << 30  # bytes of a file that are looked through
LINE_LIMIT = 2000  # bytes of one line that are kept
_DIGITS = 9  # of a line number, at most


@dataclass(frozen=True)
class ContextLine:
    """A line of a file without its newline, of unknown origin.

    ``cut``: it goes on, but was not kept; ``unended``: the file ends with it, and without a newline.
    """

    number: int
    text: str
    cut: bool = False
    unended: bool = False


@dataclass(frozen=True)
class Context:
    """Lines around ``line`` (1-based; None: the source names none). ``note`` says what is wrong or missing."""

    path: str
    line: Optional[int]
    lines: tuple[ContextLine, ...] = ()
    note: Optional[str] = None


def place_of(root: Root, source: str) -> tuple[str, Optional[int]]:
    """The absolute path and the line of a source, ``relative/path:line``; the line may be missing.

    A name that ends in a colon and digits is taken for a path with a line only where such a path is there.
    """
    whole = "/" + source.lstrip("/")
    path, _, tail = whole.rpartition(":")
    if not path or not (tail.isascii() and tail.isdigit() and len(tail) <= _DIGITS):
        return whole, None
    if stat_or_none(root, path) is None and stat_or_none(root, whole) is not None:
        return whole, None
    return path, int(tail)


def lines_around(
    root: Root,
    path: str,
    line: Optional[int],
    before: int = 8,
    after: int = 8,
    cancelled: Callable[[], bool] = lambda: False,
) -> Context:
    """The lines around one, or a file's first lines where ``line`` is None. Never raises: what is wrong is a note."""
    first = max(1, (line or 1) - before)
    last = before + after + 1 if line is None else line + after
    if not usable(path):
        return Context(path, line, note="That cannot be the path of a file.")
    try:
        with root.open(path) as stream:
            return _read(stream, path, line, (first, last), cancelled)
    except NotThere:
        return Context(path, line, note="The file is not there any more.")
    except RootError as error:
        return Context(path, line, note=f"It cannot be read: {error.reason}.")
    except OSError as error:
        return Context(path, line, note=f"It cannot be read: {error.strerror or 'I/O error'}.")


def _read(
    stream: BinaryIO, path: str, line: Optional[int], wanted: tuple[int, int], cancelled: Callable[[], bool]
) -> Context:
    first, last = wanted
    lines: list[ContextLine] = []
    number, seen, kept, cut, ended = 1, 0, b"", False, True

    def keep(piece: bytes) -> None:
        nonlocal kept, cut
        room = LINE_LIMIT - len(kept)
        kept, cut = kept + piece[:room], cut or len(piece) > room

    for block in _blocks(stream, cancelled):
        seen, ended = seen + len(block), block.endswith(b"\n")
        if line is None and b"\0" in block[: BLOCK >> 3]:
            return Context(path, line, note="It is not text.")
        start = 0
        if number < first:
            number, start = _skip(block, number, first)
        while number >= first:
            end = block.find(b"\n", start)
            keep(block[start : end if end >= 0 else len(block)])
            if end < 0:
                break
            lines.append(ContextLine(number, from_bytes(kept), cut))
            number, start, kept, cut = number + 1, end + 1, b"", False
            if number > last:
                return Context(path, line, tuple(lines))
    if kept:
        lines.append(ContextLine(number, from_bytes(kept), cut, unended=not ended))
    note = "The reading was stopped." if cancelled() else _end_note(line, number - ended, seen)
    return Context(path, line, tuple(lines), note)


def _blocks(stream: BinaryIO, cancelled: Callable[[], bool]) -> Iterator[bytes]:
    left = LIMIT
    while left > 0 and not cancelled():
        block = stream.read(min(BLOCK, left))
        if not block:
            return
        left -= len(block)
        yield block


def _skip(block: bytes, number: int, first: int) -> tuple[int, int]:
    """The line that a block leads to on the way to ``first``, and where in the block that line starts."""
    count = block.count(b"\n")
    if number + count < first:
        return number + count, len(block)
    start = 0
    while number < first:
        start = block.index(b"\n", start) + 1
        number += 1
    return number, start


def _end_note(line: Optional[int], reached: int, seen: int) -> Optional[str]:
    """What to say where the file, or the reading of it, ended with line ``reached`` before all lines were there."""
    if not seen:
        return "The file is empty."
    if line is not None and reached < line:
        if seen >= LIMIT:
            return f"The line lies beyond the first {LIMIT:,} bytes, which is as far as is looked."
        return f"The file has no line {line:,} now: it ends after line {reached:,}."
    return None
