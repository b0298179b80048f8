"""The files screen: every key, both sizes, and what stays in place while results stream in."""

from __future__ import annotations

import os

import pytest
from textual.pilot import Pilot

from tui.app.screens.diff import DiffScreen
from tui.app.screens.files import FilesScreen
from tui.app.screens.help import HelpScreen
from tui.app.screens.instance import InstanceScreen
from tui.app.widgets.detail_pane import DetailPane
from tui.app.widgets.file_list import FileList
from tui.disk.inventory import Inventory
from tui.forensics.marks import State
from tui.forensics.scan import Progress, Snapshot

from .build import SHOP, D, O, examination_of, shop, wide
from .drive import SIZES, Feed, Files, Text, app_on, cursor_line, finished, lines, press, settled, text, until

SMALL = (80, 24)


async def to_files(pilot: Pilot[str]) -> FileList:
    await settled(pilot)
    await press(pilot, "f")
    await until(pilot, lambda: isinstance(pilot.app.screen, FilesScreen))
    return pilot.app.screen.query_one(FileList)


@pytest.mark.parametrize("size", SIZES)
async def test_what_it_shows(size: tuple[int, int]) -> None:
    async with app_on(finished(shop())).run_test(size=size) as pilot:
        await to_files(pilot)
        await press(pilot, "*")
        shown = lines(pilot)
        width = pilot.app.screen.query_one(FileList).size.width
        files = [line[:width].rstrip() for line in shown[2:]]
        assert shown[0].endswith("read only \u00b7 this machine")
        assert shown[1].startswith("D 5  S 1  O 2  U 1") and shown[1].endswith("13 lines, tree, by path")
        assert files[0].split() == [">D", "/etc/shop.conf", "120"]
        assert files[1].split() == ["D", "\u25be", "/srv/shop/", "O2", "S1", "U1", "D4", "2.9M"]
        assert files[5].split() == ["D", "~", "config.yml", "modified", "1.2K"]
        assert files[7].split() == ["D", "\u2013", "logo.png", "missing"]
        assert files[8].split() == ["D", "?", "main.js", "unverified", "2.9M"]
        assert files[9].split() == ["O", "old.css", "819"]
        assert files[11].split() == ["D", "!", "swapped/", "replaced", "0"]
        ends = {len(line) for line in files[:13] if "logo.png" not in line}
        assert len(ends) == 1, "sizes stand at one right edge"


async def test_opening_and_closing() -> None:
    async with app_on(finished(shop())).run_test(size=SMALL) as pilot:
        await to_files(pilot)
        await press(pilot, "end", "k", "k")
        assert "static/" in cursor_line(pilot)
        await press(pilot, "right")
        assert "\u25be static/" in cursor_line(pilot) and "old.css" in text(pilot)
        await press(pilot, "l", "down")
        assert "main.js" in cursor_line(pilot)
        await press(pilot, "left")
        assert "static/" in cursor_line(pilot)
        await press(pilot, "h")
        assert "\u25b8 static/" in cursor_line(pilot) and "old.css" not in text(pilot)
        await press(pilot, "enter")
        assert "old.css" in text(pilot)
        await press(pilot, "h", "h", "minus")
        assert "\u25b8 /srv/shop/" in cursor_line(pilot) and "app.js" not in text(pilot)
        await press(pilot, "asterisk")
        assert "\u25be /srv/shop/" in cursor_line(pilot) and "old.css" in text(pilot)


async def test_the_flat_view_keeps_the_cursor_on_its_path() -> None:
    async with app_on(finished(shop())).run_test(size=SMALL) as pilot:
        await to_files(pilot)
        await press(pilot, "end", "v")
        assert "/srv/shop/upload.bin" in cursor_line(pilot) and "/srv/shop/static/old.js" in text(pilot)
        await press(pilot, "up", "up", "v")
        assert "old.js" in cursor_line(pilot) and "\u25be static/" in text(pilot)


async def test_sorting_goes_round_and_keeps_the_cursor_on_its_path() -> None:
    async with app_on(finished(shop())).run_test(size=SMALL) as pilot:
        await to_files(pilot)
        await press(pilot, "end")
        for order in ("size", "mtime", "mark", "state", "path"):
            await press(pilot, "s")
            assert f"by {order}" in text(pilot) and "upload.bin" in cursor_line(pilot)


