"""A Windows instance: its paths as its operator knows them, wherever they are shown, copied or typed."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tui.agent.layout import NoAgent
from tui.app.app import ForensicsApp
from tui.app.scanning import ScanSource
from tui.app.screens.diff import DiffScreen
from tui.app.screens.files import FilesScreen
from tui.app.words import shell_word, shown
from tui.forensics.scan import Progress
from tui.windows_paths import showable_path, showable_windows

from .build import NOW, windows_instance, windows_shop
from .drive import SIZES, Feed, Files, app_on, cursor_line, failing, finished, lines, press, settled, text, until

PROGRAM_FORM = re.compile(r"/[A-Z]:|[A-Z]:/|\\\\")


@pytest.mark.parametrize("size", SIZES)
async def test_no_screen_shows_the_programs_form_or_a_doubled_backslash(size: tuple[int, int]) -> None:
    root = Files(shop_prod_cleanup=b"C:/Program Files\r\nc:/temp/a.txt\r\n")
    async with app_on(finished(windows_shop()), root=root).run_test(size=size) as pilot:
        await settled(pilot)
        assert "Amazon\\CodeDeploy" in lines(pilot)[1] and "C:\\Program Files\\Shop is in the way" in text(pilot)
        assert not PROGRAM_FORM.search(text(pilot))
        await press(pilot, "enter")
        await until(pilot, lambda: "c:/temp/a.txt" in text(pilot))
        finding = text(pilot)
        assert (
            "<U+000D>" not in finding and "D:\\Reports\\old.txt" in cursor_line(pilot) and "  E:\\gone.txt" in finding
        )
        assert "deployment-instructions\\shop-prod-cleanup:2" in finding
        await press(pilot, "escape", "f")
        await until(pilot, lambda: isinstance(pilot.app.screen, FilesScreen))
        await press(pilot, "*", "i", "home")
        assert "\u25be C:\\Program Files\\Shop\\" in cursor_line(pilot) and "logs\\" in text(pilot)
        assert not PROGRAM_FORM.search(text(pilot))
        await press(pilot, "v", "end")
        assert "D:\\Reports\\old.txt" in cursor_line(pilot) and not PROGRAM_FORM.search(text(pilot))
        await press(pilot, "e")
        await until(pilot, lambda: "c:/temp/a.txt" in text(pilot))
        assert "D:\\Reports\\old.txt" in text(pilot) and "C:\\temp lists it" in text(pilot)


async def test_copying_and_the_difference() -> None:
    app = app_on(finished(windows_shop()), root=Files(App_config=b"<a/>\n"))
    async with app.run_test(size=(100, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "f", "*", "home", "down", "y")
        assert app.clipboard == "'C:\\Program Files\\Shop\\App.config'"
        await press(pilot, "d")
        assert isinstance(app.screen, DiffScreen)
        assert "- C:\\ProgramData\\Amazon\\CodeDeploy\\x\\App.config" in text(pilot)
        assert "+ C:\\Program Files\\Shop\\App.config" in text(pilot)


async def test_while_it_is_looked_through_and_where_no_agent_is_found() -> None:
    feed = Feed()
    source = ScanSource("this machine", "machine", feed.start, windows=True)
    app = ForensicsApp(source, now=lambda: NOW, clock=lambda: 0.0)
    async with app.run_test(size=(100, 24)) as pilot:
        feed.give(Progress("walk", 3, None, "/C:/Program Files"))
        await until(pilot, lambda: "C:\\Program Files" in text(pilot))
        assert "/C:" not in text(pilot)
        feed.end()
        await settled(pilot)
    source = ScanSource("w", "directory", failing(NoAgent("w", ("/C:/ProgramData/x",))), windows=True)
    async with ForensicsApp(source, now=lambda: NOW).run_test(size=(100, 24)) as pilot:
        await settled(pilot)
        assert "  C:\\ProgramData\\x" in text(pilot)
        await press(pilot, "question_mark", "end")
        assert "<U+001B>" in text(pilot) or "<U+001B>" in "".join(lines(pilot))


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/C:/temp/a.txt", "C:\\temp\\a.txt"),
        ("/C:/a b", "'C:\\a b'"),
        ("/C:/it's $1", "'C:\\it''s $1'"),
        ("/C:/a\u202eb", "'C:\\a<U+202E>b'"),
        ("/D:", "D:\\"),
    ],
)
def test_a_path_to_paste(path: str, word: str) -> None:
    assert shell_word(path, windows_instance()) == word


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        (" a ", "<U+0020>a<U+0020>"), ("C:", "C:\\"), ("a\\b", "a<U+005C>b"), ("/C:/x ", "C:\\x<U+0020>"),
        ("a\x1b[2J", "a<U+001B>[2J"), ("x", "x"),
    ],
)  # fmt: skip
def test_a_name_in_the_tree(name: str, wanted: str) -> None:
    assert shown(name, windows_instance()) == wanted


def test_two_names_never_look_alike() -> None:
    names = [
        "a\\b",
        "a/b",
        "a<U+005C>b",
        "a\u202e",
        "a<U+202E>",
        "a<U+003C>U+202E>",
        "a<",
        "a <b>",
        "\udcff",
        "<U+DCFF>",
    ]
    paths = [f"/C:/{name}" for name in names]
    assert len({showable_path(path) for path in paths}) == len(paths)
    assert showable_windows(r"C:\temp <x> and <U+0041>") == r"C:\temp <x> and <U+003C>U+0041>"


def test_a_linux_instance_shows_its_paths_as_before() -> None:
    of = windows_instance()
    linux = replace(of, layout=replace(of.layout, platform="linux"))
    assert linux.showable_path("/C:/a\\b") == "/C:/a\\\\b" and linux.showable_source("a\\b:3") == "/a\\\\b:3"
    assert of.showable_source("C:/a/b:3") == "C:\\a\\b:3" and linux.showable("\\") == "\\\\"
