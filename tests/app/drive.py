"""Drives the app in tests: scans that go on when told to, and the screen as lines of text."""

from __future__ import annotations

import io
import queue
from collections.abc import Iterator, Sequence
from typing import BinaryIO, Callable, Optional

from textual import events
from textual.pilot import Pilot

from tui.app.app import ForensicsApp
from tui.app.scanning import ScanSource
from tui.disk.inventory import FILE
from tui.disk.root import Content, NotThere, Stat
from tui.forensics.examination import Examination
from tui.forensics.scan import Progress, Records, ScanEvent, Snapshot

from .build import NOW

SIZES: Sequence[tuple[int, int]] = ((80, 24), (120, 40))


class Files:
    """A Root that has some files to read."""

    label, kind, platform = "this machine", "machine", "linux"

    def __init__(self, **files: bytes) -> None:
        self.files = files

    def _data(self, path: str) -> bytes:
        try:
            return self.files[path.rpartition("/")[2].replace(".", "_").replace("-", "_")]
        except KeyError:
            raise NotThere(path, "no such file") from None

    def read(self, path: str, limit: int) -> Content:
        data = self._data(path)
        return Content(data[:limit], len(data), 0.0)

    def open(self, path: str) -> BinaryIO:
        return io.BytesIO(self._data(path))

    def stat(self, path: str, follow: bool = True) -> Optional[Stat]:
        try:
            return Stat(FILE, 0o644, 0, 0, len(self._data(path)), 0, 0, 0, 0, 1)
        except NotThere:
            return None


class Feed:
    """A scan whose events the test gives one by one; ``end`` ends it."""

    def __init__(self) -> None:
        self.events: queue.Queue[Optional[ScanEvent]] = queue.Queue()
        self.runs = 0
        self.cancelled: Optional[Callable[[], bool]] = None

    def start(self, cancelled: Callable[[], bool]) -> Iterator[ScanEvent]:
        self.runs += 1
        self.cancelled = cancelled
        while True:
            event = self.events.get(timeout=60)
            if event is None:
                return
            yield event

    def give(self, *events: Optional[ScanEvent]) -> None:
        for event in events:
            self.events.put(event)

    def end(self) -> None:
        self.give(None)


def finished(examination: Examination) -> Callable[[Callable[[], bool]], Iterator[ScanEvent]]:
    """A scan that finds an Examination at once."""
    return lambda cancelled: iter(
        [
            Progress("records", 1),
            Records(examination.instance),
            Progress("walk", 13, None, "/srv"),
            Snapshot(examination),
        ]
    )


def failing(error: Exception) -> Callable[[Callable[[], bool]], Iterator[ScanEvent]]:
    """A scan that raises."""

    def start(cancelled: Callable[[], bool]) -> Iterator[ScanEvent]:
        yield Progress("records", 0)
        raise error

    return start


def app_on(
    start: Callable[[Callable[[], bool]], Iterator[ScanEvent]],
    offers_demo: bool = False,
    root: Optional[Files] = None,
    label: str = "this machine",
    kind: str = "machine",
) -> ForensicsApp:
    """The app on a scan, at a fixed time."""
    source = ScanSource(label, kind, start, root)  # type: ignore[arg-type]
    return ForensicsApp(source, offers_demo=offers_demo, now=lambda: NOW, clock=lambda: 0.0)


async def until(pilot: Pilot[str], condition: Callable[[], object]) -> None:
    """Let the app work until something is so."""
    for _ in range(6000):
        await pilot.pause(0.01)
        if condition():
            await pilot.pause()
            return
    raise AssertionError("it never came to be\n" + "\n".join(lines(pilot)))


async def settled(pilot: Pilot[str]) -> None:
    """Let the scan end and the screen be drawn."""
    app = pilot.app
    assert isinstance(app, ForensicsApp)
    await until(pilot, lambda: not app.state.running)


class Text(str):
    """Among keys: text that is put into the focused line at once, as a terminal pastes it."""


async def press(pilot: Pilot[str], *keys: str) -> None:
    """Press keys, each after the one before was dealt with."""
    for key in keys:
        if isinstance(key, Text):
            assert pilot.app.screen.focused is not None
            pilot.app.screen.focused.post_message(events.Paste(key))
        else:
            await pilot.press(key)
        await pilot.pause()


def lines(pilot: Pilot[str]) -> list[str]:
    """The whole screen, line by line."""
    strips = pilot.app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips]


def text(pilot: Pilot[str]) -> str:
    """The whole screen."""
    return "\n".join(lines(pilot))


def cursor_line(pilot: Pilot[str]) -> str:
    """The line that the cursor of the focused list is on."""
    region = pilot.app.screen.focused.region  # type: ignore[union-attr]
    inside = [line[region.x : region.right] for line in lines(pilot)[region.y : region.bottom]]
    marked = [line for line in inside if line.startswith(">")]
    assert len(marked) == 1, text(pilot)
    return marked[0]
