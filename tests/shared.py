"""Trees that many tests only read: each is unpacked once in a process, and at the end it has to be what it was."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Callable

from tui.fixtures import remove

AT_END = contextlib.ExitStack()  # what is closed and removed after the last test
_places: dict[str, Path] = {}


def shared(name: str, unpack: Callable[[Path], Path]) -> Path:
    """What ``unpack`` made of a new directory, the first time that the name was asked for. Only to be read."""
    if name not in _places:
        top = Path(tempfile.mkdtemp(prefix="codedeploy-forensics-tests-"))
        AT_END.callback(remove, top)
        _places[name] = place = unpack(top)
        AT_END.callback(_check, place, _state(place))
    return _places[name]


def _state(top: Path) -> dict[str, tuple[int, ...]]:
    """All that a change of anything in a tree would change."""
    found = {}
    for directory, names, files in os.walk(top):
        for path in (directory, *(os.path.join(directory, name) for name in (*names, *files))):
            about = os.lstat(path)
            found[path] = about.st_ino, about.st_mode, about.st_size, about.st_mtime_ns, about.st_ctime_ns
    return found


def _check(top: Path, before: dict[str, tuple[int, ...]]) -> None:
    after = _state(top)
    changed = [path for path in before.keys() | after.keys() if before.get(path) != after.get(path)]
    assert not changed, f"a test changed what others read: {changed}"
