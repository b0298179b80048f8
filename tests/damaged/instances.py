"""Instances to damage, and what has to hold of each after that."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable, Optional

from tests.support import can_unpack, case_names, unpack_case
from tui import fixtures
from tui.agent.layout import NoAgent
from tui.disk.root import Root, RootError
from tui.disk.source import SourceError, open_source
from tui.forensics.examination import Examination
from tui.forensics.scan import ScanOptions, Snapshot, scan
from tui.report import FORMATS
from tui.report.output import Screen, write_scan

EXAMPLES = int(os.environ.get("DAMAGED_EXAMPLES", "0"))  # more than the few that every run takes
SOME_CASES = ("000011", "000026", "000046", "000060")  # odd names, two groups, links
TYPED = (NoAgent, RootError, SourceError)
NOW = 1_800_000_000.0


def prepare(into: Path) -> list[Path]:
    """The examples and some cases, unpacked: the roots of whole instances. All cases for a large run."""
    places = [fixtures.unpack(name, into) for name, _ in fixtures.names() if can_unpack(name)]
    if os.name == "posix":
        names = case_names() if EXAMPLES else SOME_CASES
        places += [unpack_case(name, into) / "sysroot" for name in names if name != "killed-mid-install"]
    return places


def copied(instance: Path, to: Path) -> Path:
    """A copy to damage; what was there before is gone."""
    fixtures.remove(to)
    shutil.copytree(instance, to, symlinks=True)
    return to


def scanned(root: Root, snapshots: bool = True) -> Optional[Examination]:
    """The final examination; None where the scan ended with an error of a known kind."""
    last: Optional[Examination] = None
    try:
        for event in scan(root, ScanOptions(snapshots=snapshots, now=NOW)):
            if isinstance(event, Snapshot):
                last = event.examination
    except TYPED as error:
        assert str(error)
        return None
    assert last is not None and last.final, "a scan that ends without an error ends with a final snapshot"
    return last


def opened(place: Path) -> Optional[Root]:
    """The Root of a directory; None where it is refused, with a reason."""
    try:
        return open_source(str(place))
    except SourceError as error:
        assert str(error)
        return None


def written(examination: Examination) -> dict[str, bytes]:
    """The examination in every format."""
    found = {}
    for name in FORMATS:
        stream = io.BytesIO()
        write_scan(examination, name, stream, Screen(80, False, "utf-8"), True)
        found[name] = stream.getvalue()
    return found


def check(examination: Examination) -> None:
    """What holds of every final examination, whatever the instance looks like."""
    rows = len(examination.inventory)
    for column in ("mark", "state", "confidence", "removed_next", "group", "deployment"):
        assert len(getattr(examination, column)) == rows, column
    told = written(examination)
    document = json.loads(told["json"])
    lines = [json.loads(line) for line in told["jsonl"].decode("utf-8").split("\n")[:-1]]
    assert [line["path"] for line in document["paths"]] == [line["path"] for line in lines]
    assert len(lines) == rows
    for line in lines:
        assert line["evidence"] or line["mark"] == "unattributed", line
        assert (line["state"] is not None) >= (line["mark"] == "deployed"), line
    for finding in document["findings"]:
        assert finding["code"] and finding["title"] and finding["severity"] in ("info", "warning", "critical"), finding
    cells = list(csv.reader(io.StringIO(told["csv"].decode("utf-8"), newline="")))
    assert len(cells) == rows + 1 and len({len(row) for row in cells}) == 1
    for name in ("table", "csv"):
        _no_control(told[name].decode("utf-8"), name)


def _no_control(text: str, name: str) -> None:
    harmful = {c for c in text if (ord(c) < 32 and c not in "\r\n") or 0x7F <= ord(c) < 0xA0 or c in "\u202e\u2028"}
    assert not harmful, (name, harmful)


def picture(root: Path) -> dict[str, tuple[Any, ...]]:
    """What a scan must leave as it is: all but access times."""
    found = {}
    for place in [str(root), *_below(str(root))]:
        about = os.lstat(place)
        found[place] = (about.st_mode, about.st_uid, about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns)
    return found


def _below(directory: str) -> Iterator[str]:
    pending = [directory]
    while pending:
        try:
            with os.scandir(pending.pop()) as entries:
                for entry in entries:
                    yield entry.path
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(entry.path)
        except OSError:
            continue


def survives(place: Path, root_of: Callable[[Root], Root] = lambda root: root) -> bool:
    """Scan a directory and write what was found; whether the scan came to its end. Raises what must not happen."""
    root = opened(place)
    if root is None:
        return False
    with root_of(root) as looked_through:
        examination = scanned(looked_through)
        if examination is not None:
            check(examination)
    return examination is not None
