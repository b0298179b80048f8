"""Time windows of scripts."""

from __future__ import annotations

from dataclasses import replace

from tui.agent.records import LogFile, ScriptRun
from tui.forensics.evidence.script_times import AFTER, ScriptTimes, window_evidence

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


def test_of_windows_that_overlap_one_of_an_event_that_writes_the_path_comes_first() -> None:
    runs = (run(100.0, 102.0, event="AfterInstall"), run(101.0, 102.0, event="ApplicationStart"))
    times = ScriptTimes(instance_with(logs=(log(*runs),)), header)
    for events, expected in (((), "ApplicationStart"), (("AfterInstall",), "AfterInstall")):
        window, sure = times.at(101.5, events)
        assert sure and window is not None and window.run.event == expected


def test_the_end_of_a_window_of_such_an_event_comes_before_a_sure_one_of_another() -> None:
    runs = (run(100.0, 101.4, event="AfterInstall"), run(101.0, 102.0, event="ApplicationStart"))
    window, sure = ScriptTimes(instance_with(logs=(log(*runs),)), header).at(101.5, {"AfterInstall"})
    assert window is not None and (window.run.event, sure) == ("AfterInstall", False)


def test_whole_seconds_are_told() -> None:
    (window,) = ScriptTimes(instance_with(logs=(log(replace(run(100.0, 101.0), resolution=1.0)),)), header).windows
    assert window_evidence(window, True, "made").detail.endswith(" ran, by a log with whole seconds")
    (window,) = ScriptTimes(instance_with(logs=(log(run(100.0, 101.0)),)), header).windows
    assert window_evidence(window, True, "made").detail.endswith(" ran")
