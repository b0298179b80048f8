"""The POSIX shells of this machine, and values that are hard to quote."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from hypothesis import strategies as st

SHELLS = [
    command
    for command in (["dash"], ["bash"], ["bash", "--posix"], ["busybox", "sh"])
    if shutil.which(command[0]) is not None
]
NAMES = [" ".join(command) for command in SHELLS]
# With BusyBox's own stat, mv, find and all: nothing else is on many a small image.
ALONE = ["busybox", "sh"]
USUAL_PATH = b"PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH;"
HARD = [
    b"plain.txt", b"a b",
    b"-rf", b"--", b"'", b"''", b'"', b"\\", b"a\\", b"$(touch hit)", b"`touch hit`", b"$HOME", b"%s%n",
    b"\n", b"a\n", b"\n\n", b"a\nb", b"\r", b"\t", b"\x1b[2J", b"\x1b]0;x\x07", b"\xff\xfe", b"caf\xc3\xa9",
    b"\xe2\x80\xae",
    b"\xe2\x80\x99", b"*", b"?", b"[a]", b"~", b"#x", b"a;b", b"a&b", b"a|b", b"a>b", b"!x", b"!!", b"{a,b}", b"=x",
    b"a=b",
    b"\x01", b"\x7f", b"\\012", b"%%", b".", b"..x", b" ", b" a ", b"\x81'", b"\x5c\x27", b"$'a'", b"' ; touch hit ; '",
]  # fmt: skip
hard_bytes = st.one_of(
    st.sampled_from(HARD),
    st.lists(st.sampled_from([*HARD, b"a", b"0", b"7"]), max_size=5).map(b"".join),
    st.binary(max_size=40).map(lambda value: value.replace(b"\0", b"")),
)


def _applets(place: Path) -> Path:
    """A directory in which every command is BusyBox's."""
    busybox = shutil.which("busybox")
    assert busybox is not None
    if not place.is_dir():
        place.mkdir()
        for name in subprocess.run([busybox, "--list"], check=True, capture_output=True, text=True).stdout.split():
            (place / name).symlink_to(busybox)
    return place


def run(shell: list[str], script: bytes, directory: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run a script from a file in a directory."""
    place = directory / "script.sh"
    if shell is ALONE:
        assert script.count(USUAL_PATH) == 1
        script = script.replace(USUAL_PATH, b"PATH=" + os.fsencode(_applets(directory.parent / "applets")) + b";")
    place.write_bytes(script)
    return subprocess.run([*shell, str(place), *arguments], cwd=directory, capture_output=True, timeout=120)
