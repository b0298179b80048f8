"""Comparison of many rows: by one thread where the processor is what takes the time, by some where the disk is."""

from __future__ import annotations

import resource
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Callable, Optional

from tui.disk.comparison import Comparison
from tui.disk.inventory import Inventory
from tui.disk.resolve import Resolver

if TYPE_CHECKING:
    from concurrent.futures import Future

THREADS = 4  # more gain nothing, even on a disk that answers slowly
PART = 256  # rows compared between two looks around
_REPORT = 0.1  # seconds between two yields
_WEIGH = 0.02  # seconds between two decisions on how many threads there should be
_IDLE, _BUSY = 0.5, 0.9  # processor time a second, below which threads help and above which they hinder
_WAITS = 50  # times a second that a thread lets go of the processor by itself, as for a read: fewer, and it was busy


class _Team:
    """Comparisons side by side: one waits for the disk while another one works."""

    def __init__(self, resolver: Resolver, inventory: Inventory) -> None:
        from concurrent.futures import ThreadPoolExecutor

        self._halt = threading.Event()
        self._members = [Comparison(resolver, inventory, self._halt.is_set) for _ in range(THREADS)]
        self._idle = list(self._members)
        self._pool = ThreadPoolExecutor(THREADS, "compare")
        self._parts: deque[tuple[int, Future[bytearray]]] = deque()

    def __len__(self) -> int:
        return len(self._parts)

    def add(self, rows: Sequence[int], sources: Sequence[Optional[str]]) -> None:
        """Have rows compared by whoever is free next."""
        self._parts.append((len(rows), self._pool.submit(self._work, rows, sources)))

    def next(self, cancelled: Callable[[], bool]) -> tuple[bytearray, bool]:
        """The results of the rows that were added first, and whether they are all there."""
        from concurrent.futures import TimeoutError as NotYet

        count, part = self._parts.popleft()
        while True:
            if cancelled():
                self._halt.set()
            try:
                results = part.result(_REPORT)
            except NotYet:
                continue
            return results, len(results) == count and not self._halt.is_set()

    def close(self) -> None:
        """Stop what is under way; returns once it has."""
        self._halt.set()
        self._pool.shutdown()
        for member in self._members:
            member.close()

    def _work(self, rows: Sequence[int], sources: Sequence[Optional[str]]) -> bytearray:
        member = self._idle.pop()
        try:
            return member.codes(rows, sources)
        finally:
            self._idle.append(member)


class _Scheduler:
    """Hands out parts of the rows; ``source`` and ``cancelled`` are called by the caller's thread alone."""

    def __init__(
        self,
        resolver: Resolver,
        inventory: Inventory,
        rows: Sequence[int],
        source: Callable[[int], Optional[str]],
        cancelled: Callable[[], bool],
    ) -> None:
        self._resolver = resolver
        self._inventory = inventory
        self._rows = rows
        self._source = source
        self._cancelled = cancelled
        self._asked = 0
        self._alone = Comparison(resolver, inventory, cancelled)
        self._team: Optional[_Team] = None
        self._wide = False
        self._clocks = _clocks()

    def parts(self) -> Iterator[bytearray]:
        """Results in the order of the rows, cut short once ``cancelled()`` is true."""
        while self._asked < len(self._rows) or self._team:
            if self._wide or self._team:
                results, whole = self._together()
            else:
                rows, sources = self._take()
                results = self._alone.codes(rows, sources)
                whole = len(results) == len(rows)
            yield results
            if not whole:
                return
            self._weigh()

    def close(self) -> None:
        """Stop what is under way and give the descriptors back."""
        self._alone.close()
        if self._team is not None:
            self._team.close()

    def _take(self) -> tuple[Sequence[int], list[Optional[str]]]:
        rows = self._rows[self._asked : self._asked + PART]
        self._asked += len(rows)
        return rows, [self._source(row) for row in rows]

    def _together(self) -> tuple[bytearray, bool]:
        if self._team is None:
            self._team = _Team(self._resolver, self._inventory)
        while self._wide and self._asked < len(self._rows) and len(self._team) < 2 * THREADS:
            self._team.add(*self._take())
        return self._team.next(self._cancelled)

    def _weigh(self) -> None:
        """Use threads where the process mostly waits for the disk; elsewhere they only get in each other's way."""
        wall, cpu, waits = clocks = _clocks()
        elapsed = wall - self._clocks[0]
        if elapsed >= _WEIGH:
            share = (cpu - self._clocks[1]) / elapsed
            waiting = waits - self._clocks[2] > _WAITS * elapsed  # not for a processor that others keep busy
            self._clocks = clocks
            self._wide = waiting and share < (_BUSY if self._wide else _IDLE)


def _clocks() -> tuple[float, float, int]:
    """Seconds on the wall and of processor time, and how often the process has waited."""
    return time.monotonic(), time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw


def compare(
    resolver: Resolver,
    inventory: Inventory,
    rows: Sequence[int],
    source: Callable[[int], Optional[str]],
    cancelled: Callable[[], bool],
) -> Iterator[tuple[int, bytes]]:
    """Compare rows with their sources: see ``tui.disk.root.Root.compare``."""
    scheduler = _Scheduler(resolver, inventory, rows, source, cancelled)
    gathered, done = bytearray(), 0
    report_at = time.monotonic() + _REPORT
    try:
        for results in scheduler.parts():
            gathered += results
            done += len(results)
            if time.monotonic() >= report_at:
                yield done, bytes(gathered)
                gathered.clear()
                report_at = time.monotonic() + _REPORT
    finally:
        scheduler.close()
    if gathered:
        yield done, bytes(gathered)
