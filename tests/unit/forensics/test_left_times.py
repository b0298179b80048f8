"""Scripts whose logs are gone, timed by what they left."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.support import whole_case
from tui.disk.source import open_source
from tui.forensics.examination import Examination, FileRow
from tui.forensics.scan import ScanOptions, Snapshot, scan

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the case holds links and names that Windows has not")


def examined(sysroot: Path) -> Examination:
    with open_source(str(sysroot)) as root:
        found = [e.examination for e in scan(root, ScanOptions(snapshots=False)) if isinstance(e, Snapshot)]
    return found[-1]


def row(examination: Examination, path: str) -> FileRow:
    at = examination.inventory.find(path)
    assert at is not None, path
    return examination.row(at)


def test_files_written_together_with_one_that_a_script_makes(tmp_path: Path) -> None:
    from tui.fixtures import unpacked

    with unpacked("healthy") as instance:
        sysroot = tmp_path / "sysroot"
        shutil.copytree(instance, sysroot, symlinks=True)
    for log in sysroot.rglob("*.log"):
        if "codedeploy" in str(log):
            log.unlink()
    made = sysroot / "srv/shop/config.env"
    when = made.stat().st_mtime_ns
    together, apart = sysroot / "srv/shop/together.dat", sysroot / "srv/shop/apart.dat"
    for path, mtime in ((together, when + 400_000_000), (apart, when + 5_000_000_000)):
        path.write_bytes(b"x")
        os.utime(path, ns=(mtime, mtime))
    examination = examined(sysroot)
    found = row(examination, "/srv/shop/together.dat")
    assert (found.mark.label, found.confidence.label) == ("script-created", "possible")
    assert [piece.kind for piece in found.evidence if piece.for_mark == found.mark] == ["script-left"]
    assert "no log tells when that script ran" in found.evidence[0].detail
    assert row(examination, "/srv/shop/apart.dat").mark.label == "unattributed"


def test_where_a_log_tells_the_time_nothing_else_is_asked() -> None:
    examination = examined(whole_case("000001") / "sysroot")
    kinds = {piece.kind for i in range(len(examination.inventory)) for piece in examination.evidence_of(i)}
    assert "script-left" not in kinds