async def test_a_filter_as_it_is_typed_kept_and_taken_away() -> None:
    async with app_on(finished(shop())).run_test(size=SMALL) as pilot:
        await to_files(pilot)
        await press(pilot, "slash", Text("old.q"))
        assert "Filter: old.q" in text(pilot) and "0 lines" in text(pilot)
        await press(pilot, "backspace", "enter")
        assert "4 lines" in text(pilot) and "old.css" in text(pilot) and "app.js" not in text(pilot)
        assert isinstance(pilot.app.focused, FileList)
        await press(pilot, "slash", Text("zzz"), "escape")
        assert "Filter: old." in text(pilot) and "4 lines" in text(pilot)
        await press(pilot, "a")
        assert "Filter:" not in text(pilot) and "app.js" in text(pilot)


async def test_a_filter_that_is_not_understood_says_why_and_leaves_the_list() -> None:
    async with app_on(finished(shop())).run_test(size=SMALL) as pilot:
        await to_files(pilot)
        await press(pilot, "slash", Text("mark:x"))
        assert "no mark is called 'x'; there are deployed" in text(pilot) and "app.js" in text(pilot)


async def test_a_filter_pasted_with_control_characters_is_harmless() -> None:
    from textual import events

    async with app_on(finished(shop())).run_test(size=SMALL) as pilot:
        await to_files(pilot)
        await press(pilot, "slash")
        pilot.app.screen.focused.post_message(events.Paste("old\x1b]0;x\x07\u202e"))  # type: ignore[union-attr]
        await pilot.pause()
        assert "\x1b" not in text(pilot) and "Filter: old ]0;x" in text(pilot)


async def test_marks_by_their_letters() -> None:
    async with app_on(finished(shop())).run_test(size=SMALL) as pilot:
        await to_files(pilot)
        await press(pilot, "O")
        assert "Filter: mark:o" in text(pilot) and "[O 2]" in text(pilot) and "config.yml" not in text(pilot)
        await press(pilot, "S")
        assert "Filter: mark:s,o" in text(pilot) and "idx" in text(pilot)
        await press(pilot, "O", "S")
        assert "Filter:" not in text(pilot) and "config.yml" in text(pilot)
        await press(pilot, "U")
        assert "upload.bin" in text(pilot) and "config.yml" not in text(pilot)
        await press(pilot, "U", "D")
        assert "upload.bin" not in text(pilot) and "config.yml" in text(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_the_detail(size: tuple[int, int]) -> None:
    async with app_on(finished(shop())).run_test(size=size) as pilot:
        await to_files(pilot)
        pane = pilot.app.screen.query_one(DetailPane)
        assert pane.display == (size[0] >= 110)
        await press(pilot, "*", *["down"] * 9)
        if not pane.display:
            await press(pilot, "i")
        assert "old.css" in cursor_line(pilot)
        told = "\n".join("".join(piece for piece, _ in line) for line in pane.lines)
        for part in (
            "/srv/shop/static/old.css",
            "O orphaned, likely",
            "its cleanup leaves it",
            "revision d-OLD00QRS4 had it",
            "shop-prod/d-OLD00QRS4/appspec.yml:6",
            "Group      shop-prod",
            "d-OLD00QRS4",
            "-rw-r--r-- (0644)",
            "www-data (33), group root (0)",
            "819 bytes (819)",
            "2026-09-21 12:59:41.000 UTC",
            "73 min ago",
            f"Inode      109 on device {'253:1' if hasattr(os, 'major') else 64769}, 1 link",
        ):
            assert part in told, part
        assert "orphaned, likely" in text(pilot)


async def test_the_detail_below_the_list_comes_goes_and_takes_the_focus() -> None:
    async with app_on(finished(shop())).run_test(size=SMALL) as pilot:
        files = await to_files(pilot)
        pane = pilot.app.screen.query_one(DetailPane)
        await press(pilot, "enter")
        assert pane.display and files.has_focus and pane.region.y > files.region.y
        await press(pilot, "enter")
        assert pane.has_focus
        await press(pilot, "G", "j", "k", "g", "escape")
        assert files.has_focus and pane.display
        await press(pilot, "i")
        assert not pane.display


async def test_the_detail_stands_beside_the_list_where_it_is_wide() -> None:
    async with app_on(finished(shop())).run_test(size=(120, 40)) as pilot:
        files = await to_files(pilot)
        pane = pilot.app.screen.query_one(DetailPane)
        assert pane.region.x >= files.region.right
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: not pane.display)


