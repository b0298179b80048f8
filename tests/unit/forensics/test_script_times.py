"""Time windows of scripts."""

from __future__ import annotations

from tui.agent.records import LogFile, ScriptRun
from tui.forensics.evidence.script_times import AFTER, ScriptTimes

from .instances import instance_with


def run(start: float, last: float, until=None, lines: int = 1, event: str = "AfterInstall") -> ScriptRun:
    return ScriptRun("d-ABCDEFGHI", event, "s.sh", start, last, until, 0.001, "/x/log", 3, lines)


def log(*runs: ScriptRun, utc_offset=0, mtime: float = 0.0, last_entry=None) -> LogFile:
    return LogFile("/x/log", 10, mtime, utc_offset, runs, last_entry)


def header(log: LogFile, _: float) -> float:
    return log.utc_offset or 0


def test_sure_up_to_the_last_output_then_doubtful_then_outside() -> None:
    times = ScriptTimes(instance_with(logs=(log(run(100.0, 101.0)),)), header)
    assert times.at(99.9) == (None, False)
    assert times.at(100.5)[1] is True
    window, sure = times.at(101.0 + AFTER / 2)
    assert window is not None and sure is False
    assert times.at(101.0 + 2 * AFTER) == (None, False)


def test_the_next_entry_ends_a_window() -> None:
    times = ScriptTimes(instance_with(logs=(log(run(100.0, 100.0, until=100.05, lines=0)),)), header)
    assert times.at(100.04)[0] is not None
    assert times.at(100.2) == (None, False)


def test_local_times_are_taken_by_the_header_zone() -> None:
    times = ScriptTimes(instance_with(logs=(log(run(7300.0, 7301.0), utc_offset=7200),)), header)
    assert times.at(100.5)[1] is True


def test_a_long_earlier_window_is_found_behind_a_short_later_one() -> None:
    times = ScriptTimes(instance_with(logs=(log(run(100.0, 200.0), run(150.0, 150.1, event="BeforeInstall")),)), header)
    window, sure = times.at(180.0)
    assert sure and window is not None and window.run.start == 100.0
