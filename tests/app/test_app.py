"""The app as a whole: leaving, crashing, the demo, and what leads to it from the command line."""

from __future__ import annotations

import contextlib
import io
import threading
from collections.abc import Iterator
from typing import Any, Callable, ClassVar

import pytest

import tui.app
from tui.app import app as app_module
from tui.app.app import WANTS_DEMO, ForensicsApp
from tui.app.screens.files import FilesScreen
from tui.app.screens.instance import InstanceScreen
from tui.forensics.scan import Progress, ScanEvent, ScanOptions

from .build import shop
from .drive import Files, app_on, finished, press, settled, text, until


@pytest.mark.parametrize(("key", "code"), [("q", 0), ("ctrl+c", 130), ("ctrl+q", 0)])
async def test_leaving_does_not_wait_for_the_scan(key: str, code: int) -> None:
    never, told = threading.Event(), []

    def start(cancelled: Callable[[], bool]) -> Iterator[ScanEvent]:
        yield Progress("walk", 1)
        never.wait(60)  # as a read from a disk that hangs
        told.append(cancelled())

    app = app_on(start)
    async with app.run_test() as pilot:
        await until(pilot, lambda: "Looking through" in text(pilot))
        await press(pilot, key)
    assert app.return_code == code
    assert not never.is_set() and not told
    scans = [thread for thread in threading.enumerate() if thread.name == "scan"]
    assert scans and all(thread.daemon for thread in scans)
    never.set()
    for thread in scans:
        thread.join(10)
    assert told == [True]


@pytest.mark.parametrize("keys", [("enter",), ("f",), ("question_mark",), ("f", "question_mark")])
@pytest.mark.parametrize(("leave", "code"), [("q", 0), ("ctrl+c", 130)])
async def test_leaving_from_every_screen(keys: list[str], leave: str, code: int) -> None:
    app = app_on(finished(shop()))
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, *keys)
        await pilot.pause(0.05)
        await press(pilot, leave)
    assert app.return_code == code


async def test_news_of_the_scan_while_the_app_ends_is_no_fault() -> None:
    """What is in the screens is gone by then, and they are not."""
    app = app_on(finished(shop()))
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, "f")
        await app.screen.remove_children()
        await press(pilot, "r")
    assert not app.return_code


async def test_a_crash_is_one_line_and_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: object) -> None:
        raise ValueError("boom \x1b[2J [/x]")

    monkeypatch.setattr(FilesScreen, "action_view", broken)
    app = app_on(finished(shop()))
    out = io.StringIO()
    with pytest.raises(ValueError):
        async with app.run_test() as pilot:
            app.error_console.file = out
            await settled(pilot)
            await press(pilot, "f")
            await until(pilot, lambda: isinstance(app.screen, FilesScreen))
            await press(pilot, "v")
    assert app.return_code == 1
    told = out.getvalue()
    assert told.count("\n") == 1 and "\x1b" not in told
    assert told.startswith("codedeploy-forensics: a fault in this program: ValueError at test_app.py:")
    assert "boom \\e[2J [/x]" in told


async def test_every_key_has_an_id_a_word_and_a_tooltip() -> None:
    app = app_on(finished(shop()))
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, "f")
        await until(pilot, lambda: isinstance(app.screen, FilesScreen))
        files = app.screen
        await press(pilot, "question_mark")
        ids = {}
        from tui.app.screens.diff import DiffScreen
        from tui.app.screens.finding import FindingScreen

        for node in (app, InstanceScreen, files, app.screen, DiffScreen, FindingScreen, *files.query("*")):
            for binding in node.BINDINGS:
                if type(node).__module__.startswith("textual.") or getattr(binding, "system", False):
                    continue
                assert binding.id and binding.description and binding.tooltip, binding
                assert ids.setdefault(binding.id, binding.key) == binding.key
                assert not any(key.startswith("f") and key[1:].isdigit() for key in binding.key.split(","))


async def test_nothing_is_animated_and_there_is_no_palette() -> None:
    app = app_on(finished(shop()))
    async with app.run_test() as pilot:
        await settled(pilot)
        assert app.animation_level == "none"
        await press(pilot, "ctrl+p")
        assert isinstance(app.screen, InstanceScreen)


@pytest.mark.parametrize("no_color", [False, True])
async def test_only_the_terminals_own_colours_and_none_with_no_color(
    monkeypatch: pytest.MonkeyPatch, no_color: bool
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    app = app_on(finished(shop()))
    async with app.run_test(size=(120, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "f")
        await until(pilot, lambda: isinstance(app.screen, FilesScreen))
        styles = [s.style for strip in app.screen._compositor.render_strips() for s in strip if s.style]
        colors = [color for style in styles for color in (style.color, style.bgcolor) if color and not color.is_default]
        assert all(color.number is not None and color.number < 16 and not color.triplet for color in colors)
        assert bool(colors) != no_color
        assert any(style.reverse for style in styles), "the cursor is seen without colours"


class Recorded(ForensicsApp):
    """Does not open a terminal: says what it was made with, and answers."""

    made: ClassVar[list[Recorded]] = []
    answers: ClassVar[list[Any]] = []

    def run(self, *args: Any, **kwargs: Any) -> Any:
        Recorded.made.append(self)
        answer, self._return_code = Recorded.answers[len(Recorded.made) - 1]
        return answer


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> type:
    monkeypatch.setattr(app_module, "ForensicsApp", Recorded)
    Recorded.made, Recorded.answers = [], []
    return Recorded


def no_scan(root: object, options: ScanOptions, cancelled: Callable[[], bool]) -> Iterator[ScanEvent]:
    return iter(())


@pytest.mark.parametrize("code", [None, 0, 1, 130])
def test_run_gives_the_exit_code(recorded: Any, code: Any) -> None:
    recorded.answers = [(None, code)]
    assert tui.app.run(Files(), ScanOptions(), no_scan) == (code or 0)  # type: ignore[arg-type]
    assert not recorded.made[0].offers_demo


def test_run_opens_the_demo_when_asked_for_and_closes_it(recorded: Any) -> None:
    closed = []

    @contextlib.contextmanager
    def demo() -> Iterator[Files]:
        root = Files()
        root.label = "demo"  # type: ignore[misc]
        yield root
        closed.append(len(recorded.made))

    recorded.answers = [(WANTS_DEMO, 0), (None, 130)]
    assert tui.app.run(Files(), ScanOptions(), no_scan, demo) == 130  # type: ignore[arg-type]
    first, second = recorded.made
    assert first.offers_demo and not second.offers_demo and second.source.label == "demo" and closed == [2]
