"""Open files: of a real process of this machine, and of systems that refuse, fail or take long."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from tui.forensics.evidence.open_files import OpenFiles, open_evidence
from tui.forensics.marks import Mark
from tui.system.open_files import MAX_HOLDERS, Gathered, Holder, _same, gather_open_files, unit_of
from tui.windows_paths import inside

CHILD = "import sys\na = open(sys.argv[1], 'a')\nb = open(sys.argv[2])\nprint('ready', flush=True)\nsys.stdin.read()"


def own_form(path: Path) -> str:
    return (inside(str(path)) or "") if sys.platform == "win32" else str(path)


def test_a_process_that_holds_files_open(tmp_path: Path) -> None:
    written, read = tmp_path / "log", tmp_path / "config"
    read.write_text("x")
    command = [sys.executable, "-c", CHILD, str(written), str(read)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=str(tmp_path)) as child:
        assert child.stdout is not None and child.stdin is not None
        child.stdout.readline()
        top = own_form(tmp_path)
        found = gather_open_files(
            lambda path: path.startswith(top), seconds=600.0, processes=lambda: [psutil.Process(child.pid)]
        )
        child.stdin.close()
    opened = OpenFiles.gathered(found)
    holders = opened.of(own_form(written))
    assert [holder.pid for holder in holders] == [child.pid]
    assert opened.complete and found.asked == 1
    assert [holder.pid for holder in opened.working_in(top)] == [child.pid]
    if sys.platform == "linux":
        assert opened.written(own_form(written)) and not opened.written(own_form(read))
    assert len(opened.of(own_form(read))) == 1 and not opened.of(own_form(tmp_path / "other"))


class Fake:
    """A process as psutil gives one; what is an exception is raised."""

    def __init__(self, pid: int, files: Any = (), cwd: Any = None, name: Any = "app") -> None:
        self.pid, self._files, self._cwd, self._name = pid, files, cwd, name

    @staticmethod
    def _say(what: Any) -> Any:
        if isinstance(what, Exception):
            raise what
        return what

    def open_files(self) -> Any:
        return self._say(self._files)

    def cwd(self) -> Any:
        return self._say(self._cwd)

    def name(self) -> Any:
        return self._say(self._name)


def opened(path: str, mode: str = "r") -> SimpleNamespace:
    return SimpleNamespace(path=path, mode=mode, fd=-1)


A = "C:\\srv\\a" if sys.platform == "win32" else "/srv/a"
A_OWN = "/C:/srv/a" if sys.platform == "win32" else "/srv/a"


def gather(*processes: Any, **options: Any) -> Gathered:
    return gather_open_files(lambda path: True, processes=lambda: processes, services=lambda pid: None, **options)


@pytest.mark.parametrize(
    "error",
    [psutil.AccessDenied(7), psutil.TimeoutExpired(1), OSError(5, "x"), RuntimeError("x")],
)
def test_a_process_that_does_not_answer_is_counted_and_passed_over(error: Exception) -> None:
    found = gather(Fake(7, error, error, error), Fake(8, [opened(A, "r+")], name=error))
    assert found.files == {A_OWN: [Holder(8, "", True)]}
    assert (found.asked, found.refused) == (2, 1)
    assert not OpenFiles.gathered(found).complete


@pytest.mark.parametrize("error", [psutil.NoSuchProcess(7), psutil.ZombieProcess(7)])
def test_a_process_that_ended_is_no_gap(error: Exception) -> None:
    found = gather(Fake(7, error, error), Fake(8, [opened(A)]))
    assert found.refused == 0 and OpenFiles.gathered(found).complete


def test_a_list_of_processes_that_breaks_leaves_what_was_seen() -> None:
    def processes() -> Iterator[Any]:
        yield Fake(8, [opened(A)])
        raise OSError(5, "x")

    found = gather_open_files(lambda path: True, processes=processes, services=lambda pid: None)
    assert A_OWN in found.files and not found.complete


def test_it_ends_in_time_and_when_cancelled() -> None:
    moments = iter([0.0, 1.0, 6.0, 7.0])
    found = gather(*(Fake(i, [opened(A)]) for i in range(2, 9)), seconds=5.0, clock=lambda: next(moments))
    assert found.asked == 1 and not found.complete
    assert not gather(Fake(2), cancelled=lambda: True).complete


def test_what_is_no_path_or_not_wanted_is_left_out_and_holders_are_bounded() -> None:
    files = [opened(A), opened("relative"), opened(A + " (deleted)"), opened(A, "w"), opened(A)]
    found = gather_open_files(
        {A_OWN}.__contains__, processes=lambda: [Fake(i, files, "x") for i in range(2, 50)], services=lambda pid: "s"
    )
    assert set(found.files) == {A_OWN} and not found.directories
    assert len(found.files[A_OWN]) == MAX_HOLDERS and found.files[A_OWN][0] == Holder(2, "app", True, "s")
    own = gather_open_files(lambda path: True, processes=lambda: [Fake(os.getpid(), files)])
    assert not own.files


@pytest.mark.skipif(sys.platform != "linux", reason="descriptors are asked for on Linux alone")
def test_a_containers_file_of_the_same_name_is_another(tmp_path: Path) -> None:
    here = tmp_path / "a"
    here.write_text("x")
    with open(os.devnull) as other, here.open() as same:
        mine = SimpleNamespace(path=str(here), mode="r", fd=same.fileno())
        theirs = SimpleNamespace(path=str(here), mode="r", fd=other.fileno())
        found = [_same(os.getpid(), file) for file in (mine, theirs)]
    assert found == [True, False]


@pytest.mark.parametrize(
    ("cgroup", "unit"),
    [
        ("0::/system.slice/nginx.service\n", "nginx.service"),
        ("12:pids:/system.slice/a.service\n1:name=systemd:/system.slice/b.service\n", "b.service"),
        ("0::/user.slice/user-1000.slice/user@1000.service/app.slice/shop.service\n", "shop.service"),
        ("0::/system.slice/docker-0123.scope\n", "docker-0123.scope"),
        ("0::/\n", None),
        ("", None),
        ("no such line", None),
    ],
)
def test_the_unit_that_a_cgroup_names(cgroup: str, unit: str) -> None:
    assert unit_of(cgroup) == unit


def test_the_evidence_names_the_writer_first() -> None:
    reader, writer = Holder(5, "tail", False), Holder(9, "java", True, "shop.service")
    files = OpenFiles({"/srv/log": [reader, writer]}, {"/srv": [reader]}, complete=False)
    evidence = open_evidence(files.of("/srv/log"))
    assert evidence.detail == "the process java (9) of shop.service and 1 more holds it open for writing now"
    assert evidence.for_mark == Mark.UNATTRIBUTED and files.written("/srv/log") and not files.complete
    assert "working directory" in open_evidence(files.working_in("/srv"), working=True).detail
    assert "holds it open now" in open_evidence([Holder(5, "tail", False)]).detail
