"""The preview screen on example instances: what the engine says, and every key."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from tui.app.screens.evidence import EvidenceScreen
from tui.app.screens.files import FilesScreen
from tui.app.screens.help import HelpScreen
from tui.app.screens.instance import InstanceScreen
from tui.app.screens.preview import PreviewScreen
from tui.app.screens.revision_choice import RevisionScreen
from tui.app.widgets.detail_pane import DetailPane
from tui.app.widgets.file_list import FileList
from tui.app.widgets.preview_list import PreviewList
from tui.forensics.scan import Snapshot
from tui.preview.records import Behavior, Phase, Preview

from .build import shop
from .drive import Feed, Text, app_on, cursor_line, finished, lines, press, settled, text, until
from .previews import SMALL, example, played, previewing, said, screen_of

FAILED = "d-43DDDDDDD"  # of failed-disallow
HOTFIX = "/srv/shop/static/hotfix.js"


def counts(preview: Preview, behavior: Behavior) -> dict[str, int]:
    """The engine's counts, by what the screen calls them."""
    verdict = preview.by_behavior[behavior]
    return {
        "In the way": len(verdict.collisions),
        "Lost": len(verdict.lost),
        "Possible": len(verdict.possibly),
        "Removed": len(verdict.effects.removed),
        "Will remain": len(verdict.remains),
        "Added": len(verdict.effects.added),
        "Mode or owner": len(verdict.attributes),
    }


@pytest.mark.parametrize("size", [(80, 24), (140, 40), (50, 24)])
@pytest.mark.parametrize(
    "name", ["guide-example", "failed-disallow", "three-deployments", "version-2", "windows-guide"]
)
async def test_every_behaviors_verdict_and_counts_are_the_engines(name: str, size: tuple[int, int]) -> None:
    with example(name) as of:
        preview = of.foretell()
        async with previewing(of, size=size) as (pilot, screen):
            for behavior in Behavior:
                assert screen.shown is not None and screen.shown.behavior is behavior
                shown = " ".join(lines(pilot)[1:9])
                assert f"[{behavior.value}]" in shown
                for label, count in counts(preview, behavior).items():
                    assert f"{label} {count:,}" in shown, (label, shown)
                verdict = preview.by_behavior[behavior]
                assert ("\u2717 FAILS" in shown) == (verdict.failure is not None)
                assert len(said(screen)) >= sum(counts(preview, behavior).values())
                await press(pilot, "tab")
            await press(pilot, "shift+tab")
            assert screen.shown is not None and screen.shown.behavior is Behavior.RETAIN


async def open_failed(pilot: object) -> None:
    """Choose the revision of the deployment that failed."""
    await press(pilot, "r", "down", "enter")  # type: ignore[arg-type]
    await played(pilot)  # type: ignore[arg-type]


async def test_a_failure_tells_the_agents_message_and_what_is_in_the_way_first() -> None:
    with example("failed-disallow") as of:
        preview = of.foretell(FAILED)
        failure, collision = preview.verdicts[0].failure, preview.verdicts[0].collisions[0]
        assert failure is not None and failure.phase is Phase.INSTRUCTIONS and failure.path == HOTFIX
        async with previewing(of) as (pilot, screen):
            await open_failed(pilot)
            shown = lines(pilot)
            assert shown[0].startswith("ip-10-0-0-12 \u00b7 read only")
            assert FAILED in shown[1] and "\u2717 [DISALLOW]  \u2713! OVERWRITE  \u2713 RETAIN" in shown[1]
            assert shown[2] == "\u2717 FAILS in the Install event; its cleanup removes nothing"
            assert " ".join(shown[3:5]).strip() == f"\u201c{failure.message}\u201d"
            assert "I In the way 1" in shown[5] and "W Will remain 11" in shown[5]
            line = cursor_line(pilot)
            assert line.startswith(">in the way") and HOTFIX in line and "keep a copy" in line
            told = "\n".join("".join(p for p, _ in line) for line in screen.query_one(DetailPane).lines)
            assert collision.remedy in told and "U unattributed, possible" in told and collision.message in told
            await press(pilot, "tab")
            assert lines(pilot)[2] == "\u2713 succeeds, and 1 file would be lost for good"
            assert cursor_line(pilot).startswith(">is lost") and cursor_line(pilot).rstrip().endswith("21")


