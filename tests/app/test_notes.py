"""What could not be read is told, with what it means for the marks."""

from __future__ import annotations

from array import array
from dataclasses import replace

from rich.cells import cell_len

from tui.agent.records import AgentVersion, CleanupFile, Instance, LogFile, Problem, ScriptRun
from tui.app.notes import note_lines, unread_problems
from tui.app.screens.instance import InstanceScreen
from tui.app.screens.notes import NotesScreen
from tui.disk.inventory import Note
from tui.forensics.examination import Examination

from .build import SHOP, examination_of, instance
from .drive import Feed, app_on, finished, press, settled, text, until


def told(examination: Examination, width: int = 100) -> list[str]:
    return ["".join(piece for piece, _ in line) for line in note_lines(examination, width)]


def with_problems(*problems: Problem) -> Instance:
    of = instance(("shop-prod",))
    cleanup = CleanupFile("/x/shop-prod-cleanup", (), array("Q"), problems=problems)
    return replace(of, groups=(replace(of.groups[0], cleanup=cleanup),))


def test_all_was_read() -> None:
    assert told(examination_of(SHOP)) == ["All that the marks rest on could be read."]


def test_places_that_were_not_looked_into() -> None:
    found = examination_of(SHOP)
    found.inventory.notes = [
        Note("unreadable", "/srv/shop/secret"), Note("mount", "/srv/shop/data"), Note("unreadable", "/srv/x", "EIO"),
        Note("novel", "/srv/odd"),
    ]  # fmt: skip
    lines = told(found)
    assert lines[0] == "Directories that could not be read: 2 places"
    assert "no mark" in lines[1] and lines[2:4] == ["  /srv/shop/secret", "  /srv/x  EIO"]
    assert "Other file systems that were not entered: 1 place" in lines and "novel: 1 place" in lines


def test_records_that_were_not_read_as_a_whole_and_no_other_problems() -> None:
    cut_off = Problem("cleanup-cut-off", "/x/shop-prod-cleanup", "The last line has no newline.", 7)
    other = Problem("cleanup-relative", "/x/shop-prod-cleanup", "It has a relative line.", 2)
    of = with_problems(cut_off, other, cut_off)
    of = replace(of, problems=(Problem("record-unreadable", "/y", "The record cannot be read: denied."),))
    assert [problem.code for problem in unread_problems(of)] == ["record-unreadable", "cleanup-cut-off"]
    lines = told(examination_of(SHOP, of), 60)
    assert "  /x/shop-prod-cleanup:7" in lines and "    The last line has no newline." in lines
    assert any("may be shown as orphaned" in line for line in lines)
    assert not any("relative" in line for line in lines)
    assert all(cell_len(line) <= 60 for line in lines)


def test_what_is_not_known_of_the_instance() -> None:
    run = ScriptRun("d-1", "AfterInstall", "a.sh", 0, 0, None, 1.0, "/log", 1)
    log = LogFile("/var/log/scripts.log", 1, 0.0, None, (run,))
    of = replace(instance(processes=None), version=AgentVersion(None, None), logs=(log,))
    lines = told(examination_of(SHOP, of))
    for part in ("The agent's version is not known", "Logs that name no time zone: 1 log", "  /var/log/scripts.log"):
        assert part in lines
    assert "Running processes were not looked at" in lines
    with_zone = replace(of, logs=(log, replace(log, utc_offset=0)))
    assert not any("time zone" in line for line in told(examination_of(SHOP, with_zone)))


async def test_the_key_opens_them_and_they_fit_the_screen() -> None:
    found = examination_of(SHOP)
    found.inventory.notes = [Note("unreadable", f"/srv/shop/{n}") for n in range(1000)]
    async with app_on(finished(found)).run_test(size=(60, 20)) as pilot:
        await settled(pilot)
        assert "1,000 places not looked into (n tells)" in text(pilot)
        await press(pilot, "n")
        assert isinstance(pilot.app.screen, NotesScreen)
        assert "Directories that could not be read: 1,000 places" in text(pilot)
        await press(pilot, "end")
        assert "/srv/shop/999" in text(pilot)
        await press(pilot, "escape", "f", "n")
        await until(pilot, lambda: isinstance(pilot.app.screen, NotesScreen))


async def test_no_notes_before_there_is_a_result() -> None:
    feed = Feed()
    async with app_on(feed.start).run_test(size=(80, 24)) as pilot:
        await press(pilot, "n")
        assert isinstance(pilot.app.screen, InstanceScreen)
        feed.end()
        await settled(pilot)
