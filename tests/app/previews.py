"""Example instances with the app on them, for tests of previews: the real scan and the real engine."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, Callable, Optional

import pytest
from textual.pilot import Pilot

from tests.shared import AT_END, shared
from tests.support import DirectoryRoot, can_unpack
from tui.agent.records import Instance
from tui.app.app import ForensicsApp
from tui.app.previewing import PreviewPorts
from tui.app.scanning import ScanSource
from tui.app.screens.preview import PreviewScreen
from tui.app.widgets.preview_list import PreviewList
from tui.disk.root import Root
from tui.disk.source import open_source
from tui.disk.tree import RootTree, Tree
from tui.fixtures import unpack, unpacked
from tui.forensics.examination import Examination
from tui.forensics.scan import ScanOptions, Snapshot, scan
from tui.preview.play import PlayEvent, play
from tui.preview.records import Behavior, Ending, LastSuccessful, Preview, Step
from tui.preview.revision import LAST_KNOWN_GOOD, LAST_SUCCESSFUL, NoRevision, find_revision
from tui.report.output import Screen
from tui.report.preview_output import write_preview

from .build import NOW
from .drive import press, settled, text, until

SMALL = (80, 24)


@dataclass(frozen=True)
class Directory:
    """A candidate that is a directory."""

    label: str
    tree: Tree
    problem: Optional[str] = None
    notes: tuple[str, ...] = ()


def open_directory(path: str, users: object = None, groups: object = None) -> Any:
    """A directory as a candidate, in place of what opens bundles too. Raises NoRevision."""
    if not os.path.isdir(path):
        raise NoRevision(f"{path}: no such file or directory")
    return Directory(path, RootTree(DirectoryRoot(path), "/", owned=True))


def write(preview: Preview, instance: Instance, format_name: str, stream: BinaryIO) -> None:
    """A preview in one of the reports' formats."""
    write_preview(preview, instance, format_name, stream, Screen(100, False, "utf-8"), paths=True)


@dataclass
class Play:
    """The engine, with what it was asked for; ``hold`` is called before each event."""

    asked: list[list[tuple[str, str, Optional[Behavior], Ending]]] = field(default_factory=list)
    hold: Callable[[], object] = lambda: None

    def __call__(self, root: Root, examination: Examination, steps: Sequence[Step], *more: Any) -> Iterator[PlayEvent]:
        self.asked.append([(step.group, _label(step), step.behavior, step.ending) for step in steps])
        for event in play(root, examination, steps, *more):
            self.hold()
            yield event


def _label(step: Step) -> str:
    if isinstance(step.revision, LastSuccessful):
        return LAST_KNOWN_GOOD if step.revision.known_good else LAST_SUCCESSFUL
    return step.revision.label


@dataclass
class Example:
    """An example instance, scanned."""

    root: Root
    examination: Examination
    play: Play = field(default_factory=Play)

    @property
    def group(self) -> str:
        """The id of its first deployment group."""
        return self.examination.instance.groups[0].id

    def foretell(self, *revisions: str, group: Optional[str] = None, all_behaviors: bool = True) -> Preview:
        """What the engine says of deployments in a row; of one, with all behaviors."""
        instance, wanted = self.examination.instance, group or self.group
        steps = [
            Step(wanted, find_revision(text, self.root, instance, instance.group(wanted), open_directory))
            for text in revisions or (LAST_SUCCESSFUL,)
        ]
        *_, last = play(self.root, self.examination, steps, all_behaviors)
        assert isinstance(last, Preview)
        return last

    @property
    def ports(self) -> PreviewPorts:
        """What the app previews with."""
        return PreviewPorts(self.root, self.play, open_directory, write)

    def app(self) -> ForensicsApp:
        """The app on it, at a fixed time."""
        source = replace(
            ScanSource.of(self.root, ScanOptions(), scan), start=lambda cancelled: iter([Snapshot(self.examination)])
        )
        return ForensicsApp(source, now=lambda: NOW, clock=lambda: 0.0, previews=self.ports)


@contextlib.contextmanager
def example(name: str, change: Optional[Callable[[Path], object]] = None) -> Iterator[Example]:
    """An example, scanned: one for all where nothing is to ``change``. Skips where this system cannot hold it."""
    if not can_unpack(name):
        pytest.skip("this system cannot hold the example")
    if change is None:
        yield Example(*_read(name))
        return
    with unpacked(name) as directory, open_source(str(directory)) as root:
        change(Path(directory))
        yield Example(root, _scanned(root))


@functools.cache
def _read(name: str) -> tuple[Root, Examination]:
    root = open_source(str(shared(f"example {name}", lambda top: unpack(name, top))))
    AT_END.callback(root.close)
    return root, _scanned(root)


def _scanned(root: Root) -> Examination:
    *_, last = (event.examination for event in scan(root, ScanOptions()) if isinstance(event, Snapshot))
    assert last.final
    return last


@contextlib.asynccontextmanager
async def previewing(
    of: Example, *keys: str, size: tuple[int, int] = SMALL
) -> AsyncIterator[tuple[Pilot[str], PreviewScreen]]:
    """The app with the preview of the first group open, more keys pressed after it is there."""
    async with of.app().run_test(size=size) as pilot:
        await settled(pilot)
        await press(pilot, "p")
        await played(pilot)
        await press(pilot, *keys)
        if keys[-1:] == ("enter",):
            await played(pilot)
        yield pilot, screen_of(pilot)


def screen_of(pilot: Pilot[str]) -> PreviewScreen:
    """The preview, which is open."""
    screen = pilot.app.screen
    assert isinstance(screen, PreviewScreen), text(pilot)
    return screen


async def played(pilot: Pilot[str]) -> None:
    """Let what is played come to its end."""
    await until(pilot, lambda: isinstance(pilot.app.screen, PreviewScreen) and not pilot.app.screen.is_playing)


def said(screen: PreviewScreen) -> list[str]:
    """All lines of the list, in words."""
    files = screen.query_one(PreviewList)
    return ["".join(piece for piece, _ in files.line(at, 200)) for at in range(files.count())]
