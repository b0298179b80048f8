"""The program as a process: pipes that close, full disks, start-up, and nothing left behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui.fixtures import unpacked

TOP = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "tui"]

posix = pytest.mark.skipif(os.name == "nt", reason="needs /dev and POSIX pipes")


@pytest.fixture(scope="module")
def example() -> Iterator[str]:
    with unpacked("guide-example") as root:
        yield str(root)


def run(*argv: str, stdout: int = subprocess.PIPE) -> subprocess.CompletedProcess[bytes]:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONUNBUFFERED"}
    return subprocess.run(
        [*COMMAND, *argv], stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, cwd=TOP, env=environment
    )


@posix
@pytest.mark.parametrize(
    "argv",
    [
        ["--help"], ["scan", "{}"], ["scan", "{}", "--format", "csv"], ["scan", "{}", "--format", "table"],
        ["preview", "{}"], ["preview", "{}", "--format", "table"],
    ],
)  # fmt: skip
def test_a_full_disk_is_one_line(argv: list[str], example: str) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full")
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        done = run(*(word.format(example) for word in argv), stdout=full)
    finally:
        os.close(full)
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1
    assert done.stderr.startswith(b"codedeploy-forensics: standard output: No space left on device")


@posix
@pytest.mark.parametrize("format_name", ["json", "jsonl", "csv", "table"])
@pytest.mark.parametrize("command", ["scan", "preview"])
def test_a_reader_that_goes_away_is_no_error_message(command: str, format_name: str, example: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = run(command, example, "--format", format_name, stdout=writer)
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


@posix
def test_a_closed_standard_output_is_one_line(example: str) -> None:
    script = f'exec "$@" scan {example} >&-'
    done = subprocess.run(["sh", "-c", script, "sh", *COMMAND], stderr=subprocess.PIPE, cwd=TOP)
    assert done.returncode == 2
    assert done.stderr == b"codedeploy-forensics: standard output is closed\n"


@posix
def test_a_closed_standard_error_keeps_nobody_from_the_data(example: str) -> None:
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" scan {example} 2>&-', "sh", *COMMAND], stdout=subprocess.PIPE, cwd=TOP
    )
    assert done.returncode == 0
    assert done.stdout.startswith(b"{\n")


def test_without_a_terminal_the_app_names_the_way_without_one(example: str) -> None:
    done = run(example)
    assert done.returncode == 2
    assert b"codedeploy-forensics scan" in done.stderr
    assert done.stdout == b""


@posix
def test_a_scan_of_an_example_is_json_and_leaves_nothing_behind(example: str) -> None:
    before = tree(example)
    done = run("scan", example, "--paths")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b'{\n  "schema": "codedeploy-forensics/scan/1"')
    assert tree(example) == before


@posix
def test_a_bundled_chain_is_played_and_leaves_nothing_behind(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [*COMMAND, "preview", "--steps", "guide-chain", "--format", "table"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, cwd=TOP, env=environment)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"guide-chain (example) (ip-10-0-0-12), agent 1.8.1\n")
    assert list(tmp_path.iterdir()) == []


def tree(top: str) -> dict[str, tuple[int, int, int]]:
    """All there is below a directory, with the times of its contents and its last reading."""
    found = {}
    for directory, names, files in os.walk(top):
        for name in (".", *names, *files):
            path = os.path.join(directory, name)
            status = os.lstat(path)
            found[path] = (status.st_mtime_ns, status.st_ctime_ns, status.st_size)
    return found


def test_a_directory_without_an_agent_is_one_line(tmp_path: Path) -> None:
    done = run("scan", str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1
    assert b"no CodeDeploy agent found" in done.stderr


def test_the_command_line_loads_nothing_heavy() -> None:
    heavy = ("textual", "rich", "yaml", "psutil", "asyncio", "json", "tui.forensics", "tui.disk", "tui.app")
    code = f"import sys, tui.cli; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=TOP)
    assert done.stdout.strip() == b"[]"


def test_json_needs_no_terminal_library(example: str) -> None:
    code = (
        "import sys; from tui.cli import main; code = main(sys.argv[1:]); "
        "loaded = [name for name in ('rich', 'textual', 'psutil', 'asyncio') if name in sys.modules]; "
        "print(loaded, file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code, "scan", example], capture_output=True, cwd=TOP)
    assert (done.returncode, done.stderr.strip()) == (0, b"[]")


@pytest.mark.parametrize("command", [["-m", "tui"], ["-c", "import sys; from tui.cli import main; sys.exit(main())"]])
def test_no_compiled_module_is_written_by_the_program(command: list[str], tmp_path: Path) -> None:
    """The program may be installed on what it inspects."""
    shutil.copytree(TOP / "tui", tmp_path / "tui", ignore=shutil.ignore_patterns("__pycache__"))
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    subprocess.run(
        [sys.executable, *command, "scan", "/nowhere"], cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL
    )
    written = {path.relative_to(tmp_path).parts[-1].split(".")[0] for path in tmp_path.rglob("*.pyc")}
    assert written <= {"__init__", "__main__", "cli"}  # which Python compiles before the first line of it has run


STOPPED_WHILE_IMPORTING = """
import sys

wanted = sys.argv.pop(1)

class CtrlC:
    def find_spec(self, name, path=None, target=None):
        if name == wanted:
            raise KeyboardInterrupt

sys.meta_path.insert(0, CtrlC())
from tui.__main__ import main
sys.exit(main())
"""


@pytest.mark.parametrize("module", ["tui.cli", "tui.arguments", "tui.ports", "tui.forensics.scan"])
def test_ctrl_c_while_the_program_is_imported_is_one_line(module: str, example: str) -> None:
    command = [sys.executable, "-c", STOPPED_WHILE_IMPORTING, module, "scan", example]
    done = subprocess.run(command, capture_output=True, cwd=TOP, stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stderr.split()) == (130, [b"codedeploy-forensics:", b"interrupted"])


STOPPED_WHILE_LETTING_GO = """
import sys
import time

import tui.cli
from tui.__main__ import main

class Held:
    def __del__(self):
        raise KeyboardInterrupt

def run():
    held = Held()
    del held
    for _ in range(1000):
        time.sleep(0.01)
    print("not interrupted")

tui.cli.main = run
sys.exit(main())
"""


def test_ctrl_c_while_something_is_let_go_of_is_one_line() -> None:
    command = [sys.executable, "-c", STOPPED_WHILE_LETTING_GO]
    done = subprocess.run(command, capture_output=True, cwd=TOP, stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stdout) == (130, b"")
    assert done.stderr.split() == [b"codedeploy-forensics:", b"interrupted"]