async def test_a_failure_after_the_cleanup_tells_what_is_gone_by_then(tmp_path: Path) -> None:
    (tmp_path / "appspec.yml").write_text(
        "version: 0.0\nos: linux\nfiles:\n- {source: cache, destination: /srv/shop/cache}\n"
    )
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "messages.de").write_text("x")
    with example("three-deployments") as of:
        verdict = of.foretell(str(tmp_path)).verdicts[0]
        assert verdict.failure is not None and len(verdict.effects.removed) == 18
        async with previewing(of, "r", "end", "down", Text(tmp_path), "enter") as (pilot, screen):
            await played(pilot)
            assert "\u2717 FAILS in the Install event, after the cleanup has removed 18 paths" in text(pilot)
            assert "R Removed 18" in text(pilot)
            removed = [line for line in said(screen) if line.startswith("will be removed")]
            assert [line.split()[3] for line in removed] == list(verdict.effects.removed)


async def test_what_is_removed_and_put_back_is_told() -> None:
    with example("three-deployments") as of:
        verdict = of.foretell().verdicts[0]
        assert len(verdict.cleanup) == 18 and not len(verdict.effects)
        async with previewing(of, "B") as (pilot, screen):
            assert "[B Put back 18]" in text(pilot) and len(said(screen)) == 18
            assert cursor_line(pilot).startswith(">is put back") and "requirements.txt" in cursor_line(pilot)


async def test_what_remains_says_why_and_whose_it_is() -> None:
    with example("two-groups-one-directory") as of:
        first, second = (group.id for group in of.examination.instance.groups)
        assert len(of.foretell(group=second).verdicts[0].remains) == 24
        async with of.app().run_test(size=(140, 40)) as pilot:
            await settled(pilot)
            await press(pilot, "tab", "end", "p")
            await played(pilot)
            screen = screen_of(pilot)
            assert lines(pilot)[1].startswith(f"{second} \u00b7 d-ADM000001 (last completed Install)")
            remains = [line for line in said(screen) if line.startswith("will remain")]
            assert len(remains) == 24
            assert any("/srv/shop/.started" in line and "not listed, script-created" in line for line in remains)
            assert any("/srv/shop/app.py" in line and f"another group's: {first}" in line for line in remains)


async def test_the_cursor_keeps_to_its_path_when_the_behavior_changes() -> None:
    with example("failed-disallow") as of:
        async with previewing(of) as (pilot, _):
            await open_failed(pilot)
            await press(pilot, *["down"] * 8)
            assert "/srv/shop/static" in cursor_line(pilot) and "will remain" in cursor_line(pilot)
            before = cursor_line(pilot)
            await press(pilot, "tab")
            assert cursor_line(pilot) == before
            await press(pilot, "shift+tab", "down")
            assert HOTFIX in cursor_line(pilot)
            await press(pilot, "tab")  # there it does not remain: it is overwritten
            assert HOTFIX in cursor_line(pilot) and "will remain" not in cursor_line(pilot)


async def test_the_appspecs_own_behavior_is_said_and_stays(tmp_path: Path) -> None:
    (tmp_path / "appspec.yml").write_text(
        "version: 0.0\nos: linux\nfile_exists_behavior: OVERWRITE\n"
        "files:\n- {source: /static, destination: /srv/shop/static}\n"
    )
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "hotfix.js").write_text("new")
    with example("failed-disallow") as of:
        verdicts = of.foretell(str(tmp_path)).by_behavior
        assert {verdict.behavior for verdict in verdicts.values()} == {Behavior.OVERWRITE}
        async with previewing(of, "r", "end", "down", Text(tmp_path), "enter", size=(120, 30)) as (pilot, _):
            await played(pilot)
            assert "[OVERWRITE]: the appspec says OVERWRITE" in lines(pilot)[1]
            await press(pilot, "tab")
            assert "[OVERWRITE]: the appspec says OVERWRITE" in lines(pilot)[1]
            assert "The appspec says OVERWRITE: the deployment's option changes nothing" in lines(pilot)[-2]


async def test_sections_filter_and_all() -> None:
    with example("failed-disallow") as of:
        async with previewing(of) as (pilot, screen):
            total = len(said(screen))
            await press(pilot, "A")
            assert "[A Added 17]" in text(pilot) and len(said(screen)) == 17
            await press(pilot, "W")
            assert "[W Will remain 11]" in text(pilot) and len(said(screen)) == 28
            await press(pilot, "slash", Text("STATIC/ -vendor"))
            assert len(said(screen)) == 4 and "Filter: STATIC/ -vendor" in text(pilot)
            await press(pilot, "enter")
            assert isinstance(pilot.app.focused, PreviewList)
            await press(pilot, "slash", Text("zzz"), "escape")
            assert len(said(screen)) == 4
            await press(pilot, "a")
            assert len(said(screen)) == total and "Filter" not in lines(pilot)[-7] and "[A" not in text(pilot)


