"""Instances to plan a cleanup for, on real files, and a plan carried out with plain calls of the system."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable, Optional

from tests.unit.preview.building import Content, Site
from tui.cleanup.choose import Selection
from tui.cleanup.guard import Guard
from tui.cleanup.plan import Making, make_plan
from tui.cleanup.records import Act, Plan
from tui.disk.inventory import DIR
from tui.disk.source import open_source
from tui.forensics.examination import Examination
from tui.forensics.scan import ScanOptions, Snapshot, scan

MADE = 1_764_000_000.0
VERSION = "1.2.3"
APP = "/srv/app"


class Planned:
    """An instance that is examined, with what planning for it takes."""

    def __init__(self, root: Any, examination: Examination, guard: Guard) -> None:
        self.root = root
        self.e = examination
        self.guard = guard

    def plan(self, selection: Selection, **making: Any) -> Plan:
        """The plan for a choice."""
        return make_plan(self.root, self.e, selection, self.guard, Making(MADE, VERSION, "web-1", **making))

    def row(self, path: str) -> int:
        """The row of a path that has one."""
        row = self.e.inventory.find(path)
        assert row is not None, path
        return row


def examined(root: Any, **options: Any) -> Examination:
    """What a scan makes of an instance."""
    *_, last = scan(root, ScanOptions(snapshots=False, **options))
    assert isinstance(last, Snapshot)
    return last.examination


@contextlib.contextmanager
def opened(top: Path, places: tuple[str, ...] = (), gone: tuple[str, ...] = (), **options: Any) -> Iterator[Planned]:
    """An instance below a directory, examined."""
    with open_source(str(top)) as root:
        examination = examined(root, groups_gone=gone, **options)
        yield Planned(root, examination, Guard(root, examination, gone, places))


def paths(plan: Plan) -> list[str]:
    """The paths of a plan's steps in the order of work."""
    return [step.path for step in plan.steps]


def refused(plan: Plan) -> dict[str, str]:
    """What is refused, and the code."""
    return {one.path: one.code for one in plan.refused}


def warned(plan: Plan) -> dict[str, list[str]]:
    """The codes of a plan's warnings with their paths."""
    found: dict[str, list[str]] = {}
    for one in plan.warnings:
        found.setdefault(one.code, []).extend(one.paths)
    return found


def carry_out(top: Path, plan: Plan, place: Optional[Callable[[str], Path]] = None) -> None:
    """Do what a plan says with plain calls, in its order."""
    for step in plan.steps:
        at = place(step.path) if place is not None else top / step.path.lstrip("/")
        if step.act is Act.RESTORE:
            assert step.content is not None
            at.write_bytes(step.content)
        elif step.seen.kind == DIR:
            at.rmdir()
        else:
            at.unlink()


def small_site(tmp_path: Path, more: Optional[dict[str, Content]] = None) -> Site:
    """An instance with one deployed file and, beside it, what a script made and what nobody knows."""
    site = Site(tmp_path)
    site.put({f"{APP}/a.txt": "a", **(more or {})})
    site.cleanup(APP, f"{APP}/a.txt")
    directory = site.deployed(
        {
            "appspec.yml": '{"version": 0.0, "os": "linux", "files": [{"source": "app", "destination": "/srv/app"}],'
            ' "hooks": {"AfterInstall": [{"location": "make.sh"}]}}',
            "app/a.txt": "a",
            "make.sh": "#!/bin/sh\necho made > /srv/app/made.txt\nmkdir -p /srv/app/cache\n",
        }
    )
    site.completed(directory)
    return site


def mtime(path: Path) -> int:
    """When a file was last written, in nanoseconds."""
    return os.lstat(path).st_mtime_ns
