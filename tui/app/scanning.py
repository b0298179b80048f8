"""A scan on a thread of its own: its events, put together and handed over about ten times a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Callable, Optional

from tui.agent.layout import NoAgent
from tui.agent.records import Instance
from tui.app.summary import Summary, summarize
from tui.disk.root import Root, RootError
from tui.forensics.examination import Examination
from tui.forensics.scan import Progress, Records, ScanEvent, ScanOptions

Cancelled = Callable[[], bool]
ScanFunction = Callable[[Root, ScanOptions, Cancelled], Iterator[ScanEvent]]

INTERVAL = 0.1  # seconds between two updates


@dataclass(frozen=True)
class ScanSource:
    """Where a scan comes from: what to call it, how to start one, and the Root to read single files from."""

    label: str
    kind: str  # machine or directory
    start: Callable[[Cancelled], Iterator[ScanEvent]]
    root: Optional[Root] = None
    windows: bool = False

    @classmethod
    def of(cls, root: Root, options: ScanOptions, scan: ScanFunction) -> ScanSource:
        """The source that scans a Root."""
        windows = root.platform == "windows"
        return cls(root.label, root.kind, lambda cancelled: scan(root, options, cancelled), root, windows)


@dataclass(frozen=True)
class Failure:
    """Why a scan ended without a result: ``kind`` is no-agent, unreadable or unexpected."""

    kind: str
    reason: str  # one line, of unknown origin
    looked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Update:
    """What is new of a scan since the last update. ``at`` is the clock's time."""

    generation: int
    at: float
    progress: Optional[Progress] = None
    instance: Optional[Instance] = None
    examination: Optional[Examination] = None
    summary: Optional[Summary] = None
    finished: bool = False
    failure: Optional[Failure] = None


class Scanner:
    """Runs one scan. Never waited for: ``cancel`` and forget it, its thread does not hold up the program's end."""

    def __init__(
        self,
        source: ScanSource,
        generation: int,
        post: Callable[[Update], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._post = post
        self._clock = clock
        self._pending = Update(generation, clock())
        self._posted = float("-inf")
        self._stopped = threading.Event()
        self._taken = threading.Event()
        self._taken.set()

    def start(self) -> None:
        """Begin, on a thread."""
        threading.Thread(target=self.run, name="scan", daemon=True).start()

    def cancel(self) -> None:
        """Let the scan end at its next event; nothing more is posted."""
        self._stopped.set()
        self._taken.set()

    def taken(self) -> None:
        """Say that the last update was dealt with: the next one may come."""
        self._taken.set()

    def run(self) -> None:
        """The scan itself, on the calling thread."""
        failure = None
        try:
            for event in self._source.start(self._stopped.is_set):
                if self._stopped.is_set():
                    return
                self._add(event)
        except NoAgent as error:
            failure = Failure("no-agent", str(error), error.looked)
        except RootError as error:
            failure = Failure("unreadable", str(error))
        except Exception as error:  # whatever it is, the operator gets a line and not a traceback
            failure = Failure("unexpected", f"{type(error).__name__}: {error}")
        self._pending = replace(self._pending, finished=True, failure=failure)
        self._hand_over()

    def _add(self, event: ScanEvent) -> None:
        if isinstance(event, Progress):
            self._pending = replace(self._pending, progress=event)
            if self._clock() - self._posted >= INTERVAL and self._taken.is_set():
                self._hand_over()
            return
        if isinstance(event, Records):
            self._pending = replace(self._pending, instance=event.instance)
        else:
            examination = event.examination
            self._pending = replace(
                self._pending, instance=examination.instance, examination=examination, summary=summarize(examination)
            )
        # These are few, and a long silence may follow: wait until the last update was dealt with.
        self._taken.wait()
        self._hand_over()

    def _hand_over(self) -> None:
        if self._stopped.is_set():
            return
        self._taken.clear()
        self._posted = self._clock()
        self._post(replace(self._pending, at=self._posted))
        self._pending = Update(self._pending.generation, self._posted)