async def test_the_difference_from_the_revision() -> None:
    examination = examination_of(SHOP, sources={"/srv/shop/config.yml": "/old/config.old"})
    root = Files(config_yml=b"port: 81\n\x1b[2J\n", config_old=b"port: 80\n")
    async with app_on(finished(examination), root=root).run_test(size=SMALL) as pilot:
        await to_files(pilot)
        await press(pilot, "d")
        assert isinstance(pilot.app.screen, FilesScreen), "a directory has no difference to show"
        await press(pilot, *["down"] * 4, "d")
        assert isinstance(pilot.app.screen, DiffScreen)
        await until(pilot, lambda: "+port: 81" in text(pilot))
        assert "-port: 80" in text(pilot) and "+\\e[2J" in text(pilot) and "3 lines" in text(pilot)
        await press(pilot, "escape")
        assert "config.yml" in cursor_line(pilot)


async def test_each_of_the_two_files_has_one_line_that_keeps_its_name() -> None:
    source = f"/opt/{'d' * 90}/config.old"
    examination = examination_of(SHOP, sources={"/srv/shop/config.yml": source})
    root = Files(config_yml=b"port: 81\n", config_old=b"port: 80\n")
    async with app_on(finished(examination), root=root).run_test(size=SMALL) as pilot:
        await to_files(pilot)
        await press(pilot, *["down"] * 4, "d")
        await until(pilot, lambda: "+port: 81" in text(pilot))
        shown = text(pilot).split("\n")
        above = next(n for n, line in enumerate(shown) if line.startswith("\u2502 + /srv/shop/config.yml"))
        assert shown[above - 1].startswith("\u2502 - \u2026") and "ddd/config.old" in shown[above - 1]


async def test_a_difference_that_cannot_be_made_says_so() -> None:
    examination = examination_of(SHOP, sources={"/srv/shop/config.yml": "/old/config.old"})
    async with app_on(finished(examination), root=Files()).run_test(size=SMALL) as pilot:
        await to_files(pilot)
        await press(pilot, *["down"] * 4, "d")
        await until(pilot, lambda: "Cannot be read: /old/config.old: no such file" in text(pilot))