async def test_a_filter_that_is_none_here_says_so() -> None:
    with example("failed-disallow") as of:
        async with previewing(of, "slash", Text("mark:o")) as (pilot, _):
            assert "here a filter is parts of paths alone" in text(pilot)
            assert "/srv/shop" in text(pilot)


async def test_going_from_section_to_section() -> None:
    with example("failed-disallow") as of:
        async with previewing(of, "right_square_bracket") as (pilot, _):
            assert "will be added" in cursor_line(pilot) and "VERSION" in cursor_line(pilot)
            await press(pilot, "down", "left_square_bracket")
            assert "VERSION" in cursor_line(pilot)
            await press(pilot, "left_square_bracket")
            assert "will remain" in cursor_line(pilot)
            await press(pilot, *["right_square_bracket"] * 9)
            assert ">note" in cursor_line(pilot)


async def test_enter_goes_to_the_file_and_escape_comes_back() -> None:
    with example("failed-disallow") as of:
        async with previewing(of, "down", "down") as (pilot, _):
            before = cursor_line(pilot)
            await press(pilot, "enter")
            await until(pilot, lambda: isinstance(pilot.app.screen, FilesScreen) and "cache" in cursor_line(pilot))
            assert "cache" in before
            await press(pilot, "escape")
            assert isinstance(pilot.app.screen, PreviewScreen) and cursor_line(pilot) == before
            await press(pilot, "e")
            assert isinstance(pilot.app.screen, EvidenceScreen) and "/srv/shop/cache" in text(pilot)
            await press(pilot, "escape", "y")
            assert pilot.app.clipboard == "/srv/shop/cache"


async def test_from_the_files_and_back_to_them_as_they_were() -> None:
    with example("failed-disallow") as of:
        async with of.app().run_test(size=SMALL) as pilot:
            await settled(pilot)
            await press(pilot, "f")
            await until(pilot, lambda: isinstance(pilot.app.screen, FilesScreen))
            await press(pilot, "O", "p")
            await played(pilot)
            await press(pilot, "down", "enter")
            await until(pilot, lambda: isinstance(pilot.app.screen, FilesScreen) and ".started" in cursor_line(pilot))
            await press(pilot, "escape", "escape")
            assert isinstance(pilot.app.screen, FilesScreen) and "Filter: mark:o" in text(pilot)
            assert ".started" not in text(pilot)


async def test_a_path_that_is_not_there_yet_is_said_to_be_none_of_the_files() -> None:
    with example("failed-disallow") as of:
        async with previewing(of, "right_square_bracket", "enter") as (pilot, _):
            assert "not among the files looked through" in lines(pilot)[-2]
            assert isinstance(pilot.app.screen, PreviewScreen)
            await press(pilot, "end")
            assert ">note" in cursor_line(pilot) and "File" not in lines(pilot)[-1]
            await press(pilot, "enter", "e", "y")
            assert isinstance(pilot.app.screen, PreviewScreen) and not pilot.app.clipboard


async def test_the_detail_comes_takes_the_focus_and_goes() -> None:
    with example("failed-disallow") as of:
        async with previewing(of) as (pilot, screen):
            pane, files = screen.query_one(DetailPane), screen.query_one(PreviewList)
            assert pane.display and pane.region.y > files.region.y
            await press(pilot, "i")
            assert pane.has_focus
            await press(pilot, "escape")
            assert files.has_focus and pane.display
            await press(pilot, "i", "i")
            assert files.has_focus and not pane.display
            await press(pilot, "i")
            assert pane.display
            await pilot.resize_terminal(140, 40)
            await until(pilot, lambda: pane.region.x >= files.region.right)


async def test_windows_paths_are_native() -> None:
    with example("windows-guide") as of:
        async with previewing(of, size=(100, 30)) as (pilot, screen):
            assert "C:\\temp\\e.txt" in text(pilot) and "/C:" not in text(pilot)
            await press(pilot, "slash", Text("c:\\TEMP\\e"), "enter", "y")
            assert len(said(screen)) == 1 and pilot.app.clipboard == "C:\\temp\\e.txt"
            await press(pilot, "enter")
            await until(pilot, lambda: isinstance(pilot.app.screen, FilesScreen))
            await until(pilot, lambda: "e.txt" in cursor_line(pilot))


async def test_hostile_names_are_shown_as_what_they_are() -> None:
    with example("links-and-odd-names") as of:
        async with previewing(of, size=(120, 30)) as (pilot, _):
            shown = text(pilot)
            assert "/srv/odd/new\\nline" in shown and "/srv/odd/trailing\\x20" in shown


