"""Planning and exporting change nothing: shown by tracing the system calls."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.cleanup_plan.planning import APP, small_site
from tests.unit.preview.building import GROUP, appspec

CHANGES = (
    "unlink|unlinkat|rename|renameat|renameat2|rmdir|mkdir|mkdirat|link|linkat|symlink|symlinkat|chmod|fchmod|fchmodat"
    "|chown|fchown|lchown|fchownat|truncate|ftruncate|fallocate|mknod|mknodat|utime|utimes|utimensat|futimesat"
    "|setxattr|lsetxattr|fsetxattr|removexattr|lremovexattr|fremovexattr|mount|umount2|pwrite64|pwritev|copy_file_range"
    "|sendfile|creat"
)
PROGRAM = """
import sys
from tests.unit.cleanup_plan.planning import MADE, opened
from tui.cleanup.agent_records import agent_records
from tui.cleanup.choose import Wanted, choose
from tui.cleanup.export_json import to_json
from tui.cleanup.export_ps1 import to_ps1
from tui.cleanup.export_sh import to_sh
from tui.cleanup.in_use import gather_in_use
from tui.cleanup.plan import check_plan
from tui.cleanup.presets import residue, unblock, uninstall
from tui.cleanup.read_plan import read_plan
from tui.cleanup.watch import DeploymentWatch
from tui.disk.tree import RootTree
from tui.preview.records import Behavior, Revision, Step
from tests.support import DirectoryRoot
from pathlib import Path

top, group, bundle = sys.argv[1:]
revision = Revision("next", RootTree(DirectoryRoot(bundle), "/"))
print("begin", file=sys.stderr, flush=True)
with opened(Path(top)) as planned:
    e = planned.e
    watch = DeploymentWatch(planned.root, e.instance, lambda: (), lambda: MADE)
    selections = [
        residue(e), choose(e, Wanted(), "all"), uninstall(planned.root, e, e.instance.groups[0]),
        agent_records(planned.root, e.instance, MADE),
        unblock(planned.root, e, Step(group, revision, Behavior.DISALLOW)).selection,
    ]
    use = gather_in_use(lambda path: path.startswith("/srv/app"))
    for selection in selections:
        for delete in (False, True):
            plan = planned.plan(selection, in_use=use, delete=delete)
            check_plan(read_plan(to_json(plan)), planned.root, planned.guard)
            to_sh(plan, e.instance), to_ps1(plan, e.instance)
    assert watch.ask() is None
print("end", file=sys.stderr, flush=True)
"""


def can_trace(directory: Path) -> bool:
    if shutil.which("strace") is None:
        return False
    done = subprocess.run(["strace", "-f", "-o", str(directory / "probe"), "true"], capture_output=True)
    return done.returncode == 0


def changing(trace: str) -> list[str]:
    """The calls that change something, or open something to write to it."""
    begun = trace.partition('write(2, "begin')[2].partition('write(2, "end')[0]
    found = []
    for line in begun.split("\n"):
        call = re.match(r"(?:\d+ +)?(\w+)\((.*)", line)
        if call is None:
            continue
        name, arguments = call.groups()
        opens = name in ("open", "openat", "openat2") and '"/dev/null"' not in arguments
        writes = opens and re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND|O_TMPFILE", arguments)
        if writes or re.fullmatch(CHANGES, name):
            found.append(line)
    return found


def test_the_trace_shows_what_changes_something() -> None:
    lines = [
        '1 write(2, "begin\\n", 6) = 6',
        '1 unlinkat(5, "x", 0) = 0',
        '1 openat(5, "x", O_RDONLY) = 6',
        '1 openat(5, "x", O_WRONLY|O_CREAT, 0666) = 6',
        '1 write(2, "end\\n", 4) = 4',
        '1 unlink("y") = 0',
    ]
    assert changing("\n".join(lines)) == [lines[1], lines[3]]


def test_planning_makes_no_call_that_changes_anything(tmp_path: Path) -> None:
    if not can_trace(tmp_path):
        pytest.skip("system calls cannot be traced here")
    site = small_site(tmp_path, {f"{APP}/made.txt": "made\n", f"{APP}/d/x": "x"})
    revision = tmp_path / "next"
    (revision / "app").mkdir(parents=True)
    (revision / "app/made.txt").write_text("new")
    (revision / "appspec.yml").write_text(appspec(("app", APP)))
    trace = tmp_path / "trace"
    program = [sys.executable, "-B", "-c", PROGRAM, str(site.top), GROUP, str(revision)]
    here = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        ["strace", "-f", "-qq", "-s", "80", "-o", str(trace), *program], capture_output=True, cwd=here, timeout=300
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    text = trace.read_text(errors="replace")
    assert text.count("newfstatat(") + text.count("statx(") > 50
    assert changing(text) == []
