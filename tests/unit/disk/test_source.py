"""What an operator may name as SOURCE, and the one line that answers what cannot be examined."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import can_be_named, can_link, posix_only
from tui.disk.root import Root
from tui.disk.source import SourceError, open_source
from tui.paths import to_bytes

from .support import unprivileged


def test_this_machine() -> None:
    with open_source(None) as root:
        assert (root.label, root.kind) == ("this machine", "machine")
        if root.platform == "linux":
            assert root.stat("/").inode == os.stat("/").st_ino
        else:
            assert [name for name, _ in root.list("/C:")] == sorted(os.listdir("C:\\"), key=to_bytes)


def test_a_directory(top: Path) -> None:
    (top / "f").write_text("x")
    texts = [str(top), str(top) + "/"]
    if can_link():
        (top.parent / "via").symlink_to("inside")
        texts.append(str(top.parent / "via"))
    for text in texts:
        root: Root
        with open_source(text) as root:
            assert (root.label, root.kind) == (text, "directory")
            assert root.read("/f", 9).data == b"x"


@posix_only
def test_what_cannot_be_examined(top: Path) -> None:
    (top / "file").write_text("x")
    (top / "shut").mkdir(mode=0)
    os.mkfifo(top / "pipe")
    top.chmod(0o755)
    top.parent.chmod(0o755)
    for text, reason in (
        (f"{top}/none", "no such directory"),
        (f"{top}/file", "not a directory"),
        (f"{top}/pipe", "not a directory"),
        (f"{top}/shut", "permission denied"),
        ("", "empty"),
        ("nul\0", "nul\\x00: "),
        ("esc\x1b\n", "esc\\e\\n: no such"),
        ("x" * 9999, "name too long"),
    ):
        here = os.open(".", os.O_RDONLY)
        os.chdir(top)
        try:
            with unprivileged(), pytest.raises(SourceError) as raised:
                open_source(text.replace(str(top), "."))
        finally:
            os.fchdir(here)
            os.close(here)
        line = str(raised.value)
        assert reason in line
        assert "\n" not in line
        assert "; " in line  # and what to do


@pytest.mark.parametrize(
    "drives", [("C", "d"), ("c:", "D:"), ("C$", "D$"), ("drive_c", "drive_d"), ("disk-C", "d_drive")]
)
@pytest.mark.parametrize("holds", ["windows", "ProgramData/amazon/CODEDEPLOY"])
def test_a_directory_that_holds_drives(top: Path, drives: tuple[str, str], holds: str) -> None:
    if not all(map(can_be_named, drives)):
        pytest.skip("this system has no such names")
    (top / drives[0] / holds).mkdir(parents=True)
    (top / drives[1]).mkdir()
    (top / "notes").mkdir()
    (top / "e").write_text("no drive")
    with open_source(str(top)) as root:
        assert (root.platform, root.label, root.kind) == ("windows", str(top), "directory")
        assert [name for name, _ in root.list("/")] == ["C:", "D:"]
        assert root.stat(f"/C:/{holds.upper()}") is not None


def test_of_two_directories_for_a_drive_the_telling_one(top: Path) -> None:
    (top / "C").mkdir()
    (top / "drive_c/Windows").mkdir(parents=True)
    with open_source(str(top)) as root:
        assert [name for name, _ in root.list("/C:")] == ["Windows"]


@pytest.mark.parametrize("holds", [("ProgramData/Amazon/CodeDeploy",), ("PROGRAMDATA", "WINDOWS")])
def test_a_drive_itself(top: Path, holds: tuple[str, ...]) -> None:
    for path in (*holds, "opt/app", "temp"):
        (top / path).mkdir(parents=True)
    with open_source(str(top)) as root:
        assert root.platform == "windows"
        assert root.spelling("/c:/TEMP") == "/C:/temp"


@pytest.mark.parametrize(
    "holds",
    [
        ("C/temp", "D"),
        ("Windows",),
        ("ProgramData/Amazon",),
        ("etc/codedeploy-agent", "C/Windows"),
        ("opt/codedeploy-agent", "ProgramData/Amazon/CodeDeploy"),
        ("var/lib", "C/Windows", "ProgramData/Amazon/CodeDeploy"),
    ],
)
def test_what_is_no_windows_instance(top: Path, holds: tuple[str, ...]) -> None:
    for path in holds:
        (top / path).mkdir(parents=True)
    with open_source(str(top)) as root:
        assert root.platform == "linux"


@posix_only
def test_a_link_is_no_drive(top: Path) -> None:
    (top / "real/Windows").mkdir(parents=True)
    (top / "C").symlink_to("real")
    with open_source(str(top)) as root:
        assert root.platform == "linux"


def test_what_other_platforms_import_needs_no_posix() -> None:
    # A fresh interpreter whose os lacks what Windows lacks.
    code = (
        "import os\n"
        "for name in ('O_DIRECTORY', 'O_NOFOLLOW', 'O_NONBLOCK', 'O_PATH', 'O_NOATIME', 'O_CLOEXEC', 'preadv'):\n"
        "    vars(os).pop(name, None)\n"
        "import tui.disk.source, tui.disk.inventory, tui.disk.root, tui.disk.compare, tui.disk.absent, tui.disk.tops\n"
        "tui.disk.inventory.Inventory().with_absent(['/a'])\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])
