"""A line that the agent cannot use ends its cleanup, which runs from the last line up."""

from __future__ import annotations

from pathlib import Path

from tui.disk.source import open_source
from tui.fixtures import unpack
from tui.forensics.scan import Snapshot, scan


def test_nothing_above_a_line_with_a_nul_inside_is_removed(tmp_path: Path) -> None:
    sysroot = unpack("guide-example", tmp_path)
    (cleanup,) = (sysroot / "opt/codedeploy-agent/deployment-root/deployment-instructions").glob("*-cleanup")
    lines = cleanup.read_bytes().splitlines(keepends=True)
    at = next(i for i, line in enumerate(lines) if line.endswith(b"/b.txt\n"))
    cleanup.write_bytes(b"".join([*lines[: at + 1], b"/srv/a\0b\n", *lines[at + 1 :]]))
    *_, last = scan(open_source(str(sysroot)))
    assert isinstance(last, Snapshot)
    removed = {path for row, path in last.examination.inventory.paths() if last.examination.removed_next[row]}
    assert removed == {"/srv/temp/c.sh", "/srv/temp/d.sh"}
