"""``<group-id>-cleanup``: what the group's next deployment removes, read and judged.

How its lines are read is in ``tui.agent.cleanup_lines``. Version 2 runs the lines of a regular file
alone that its own user owns and nobody else may write; otherwise it removes nothing, and deletes
the file all the same. A directory in the file's place fails every Install of both versions.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import replace
from typing import Callable, Optional

from tui.agent.cleanup_lines import Lines, read_lines
from tui.agent.reading import read_record, unreadable, usable
from tui.agent.records import CleanupFile, Problem
from tui.agent.rules import Rules
from tui.disk.inventory import DIR, FILE
from tui.disk.root import Root, RootError, Stat

LIMIT = 512 << 20  # bytes
_PIECE = 4 << 20  # bytes looked at at once
_OTHERS_WRITE = 0o022
_NOT_UTF8 = "it is not valid UTF-8"
_DIRECTORY = "it is a directory"


def read_cleanup(root: Root, path: str, rules: Optional[Rules] = None) -> Optional[CleanupFile]:
    """The cleanup file at a path of the instance; None where there is none.

    One that cannot be read is ``complete=False`` and lists nothing.
    """
    rules = rules or Rules(root)
    stat, problem = _look(root, path)
    if stat is not None and stat.type == DIR:
        message = "A directory stands in the cleanup file's place: every Install of the group fails there."
        problems = (Problem("cleanup-directory", path, message, severity="critical"),)
        return CleanupFile(path, [], _none(), fatal=_DIRECTORY, complete=False, problems=problems)
    ignored = None if stat is None else _ignored(stat, rules)
    content, unread = (None, problem) if problem else read_record(root, path, LIMIT)
    if content is None:
        if unread is None:
            return None
        why = ignored if rules.version == 2 else None
        return CleanupFile(path, [], _none(), ignored=why, complete=False, problems=(unread,))
    place = rules.place if rules.windows else None
    file = parse_cleanup(content.data, path, content.mtime, content.size, rules.version, place)
    if rules.version == 2 and ignored:
        file = replace(file, ignored=ignored)
    told = tuple(_by_version(file, content.data, ignored, rules))
    return replace(file, problems=file.problems + told) if told else file


def parse_cleanup(
    data: bytes,
    path: str,
    mtime: float,
    size: Optional[int] = None,
    version: int = 1,
    place: Optional[Callable[[str], Optional[str]]] = None,
) -> CleanupFile:
    """A cleanup file's bytes, read as an agent of ``version`` 1 (1.8.1) or 2 reads them.

    ``size`` is the whole file's where ``data`` is only its beginning; then, and beyond ``cleanup_lines.MAX_LINES``
    lines, the result is not complete. ``place`` puts a path in the program's form (on Windows; None
    where it is no local path). Never raises.
    """
    lines = read_lines(data, version, place)
    size = len(data) if size is None else size
    complete = size == len(data) and lines.whole
    dropped = lines.unfinished if complete else None
    bad = _not_utf8(data, whole=version == 2)
    return CleanupFile(
        path=path,
        paths=lines.paths,
        lines=lines.lines,
        relative=tuple(lines.relative),
        contexts=tuple(lines.contexts),
        altered=tuple(lines.altered),
        dropped=dropped,
        unusable=tuple(lines.unusable),
        fatal=_NOT_UTF8 if version == 2 and bad is not None else None,
        size=size,
        mtime=mtime,
        complete=complete,
        problems=tuple(_problems(path, complete, dropped, lines, version, place is not None))
        + (() if bad is None or version == 2 else (_doubtful(data, path, bad),)),
        skipped=tuple(lines.skipped),
    )


def _none() -> array[int]:
    return array("I")


def _look(root: Root, path: str) -> tuple[Optional[Stat], Optional[Problem]]:
    try:
        return (root.stat(path) if usable(path) else None), None
    except RootError as error:
        return None, unreadable(path, error.reason)
    except OSError as error:
        return None, unreadable(path, error.strerror or "I/O error")


def _ignored(stat: Stat, rules: Rules) -> Optional[str]:
    """Why version 2 runs none of a cleanup file; None where it runs it. Not judged on Windows."""
    if stat.type != FILE:
        return "it is not a regular file"
    if rules.windows:
        return None
    if rules.user is not None and stat.uid != rules.user:
        return f"it belongs to user {stat.uid} and not to the agent's, {rules.user}"
    if stat.mode & _OTHERS_WRITE:
        return f"others than its owner may write it (mode {stat.mode & 0o7777:04o})"
    return None


def _by_version(file: CleanupFile, data: bytes, ignored: Optional[str], rules: Rules) -> Iterator[Problem]:
    """What version 2 makes of the file; also where the version is not known, as what it would make."""
    if rules.version == 1 and rules.sure:
        return
    would, severity = ("", "critical") if rules.version == 2 else (" if the agent is version 2", "info")
    bad = _not_utf8(data, whole=True)
    if bad is not None:
        message = f"The file is not valid UTF-8: every Install of the group fails there{would}, until it is removed."
        yield Problem("cleanup-v2-fatal", file.path, message, data.count(b"\n", 0, bad) + 1, severity)
    elif ignored is not None:
        severity = "warning" if rules.version == 2 else "info"
        message = f"The next deployment removes nothing{would}, and deletes the list: {ignored}."
        yield Problem("cleanup-v2-ignores", file.path, message, severity=severity)
    if rules.version == 1:
        other = read_lines(data, 2, rules.place if rules.windows else None)
        first = _first_difference(file, other)
        if first is not None:
            message = "Versions 1 and 2 of the agent read lines of it differently; they are read as by version 1."
            yield Problem("cleanup-versions-differ", file.path, message, first, "info")


def _first_difference(file: CleanupFile, other: Lines) -> Optional[int]:
    """The first line that names another path, or none, under the other version's rules."""
    if file.paths == other.paths and file.lines == other.lines and not file.unusable:
        return None
    ours, theirs = set(zip(file.lines, file.paths)), set(zip(other.lines, other.paths))
    lines = {line for line, _ in ours ^ theirs} | {line for line, _ in file.unusable}
    return min(lines, default=None)


