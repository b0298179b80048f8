"""The cleanup screen: the plan whole, what is asked, what is done, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Optional

import pytest
from textual.binding import Binding
from textual.pilot import Pilot

from tui.app.clean_words import result_lines
from tui.app.cleaning import ROWS, Choice, carrying_out, planning
from tui.app.screens.clean import CleanScreen
from tui.app.screens.clean_menu import CleanMenu, PresetList
from tui.app.screens.cleaning import RunScreen
from tui.app.screens.confirm import ConfirmScreen, TypedInput
from tui.app.screens.files import FilesScreen
from tui.app.screens.force import ForceScreen
from tui.app.screens.journal import JournalScreen
from tui.app.screens.preview import PreviewScreen
from tui.app.screens.save import SaveScreen
from tui.app.screens.undo import EntryScreen
from tui.app.widgets.plan_list import EntryList, PlanList
from tui.cleanup.records import Did, State

from .cleans import HOST, HOTFIX, Cleanable, answer, cleanable, done, news_of, opened, planned, unasked
from .drive import Text, press, text, until
from .previews import played

LATER_TRACKING = "d-44EEEEEEE"


@pytest.fixture
def of() -> Iterator[Cleanable]:
    with cleanable() as found:
        yield found


async def unblocking(pilot: Pilot[str]) -> CleanScreen:
    """The plan that unblocks the example's last deployment, by way of its preview."""
    await press(pilot, "p")
    await played(pilot)
    await press(pilot, "r", "j", "enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, PreviewScreen))
    await played(pilot)
    await press(pilot, "u")
    return await planned(pilot)


async def test_what_is_in_the_way_is_moved_and_put_back(of: Cleanable) -> None:
    before = of.tree()
    async with opened(of) as pilot:
        await unblocking(pilot)
        assert f"Plan: move 1 path, 21 bytes, to quarantine on {HOST}" in text(pilot)
        assert HOTFIX in text(pilot) and "without these paths it" in text(pilot)
        assert of.tree() == before
        await press(pilot, "x")
        assert isinstance(pilot.app.screen, ConfirmScreen) and f"Type  1 {HOST}  to go on" in text(pilot)
        await answer(pilot, f"1 {HOST}")
        await done(pilot)
        assert "1 moved, 21 bytes" in text(pilot)
        assert not of.place(HOTFIX).exists()
        await press(pilot, "u")
        await answer(pilot, f"1 {HOST}")
        await until(pilot, lambda: "1 put back" in text(pilot))
    assert of.tree() == before


@pytest.mark.parametrize("typed", ["", "y", "2 ip-10-0-0-12", "1", "1 web-1", "delete 1 ip-10-0-0-12"])
async def test_other_words_do_nothing(of: Cleanable, typed: str) -> None:
    before = of.tree()
    async with opened(of) as pilot:
        await unblocking(pilot)
        await press(pilot, "x")
        await answer(pilot, typed)
        assert isinstance(pilot.app.screen, CleanScreen) and "Not confirmed: nothing was done" in text(pilot)
    assert of.tree() == before


async def test_escape_leaves_and_no_single_key_changes_anything(of: Cleanable) -> None:
    before = of.tree()
    async with opened(of) as pilot:
        await unblocking(pilot)
        await press(pilot, "x", "escape")
        assert isinstance(pilot.app.screen, CleanScreen)
        for key in "xdwEizFBusrXD":
            await press(pilot, key)
            while isinstance(pilot.app.screen, (ConfirmScreen, SaveScreen)):
                await press(pilot, "enter" if isinstance(pilot.app.screen, ConfirmScreen) else "escape")
            await planned(pilot)
    assert of.tree() == before


async def test_deleting_for_good_has_words_of_its_own_and_no_undo(of: Cleanable) -> None:
    async with opened(of) as pilot:
        await unblocking(pilot)
        await press(pilot, "d")
        await planned(pilot)
        assert f"DELETE 1 path, 21 bytes, FOR GOOD, on {HOST}: there is no undo" in text(pilot).replace("\n", " ")
        await press(pilot, "x")
        await answer(pilot, f"1 {HOST}")
        assert of.place(HOTFIX).exists()
        await press(pilot, "x")
        await answer(pilot, f"delete 1 {HOST}")
        screen = await done(pilot)
        assert "1 deleted" in text(pilot) and not of.place(HOTFIX).exists()
        assert screen.check_action("undo", ()) is None


async def test_a_source_that_may_not_be_changed_is_planned_for_and_exported(of: Cleanable, tmp_path: Path) -> None:
    of.writable = False
    async with opened(of) as pilot:
        assert "read only" in text(pilot)
        screen = await unblocking(pilot)
        assert "Planned and exported (E) only" in text(pilot) and "--writable" in text(pilot)
        assert screen.check_action("carry_out", ()) is False
        await press(pilot, "x")
        assert pilot.app.screen is screen
        for ending, start in ((".json", b"{"), (".sh", b"#!/bin/sh"), (".ps1", b"")):
            path = tmp_path / f"plan{ending}"
            await press(pilot, "E")
            pilot.app.screen.query_one("#save-path").value = str(path)  # type: ignore[attr-defined]
            await press(pilot, "enter")
            await until(pilot, lambda: pilot.app.screen is screen)
            assert path.read_bytes().startswith(start) and b"hotfix.js" in path.read_bytes()
        await press(pilot, "E")
        pilot.app.screen.query_one("#save-path").value = str(of.top / "plan.json")  # type: ignore[attr-defined]
        await press(pilot, "enter")
        await until(pilot, lambda: "is on the instance" in text(pilot))
    assert not (of.top / "plan.json").exists()


async def test_a_deployment_that_begins_before_the_answer_stops_it(of: Cleanable) -> None:
    async with opened(of) as pilot:
        await unblocking(pilot)
        await press(pilot, "x")
        ongoing = of.place(of.of.examination.instance.layout.ongoing_dir)
        ongoing.mkdir(parents=True, exist_ok=True)
        (ongoing / LATER_TRACKING).write_text("x")
        of.now = (ongoing / LATER_TRACKING).stat().st_mtime + 1
        await answer(pilot, f"1 {HOST}")
        await until(pilot, lambda: isinstance(pilot.app.screen, ForceScreen))
        await press(pilot, "escape")
        await done(pilot)
        assert "is in progress" in text(pilot) and "nothing was done" in text(pilot).replace("\n", " ")
    assert of.place(HOTFIX).exists()


async def test_the_menu_of_a_group_and_of_a_finding(of: Cleanable) -> None:
    async with opened(of, "x") as pilot:
        assert isinstance(pilot.app.screen, CleanMenu)
        for word in ("Residue", "Unblock", "Uninstall", "Agent records"):
            assert word in text(pilot)
        await press(pilot, "escape", "enter", "x")
        assert isinstance(pilot.app.screen, CleanMenu)
        await press(pilot, "enter")
        screen = await planned(pilot)
        assert screen.planned is not None and screen.planned.plan.chosen_by.startswith("residue of group")
        count = len(screen.planned.plan.steps)
        await press(pilot, "w")
        await planned(pilot)
        assert len(screen.planned.plan.steps) >= count and screen.choice.possible
        await press(pilot, "escape")
        assert not isinstance(pilot.app.screen, CleanScreen)


@pytest.mark.parametrize("down", [2, 3])
async def test_the_other_choices_are_planned(of: Cleanable, down: int) -> None:
    async with opened(of, "x", *["j"] * down, "enter") as pilot:
        screen = await planned(pilot)
        assert screen.planned is not None and not screen.problem


async def test_files_are_marked_and_planned(of: Cleanable) -> None:
    async with opened(of, "f") as pilot:
        await press(pilot, "x")
        assert "Nothing is chosen" in text(pilot)
        await press(pilot, "slash", Text("hotfix"), "enter", "v")
        await press(pilot, "space")
        assert "\u00d7 1 chosen" in text(pilot) and "U \u00d7" in text(pilot)
        await press(pilot, "x")
        screen = await planned(pilot)
        assert screen.planned is not None
        assert [step.path for step in screen.planned.plan.steps] == [HOTFIX]
        assert "1 is 'possible' only" in text(pilot)
        await press(pilot, "w")
        await planned(pilot)
        assert "there is nothing to do" in text(pilot)


async def test_a_directory_is_marked_with_all_below_it_that_is_shown(of: Cleanable) -> None:
    async with opened(of, "f", "space") as pilot:
        files = pilot.app.screen.query_one("#files")
        ticked = files.ticked  # type: ignore[attr-defined]
        assert list(ticked.rows) == list(range(of.of.examination.inventory.end[0]))  # all of /srv/shop is on disk
        await press(pilot, "X")
        assert "chosen" not in text(pilot)
        await press(pilot, "slash", Text("hotfix"), "enter", "home", "space")
        assert "\u00d7 1 chosen" in text(pilot)


async def test_a_new_scan_plans_the_same_paths_anew(of: Cleanable) -> None:
    async with opened(of, "f", "slash", Text("hotfix"), "enter", "v", "space", "x") as pilot:
        screen = await planned(pilot)
        first = screen.planned
        assert first is not None and first.plan.steps
        later = replace(of.of.examination)
        pilot.app.state = replace(pilot.app.state, examination=later)  # type: ignore[attr-defined]
        screen.show_state(pilot.app.state)  # type: ignore[attr-defined]
        await planned(pilot)
        assert screen.planned is not first and screen.examination is later
        assert screen.planned is not None and screen.planned.plan.steps == first.plan.steps


class Looking:
    """Sees a deployment begin the third time it looks."""

    def __init__(self) -> None:
        self.asked = 0

    def reason(self) -> Optional[str]:
        return None

    def ask(self) -> Optional[str]:
        self.asked += 1
        return "deployment d-X is in progress" if self.asked > 2 else None

    def force(self, typed: str) -> None:
        raise AssertionError("nobody typed anything")

    def forced(self) -> list[str]:
        return []

    def follow(self, earlier: object) -> None:
        pass


def test_a_deployment_that_begins_meanwhile_ends_it_and_is_told(of: Cleanable) -> None:
    ticks = iter(range(10**6))
    ports = replace(of.ports, watch=lambda instance, own: Looking(), clock=lambda: float(next(ticks)))
    examination = of.of.examination
    rows = [row for row, path in examination.inventory.paths() if "/cache/messages." in path]
    (news,) = news_of(planning(ports, Choice(ROWS, rows=rows, possible=True), examination))
    assert len(news.result.plan.steps) == 3
    last = news_of(unasked(carrying_out(ports, news.result, examination.instance)))[-1].result
    said = "".join(piece for line in result_lines(last) for piece, _ in line)
    assert last.state is State.STOPPED and "not: the reasons are below" in said
    assert {one.reason for one in last.of(Did.SKIPPED)} == {"not come to: deployment d-X is in progress"}


def test_every_key_has_an_id_a_word_and_a_tooltip() -> None:
    ids: dict[str, str] = {}
    screens = (
        CleanScreen,
        RunScreen,
        JournalScreen,
        EntryScreen,
        ConfirmScreen,
        ForceScreen,
        CleanMenu,
        FilesScreen,
        PreviewScreen,
    )
    for node in (*screens, TypedInput, PresetList, PlanList, EntryList):
        for binding in node.BINDINGS:
            assert isinstance(binding, Binding) and binding.id and binding.description and binding.tooltip
            assert ids.setdefault(binding.id, binding.key) == binding.key
