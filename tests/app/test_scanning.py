"""GIVEN a scan's events WHEN they run on its thread THEN updates come put together, and failures as one line."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Callable

from tui.agent.layout import NoAgent
from tui.app.scanning import Scanner, ScanSource, Update
from tui.app.state import ScanState, status
from tui.disk.root import Denied
from tui.forensics.scan import Progress, Records, ScanEvent, Snapshot

from .build import shop


def scanned(start: Callable[[Callable[[], bool]], Iterator[ScanEvent]], step: float = 0.01) -> list[Update]:
    """The updates of a scan; time goes on by ``step`` with each look at the clock."""
    ticks, updates = [0.0], []  # type: List[float], List[Update]

    def clock() -> float:
        ticks[0] += step
        return ticks[0]

    def post(update: Update) -> None:
        updates.append(update)
        scanner.taken()

    scanner = Scanner(ScanSource("this machine", "machine", start), 7, post, clock)
    scanner.run()
    return updates


def test_progress_is_put_together() -> None:
    updates = scanned(lambda cancelled: (Progress("walk", n) for n in range(1000)))
    assert all(update.generation == 7 for update in updates)
    assert 80 < len(updates) < 110  # ten a second of the clock's time
    assert updates[-1].finished


def test_progress_waits_until_the_last_update_was_taken() -> None:
    updates: list[Update] = []
    source = ScanSource("", "machine", lambda cancelled: (Progress("walk", n) for n in range(1000)))
    Scanner(source, 1, updates.append, iter(range(10**6)).__next__).run()
    assert [update.progress and update.progress.done for update in updates] == [0, 999]


def test_records_and_snapshots_come_at_once_and_none_is_lost() -> None:
    examination = shop()
    events: list[ScanEvent] = [Records(examination.instance), Progress("walk", 1), Snapshot(examination)]
    updates = scanned(lambda cancelled: iter(events), step=0.001)
    assert [bool(u.instance) for u in updates] == [True, True, False]
    assert updates[1].examination is examination and updates[1].progress == Progress("walk", 1)
    assert updates[1].summary is not None and updates[1].summary.whole.files == (5, 1, 2, 1)
    assert updates[1].summary.groups[0].removed == 4  # the missing one is not there to be removed
    assert updates[1].summary.groupless.files == (0, 0, 0, 1)


def failing(error: Exception) -> Callable[[Callable[[], bool]], Iterator[ScanEvent]]:
    def start(cancelled: Callable[[], bool]) -> Iterator[ScanEvent]:
        yield Progress("records", 0)
        raise error

    return start


def test_failures_are_a_kind_and_a_line() -> None:
    found = []
    for error in (NoAgent("here", ("/etc/x",)), Denied("/srv", "permission denied"), ValueError("odd")):
        failure = scanned(failing(error))[-1].failure
        assert failure is not None
        found.append((failure.kind, failure.looked))
    assert found == [("no-agent", ("/etc/x",)), ("unreadable", ()), ("unexpected", ())]


def test_after_cancel_nothing_is_posted_and_the_scan_is_told() -> None:
    updates: list[Update] = []
    begun, may_go_on, told = threading.Event(), threading.Event(), []

    def start(cancelled: Callable[[], bool]) -> Iterator[ScanEvent]:
        begun.set()
        may_go_on.wait(10)
        told.append(cancelled())
        yield Progress("walk", 1)
        told.append("went on")

    scanner = Scanner(ScanSource("", "machine", start), 1, updates.append)
    scanner.start()
    begun.wait(10)
    scanner.cancel()
    may_go_on.set()
    for thread in threading.enumerate():
        if thread.name == "scan":
            thread.join(10)
    assert told == [True] and updates == []


def test_the_state_takes_updates_of_its_own_scan_alone() -> None:
    state = ScanState("this machine", "machine").begun(3, 0.0)
    assert state.updated(Update(2, 1.0, Progress("walk", 1))) is state
    newer = state.updated(Update(3, 1.0, Progress("walk", 1)))
    assert newer.progress == Progress("walk", 1)
    done = newer.updated(Update(3, 2.0, finished=True))
    assert not done.running and done.updated(Update(3, 3.0, Progress("walk", 2))) is done


def test_what_an_earlier_scan_found_stays_until_there_is_newer() -> None:
    examination = shop()
    state = (
        ScanState("", "machine")
        .begun(1, 0.0)
        .updated(Update(1, 1.0, instance=examination.instance, examination=examination, finished=True))
    )
    again = state.begun(2, 5.0)
    assert again.examination is examination and again.running and again.failure is None


def test_the_line_tells_stage_count_rate_time_left_and_place() -> None:
    state = ScanState("", "machine").begun(1, 0.0)
    assert status(state) == "Scanning\u2026"
    state = state.updated(Update(1, 0.0, Progress("compare", 1000, 11_000)))
    state = state.updated(Update(1, 2.0, Progress("compare", 3000, 11_000, "/srv/\x1b")))
    assert (
        status(state) == "Comparing with the revisions: 3,000 of 11,000 \u00b7 1,000/s \u00b7 8 s left \u00b7 /srv/\\e"
    )
    examination = shop(final=False)
    ended = state.updated(Update(1, 5.0, examination=examination, finished=True))
    assert status(ended) == "13 paths in 5 s, not complete: press r to scan again"
    bare = ScanState("", "machine").begun(1, 0.0).updated(Update(1, 1.0, finished=True))
    assert "without a result" in status(bare)
