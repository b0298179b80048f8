"""The commands that clean as a process: what they load, what the kernel is asked to change, who stops them."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import can_unpack, posix_only
from tests.unit.test_cli_process import TOP, tree
from tests.unit.test_import_hygiene import loaded_after
from tui.arguments import PROGRAM, Asked, parse
from tui.cleanup.phrase import is_phrase, phrase
from tui.fixtures import unpacked
from tui.system.operator import host, stop_on_signals, who

# System calls that change a file system, with what makes an open one of them.
CHANGING = re.compile(
    r"\b(?:mkdir|rmdir|unlink|rename|link|symlink|chmod|fchmod|chown|fchown|lchown|truncate|ftruncate|mknod|utime"
    r"|utimes|utimensat|futimesat|setxattr|lsetxattr|fsetxattr|removexattr|lremovexattr|fremovexattr|fallocate|fsync"
    r"|fdatasync|creat|mount|umount)(?:at|at2)?\("
)
OPENING = re.compile(r"O_(?:WRONLY|RDWR|CREAT|TRUNC|APPEND|TMPFILE)")


def traced() -> bool:
    """Whether system calls can be traced here."""
    if shutil.which("strace") is None:
        return False
    done = subprocess.run(["strace", "-f", "-e", "trace=mkdir", "true"], capture_output=True)
    return done.returncode == 0


@pytest.fixture(scope="module")
def example() -> Iterator[str]:
    if not can_unpack("failed-disallow"):
        pytest.skip("this system cannot hold it")
    with unpacked("failed-disallow") as root:
        yield str(root)


@pytest.mark.skipif(not traced(), reason="system calls cannot be traced here")
@pytest.mark.parametrize(
    "argv", [["--residue"], ["--unblock", "d-43DDDDDDD"], ["--mark", "unattributed", "--delete", "--export", "sh"]]
)
def test_planning_makes_no_system_call_that_changes_anything(argv: list[str], example: str, tmp_path: Path) -> None:
    before, log = tree(example), tmp_path / "trace"
    command = ["strace", "-f", "-o", str(log), sys.executable, "-m", "tui", "clean", example, *argv]
    done = subprocess.run(command, cwd=TOP, stdin=subprocess.DEVNULL, capture_output=True)
    assert done.returncode == 0 and done.stdout
    calls = log.read_text(errors="replace").splitlines()
    assert len(calls) > 1000
    changing = [
        line for line in calls
        if CHANGING.search(line.partition('"')[0]) or (OPENING.search(line) and "/dev/null" not in line)
    ]  # fmt: skip
    assert changing == []
    assert tree(example) == before


def test_the_commands_words_load_no_library_and_no_database() -> None:
    for argv in (["clean", "--help"], ["undo", "--help"], ["journal", "--help"], ["journal", "purge", "--help"]):
        code = "import sys, tui.cli; tui.cli.main(sys.argv[1:]); assert 'sqlite3' not in sys.modules"
        assert loaded_after(code, *argv) == []


def test_a_plan_loads_no_database(example: str) -> None:
    code = "import sys, tui.cli; tui.cli.main(sys.argv[1:]); assert 'sqlite3' not in sys.modules"
    assert "textual" not in loaded_after(code, "clean", example, "--residue", "--format", "json")


@pytest.mark.parametrize(
    "words", [["clean"], ["undo"], ["journal"], ["journal", "show"], ["journal", "recover"], ["journal", "purge"]]
)
def test_the_examples_of_a_help_are_understood_and_its_exit_codes_told(words: list[str]) -> None:
    with pytest.raises(Asked) as asked:
        parse([*words, "--help"])
    text = str(asked.value)
    _, _, examples = text.partition("\nexamples:\n")
    lines = [shlex.split(line, comments=True) for line in examples.splitlines()]
    assert lines and "\nexit codes:\n  0    done\n" in text
    for program, *rest in lines:
        assert program == PROGRAM and parse(rest)[0] == words[0]


# -- who, where, and how it is stopped --------------------------------------------------------


def test_the_phrase_names_the_count_and_the_host() -> None:
    wanted = phrase(1204, " ip-10-0-0-12 ")
    assert wanted == "1204 ip-10-0-0-12"
    assert is_phrase(" 1204  ip-10-0-0-12\n", wanted)
    assert not any(is_phrase(typed, wanted) for typed in ("", "1204", "1,204 ip-10-0-0-12", "1204 ip-10-0-0-13"))


@posix_only
def test_who_is_behind_sudo_is_told() -> None:
    own = who({})
    assert own and who({"SUDO_USER": "alice"}).endswith("(alice)")
    name = own.partition(" ")[0]
    assert who({"SUDO_USER": name}) == name
    assert host()


@posix_only
def test_the_first_signal_stops_and_the_second_leaves() -> None:
    told = []
    before = signal.getsignal(signal.SIGINT)
    with stop_on_signals(lambda: told.append(1)) as stop:
        assert not stop()
        signal.raise_signal(signal.SIGTERM)  # to this thread, so that it is heard before the next line
        assert stop() and told == [1]
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before and told == [1]


@posix_only
def test_what_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stop_on_signals(lambda: None) as stop:
            os.kill(os.getpid(), signal.SIGHUP)
            assert not stop()
    finally:
        signal.signal(signal.SIGHUP, before)
