"""The dialogs of a preview: which revision, and which file to write it to."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from tui.app.screens.preview import PreviewScreen
from tui.app.screens.revision_choice import RevisionScreen
from tui.app.screens.save import SaveScreen
from tui.preview.records import Behavior

from .drive import Text, cursor_line, lines, press, text, until
from .previews import example, played, previewing


async def test_the_revisions_that_are_left_are_listed_newest_first() -> None:
    with example("failed-disallow") as of:
        async with previewing(of, "tab") as (pilot, _):
            await press(pilot, "r")
            assert isinstance(pilot.app.screen, RevisionScreen) and "read only" in lines(pilot)[0]
            listed = [line.strip("\u2502 >").split() for line in lines(pilot)[3:7]]
            assert [line[0] for line in listed] == ["last-successful", "d-43DDDDDDD", "d-43CCCCCCC", "d-42BBBBBBB"]
            assert "its Install did not complete" in lines(pilot)[4]
            assert "last completed Install" in lines(pilot)[6] and "ago" in lines(pilot)[6]
            await press(pilot, "down", "enter")
            await played(pilot)
            assert "d-43DDDDDDD" in lines(pilot)[1] and "[OVERWRITE]" in lines(pilot)[1], "the behavior stays"


async def test_a_path_that_is_none_is_said_in_one_line_and_another_one_can_be_typed(tmp_path: Path) -> None:
    with example("failed-disallow") as of:
        async with previewing(of) as (pilot, screen):
            await press(pilot, "r", "end", "down", "enter")
            assert "type the path of a directory" in text(pilot)
            await press(pilot, Text("/no/x"), "enter")
            await until(pilot, lambda: "no such file or directory" in text(pilot))
            assert isinstance(pilot.app.screen, RevisionScreen) and not screen.is_playing
            assert screen.shown is not None and screen.shown.verdict is not None
            (tmp_path / "appspec.yml").write_text("version: 0.0\nos: linux\nfiles: []\n")
            await press(pilot, *["backspace"] * 5, Text(tmp_path), "enter")
            await played(pilot)
            assert str(tmp_path)[-8:] in lines(pilot)[1] and of.play.asked[-1][0][1] == str(tmp_path)


async def test_a_path_that_is_typed_or_pasted_over_the_list_goes_to_its_line(tmp_path: Path) -> None:
    (tmp_path / "appspec.yml").write_text("version: 0.0\nos: linux\nfiles: []\n")
    with example("failed-disallow") as of:
        async with previewing(of) as (pilot, _):
            await press(pilot, "r", "/", "n", "o", "enter")
            await until(pilot, lambda: "/no: no such file or directory" in text(pilot))
            await press(pilot, "escape", "r")
            await press(pilot, Text(f"{tmp_path}\n"))
            await press(pilot, "enter")
            await played(pilot)
            assert of.play.asked[-1][0][1] == str(tmp_path)


async def test_escape_while_a_revision_is_opened_leaves_what_was_shown(tmp_path: Path) -> None:
    with example("failed-disallow") as of:
        go = threading.Event()
        async with previewing(of) as (pilot, screen):
            opened = screen.ports.open_candidate
            screen.ports = replace(screen.ports, open_candidate=lambda *asked: (go.wait(60), opened(*asked))[1])
            await press(pilot, "r", "end", "down", Text(tmp_path), "enter")
            await until(pilot, lambda: "Playing: opening the revision" in text(pilot))
            await press(pilot, "escape")
            assert isinstance(pilot.app.screen, PreviewScreen) and not screen.is_playing
            assert "d-42BBBBBBB" in lines(pilot)[1] and not screen.has_class("-stale")
            go.set()
            await pilot.pause(0.1)
            assert "d-42BBBBBBB" in lines(pilot)[1] and len(of.play.asked) == 1


async def test_the_verdict_that_is_shown_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with example("failed-disallow") as of:
        async with previewing(of, "r", "down", "enter") as (pilot, _):
            await played(pilot)
            await press(pilot, "tab", "w")
            assert isinstance(pilot.app.screen, SaveScreen)
            name = f"preview-{of.group}-20260921T141320Z.json"
            assert name[:60] in text(pilot)
            await press(pilot, "enter")
            await until(pilot, lambda: "Written: " in lines(pilot)[-2])
            written = json.loads((tmp_path / name).read_text())
            assert written["file_exists_behavior"] == "OVERWRITE" and written["outcome"] == "succeeds"
            assert set(written["behaviors"]) == {b.value for b in Behavior}
            await press(pilot, "w", "enter")
            await until(pilot, lambda: "there is a file of that name already" in text(pilot))
            assert isinstance(pilot.app.screen, SaveScreen)
            await press(pilot, *["backspace"] * 5, Text("-2.txt"), "enter")
            await until(pilot, lambda: "Written: " in lines(pilot)[-2])
            assert (tmp_path / name.replace(".json", "-2.txt")).read_text().count("hotfix.js") >= 1


async def test_nothing_is_written_on_the_instance() -> None:
    with example("failed-disallow") as of:
        before = sorted(os.listdir(of.root.label))
        async with previewing(of, size=(160, 24)) as (pilot, _):
            await press(pilot, "w", "ctrl+u", Text(f"{of.root.label}/x.json"), "enter")
            await until(pilot, lambda: "on the instance that is being looked at" in text(pilot))
        assert sorted(os.listdir(of.root.label)) == before


async def test_what_is_pasted_into_a_path_is_harmless() -> None:
    from textual import events

    with example("failed-disallow") as of:
        async with previewing(of) as (pilot, _):
            await press(pilot, "r", "end", "down")
            pilot.app.screen.focused.post_message(events.Paste("/a\x1b]0;x\x07\u202eb"))  # type: ignore[union-attr]
            await pilot.pause()
            assert "\x1b" not in text(pilot) and "/a ]0;x  b" in text(pilot)
            await press(pilot, "up")
            assert "d-42BBBBBBB" in cursor_line(pilot)
