"""Which libraries a command pays for, and that looking leaves no trace: each proved in a process of its own."""

from __future__ import annotations

import os
import pkgutil
import stat
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import tui
from tui.fixtures import unpacked

TOP = Path(__file__).resolve().parents[2]
LONG_AGO = 10**18  # 2001, in nanoseconds: before any time in an example instance
LIBRARIES = ("asyncio", "psutil", "rich", "textual", "yaml")

# What may load more when it is imported: the app, the program's start, and the formats that rich draws.
HEAVIER = (
    "tui.__main__", "tui.app", "tui.report.table", "tui.report.preview_page", "tui.report.preview_sections",
    "tui.report.preview_table", "tui.report.clean_table",
)  # fmt: skip
# What only a system with directory descriptors imports.
POSIX = (
    *(f"tui.disk.{name}" for name in ("comparison", "descriptors", "posix", "posix_compare", "resolve")),
    "tui.cleanup.calls_posix",
)
LEFT_OUT = HEAVIER if os.supports_dir_fd else HEAVIER + POSIX


def light_modules() -> list[str]:
    """Every module of the program but the heavier ones."""
    names = [module.name for module in pkgutil.walk_packages(tui.__path__, "tui.", onerror=lambda name: None)]
    return [name for name in names if not any(f"{name}.".startswith(f"{top}.") for top in LEFT_OUT)]


def loaded_after(code: str, *argv: str) -> list[str]:
    """Which of ``LIBRARIES`` a new process has loaded once it has run ``code``."""
    code += f"\nimport sys; print(*[name for name in {LIBRARIES!r} if name in sys.modules], file=sys.stderr)"
    command = [sys.executable, "-c", code, *argv]
    done = subprocess.run(command, cwd=TOP, stdin=subprocess.DEVNULL, capture_output=True, check=True, text=True)
    return done.stderr.split()


def test_the_probe_sees_a_library() -> None:
    assert loaded_after("import rich, yaml") == ["rich", "yaml"]


def test_the_command_line_loads_no_library() -> None:
    assert loaded_after("import tui.cli") == []


def test_no_module_of_the_engine_loads_a_library() -> None:
    modules = light_modules()
    assert {"tui.cli", "tui.agent.psych", "tui.disk.portable", "tui.forensics.scan"} <= set(modules)
    assert ("tui.disk.posix" in modules) == bool(os.supports_dir_fd)
    assert loaded_after(f"import {', '.join(modules)}") == []


@pytest.mark.parametrize(
    "argv", [["--help"], ["--version"], ["scan", "--help"], ["preview", "--help"], ["demo", "--list"]]
)
def test_a_command_that_reads_no_instance_loads_no_library(argv: list[str]) -> None:
    assert loaded_after("import sys, tui.cli; tui.cli.main(sys.argv[1:])", *argv) == []


@pytest.fixture
def instance() -> Iterator[tuple[Path, list[str]]]:
    """An example instance and its paths, last read so long ago that Linux would keep the time of the next reading."""
    with unpacked("guide-example") as root:
        paths = places(root)
        for path in paths:
            os.utime(path, ns=(LONG_AGO, os.lstat(path).st_mtime_ns), follow_symlinks=False)
        yield root, paths


def places(root: Path) -> list[str]:
    """Every path of a tree. Finding them is a reading of its directories."""
    found = [str(root)]
    for directory, names, files in os.walk(root):
        found += [os.path.join(directory, name) for name in (*names, *files)]
    return sorted(found)


def listing(paths: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """All that the system keeps of each path. Reading a link's text sets its access time; nothing can avoid that."""
    found = {}
    for path in paths:
        about = os.lstat(path)
        read = 0 if stat.S_ISLNK(about.st_mode) else about.st_atime_ns
        found[path] = (
            about.st_ino, about.st_mode, about.st_nlink, about.st_uid, about.st_gid, about.st_size,
            about.st_mtime_ns, about.st_ctime_ns, read,
        )  # fmt: skip
    return found


def notes_readings(directory: Path) -> bool:
    """Whether the file system keeps access times, so that a test can see them change."""
    probe = directory / "probe"
    probe.write_bytes(b"x")
    os.utime(probe, ns=(LONG_AGO, LONG_AGO))
    probe.read_bytes()
    return probe.stat().st_atime_ns != LONG_AGO


@pytest.mark.skipif(not hasattr(os, "O_NOATIME"), reason="the system cannot read without a change of access times")
@pytest.mark.parametrize("format_name", ["json", "jsonl", "csv", "table"])
@pytest.mark.parametrize("command", [["scan"], ["preview", "--all-behaviors"]], ids=["scan", "preview"])
def test_looking_leaves_no_trace_on_the_instance(
    instance: tuple[Path, list[str]], tmp_path: Path, command: list[str], format_name: str
) -> None:
    root, paths = instance
    before = listing(paths)

    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    argv = [sys.executable, "-m", "tui", *command, str(root), "--format", format_name, "--paths"]
    done = subprocess.run(argv, cwd=TOP, env=environment, stdin=subprocess.DEVNULL, capture_output=True)

    assert (done.returncode, done.stderr) == (0, b"")
    after = listing(paths)
    assert places(root) == paths
    assert {path: after[path] for path in paths if after[path] != before[path]} == {}
    if not notes_readings(tmp_path):
        pytest.skip("the file system keeps no access times: that they stay is not proved here")
