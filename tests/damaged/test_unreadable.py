"""A record that is there and cannot be read is named in a finding: what is not known is not passed over."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Optional

import pytest

from tui.disk.root import Denied, RootError, Stat, Unusable
from tui.forensics.marks import Mark

from .instances import opened, scanned
from .roots import Troubled, always

RECORDS = re.compile(
    r"/(codedeployagent|conf)\.yml$|/deployment-instructions$|-cleanup$|-install\.json$|_install$|/deployment-logs(/|$)"
    r"|/logs/scripts\.log$|/deployment-archive(/appspec\.yml|/scripts/[^/]+)?$|/ongoing-deployment(/|$)|/\.version$"
    r"|/\.bundle-etag$|/etc/(passwd|group)$|/codedeploy-agent(-log)?\.(log|txt)$"
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


def sentences(name: str, path: str, whole: list[Path], kind: type[RootError] = Denied) -> dict[str, str]:
    """What is found where one path is denied: title and detail by code."""
    root = opened(next(place for place in whole if place.name == name))
    assert root is not None
    with root:
        examination = scanned(Locked(root, 1, always(kind, path), 10**9))
    assert examination is not None
    return {finding.code: f"{finding.title}: {finding.detail}" for finding in examination.findings}


GROUP = "/opt/codedeploy-agent/deployment-root/7c1e5b1a-9d34-4f0a-8a1b-3f2c6d7e8f90"


def test_what_a_script_makes_is_not_known_where_it_cannot_be_read(whole: list[Path]) -> None:
    found = sentences("version-2", f"{GROUP}/d-V2B000002/deployment-archive/scripts/configure.sh", whole)
    assert "What the script does is not known" in found["script-unreadable"]


def test_an_appspec_that_is_denied_here_is_not_one_that_the_agent_refuses(whole: list[Path]) -> None:
    found = sentences("version-2", f"{GROUP}/d-V2B000002/deployment-archive/appspec.yml", whole)
    assert "record-unreadable" in found
    assert not {"appspec-error", "appspec-missing", "application-stop-cannot-run"} & set(found)


@pytest.mark.parametrize("name", ["deployment-archive", "deployment-archive/appspec.yml"])
def test_what_cannot_even_be_looked_at_is_not_called_missing(name: str, whole: list[Path]) -> None:
    root = opened(next(place for place in whole if place.name == "version-2"))
    assert root is not None
    with root:
        examination = scanned(Troubled(root, 1, always(Denied, f"{GROUP}/d-V2B000002/{name}"), 10**9))
    assert examination is not None
    found = {finding.code for finding in examination.findings}
    assert "record-unreadable" in found
    assert not {"appspec-error", "appspec-missing", "application-stop-cannot-run"} & found


def test_a_revisions_directory_that_cannot_be_listed_is_named(whole: list[Path]) -> None:
    """Half of what a killed Install copied is in no record but the revision."""
    place = next(place for place in whole if place.name == "killed-mid-install")
    root = opened(place)
    assert root is not None
    with root:
        before = scanned(root)
        assert before is not None
        row = before.inventory.find("/srv/shop/static/img/00/picture-0001.svg")
        assert row is not None and before.row(row).mark == Mark.ORPHANED
        archive = f"{GROUP}/d-2KKKKKKKK/deployment-archive"
        source = next(
            path for path in records_of(place) if path.startswith(archive) and path.endswith("/picture-0001.svg")
        )
        after = scanned(Locked(root, 1, always(Denied, os.path.dirname(source)), 10**9))
    assert after is not None
    assert any(finding.code == "revision-unreadable" for finding in after.findings)


def records_of(place: Path) -> Iterator[str]:
    """All files of an instance, in the program's form."""
    for directory, _, files in os.walk(place):
        for name in files:
            yield "/" + os.path.relpath(os.path.join(directory, name), place).replace(os.sep, "/")
