"""The agent's processes, and its pid file."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, Optional

import psutil
import pytest

from tui.agent.config import default_config
from tui.agent.instance import read_instance
from tui.agent.layout import linux_layout, windows_layout
from tui.agent.pid_file import read_pid_file
from tui.agent.processes import agent_processes, agents
from tui.agent.records import AgentProcess, Layout, Problem

from .conftest import ROOT_DIR, Disk

LINUX = linux_layout(default_config())
WINDOWS = windows_layout(default_config())


class PsError(Exception):
    """What stands for psutil.Error."""


class Process:
    """What stands for psutil.Process; an answer that is an exception is raised."""

    def __init__(self, pid: int, parent: int = 1, **answers: Any) -> None:
        self.pid = pid
        self._answers = {"ppid": parent, "cwd": "/", "create_time": 5.0, **answers}

    def __getattr__(self, name: str) -> Any:
        if name not in self._answers:
            raise AttributeError(name)
        answer = self._answers[name]

        def ask(**_: Any) -> Any:
            if isinstance(answer, Exception):
                raise answer
            return answer

        return ask


def system(*processes: Process, service: Any = None) -> Any:
    def win_service_get(name: str) -> Any:
        assert name == "codedeployagent"
        if service is None:
            raise PsError("no such service")
        return service

    def find(pid: int) -> Process:
        for process in processes:
            if process.pid == pid:
                return process
        raise PsError("gone")

    return SimpleNamespace(
        Error=PsError, process_iter=lambda: iter(processes), Process=find, win_service_get=win_service_get
    )


def test_version_1s_master_and_child() -> None:
    uids = SimpleNamespace(real=0, effective=0, saved=0)
    found = agent_processes(
        LINUX,
        system(
            Process(813, 812, cmdline=["codedeploy-agent: InstanceAgent::X of master 812"], uids=uids),
            Process(900, 1, cmdline=["sleep", "codedeploy-agent"]),
            Process(812, 1, cmdline=["codedeploy-agent: master 812"], uids=uids, cwd=PsError("denied")),
        ),
    )
    assert [(p.pid, p.parent, p.user, p.cwd) for p in found] == [(812, 1, 0, None), (813, 812, 0, "/")]
    assert [p.pid for p in agents(found)] == [812]


def test_version_2() -> None:
    found = agent_processes(LINUX, system(Process(7, cmdline=["/opt/codedeploy-agent/bin/codedeploy-agent", "start"])))
    assert [(p.pid, p.name) for p in found] == [(7, "/opt/codedeploy-agent/bin/codedeploy-agent start")]


def test_two_masters_are_two_agents() -> None:
    processes = [AgentProcess(pid, "x", None, None, parent) for pid, parent in ((5, 1), (6, 5), (8, 1), (9, 4))]
    assert [p.pid for p in agents(processes)] == [5, 8, 9]


@pytest.mark.parametrize("error", [PsError("gone"), OSError(87, "no"), NotImplementedError()])
def test_a_process_that_tells_nothing(error: Exception) -> None:
    process = Process(
        7, cmdline=["codedeploy-agent:", "x"], uids=error, cwd=error, create_time=error, ppid=error
    )  # fmt: skip
    hidden = Process(8, cmdline=error)
    assert agent_processes(LINUX, system(hidden, process)) == (
        AgentProcess(7, "codedeploy-agent: x", None, None),
    )  # fmt: skip


def test_a_list_that_breaks_off() -> None:
    def process_iter() -> Iterator[Process]:
        yield Process(7, cmdline=["codedeploy-agent: master 7"])
        raise OSError(5, "I/O error")

    found = agent_processes(LINUX, SimpleNamespace(Error=PsError, process_iter=process_iter))
    assert [p.pid for p in found] == [7]


def test_the_windows_service_and_what_it_started() -> None:
    child = Process(41, 40, name="CodeDeploy-Agent.exe")
    script = Process(42, 41, name="powershell.exe")
    master = Process(40, 3, name=OSError(87, "no"), children=[child, script])
    service = SimpleNamespace(pid=lambda: 40)
    found = agent_processes(WINDOWS, system(master, child, script, service=service))
    assert [(p.pid, p.name, p.service, p.user) for p in found] == [
        (40, "codedeployagent", "codedeployagent", None),
        (41, "CodeDeploy-Agent.exe", None, None),
    ]
    assert [p.pid for p in agents(found)] == [40]


@pytest.mark.parametrize("pid", [None, 0])
def test_a_windows_service_that_does_not_run(pid: Optional[int]) -> None:
    assert agent_processes(WINDOWS, system(service=SimpleNamespace(pid=lambda: pid))) == ()
    assert agent_processes(WINDOWS, system()) == ()


def test_a_windows_service_whose_process_may_not_be_looked_at() -> None:
    (found,) = agent_processes(WINDOWS, system(service=SimpleNamespace(pid=lambda: 40)))
    assert (found.pid, found.service) == (40, "codedeployagent")


def test_the_real_psutil_finds_a_process_that_is_named_like_the_agent() -> None:
    name = f"codedeploy-test-{os.getpid()}"
    layout = replace(LINUX, program_name=name)
    assert agent_processes(layout) == ()
    if sys.platform == "win32":
        return
    with subprocess.Popen([name + ":", "60"], executable="/bin/sleep") as process:
        try:
            while not psutil.Process(process.pid).cmdline():  # exec has begun and is not done
                assert process.poll() is None
            (found,) = agent_processes(layout)
        finally:
            process.kill()
    assert (found.pid, found.parent, found.user) == (process.pid, os.getpid(), os.geteuid())


class Machine:
    """A Root like another, of this machine, with links that say where processes work."""

    kind = "machine"

    def __init__(self, root: Any, cwd: str) -> None:
        self._root = root
        self._cwd = cwd

    def read_link(self, path: str) -> str:
        return self._cwd if path == "/proc/812/cwd" else str(self._root.read_link(path))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._root, name)


@pytest.mark.parametrize(("there", "gone"), [(False, True), (True, False)])
def test_a_working_directory_that_was_removed(disk: Disk, there: bool, gone: bool) -> None:
    disk.mkdir(ROOT_DIR)
    if there:
        disk.mkdir("/srv/a (deleted)")

    def processes(layout: Layout) -> tuple[AgentProcess, ...]:
        return (AgentProcess(812, "x", "/srv/a", 1.0), AgentProcess(813, "y", None, 1.0))

    root: Any = Machine(disk.root, "/srv/a (deleted)")
    found = read_instance(root, processes=processes).processes
    assert found is not None and [p.cwd_gone for p in found] == [gone, False]


def test_the_running_agents_user_is_the_one_that_version_2_asks_for(disk: Disk) -> None:
    disk.write("/opt/codedeploy-agent/.version", "agent_version: 2.1.0")
    path = disk.path(disk.write(f"{ROOT_DIR}/deployment-instructions/g-cleanup", "/srv/a\n"))
    path.chmod(0o644)
    user = path.stat().st_uid + 1
    instance = read_instance(disk.root, processes=lambda layout: (AgentProcess(812, "x", None, 1.0, user=user),))
    cleanup = instance.groups[0].cleanup
    assert cleanup is not None and cleanup.ignored is not None


@pytest.mark.parametrize(
    ("data", "pid"), [("812\n", 812), ("812", 812), ("", None), ("x", None), ("-5", None), ("9" * 30, None)]
)
def test_pid_files(disk: Disk, data: str, pid: Optional[int]) -> None:
    found = read_pid_file(disk.root, disk.write("/run/x.pid", data))
    assert found is not None and (found.path, found.pid) == ("/run/x.pid", pid)


def test_no_pid_file(disk: Disk) -> None:
    assert read_pid_file(disk.root, "/run/none.pid") is None
    assert read_pid_file(disk.root, "") is None
    problems: list[Problem] = []
    assert read_pid_file(disk.root, disk.mkdir("/run/dir.pid"), problems) is None
    assert [p.code for p in problems] == ["record-unreadable"]
