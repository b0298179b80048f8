"""The lines of a cleanup file, and what each means to the agent.

Both versions: ``\\n`` alone ends a line; a last line without it is dropped; removals run from the last
line to the first. Version 1 (agent 1.8.1) strips ASCII white space and NUL from both ends, and a NUL
inside a line stops the removal. Version 2 strips all Unicode white space and no NUL, passes over lines
that hold a NUL or whose ``..`` climb above their root, and takes relative ones from ``/``.
"""

from __future__ import annotations

import re
import sys
from array import array
from collections.abc import Iterator
from typing import Callable, Optional

from tui.agent.ruby import STRIPPED
from tui.paths import from_bytes

MAX_LINES = 4_000_000
# What Rust's char::is_whitespace takes for white space (Unicode's White_Space).
WHITE_SPACE = (
    "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
_PIECE = 4 << 20  # bytes decoded at once
_SEMANAGE = "semanage\0"
_SLASHES = re.compile(r"[/\\]")
_DRIVE = re.compile(r"[A-Za-z]:")


class Lines:
    """What the lines are: see ``tui.agent.records.CleanupFile``. Paths are interned: other records have the same."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.lines: array[int] = array("I")
        self.relative: list[tuple[int, str]] = []
        self.contexts: list[tuple[int, str]] = []
        self.altered: list[tuple[int, str]] = []
        self.unusable: list[tuple[int, str]] = []
        self.skipped: list[tuple[int, str]] = []
        self.unfinished: Optional[tuple[int, str]] = None
        self.whole = True  # False: the file has more than MAX_LINES

    def add(self, number: int, path: str) -> None:
        self.paths.append(sys.intern(path))
        self.lines.append(number)


Place = Callable[[str], Optional[str]]


def read_lines(data: bytes, version: int = 1, place: Optional[Place] = None) -> Lines:
    """Sort the lines by what each means; ``place``: see ``tui.agent.cleanup.parse_cleanup``. Never raises."""
    found = Lines()
    take = _take_1 if version == 1 else _take_2
    for first, lines in _pieces(data):
        take(found, first, lines, place)
    count = data.count(b"\n")
    found.whole = count <= MAX_LINES
    rest = data[data.rfind(b"\n") + 1 :]
    if rest:
        text = from_bytes(rest)
        found.unfinished = (count + 1, (place(text) if place else None) or text)
    return found


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


def _take_1(found: Lines, first: int, lines: list[str], place: Optional[Place]) -> None:
    stripped = [line.strip(STRIPPED) for line in lines]
    if place is None and stripped == lines and not [line for line in lines if line[:1] != "/" or "\0" in line]:
        found.paths += map(sys.intern, lines)
        found.lines.extend(range(first, first + len(lines)))
        return
    for number, (line, text) in enumerate(zip(lines, stripped), first):
        if line.startswith(_SEMANAGE):
            found.contexts.append((number, line[len(_SEMANAGE) :].strip(STRIPPED)))
        elif "\0" in text:
            found.unusable.append((number, text))
        elif text:  # a blank line names nothing that exists
            _path(found, number, line, text, place)


def _take_2(found: Lines, first: int, lines: list[str], place: Optional[Place]) -> None:
    stripped = [line.strip(WHITE_SPACE) for line in lines]
    plain = place is None and stripped == lines
    if plain and not [line for line in lines if line[:1] != "/" or "\0" in line or "/.." in line]:
        found.paths += map(sys.intern, lines)
        found.lines.extend(range(first, first + len(lines)))
        return
    for number, (line, text) in enumerate(zip(lines, stripped), first):
        if text.startswith(_SEMANAGE):
            found.contexts.append((number, text[len(_SEMANAGE) :].strip(WHITE_SPACE)))
        elif "\0" in text or climbs(text, place is not None):
            found.skipped.append((number, text))
        elif text:
            _path(found, number, line, text, place)
            if place is None and text[0] != "/":
                found.add(number, "/" + text)


def _path(found: Lines, number: int, line: str, text: str, place: Optional[Place]) -> None:
    if text != (line.rstrip("\r") if place else line):
        found.altered.append((number, line))
    path = text if place is None else place(text)
    if path is not None and path.startswith("/"):
        found.add(number, path)
    else:
        found.relative.append((number, text))


def climbs(text: str, windows: bool = False) -> bool:
    """Whether a path's ``..`` lead above where it starts, at its root or the working directory."""
    if ".." not in text:
        return False
    if windows:
        drive = _DRIVE.match(text)
        parts = _SLASHES.split(text[drive.end() :] if drive else text)
    else:
        parts = text.split("/")
    depth = 0
    for part in parts:
        if part == "..":
            depth -= 1
            if depth < 0:
                return True
        elif part not in ("", "."):
            depth += 1
    return False
