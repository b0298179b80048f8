"""What runs while nobody has to wait for it: progress, a stop that is safe, leaving, and what goes wrong."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any, Callable

import pytest

from tui.app.clean_words import Meter
from tui.app.cleaning import Ask, News, Work
from tui.app.screens.cleaning import Running, RunScreen
from tui.cleanup.records import Did, Result, State, StepResult
from tui.cleanup.session import CleanProgress
from tui.disk.root import NotThere

from .build import instance
from .cleans import Cleanable, cleanable, done, news_of, opened
from .drive import press, text, until


class Slow:
    """Work that goes on until it is told to stop."""

    def __init__(self) -> None:
        self.ended = threading.Event()

    def __call__(self, stop: Callable[[], bool], ask: Ask) -> Iterator[Any]:
        yield CleanProgress("moving", 22, 31, 2048, "/srv")
        while not stop():
            self.ended.wait(0.005)
        self.ended.set()
        skipped = StepResult(2, "/srv/b", Did.SKIPPED, "not come to: stopped by the operator")
        yield Result(
            "20260101-000000-abcdef", State.STOPPED, (StepResult(1, "/srv/a", Did.MOVED, "", True), skipped), 9
        )


@pytest.fixture
def of() -> Iterator[Cleanable]:
    with cleanable() as found:
        yield found


async def test_it_is_stopped_safely_and_cannot_be_left_before(of: Cleanable) -> None:
    slow = Slow()
    async with opened(of) as pilot:
        pilot.app.push_screen(RunScreen(of.ports, Running("Moving 31 paths", slow)))
        await until(pilot, lambda: "22/31" in text(pilot))
        assert "\u2588" * 15 + "\u2591" in text(pilot)
        await press(pilot, "escape", "u", "J", "x")
        assert isinstance(pilot.app.screen, RunScreen) and pilot.app.screen.is_changing and not slow.ended.is_set()
        await press(pilot, "s")
        await done(pilot)
        assert "1 moved" in text(pilot) and "1 path not" in text(pilot) and "stopped by the operator" in text(pilot)
        assert "not done" in text(pilot).split("/srv/b")[0].splitlines()[-1]


@pytest.mark.parametrize(("key", "code"), [("q", 0), ("ctrl+c", 130)])
async def test_leaving_waits_for_the_path_that_is_being_moved(of: Cleanable, key: str, code: int) -> None:
    slow, app = Slow(), of.app()
    async with app.run_test() as pilot:
        await until(pilot, lambda: not app.state.running)
        app.push_screen(RunScreen(of.ports, Running("Moving 31 paths", slow)))
        await until(pilot, lambda: "22/31" in text(pilot))
        await press(pilot, key)
        await until(pilot, slow.ended.is_set)
    assert app.return_code == code and slow.ended.is_set()


def test_what_changes_something_holds_up_the_programs_end() -> None:
    begun: list[threading.Thread] = []

    def todo(stop: Callable[[], bool]) -> Iterator[Any]:
        begun.append(threading.current_thread())
        yield 1

    for lasting in (True, False):
        told = threading.Event()
        Work(todo, lambda news, told=told: told.set(), lasting=lasting).start()  # type: ignore[misc]
        assert told.wait(60)
    assert [thread.daemon for thread in begun] == [False, True]


def test_progress_is_told_only_when_the_last_was_shown() -> None:
    told: list[News] = []
    works: list[Work] = []

    def todo(stop: Callable[[], bool]) -> Iterator[Any]:
        yield CleanProgress("moving", 1, 9, 0, "")
        yield CleanProgress("moving", 2, 9, 0, "")
        works[0].taken()
        yield CleanProgress("moving", 3, 9, 0, "")
        yield "done"

    ticks = iter(range(100))
    works.append(Work(todo, told.append, clock=lambda: next(ticks)))
    works[0].run()
    assert [news.progress.done for news in told if news.progress is not None] == [1, 3]
    assert told[-1].result == "done" and told[-1].ended


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (NotThere("/srv/a\x1b", "no such file"), "/srv/a\\e: no such file"),
        (ValueError("boom"), "ValueError: boom"),
    ],
)
def test_what_goes_wrong_is_one_line(error: Exception, line: str) -> None:
    def todo(stop: Callable[[], bool]) -> Iterator[Any]:
        yield CleanProgress("moving", 1, 9, 0, "")
        raise error

    assert news_of(todo, instance=instance())[-1].failure == line


def test_work_that_ends_without_a_result_says_so() -> None:
    assert news_of(lambda stop: iter(()))[-1].failure == "it ended before it was complete"


def test_rate_and_time_left() -> None:
    meter = Meter()
    first = meter.line(CleanProgress("moving", 0, 100, 0, ""), 10.0)
    then = meter.line(CleanProgress("moving", 20, 100, 4096, ""), 12.0)
    assert "/s" not in "".join(piece for piece, _ in first)
    assert "".join(piece for piece, _ in then).endswith("  moving  20/100  4.0K  10/s  8 s left")