def _problems(
    path: str, complete: bool, dropped: Optional[tuple[int, str]], lines: Lines, version: int, windows: bool
) -> Iterator[Problem]:
    if not complete:
        message = f"The cleanup file is too large to be read whole: the first {len(lines.paths)} paths were read."
        yield Problem("cleanup-incomplete", path, message)
    if dropped:
        message = "The last line has no newline: the agent was stopped while it wrote, and never removes that path."
        yield Problem("cleanup-cut-off", path, message, dropped[0])
    if lines.unusable:
        message = "A line holds a NUL byte: the next deployment's removal fails there, and so does its Install event."
        yield Problem("cleanup-unusable-line", path, message, lines.unusable[-1][0], "critical")
    if lines.skipped:
        message = f"Lines that the agent passes over, for a NUL byte or a way above the root: {len(lines.skipped)}."
        yield Problem("cleanup-skipped", path, message, lines.skipped[0][0])
    if lines.relative:
        start = "they start at the agent's working directory" if version == 1 else "they start at /"
        start = "they are relative, or lie on another machine, and are not looked at" if windows else start
        message = f"Lines that are no absolute paths: {len(lines.relative)}; {start}."
        yield Problem("cleanup-relative", path, message, lines.relative[0][0])
    if lines.altered:
        message = (
            f"Lines that begin or end in white space, which the agent strips: {len(lines.altered)}; "
            "the paths that were meant are not removed."
        )
        yield Problem("cleanup-altered", path, message, lines.altered[0][0])


def _doubtful(data: bytes, path: str, bad: int) -> Problem:
    message = "The file is not valid UTF-8, which the agent never writes; it may refuse to read the file at all."
    return Problem("cleanup-not-utf8", path, message, data.count(b"\n", 0, bad) + 1)


def _not_utf8(data: bytes, whole: bool = False) -> Optional[int]:
    """Where the first byte is that is no UTF-8, of the whole lines or of all; None where all are."""
    start, end = 0, len(data) if whole else data.rfind(b"\n") + 1
    while start < end:
        stop = data.rfind(b"\n", start, start + _PIECE) + 1 or data.find(b"\n", start) + 1 or end
        if not data[start:stop].isascii():
            try:
                data[start:stop].decode("utf-8")
            except UnicodeDecodeError as error:
                return start + error.start
        start = stop
    return None
