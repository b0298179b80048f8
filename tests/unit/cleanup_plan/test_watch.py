from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cleanup_plan.planning import Planned, opened, small_site
from tests.unit.preview.building import GROUP, INSTRUCTIONS, ROOT_DIR
from tui.cleanup.agent_records import STALE
from tui.cleanup.watch import DeploymentWatch, running_scripts

NOW = 1_764_000_000.0
ONGOING = f"{ROOT_DIR}/ongoing-deployment"


@pytest.fixture
def planned(tmp_path: Path) -> Iterator[Planned]:
    site = small_site(tmp_path)
    site.place(ONGOING).mkdir()
    with opened(site.top) as planned:
        planned.top = site.top  # type: ignore[attr-defined]
        yield planned


def place(planned: Any, path: str) -> Path:
    top: Path = planned.top
    return top / path.lstrip("/")


def watch(planned: Planned, **more: Any) -> DeploymentWatch:
    options: dict[str, Any] = {"scripts": lambda: (), "now": lambda: NOW, **more}
    return DeploymentWatch(planned.root, planned.e.instance, **options)


def test_nothing_is_told_while_nothing_runs(planned: Planned) -> None:
    found = watch(planned)
    assert found.ask() is None and found.ask() is None and not found.overridden


@pytest.mark.parametrize("name", ["d-ABC", ".d-ABC.tmp.12"])
def test_a_tracking_file_stands_for_a_deployment_for_a_day(planned: Planned, name: str) -> None:
    tracked = place(planned, f"{ONGOING}/{name}")
    tracked.write_text("x")
    os.utime(tracked, (NOW - 600, NOW - 600))
    said = f"deployment {name} is in progress: its tracking file {ONGOING}/{name} is 10 minutes old"
    assert watch(planned).ask() == said
    os.utime(tracked, (NOW - STALE - 1, NOW - STALE - 1))
    assert watch(planned).ask() is None
    os.utime(tracked, (NOW + 999, NOW + 999))  # a clock that was set back
    assert watch(planned).ask() is not None


def test_a_deployment_that_begins_later_is_told(planned: Planned) -> None:
    found = watch(planned)
    assert found.ask() is None
    place(planned, f"{ONGOING}/d-NEW").write_text("x")
    os.utime(place(planned, f"{ONGOING}/d-NEW"), (NOW, NOW))
    assert "d-NEW" in (found.ask() or "")


def test_a_script_that_runs_is_told(planned: Planned) -> None:
    ticks = iter([0.0, 0.5, 1.5])
    asked: list[int] = []

    def scripts() -> tuple[str, ...]:
        asked.append(1)
        return () if len(asked) == 1 else ("deploy\x1b.sh (7)",)

    found = watch(planned, scripts=scripts, clock=lambda: next(ticks))
    assert found.ask() is None and found.ask() is None and len(asked) == 1  # asked again after a second only
    assert found.ask() == "the agent runs deploy\\e.sh (7)"


@pytest.mark.parametrize(
    "path", [f"{INSTRUCTIONS}/{GROUP}-cleanup", f"{ROOT_DIR}/{GROUP}/d-NEW", f"{ROOT_DIR}/another-group",
             f"{ROOT_DIR}/deployment-logs/x.log"],
)  # fmt: skip
def test_records_that_change_are_told_but_for_our_own(planned: Planned, path: str) -> None:
    place(planned, f"{ROOT_DIR}/deployment-logs").mkdir()
    found, own = watch(planned), watch(planned, own=[path])
    place(planned, path).write_text("changed")
    assert path.rpartition("/")[2] in (found.ask() or "") and own.ask() is None


def test_a_typed_reason_overrides_it_and_is_kept(planned: Planned) -> None:
    found = watch(planned, scripts=lambda: ("x.sh (1)",))
    with pytest.raises(ValueError, match="reason"):
        found.force("  ")
    assert found.ask() is not None
    found.force(" it hangs ")
    assert found.ask() is None and found.ask() is None
    assert found.forced() == ["forced, it hangs: the agent runs x.sh (1)"]


def test_what_was_told_before_a_reason_was_typed_is_kept_once_as_time_goes_by(planned: Planned) -> None:
    place(planned, f"{ONGOING}/d-1").write_text("x")
    os.utime(place(planned, f"{ONGOING}/d-1"), (NOW, NOW))
    ticks = iter(range(0, 6000, 60))
    found = watch(planned, now=lambda: NOW + next(ticks))
    assert "0 minutes" in (found.ask() or "")
    found.force("it hangs")
    later = watch(planned)
    later.follow(found)
    for one in (found, later):
        assert one.ask() is None
    (clause,) = later.forced()
    assert clause.startswith("forced, it hangs: deployment d-1") and "0 minutes" in clause
    place(planned, f"{ONGOING}/d-0").write_text("x")
    assert found.ask() is None and "deployment d-0" in found.forced()[1]


class Process:
    def __init__(self, pid: int, title: str, children: tuple[Any, ...] = ()) -> None:
        self.pid = pid
        self._title = title
        self._children = children

    def cmdline(self) -> list[str]:
        return [self._title]

    def name(self) -> str:
        return self._title

    def cwd(self) -> str:
        return "/"

    def create_time(self) -> float:
        return 1.0

    def ppid(self) -> int:
        return 1

    def children(self, recursive: bool) -> tuple[Any, ...]:
        return self._children


class Processes:
    """Stands for psutil."""

    class Error(Exception):
        pass

    def __init__(self, *processes: Process) -> None:
        self._processes = processes

    def process_iter(self) -> tuple[Process, ...]:
        return self._processes

    def Process(self, pid: int) -> Process:
        for process in self._processes:
            if process.pid == pid:
                return process
        raise self.Error


def test_a_script_is_what_the_agent_runs_besides_itself(planned: Planned) -> None:
    script = Process(30, "deploy.sh")
    worker = Process(20, "codedeploy-agent: InstanceAgent::Plugins of master 10", (script,))
    master = Process(10, "codedeploy-agent: master 10", (worker, script))
    layout = planned.e.instance.layout
    assert running_scripts(layout, Processes(master, worker, script)) == ("deploy.sh (30)",)
    assert running_scripts(layout, Processes(Process(10, "codedeploy-agent: master 10"), script)) == ()