async def test_copying_gives_the_path_to_the_terminal() -> None:
    async with app_on(finished(shop())).run_test(size=SMALL) as pilot:
        await to_files(pilot)
        await press(pilot, "y")
        assert pilot.app.clipboard == "/etc/shop.conf" and "Copied" in text(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_help_lists_what_works_here_and_the_legend(size: tuple[int, int]) -> None:
    async with app_on(finished(shop())).run_test(size=size) as pilot:
        await to_files(pilot)
        await press(pilot, "question_mark")
        assert isinstance(pilot.app.screen, HelpScreen)
        seen = text(pilot)
        for _ in range(4):
            await press(pilot, "pagedown")
            seen += text(pilot)
        for part in (
            "Type a filter",
            "Copy",
            "Sort by path",
            "Open every directory",
            "orphaned: left by",
            "~  modified",
            "\u2013  missing",
            "!  replaced",
            "?  unverified",
            "-mark:d",
            "Show orphaned paths alone",
            "Go to the screen's next part",
        ):
            assert part.lower() in seen.lower(), part
        assert "What differs" not in seen, "there is nothing to compare under the cursor"
        await press(pilot, "question_mark", "escape")
        assert isinstance(pilot.app.screen, FilesScreen)


async def test_escape_goes_back_and_coming_again_finds_all_as_it_was() -> None:
    async with app_on(finished(shop())).run_test(size=SMALL) as pilot:
        await to_files(pilot)
        await press(pilot, "end", "s", "escape")
        assert isinstance(pilot.app.screen, InstanceScreen)
        await press(pilot, "f")
        await until(pilot, lambda: isinstance(pilot.app.screen, FilesScreen))
        assert "by size" in text(pilot)


async def test_pages() -> None:
    async with app_on(finished(wide(3, 500))).run_test(size=SMALL) as pilot:
        files = await to_files(pilot)
        await press(pilot, "*", "pagedown", "ctrl+f")
        assert files.cursor == 2 * (files.size.height - 1)
        await press(pilot, "pageup", "ctrl+b")
        assert files.cursor == 0
        await press(pilot, "G")
        assert "file-00499.txt" in cursor_line(pilot)
        await press(pilot, "down", "pagedown")
        assert "file-00499.txt" in cursor_line(pilot)


class Counting(Inventory):
    """Counts the names that are looked up."""

    looked = 0

    def name(self, row: int) -> str:
        Counting.looked += 1
        return super().name(row)


@pytest.mark.thorough
async def test_of_a_million_rows_only_those_in_view_are_looked_at() -> None:
    examination = wide(1000, 999)
    columns = dict(vars(examination.inventory).items())
    examination.inventory = Counting(**columns)
    assert len(examination.inventory) == 1_000_001
    async with app_on(finished(examination)).run_test(size=(120, 40)) as pilot:
        files = await to_files(pilot)
        await press(pilot, "*")
        assert files.count() == 1_000_001
        Counting.looked = 0
        await press(pilot, "end", "pageup", "home", "pagedown")
        assert "file-000" in cursor_line(pilot)
        assert 0 < Counting.looked < 4000


async def test_new_results_leave_the_cursor_the_view_and_the_filter_alone() -> None:
    feed = Feed()
    async with app_on(feed.start).run_test(size=SMALL) as pilot:
        rows = [
            ("/srv/shop", -1, D, State.INTACT),
            *((f"/srv/shop/m{n:03d}", 10, D, State.PENDING) for n in range(100)),
        ]
        feed.give(Snapshot(examination_of(rows, final=False)))
        await until(pilot, lambda: pilot.app.state.examination is not None)  # type: ignore[attr-defined]
        await press(pilot, "f")
        await until(pilot, lambda: isinstance(pilot.app.screen, FilesScreen))
        files = pilot.app.screen.query_one(FileList)
        await press(pilot, "pagedown", "pagedown", "up", "up")
        before, line, path = cursor_line(pilot).split(), files.screen_line, files.row
        assert path is not None
        more = [
            *rows,
            ("/srv/aaa", -1, O, State.NONE),
            *((f"/srv/aaa/{n}", 1, O, State.NONE) for n in range(50)),
            *((f"/srv/shop/k{n}", 1, O, State.NONE) for n in range(30)),
        ]
        later = examination_of(more, final=False)
        feed.give(Progress("walk", 50), Snapshot(later))
        await until(pilot, lambda: files.rows is not None and files.rows.examination is later)
        assert cursor_line(pilot).split() == before and files.screen_line == line and files.row != path
        await press(pilot, "O")
        final = examination_of([*more, ("/srv/shop/k9z", 1, O, State.NONE)])
        here = cursor_line(pilot).split()[:3]
        feed.give(Snapshot(final), None)
        await settled(pilot)
        assert cursor_line(pilot).split()[:3] == here
        await press(pilot, "end")
        assert "k9z" in text(pilot) and "Filter: mark:o" in text(pilot)


async def test_what_is_gone_leaves_the_cursor_on_what_it_was_in() -> None:
    feed = Feed()
    async with app_on(feed.start).run_test(size=SMALL) as pilot:
        feed.give(Snapshot(shop(final=False)))
        await until(pilot, lambda: pilot.app.state.examination is not None)  # type: ignore[attr-defined]
        await press(pilot, "f")
        await until(pilot, lambda: isinstance(pilot.app.screen, FilesScreen))
        await press(pilot, "*", *["down"] * 9)
        assert "old.css" in cursor_line(pilot)
        feed.give(Snapshot(examination_of([row for row in SHOP if "old" not in row[0]])), None)
        await settled(pilot)
        assert "static/" in cursor_line(pilot)


async def test_files_before_any_are_known_wait_for_them() -> None:
    feed = Feed()
    async with app_on(feed.start).run_test(size=SMALL) as pilot:
        pilot.app.open_files(terms="mark:o")  # type: ignore[attr-defined]
        await until(pilot, lambda: isinstance(pilot.app.screen, FilesScreen))
        await press(pilot, *"*-vsedyOa", "right", "left", "enter", "end", "pagedown", "question_mark", "escape")
        feed.give(Snapshot(shop()), None)
        await settled(pilot)
        assert "static" in text(pilot)
