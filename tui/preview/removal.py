"""The cleanup: what the lines of a group's cleanup file take away, played from the last line to the first.

Version 1 (agent 1.8.1, ``RemoveCommand``) asks whether a path itself is a link, then, through links,
whether it is there. Version 2 asks through links first, so that a dangling link stays.
"""

from __future__ import annotations

import errno
from array import array
from collections.abc import Iterator, Mapping
from typing import NamedTuple, Optional

from tui.agent.records import CleanupFile
from tui.disk.inventory import LINK
from tui.preview.disk import Dir, Disk, Found, NoWay
from tui.preview.messages import Messages
from tui.preview.records import Action, CleanupLine, Failure, Phase
from tui.preview.told import Told


class Cleaned(NamedTuple):
    """What a cleanup did, in its order; ``failure`` where it stopped, the cleanup file then still in place."""

    lines: Told
    failure: Optional[Failure]


class _Stopped(Exception):
    """The removal fails at a line: ``str()`` is the agent's message."""


class _Special(NamedTuple):
    text: str
    kind: str  # relative, context, unusable, skipped, dropped, altered


def clean(disk: Disk, file: Optional[CleanupFile], version: int, say: Messages, cwd: Optional[str] = None) -> Cleaned:
    """Play a cleanup file on the model. ``cwd``: the agent's working directory, where it is known."""
    if file is None:
        return Cleaned(Told(), None)
    if file.fatal is not None:
        return Cleaned(Told(), Failure(Phase.CLEANUP, say.unusable_cleanup(file), file.path))
    if file.ignored is not None:
        lines = zip(reversed(file.lines), reversed(file.paths))
        return Cleaned(Told(CleanupLine(path, Action.SKIPPED, line, None, file.ignored) for line, path in lines), None)
    return _Cleaner(disk, version, say, cwd).clean(file)


class _Cleaner:
    def __init__(self, disk: Disk, version: int, say: Messages, cwd: Optional[str]) -> None:
        self._disk = disk
        self._version = version
        self._say = say
        self._cwd = cwd

    def clean(self, file: CleanupFile) -> Cleaned:
        done = Told()
        special = _specials(file)
        for line, path in _backwards(file.lines, file.paths, special):
            try:
                for told in special.get(line, ()):
                    if told.kind == "relative" and path is not None:
                        continue  # version 2 starts at /: that is the line's path
                    if told.kind == "unusable":
                        raise _Stopped(self._say.nul("path name"))
                    done.append(self._special(line, told))
                if path is not None:
                    done.append(self._remove(line, path))
            except _Stopped as stopped:
                at = path if path is not None else special[line][0].text
                done.append(CleanupLine(at, Action.NOT_REACHED, line, None, "the removal fails here"))
                rest = _backwards(file.lines, file.paths, special, line)
                done.extend(CleanupLine(above, Action.NOT_REACHED, k) for k, above in rest if above is not None)
                return Cleaned(done, Failure(Phase.CLEANUP, str(stopped), at))
        return Cleaned(done, None)

    def _special(self, line: int, told: _Special) -> CleanupLine:
        if told.kind == "context":
            if "\0" in told.text:
                raise _Stopped(self._say.nul("string"))
            return CleanupLine(told.text, Action.CONTEXT, line)
        if told.kind == "skipped":
            return CleanupLine(told.text, Action.SKIPPED, line)
        if told.kind == "dropped":
            return CleanupLine(told.text, Action.NOT_LISTED_WHOLE, line, None, "the last line, without a newline")
        if told.kind == "altered":
            return CleanupLine(told.text, Action.NOT_LISTED_WHOLE, line, None, "white space at its ends is stripped")
        if set(told.text.split("/")) <= {"", "."}:  # the working directory itself
            raise _Stopped(self._say.system(errno.EINVAL, "rmdir", told.text.removesuffix("/")))
        if self._cwd is None:
            return CleanupLine(told.text, Action.UNKNOWN, line, None, "relative to the agent's working directory")
        return self._remove(line, f"{self._cwd.rstrip('/')}/{told.text}")

    def _remove(self, line: int, path: str) -> CleanupLine:
        disk = self._disk
        try:
            found = disk.find(path, follow=False)
        except NoWay:
            return CleanupLine(path, Action.ABSENT, line)
        entry, real = found.entry, None
        if entry is None:
            return CleanupLine(path, Action.ABSENT, line)
        if found.path != path:
            real = found.path if path[-1] != "/" or found.path != path.rstrip("/") else None
        if path[-1] == "/" and self._is_link(path):
            raise _Stopped(self._say.system(errno.ENOTDIR, "rmdir", _chopped(path)))
        if entry.kind == LINK and self._version == 2 and not disk.exists(path):
            return CleanupLine(path, Action.KEPT_DANGLING, line, real)
        if isinstance(entry, Dir):
            return self._remove_directory(line, path, entry, found, real)
        disk.remove(found.dir, found.name)
        return CleanupLine(path, Action.REMOVED, line, real)

    def _remove_directory(self, line: int, path: str, entry: Dir, found: Found, real: Optional[str]) -> CleanupLine:
        above, last = entry.above, path.rstrip("/").rpartition("/")[2]
        if last == ".":
            raise _Stopped(self._say.system(errno.EINVAL, "rmdir", _chopped(path)))
        if last == "..":
            return CleanupLine(path, Action.NOT_EMPTY, line, real)
        if above is None or (not self._disk.windows and entry.device != above.device and above.device):
            raise _Stopped(self._say.system(errno.EBUSY, "rmdir", _chopped(path)))  # the top, or a mount point
        if self._disk.entries(entry) or entry.path in self._disk.unread:
            return CleanupLine(path, Action.NOT_EMPTY, line, real)
        self._disk.remove(above, found.name or entry.path.rpartition("/")[2])
        return CleanupLine(path, Action.REMOVED, line, real)

    def _is_link(self, path: str) -> bool:
        entry, _, _ = self._disk.now(path.rstrip("/") or "/")
        return entry is not None and entry.kind == LINK


def _chopped(path: str) -> str:
    """A directory as ``Dir.rmdir`` names it: without slashes at the end."""
    return path.rstrip("/") or "/"


def _specials(file: CleanupFile) -> dict[int, list[_Special]]:
    """The lines that are more, or something else, than an absolute path, by number."""
    found: dict[int, list[_Special]] = {}
    named: tuple[tuple[str, tuple[tuple[int, str], ...]], ...] = (
        ("relative", file.relative),
        ("context", file.contexts),
        ("unusable", file.unusable),
        ("skipped", file.skipped),
        ("altered", file.altered),
        ("dropped", (file.dropped,) if file.dropped is not None else ()),
    )
    for kind, lines in named:
        for line, text in lines:
            found.setdefault(line, []).append(_Special(text, kind))
    return found


def _backwards(
    lines: array[int], paths: object, special: Mapping[int, list[_Special]], before: Optional[int] = None
) -> Iterator[tuple[int, Optional[str]]]:
    """``(line, path)`` from the last line to the first, above ``before``; a special line without a path too."""
    rest = sorted(special)
    assert isinstance(paths, (list, tuple))
    for k in range(len(lines) - 1, -1, -1):
        line = lines[k]
        while rest and rest[-1] > line:
            number = rest.pop()
            if before is None or number < before:
                yield number, None
        if rest and rest[-1] == line:
            rest.pop()
        if before is None or line < before:
            yield line, paths[k]
    while rest:
        number = rest.pop()
        if before is None or number < before:
            yield number, None
