"""One finding: its texts, its source in context, and its paths as a list of files."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tui.app.screens.evidence import EvidenceScreen
from tui.app.screens.files import FilesScreen
from tui.app.screens.finding import FindingScreen
from tui.app.screens.instance import InstanceScreen
from tui.app.screens.notes import NotesScreen
from tui.app.widgets.file_list import FileList
from tui.app.widgets.source_view import SourceView
from tui.forensics.marks import Finding, Severity

from .build import O, examination_of, shop, wide
from .drive import SIZES, Files, app_on, cursor_line, finished, lines, press, settled, text, until

CLEANUP = b"".join(b"/srv/shop/file-%d\n" % n for n in range(1, 40))


@pytest.mark.parametrize("size", SIZES)
async def test_what_it_shows(size: tuple[int, int]) -> None:
    app = app_on(finished(shop()), root=Files(shop_prod_cleanup=CLEANUP))
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        await press(pilot, "enter")
        await until(pilot, lambda: "/srv/shop/file-3" in text(pilot))
        shown = text(pilot)
        for part in ("critical", "2 files in the way", "Group   shop-prod", "Two files stand", "What to do: Move them"):
            assert part in shown
        assert "Source  /deployment-instructions/shop-prod-cleanup:3" in shown
        assert "\u25b6  3 \u2502 /srv/shop/file-3" in shown and "2 \u2502 /srv/shop/file-2" in shown
        assert "2 paths" in shown and "O   /srv/shop/static/old.css" in cursor_line(pilot)


async def test_the_source_has_room_when_it_has_the_focus() -> None:
    app = app_on(finished(shop()), root=Files(shop_prod_cleanup=CLEANUP))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "enter")
        await until(pilot, lambda: "/srv/shop/file-3" in text(pilot))
        assert "/srv/shop/file-6" not in text(pilot)
        await press(pilot, "shift+tab")
        assert isinstance(pilot.app.focused, SourceView) and "file-6" in text(pilot)
        await press(pilot, "end")
        assert "file-11" in cursor_line(pilot)
        await press(pilot, "tab")
        assert "old.css" in cursor_line(pilot) and "/srv/shop/file-6" not in text(pilot)


async def test_a_source_that_is_gone_is_said() -> None:
    async with app_on(finished(shop()), root=Files()).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "enter")
        await until(pilot, lambda: "not there any more" in text(pilot))


async def test_its_paths_open_their_evidence_and_all_of_them_the_files() -> None:
    async with app_on(finished(shop())).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "enter", "down", "e")
        assert isinstance(pilot.app.screen, EvidenceScreen) and "/srv/shop/static/old.js" in text(pilot)
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, FindingScreen)
        await press(pilot, "n")
        assert isinstance(pilot.app.screen, NotesScreen)
        await press(pilot, "escape", "f")
        await until(pilot, lambda: isinstance(pilot.app.screen, FilesScreen))
        await until(pilot, lambda: "Filter: finding:in-the-way@shop-prod" in text(pilot))
        assert "old.css" in text(pilot) and "old.js" in text(pilot) and "app.js" not in text(pilot)
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, InstanceScreen)


async def test_more_paths_than_a_finding_carries_are_all_there() -> None:
    found = wide(10, 100)
    orphans = [path for row, path in found.inventory.paths() if found.mark[row] == O and found.inventory.type[row] == 0]
    assert len(orphans) > 200
    finding = Finding(
        "orphaned-files", Severity.WARNING, "t", "d", "a", "shop-prod", tuple(orphans[:200]), len(orphans)
    )
    async with app_on(finished(replace(found, findings=(finding,)))).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "enter", "end")
        assert f"{len(orphans)} paths" in text(pilot) and orphans[-1] in cursor_line(pilot)
        assert pilot.app.screen.query_one(FileList).count() == len(orphans)


async def test_paths_that_are_not_among_the_files_are_told_and_counted() -> None:
    finding = Finding(
        "x", Severity.INFO, "t", "d", "", None, ("/srv/shop/app.js", *(f"/var/{n}" for n in range(7))), 500
    )
    async with app_on(finished(replace(shop(), findings=(finding,)))).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "enter")
        shown = text(pilot)
        assert "Outside of the files looked through" in shown and "/var/4" in shown and "/var/5" not in shown
        assert "and 2 more" in shown and "500 paths, 1 of them here" in shown


async def test_keys_of_paths_are_not_offered_without_paths() -> None:
    finding = Finding("x", Severity.INFO, "t", "d", "a")
    async with app_on(finished(replace(shop(), findings=(finding,)))).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "enter", "e", "f", "enter")
        assert isinstance(pilot.app.screen, FindingScreen)
        assert "Evidence" not in lines(pilot)[-2] and "All in files" not in lines(pilot)[-2]


async def test_a_finding_while_nothing_is_known_of_the_files() -> None:
    found = replace(examination_of([], findings=shop().findings))
    async with app_on(finished(found)).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "enter")
        assert "Outside of the files looked through" in text(pilot) and "/srv/shop/static/old.css" in text(pilot)
