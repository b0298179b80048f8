"""What an operator may name as SOURCE, and the one line that answers what cannot be examined."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tui.disk.root import Root
from tui.disk.source import SourceError, open_source

from .support import unprivileged


def test_this_machine() -> None:
    with open_source(None) as root:
        assert (root.label, root.kind) == ("this machine", "machine")
        assert root.stat("/").inode == os.stat("/").st_ino


def test_a_directory(top: Path) -> None:
    (top / "f").write_text("x")
    (top.parent / "via").symlink_to("inside")
    for text in (str(top), str(top) + "/", str(top.parent / "via")):
        root: Root
        with open_source(text) as root:
            assert (root.label, root.kind) == (text, "directory")
            assert root.read("/f", 9).data == b"x"


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


def test_on_windows_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.disk.source.os", type("os", (), {"name": "nt"}))
    with pytest.raises(SourceError, match="not supported yet"):
        open_source(None)


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
