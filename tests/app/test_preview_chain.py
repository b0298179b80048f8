"""Several deployments in a row: an automatic rollback, the chain builder, and going from step to step."""

from __future__ import annotations

from tui.app.screens.chain import ChainList, ChainScreen
from tui.app.screens.preview import PreviewScreen
from tui.app.screens.revision_choice import RevisionScreen
from tui.preview.records import Behavior, Ending

from .drive import Text, cursor_line, lines, press, text, until
from .previews import example, played, previewing, said

ONE, TWO, THREE = "d-0NE111111", "d-TW0222222", "d-THR333333"  # of three-deployments


async def test_then_it_fails_and_is_rolled_back() -> None:
    with example("three-deployments") as of:
        async with previewing(of, "r", "down", "down", "enter") as (pilot, screen):
            await played(pilot)
            await press(pilot, "tab", "b")  # OVERWRITE, which the rollback has, too
            await until(pilot, lambda: "all together" in text(pilot))
            steps = [
                (TWO, Behavior.OVERWRITE, Ending.IN_SCRIPT),
                ("last-known-good", Behavior.OVERWRITE, Ending.FORETOLD),
            ]
            assert of.play.asked[-1] == [(of.group, *step) for step in steps]
            assert "[1 \u2717 d-TW0222222 OVERWRITE] \u203a 2 \u2713" in lines(pilot)[2].replace("!", "")
            assert "fails in a script, as it is told to" in lines(pilot)[3]
            assert screen.shown is not None
            await press(pilot, "right")
            assert "[2 \u2713" in lines(pilot)[2] and THREE in lines(pilot)[1]
            assert len(said(screen)) >= len(screen.shown.preview.verdicts[1].remains)
            await press(pilot, "full_stop")
            assert "[all together]" in lines(pilot)[2] and "1 of 2 deployments fail" in lines(pilot)[3]
            total, lost = screen.shown.preview.total, screen.shown.preview.lost
            assert len(said(screen)) == len(total) + len(lost)
            assert f"R Removed {len(total.removed)}" in text(pilot) and "Will remain" not in text(pilot)
            await press(pilot, "right", "comma", "left")
            assert "[1 \u2717" in lines(pilot)[2]


async def test_another_behavior_for_one_step_plays_the_chain_again() -> None:
    with example("three-deployments") as of:
        async with previewing(of, "b") as (pilot, screen):
            await played(pilot)
            await press(pilot, "right", "tab")
            await played(pilot)
            assert [step[2] for step in of.play.asked[-1]] == [None, Behavior.OVERWRITE]
            assert screen.shown is not None and screen.shown.position == 1
            await press(pilot, "r", "down", "down", "down", "enter")
            await played(pilot)
            assert [step[1] for step in of.play.asked[-1]] == [THREE, ONE]
            assert "[2 \u2713" in lines(pilot)[2] or "[2 \u2717" in lines(pilot)[2]


async def test_a_chain_is_put_together() -> None:
    with example("three-deployments") as of:
        async with previewing(of, size=(100, 30)) as (pilot, screen):
            await press(pilot, "c")
            chain = pilot.app.screen
            assert isinstance(chain, ChainScreen)
            assert "last-successful" in cursor_line(pilot) and "DISALLOW" in cursor_line(pilot)
            await press(pilot, "x")  # the only one stays
            assert chain.query_one(ChainList).count() == 1
            await press(pilot, "a", "tab", "o")
            assert "OVERWRITE" in cursor_line(pilot) and "fails in Install" in cursor_line(pilot)
            assert cursor_line(pilot).startswith("> 2")
            await press(pilot, "a", "r")
            assert isinstance(pilot.app.screen, RevisionScreen) and "Revision of deployment 3" in text(pilot)
            await press(pilot, "end", "enter")
            assert pilot.app.screen is chain and ONE in cursor_line(pilot) and "as foretold" in cursor_line(pilot)
            await press(pilot, "K", "K", "K")
            assert cursor_line(pilot).startswith("> 1") and ONE in cursor_line(pilot)
            await press(pilot, "down", "x", "p")
            await played(pilot)
            assert of.play.asked[-1] == [
                (of.group, ONE, Behavior.OVERWRITE, Ending.FORETOLD),
                (of.group, "last-successful", Behavior.OVERWRITE, Ending.IN_INSTALL),
            ]
            assert screen.shown is not None and [v.outcome for v in screen.shown.preview.verdicts][1] == "fails"
            await press(pilot, "c")
            assert "A chain of 2 deployments" in text(pilot)
            await press(pilot, "escape")
            assert pilot.app.screen is screen and len(of.play.asked) == 2


async def test_groups_can_take_turns() -> None:
    with example("two-groups-one-directory") as of:
        first, second = (group.id for group in of.examination.instance.groups)
        async with of.app().run_test(size=(100, 30)) as pilot:
            await until(pilot, lambda: "paths in" in text(pilot))
            await press(pilot, "down", "p")
            await played(pilot)
            await press(pilot, "c", "a", "d", "p")
            await until(pilot, lambda: "all together" in text(pilot))
            assert [step[:2] for step in of.play.asked[-1]] == [(first, "d-WEB000001"), (second, "d-ADM000001")]


async def test_a_revision_that_cannot_be_had_is_said_in_the_builder() -> None:
    with example("three-deployments") as of:
        async with previewing(of) as (pilot, screen):
            await press(pilot, "c", "a", "r", "end", "down", Text("/nowhere/app.zip"), "enter", "p")
            await until(pilot, lambda: "step 2: /nowhere/app.zip: no such file" in text(pilot))
            assert isinstance(pilot.app.screen, ChainScreen) and not screen.is_playing
            await press(pilot, "r", "enter", "p")
            await until(pilot, lambda: "all together" in text(pilot))


async def test_the_strip_keeps_the_step_that_is_shown_in_sight() -> None:
    with example("three-deployments") as of:
        async with previewing(of, "c", *["a"] * 5, "p", size=(60, 24)) as (pilot, screen):
            await played(pilot)
            assert isinstance(screen, PreviewScreen)
            for step in range(6):
                assert f"[{step + 1} \u2713" in lines(pilot)[2] and len(lines(pilot)[2]) <= 60
                await press(pilot, "right")
            assert "[all together]" in lines(pilot)[2] and lines(pilot)[2].startswith("\u2026")


async def test_the_last_one_is_that_of_the_chain_so_far() -> None:
    with example("three-deployments") as of:
        async with previewing(of, size=(100, 30)) as (pilot, screen):
            await press(pilot, "c", "r")
            assert "the last completed Install by then" in text(pilot) and "what a rollback deploys" in text(pilot)
            await press(pilot, "end", "enter", "a", "r", "home", "enter")
            assert "last-successful (completed Install by then)" in cursor_line(pilot)
            await press(pilot, "p")
            await until(pilot, lambda: "all together" in text(pilot))
            await press(pilot, "right")
            assert screen.shown is not None and screen.shown.verdict is not None
            assert screen.shown.verdict.revision == ONE and of.play.asked[-1][1][1] == "last-successful"
            assert lines(pilot)[1].startswith(f"{of.group} \u00b7 {ONE} ") and "completed" not in lines(pilot)[1]
