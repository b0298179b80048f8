"""A deployment in progress: what stops, what is told, and going on in spite of it, with a reason."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any, Optional

import pytest
from textual.pilot import Pilot

from tests.support import posix_only
from tui.app.cleaning import ROWS, Choice, CleanPorts, carrying_out, planning
from tui.app.screens.clean import CleanScreen
from tui.app.screens.confirm import ConfirmScreen
from tui.app.screens.force import ForceScreen
from tui.cleanup.history import entries
from tui.cleanup.records import Did, Entry, State

from .cleans import HOST, HOTFIX, Cleanable, answer, at_rest, cleanable, done, news_of, opened, planned
from .drive import Text, lines, press, text, until
from .test_journal_screen import MESSAGES, clean, cut_off

TRACKING = "d-44EEEEEEE"
SAID = "deployment d-44EEEEEEE is in progress: its tracking file"


@dataclass
class Deploying(Cleanable):
    """An example on which a deployment begins."""

    at_look: Optional[int] = None  # of whoever tells of deployments, while something is changed

    @property
    def tracking(self) -> Path:
        """What tells of the deployment."""
        return self.place(self.of.examination.instance.layout.ongoing_dir) / TRACKING

    def tree(self) -> dict[str, tuple[Any, ...]]:
        """What is where deployments put it."""
        top = str(self.place("/srv"))
        return {path: one for path, one in super().tree().items() if path.startswith(top)}

    def deploy(self) -> None:
        """Have it begin now."""
        self.tracking.parent.mkdir(parents=True, exist_ok=True)
        self.tracking.write_text("x")
        self.now = self.tracking.stat().st_mtime + 90

    @property
    def ports(self) -> CleanPorts:
        """As ever, with a guard that is asked before every step."""
        ports, ticks = super().ports, count()
        real = ports.watch

        def watch(instance: Any, own: tuple[str, ...]) -> Any:
            looking = real(instance, own)
            looks, ask = count(1), looking.ask

            def asked() -> Optional[str]:
                if next(looks) == self.at_look:
                    self.deploy()
                return ask()

            looking.ask = asked  # type: ignore[method-assign]
            return looking

        return replace(ports, watch=watch, clock=lambda: float(next(ticks)))

    def entry(self) -> Entry:
        """The last cleanup of the journal."""
        with self.ports.open_site() as site:
            return entries(site)[0]


@pytest.fixture
def of() -> Iterator[Deploying]:
    with cleanable() as found:
        yield Deploying(found.of)


async def marked(pilot: Pilot[str], terms: str = "hotfix") -> CleanScreen:
    """The plan for what a filter shows."""
    await press(pilot, "f", "slash", Text(terms), "enter", "home", "space", "x")
    screen = await planned(pilot)
    assert screen.planned is not None and screen.planned.plan.steps
    return screen


async def asked(pilot: Pilot[str]) -> str:
    """Wait for the question; all that the screen says, in one line."""
    await until(pilot, lambda: isinstance(pilot.app.screen, ForceScreen))
    await pilot.pause()
    assert all(len(line) <= 80 for line in lines(pilot))
    return " ".join(" ".join(line.strip("\u2502 ") for line in lines(pilot)).split())


async def type_reason(pilot: Pilot[str], reason: str = "it hangs") -> None:
    """Answer the question."""
    await asked(pilot)
    await press(pilot, Text(reason), "enter")


async def test_what_is_seen_is_told_with_the_plan_and_an_empty_reason_is_refused(of: Deploying) -> None:
    before = of.tree()
    of.deploy()
    async with opened(of) as pilot:
        screen = await marked(pilot)
        assert SAID in " ".join(text(pilot).split()) and "x can go on in spite of it" in text(pilot)
        assert screen.check_action("carry_out", ()) is True
        await press(pilot, "x")
        assert isinstance(pilot.app.screen, ConfirmScreen) and TRACKING in text(pilot)
        await answer(pilot, f"1 {HOST}")
        said = await asked(pilot)
        layout = of.of.examination.instance.layout
        assert f"{SAID} {layout.ongoing_dir}/{TRACKING} is 1 minute old" in said
        assert "it can fail over it" in said and "stays refused whatever is typed" in said
        for nothing in ("enter", "space"):
            await press(pilot, nothing, "enter")
            assert isinstance(pilot.app.screen, ForceScreen) and "It takes a reason to go on" in text(pilot)
        assert of.place(HOTFIX).exists() and not of.place("/var/lib/codedeploy-forensics").exists()
        await press(pilot, "escape")
        await done(pilot)
        assert "nothing was done" in " ".join(text(pilot).split())
    assert of.tree() == before


async def test_the_reason_is_in_the_journal_and_on_its_screen(of: Deploying) -> None:
    of.deploy()
    async with opened(of) as pilot:
        await marked(pilot)
        await press(pilot, "x")
        await answer(pilot, f"1 {HOST}")
        await type_reason(pilot, "  it hangs for an hour ")
        await done(pilot)
        assert "1 moved" in text(pilot) and not of.place(HOTFIX).exists()
        assert of.entry().reason.startswith(f"forced, it hangs for an hour: {SAID}")
        await press(pilot, "J")
        await at_rest(pilot)
        await press(pilot, "enter")
        await at_rest(pilot)
        assert f"Reason: forced, it hangs for an hour: {SAID}" in " ".join(text(pilot).split())


@pytest.mark.parametrize("goes_on", [True, False])
async def test_midway_it_waits_for_the_answer(of: Deploying, goes_on: bool) -> None:
    async with opened(of) as pilot:
        screen = await marked(pilot, "-mark:d,u")
        assert screen.planned is not None
        count = len(screen.planned.plan.steps)
        whole = len(of.tree())
        of.at_look = 4  # before the second directory
        await press(pilot, "x")
        await answer(pilot, f"{count} {HOST}")
        assert SAID in await asked(pilot) and of.entry().state is State.RUNNING
        assert whole - len(of.tree()) == 1
        if goes_on:
            await press(pilot, Text("it hangs"), "enter")
        else:
            await press(pilot, "escape")
        result = (await done(pilot)).result
        assert result is not None
        if goes_on:
            assert whole - len(of.tree()) == len(result.of(Did.MOVED)) == count
            assert of.entry().reason.startswith(f"forced, it hangs: {SAID}")
        else:
            assert whole - len(of.tree()) == len(result.of(Did.MOVED)) == 1
            assert result.state is State.STOPPED and not of.entry().reason
            assert all(SAID in one.reason for one in result.of(Did.SKIPPED))


async def test_leaving_while_it_is_asked_stops_safely(of: Deploying) -> None:
    of.deploy()
    app = of.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: not app.state.running)
        await marked(pilot)
        await press(pilot, "x")
        await answer(pilot, f"1 {HOST}")
        await asked(pilot)
        await press(pilot, "ctrl+c")
        await until(pilot, lambda: app.return_code is not None)
    assert app.return_code == 130 and of.place(HOTFIX).exists()


@pytest.mark.parametrize("look", [1, 2])
async def test_an_undo_asks_before_it_begins_and_midway(of: Deploying, look: int) -> None:
    before = of.tree()
    clean(of, *MESSAGES)
    of.at_look = look
    async with opened(of, "J") as pilot:
        await at_rest(pilot)
        await press(pilot, "enter")
        await at_rest(pilot)
        await press(pilot, "u")
        await answer(pilot, f"3 {HOST}")
        assert SAID in await asked(pilot)
        assert of.entry().state is (State.DONE if look == 1 else State.UNDOING)
        await type_reason(pilot)
        await done(pilot)
        assert "3 put back" in text(pilot)
    assert of.entry().reason.startswith(f"undo forced, it hangs: {SAID}")
    assert of.tree() == before


async def test_the_undo_of_what_was_just_done_asks_too(of: Deploying) -> None:
    async with opened(of) as pilot:
        await marked(pilot)
        await press(pilot, "x")
        await answer(pilot, f"1 {HOST}")
        await done(pilot)
        of.deploy()
        await press(pilot, "u")
        await answer(pilot, f"1 {HOST}")
        await asked(pilot)
        await press(pilot, "escape")
        await done(pilot)
        assert "nothing was done" in " ".join(text(pilot).split()) and not of.place(HOTFIX).exists()


@pytest.mark.parametrize(("key", "gone", "verb"), [("F", 3, "finishing"), ("B", 0, "roll back")])
async def test_what_was_cut_off_is_asked_about_before_it_is_settled(
    of: Deploying, key: str, gone: int, verb: str
) -> None:
    before = of.tree()
    cut_off(of, *MESSAGES)
    middle = of.tree()
    of.deploy()
    async with opened(of, "J") as pilot:
        for reason in (None, "it hangs"):
            await at_rest(pilot)
            was = of.entry()
            await press(pilot, key)
            await answer(pilot, f"3 {HOST}")
            assert SAID in await asked(pilot)
            assert of.tree() == middle and of.entry() == was
            await press(pilot, *(["escape"] if reason is None else [Text(reason), "enter"]))
            await done(pilot)
            if reason is None:
                assert "nothing was done" in " ".join(text(pilot).split())
                assert of.entry() == was
                await press(pilot, "escape")
    assert sum(path not in of.tree() for path in before) == gone
    assert of.entry().reason.startswith(f"{verb} forced, it hangs: {SAID}")


# -- what nothing that is typed overrides --------------------------------------------------------


@posix_only
@pytest.mark.parametrize("what", ["changed", "link"])
async def test_what_changed_and_what_is_behind_a_link_stays(of: Deploying, what: str) -> None:
    of.deploy()
    async with opened(of) as pilot:
        await marked(pilot)
        place, elsewhere = of.place(HOTFIX), of.top / "elsewhere"
        if what == "changed":
            place.write_text("newer")
        else:
            place.parent.rename(elsewhere)
            place.parent.symlink_to(elsewhere)
        await press(pilot, "x")
        await answer(pilot, f"1 {HOST}")
        await type_reason(pilot)
        screen = await done(pilot)
        assert screen.result is not None and [one.did for one in screen.result.results] == [Did.SKIPPED]
        assert "changed since it was planned" in " ".join(text(pilot).split())
    kept = place if what == "changed" else elsewhere / place.name
    assert kept.is_file() and not kept.is_symlink()


async def test_what_is_protected_stays() -> None:
    with cleanable("abandoned-group") as found:
        of = Deploying(found.of)
        of.deploy()
        examination = of.of.examination
        rows = range(len(examination.inventory))
        (news,) = news_of(planning(of.ports, Choice(ROWS, rows=rows, possible=True), examination))
        assert [(one.path, one.code) for one in news.result.plan.refused] == [("/var/www", "protected")]
        todo = carrying_out(of.ports, news.result, examination.instance)
        result = list(todo(lambda: False, lambda reason: "I want to"))[-1]
        assert result.of(Did.MOVED) and of.place("/var/www").is_dir()
        assert of.entry().reason.startswith("forced, I want to")


@posix_only
async def test_a_link_that_leads_out_is_not_followed_by_a_plan(of: Deploying) -> None:
    of.deploy()
    outside = of.top / "etc"
    outside.mkdir(exist_ok=True)
    (outside / "hotfix.js").write_text("x")
    place = of.place(HOTFIX)
    os.rename(place.parent, f"{place.parent}-away")
    place.parent.symlink_to("/etc")
    examination = of.of.examination
    rows = [row for row, path in examination.inventory.paths() if path == HOTFIX]
    (news,) = news_of(planning(of.ports, Choice(ROWS, rows=rows, possible=True), examination))
    assert [one.code for one in news.result.plan.refused] == ["through-link"] and not news.result.plan.steps
