"""Example instances that may be cleaned up, with the app on them: the real engine on a copy, fakes for the machine."""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from tui.app.app import ForensicsApp
from tui.app.cleaning import Changing, CleanPorts, News, Todo, Work
from tui.app.scanning import ScanSource
from tui.app.screens.clean import CleanScreen
from tui.app.screens.cleaning import RunScreen
from tui.app.screens.working import WorkingScreen
from tui.cleanup.calls import real_calls
from tui.cleanup.in_use import InUse
from tui.commands.in_app import clean_ports
from tui.forensics.scan import ScanOptions, Snapshot, scan
from tui.ports import Cleaning, real_ports

from .build import NOW
from .drive import press, settled, until
from .previews import SMALL, Example, example

HOST = "ip-10-0-0-12"
HOTFIX = "/srv/shop/static/hotfix.js"  # in the way of the example's last deployment
LATER = "d-43DDDDDDD"  # which that is


@dataclass
class Cleanable:
    """An example that may be cleaned up, or may not."""

    of: Example
    writable: bool = True
    now: float = NOW

    @property
    def top(self) -> Path:
        """The directory that holds it."""
        return Path(self.of.root.label)

    def place(self, path: str) -> Path:
        """Where a path of the instance is here."""
        return self.top / path.lstrip("/")

    @property
    def ports(self) -> CleanPorts:
        """What the app cleans up with."""
        fake = Cleaning(
            real_calls, lambda: "root (alice)", lambda: "web-1", lambda layout: (), lambda *a, **o: InUse(),
            lambda tell: contextlib.nullcontext(lambda: False),
        )  # fmt: skip
        ports = replace(real_ports(), cleaning=fake, now=lambda: self.now, clock=lambda: 0.0, environ={})
        args = argparse.Namespace(source=self.of.root.label, writable=self.writable, state_dir=None, group_gone=[])
        return clean_ports(args, ports, self.of.root)

    def app(self) -> ForensicsApp:
        """The app on it, at a fixed time."""
        source = replace(
            ScanSource.of(self.of.root, ScanOptions(), scan),
            start=lambda cancelled: iter([Snapshot(self.of.examination)]),
        )
        return ForensicsApp(source, now=lambda: NOW, clock=lambda: 0.0, previews=self.of.ports, cleans=self.ports)

    def tree(self) -> dict[str, tuple[Any, ...]]:
        """All that is on the instance, less the program's own directory."""
        found = {}
        for directory, names, files in os.walk(self.top):
            if "codedeploy-forensics" in names:
                names.remove("codedeploy-forensics")
            for name in (*names, *files):
                path = os.path.join(directory, name)
                at = os.lstat(path)
                data = Path(path).read_bytes() if name in files and not os.path.islink(path) else b""
                if path != str(self.place("/var/lib")):
                    found[path] = (at.st_mode, at.st_uid, at.st_gid, at.st_mtime_ns, data)
        return found


@contextlib.contextmanager
def cleanable(name: str = "failed-disallow", **more: Any) -> Iterator[Cleanable]:
    """Unpack and scan an example."""
    with example(name, change=lambda top: None) as of:
        yield Cleanable(of, **more)


@contextlib.asynccontextmanager
async def opened(of: Cleanable, *keys: str, size: tuple[int, int] = SMALL) -> AsyncIterator[Pilot[str]]:
    """The app on it, scanned, and some keys pressed."""
    async with of.app().run_test(size=size) as pilot:
        await settled(pilot)
        await press(pilot, *keys)
        yield pilot


async def planned(pilot: Pilot[str]) -> CleanScreen:
    """Let the plan be made."""
    await until(pilot, lambda: isinstance(pilot.app.screen, CleanScreen))
    screen = pilot.app.screen
    assert isinstance(screen, CleanScreen)
    await until(pilot, lambda: screen.work is None)
    return screen


async def done(pilot: Pilot[str]) -> RunScreen:
    """Let what was begun come to its end."""
    await until(pilot, lambda: isinstance(pilot.app.screen, RunScreen))
    screen = pilot.app.screen
    assert isinstance(screen, RunScreen)
    await until(pilot, lambda: not screen.is_changing)
    return screen


async def at_rest(pilot: Pilot[str]) -> WorkingScreen:
    """Let what the screen does come to its end."""
    screen = pilot.app.screen
    assert isinstance(screen, WorkingScreen)
    await until(pilot, lambda: screen.work is None)
    return screen


async def answer(pilot: Pilot[str], words: str) -> None:
    """Type words and enter."""
    await press(pilot, *("space" if c == " " else "minus" if c == "-" else c for c in words), "enter")


def unasked(todo: Changing) -> Todo:
    """A piece of work that changes something; a deployment in progress stops it."""
    return lambda stop: todo(stop, lambda reason: None)


def news_of(todo: Todo, **more: Any) -> list[News]:
    """What a piece of work tells, on this thread."""
    told: list[News] = []
    Work(todo, told.append, **more).run()
    return told