# When it can be had


async def test_it_is_offered_once_the_scan_is_complete() -> None:
    with example("failed-disallow") as of:
        feed, app = Feed(), of.app()
        app.source = type(app.source)("x", "machine", feed.start, of.root)
        async with app.run_test(size=SMALL) as pilot:
            feed.give(Snapshot(replace(of.examination, final=False)))
            await until(pilot, lambda: app.state.examination is not None)
            await press(pilot, "p")
            assert isinstance(app.screen, InstanceScreen) and "Preview" not in lines(pilot)[-1]
            feed.give(Snapshot(of.examination), None)
            await settled(pilot)
            assert "Preview" in lines(pilot)[-1]


async def test_it_is_not_offered_where_nothing_can_be_played() -> None:
    async with app_on(finished(shop())).run_test(size=SMALL) as pilot:
        await settled(pilot)
        await press(pilot, "p")
        assert isinstance(pilot.app.screen, InstanceScreen) and "Preview" not in text(pilot)


async def test_of_several_groups_the_finding_the_row_or_the_path_says_which() -> None:
    with example("two-groups-one-directory") as of:
        first, second = (group.id for group in of.examination.instance.groups)
        async with of.app().run_test(size=SMALL) as pilot:
            await settled(pilot)
            assert of.examination.findings[0].group is None and "Preview" not in lines(pilot)[-1]
            await press(pilot, "down", "p")
            await played(pilot)
            assert screen_of(pilot).shown.choices[0].group == first  # type: ignore[union-attr]
            await press(pilot, "escape", "f")
            await until(pilot, lambda: isinstance(pilot.app.screen, FilesScreen))
            assert pilot.app.screen.query_one(FileList).rows is not None
            await press(pilot, "slash", Text("admin.js"), "enter", "end", "p")
            await played(pilot)
            assert screen_of(pilot).shown.choices[0].group == second  # type: ignore[union-attr]


async def test_help_lists_its_keys() -> None:
    with example("failed-disallow") as of:
        async with previewing(of, size=(100, 50)) as (pilot, _):
            await press(pilot, "question_mark")
            assert isinstance(pilot.app.screen, HelpScreen)
            shown = text(pilot)
            for part in (
                "The next file-exists behavior", "Choose another revision", "then the last successful one again",
                "Put several deployments in a row", "Write the verdict", "Only Lost: content that no revision",
            ):  # fmt: skip
                assert part in shown
            assert "chain before this one" not in shown and "Scan again" not in shown


# While it is played


async def test_leaving_never_waits_for_what_is_played() -> None:
    with example("failed-disallow") as of:
        go = threading.Event()
        of.play.hold = lambda: go.wait(60)
        try:
            async with of.app().run_test(size=SMALL) as pilot:
                await settled(pilot)
                await press(pilot, "p")
                await until(pilot, lambda: "Playing" in lines(pilot)[-2])
                assert "Playing" in lines(pilot)[2]
                await press(pilot, "escape")
                assert isinstance(pilot.app.screen, InstanceScreen)
                await press(pilot, "p", "q")
            assert pilot.app.return_code == 0
        finally:
            go.set()


async def test_what_was_shown_stays_dimmed_until_the_new_is_there() -> None:
    with example("failed-disallow") as of:
        go = threading.Event()
        async with previewing(of) as (pilot, screen):
            of.play.hold = lambda: go.wait(60)
            await press(pilot, "b")
            await until(pilot, lambda: "Playing" in lines(pilot)[-2])
            assert "d-42BBBBBBB" in lines(pilot)[1] and screen.has_class("-stale")
            assert screen.query_one(PreviewList).rich_style.dim
            await press(pilot, "down", "tab")
            assert ".started" in cursor_line(pilot) and "[OVERWRITE]" in text(pilot)
            go.set()
            await played(pilot)
            assert not screen.has_class("-stale") and "all together" in text(pilot)


async def test_no_install_has_completed_says_so_and_what_can_be_done() -> None:
    with example("failed-disallow") as of:
        instance = of.examination.instance
        group = replace(instance.groups[0], last_successful=None)
        of.examination = replace(of.examination, instance=replace(instance, groups=(group,)))
        async with previewing(of) as (pilot, screen):
            assert screen.shown is None and "no Install event of the group has completed" in text(pilot)
            await press(pilot, "r")
            assert isinstance(pilot.app.screen, RevisionScreen)
            await press(pilot, "enter")
            await played(pilot)
            assert FAILED in lines(pilot)[1] and "In the way" in text(pilot)
