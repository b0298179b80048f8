"""A record that is there and cannot be read is named in a finding: what is not known is not passed over."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Optional

import pytest

from tui.disk.root import Denied, RootError, Stat, Unusable

from .instances import opened, scanned
from .roots import Troubled, always

RECORDS = re.compile(
    r"/(codedeployagent|conf)\.yml$|/deployment-instructions$|-cleanup$|-install\.json$|_install$|/deployment-logs(/|$)"
    r"|/logs/scripts\.log$|/deployment-archive/appspec\.yml$|/ongoing-deployment(/|$)"
)
EXAMPLES = (
    "guide-example",
    "abandoned-group",
    "killed-mid-install",
    "pruned-and-broken-stop",
    "version-2",
    "windows-guide",
)


class Locked(Troubled):
    """A Root that tells what is at a path, and has trouble with what is in it."""

    def stat(self, path: str, follow: bool = True) -> Optional[Stat]:
        return self._inner.stat(path, follow)

    def real_path(self, path: str, follow_last: bool = True) -> str:
        return self._inner.real_path(path, follow_last)


def records(place: Path, windows: bool) -> Iterator[str]:
    """The agent's records of an instance, in the program's form."""
    for directory, below, files in os.walk(place):
        for name in (*below, *files):
            path = "/" + os.path.relpath(os.path.join(directory, name), place).replace(os.sep, "/")
            if RECORDS.search(path) and "/.7c1e" not in path:
                yield f"/{path[1]}:{path[2:]}" if windows else path


@pytest.mark.parametrize("kind", [Denied, Unusable])
@pytest.mark.parametrize("name", EXAMPLES)
def test_a_record_that_cannot_be_read_is_named(name: str, kind: type[RootError], whole: list[Path]) -> None:
    place = next(place for place in whole if place.name == name)
    windows = name.startswith("windows")
    named = 0
    for path in records(place, windows):
        root = opened(place)
        assert root is not None
        with root:
            locked = Locked(root, 1, always(kind, path), 10**9)
            examination = scanned(locked)
            if examination is None:
                continue  # refused: then the error names it
            native = examination.instance.native(path)
            told = " ".join(f"{f.title} {f.detail} {f.source} {' '.join(f.paths)}" for f in examination.findings)
            assert path[1:] in told or native in told, f"{path} is passed over in silence"
            named += 1
    assert named >= 5
