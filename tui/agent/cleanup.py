"""``<group-id>-cleanup``: what the group's next deployment removes.

Rules of agent 1.8.1: ``\\n`` alone ends a line; a last line without it is dropped; white space and NUL
are stripped from both ends; removals run from the last line to the first.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Optional

from tui.agent.reading import read_record
from tui.agent.records import CleanupFile, Problem
from tui.agent.ruby import STRIPPED
from tui.disk.root import Root
from tui.paths import from_bytes

LIMIT = 512 << 20  # bytes
MAX_LINES = 4_000_000
_PIECE = 4 << 20  # bytes decoded at once
_SEMANAGE = "semanage\0"


def read_cleanup(root: Root, path: str) -> Optional[CleanupFile]:
    """The cleanup file at a path of the instance; None where there is none.

    One that cannot be read is ``complete=False`` and lists nothing.
    """
    content, problem = read_record(root, path, LIMIT)
    if content is None:
        if problem is None:
            return None
        return CleanupFile(path, [], array("I"), complete=False, problems=(problem,))
    return parse_cleanup(content.data, path, content.mtime, content.size)


def parse_cleanup(data: bytes, path: str, mtime: float, size: Optional[int] = None) -> CleanupFile:
    """A cleanup file's bytes, read as agent 1.8.1 reads them.

    ``size`` is the whole file's where ``data`` is only its beginning; then, and beyond ``MAX_LINES``
    lines, the result is not complete. Never raises.
    """
    reader = _Reader()
    for first, lines in _pieces(data):
        reader.take(first, lines)
    end = data.rfind(b"\n") + 1
    count = data.count(b"\n")
    size = len(data) if size is None else size
    complete = size == len(data) and count <= MAX_LINES
    rest = data[end:]
    dropped = (count + 1, from_bytes(rest)) if rest and complete else None
    return CleanupFile(
        path=path,
        paths=reader.paths,
        lines=reader.lines,
        relative=tuple(reader.relative),
        contexts=tuple(reader.contexts),
        altered=tuple(reader.altered),
        dropped=dropped,
        unusable=tuple(reader.unusable),
        size=size,
        mtime=mtime,
        complete=complete,
        problems=tuple(_problems(data, path, complete, dropped, reader)),
    )


def _pieces(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """``(number of the first line, lines)``, some megabytes at a time, whole lines without their ends."""
    start, first, stop = 0, 1, data.rfind(b"\n") + 1
    while start < stop and first <= MAX_LINES:
        end = data.rfind(b"\n", start, start + _PIECE) + 1 or data.find(b"\n", start) + 1
        lines = from_bytes(data[start : end - 1]).split("\n")
        del lines[MAX_LINES + 1 - first :]
        yield first, lines
        first += len(lines)
        start = end


class _Reader:
    """Sorts lines into what each means to the agent."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.lines: array[int] = array("I")
        self.relative: list[tuple[int, str]] = []
        self.contexts: list[tuple[int, str]] = []
        self.altered: list[tuple[int, str]] = []
        self.unusable: list[tuple[int, str]] = []

    def take(self, first: int, lines: list[str]) -> None:
        stripped = [line.strip(STRIPPED) for line in lines]
        if stripped == lines and not [line for line in lines if line[:1] != "/" or "\0" in line]:
            self.paths += lines
            self.lines.extend(range(first, first + len(lines)))
            return
        for number, (line, text) in enumerate(zip(lines, stripped), first):
            self._line(number, line, text)

    def _line(self, number: int, line: str, text: str) -> None:
        if line.startswith(_SEMANAGE):
            self.contexts.append((number, line[len(_SEMANAGE) :].strip(STRIPPED)))
            return
        if not text:  # a blank line names nothing that exists
            return
        if "\0" in text:
            self.unusable.append((number, text))
            return
        if text != line:
            self.altered.append((number, line))
        if text.startswith("/"):
            self.paths.append(text)
            self.lines.append(number)
        else:
            self.relative.append((number, text))


def _problems(
    data: bytes, path: str, complete: bool, dropped: Optional[tuple[int, str]], reader: _Reader
) -> Iterator[Problem]:
    if not complete:
        message = f"The cleanup file is too large to be read whole: the first {len(reader.paths)} paths were read."
        yield Problem("cleanup-incomplete", path, message)
    if dropped:
        message = "The last line has no newline: the agent was stopped while it wrote, and never removes that path."
        yield Problem("cleanup-cut-off", path, message, dropped[0])
    if reader.unusable:
        message = "A line holds a NUL byte: the next deployment's removal fails there, and so does its Install event."
        yield Problem("cleanup-unusable-line", path, message, reader.unusable[-1][0], "critical")
    if reader.relative:
        message = f"{len(reader.relative)} lines are no absolute paths: they start at the agent's working directory."
        yield Problem("cleanup-relative", path, message, reader.relative[0][0])
    if reader.altered:
        message = (
            f"{len(reader.altered)} lines begin or end in white space, which the agent strips: "
            "the paths that were meant are not removed."
        )
        yield Problem("cleanup-altered", path, message, reader.altered[0][0])
    bad = _not_utf8(data)
    if bad is not None:
        message = "The file is not valid UTF-8, which the agent never writes; it may refuse to read the file at all."
        yield Problem("cleanup-not-utf8", path, message, data.count(b"\n", 0, bad) + 1)


def _not_utf8(data: bytes) -> Optional[int]:
    """Where the first byte is that is no UTF-8; None where all whole lines are."""
    start, end = 0, data.rfind(b"\n") + 1
    while start < end:
        stop = data.rfind(b"\n", start, start + _PIECE) + 1 or data.find(b"\n", start) + 1
        if not data[start:stop].isascii():
            try:
                data[start:stop].decode("utf-8")
            except UnicodeDecodeError as error:
                return start + error.start
        start = stop
    return None
