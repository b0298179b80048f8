from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import can_be_named
from tests.unit.cleanup_plan.planning import APP, Planned, opened, small_site
from tui.cleanup.choose import BadChoice, Selection, Wanted, asked_path, by_paths, by_rows, choose, read_paths
from tui.cleanup.presets import residue
from tui.cleanup.records import Why
from tui.forensics.marks import Confidence, Mark, State


def chosen(planned: Planned, selection: Selection) -> list[str]:
    return [planned.e.inventory.path(row) for row in selection.rows]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    more = {f"{APP}/made.txt": "made\n", f"{APP}/cache/x": "x", f"{APP}/upload.jpg": "j", f"{APP}/gone/deep/y.log": "y"}
    return small_site(tmp_path, more).top


def test_residue_is_what_scripts_made_and_what_was_left(site: Path) -> None:
    with opened(site) as planned:
        found = chosen(planned, residue(planned.e))
        assert f"{APP}/made.txt" in found
        assert f"{APP}/a.txt" not in found and f"{APP}/upload.jpg" not in found
        weak = chosen(planned, residue(planned.e, Confidence.POSSIBLE))
        marks = {planned.e.mark[planned.row(path)] for path in weak}
        assert set(found) <= set(weak) and marks <= {Mark.SCRIPT_CREATED, Mark.ORPHANED}


def test_weak_evidence_is_chosen_only_where_asked_for(site: Path) -> None:
    with opened(site) as planned:
        row = planned.row(f"{APP}/made.txt")
        planned.e.confidence[row] = Confidence.POSSIBLE
        assert f"{APP}/made.txt" not in chosen(planned, residue(planned.e))
        assert f"{APP}/made.txt" in chosen(planned, residue(planned.e, Confidence.POSSIBLE))


def test_a_mark_a_state_and_a_place_go_together(site: Path) -> None:
    with opened(site) as planned:
        deployed = Wanted(marks=frozenset([Mark.DEPLOYED]), states=frozenset([State.INTACT]))
        assert f"{APP}/a.txt" in chosen(planned, choose(planned.e, deployed, "deployed"))
        below = Wanted(below=(f"{APP}/gone", f"{APP}/gone/deep"))
        places = [f"{APP}/gone", f"{APP}/gone/deep", f"{APP}/gone/deep/y.log"]
        assert chosen(planned, choose(planned.e, below, "gone")) == places
        above = Wanted(below=("/srv",))
        assert len(choose(planned.e, above, "all").rows) == len(planned.e.inventory)
        assert not choose(planned.e, Wanted(below=("/srv/ap",)), "a name's beginning is no place")


def test_a_filter_and_globs_leave_out(site: Path) -> None:
    with opened(site) as planned:
        wanted = Wanted(matches=lambda row: planned.e.inventory.size[row] == 1, exclude=("*.log", "cache"))
        found = chosen(planned, choose(planned.e, wanted, "small"))
        assert f"{APP}/upload.jpg" in found and f"{APP}/gone/deep/y.log" not in found and f"{APP}/cache/x" not in found


def test_what_is_not_there_is_not_chosen(site: Path) -> None:
    (site / "srv/app/a.txt").unlink()
    with opened(site) as planned:
        assert f"{APP}/a.txt" not in chosen(planned, choose(planned.e, Wanted(), "all"))
        named = by_paths(planned.e, [f"{APP}/a.txt"], "one")
        assert not named and [one.code for one in named.refused] == ["absent"]


def test_a_group_that_there_is_not_has_nothing(site: Path) -> None:
    with opened(site) as planned:
        assert not choose(planned.e, Wanted(group="nobody"), "none")
        assert choose(planned.e, Wanted(group=planned.e.instance.groups[0].id), "some")


def test_single_paths_and_directories_whole(site: Path) -> None:
    with opened(site) as planned:
        named = by_paths(planned.e, [f"{APP}/gone", f"{APP}/upload.jpg", "/etc/passwd"], "some")
        assert chosen(planned, named)[-1] == f"{APP}/upload.jpg" and len(named.rows) == 4
        assert [(pick.path, pick.why) for pick in named.picks] == [("/etc/passwd", Why.PATH)]
        assert not by_paths(planned.e, [f"{APP}/gone"], "none", ("gone",))
        assert chosen(planned, by_rows([3, 1, 3], "ticked")) == [planned.e.inventory.path(row) for row in (1, 3)]


def test_nothing_chosen_is_no_action(site: Path) -> None:
    with opened(site) as planned:
        plan = planned.plan(choose(planned.e, Wanted(marks=frozenset()), "nothing"))
        assert not plan.steps and not plan.warnings and not plan.refused


@pytest.mark.parametrize(
    ("data", "windows", "found"),
    [
        (b"/a\n/b c\n\n", False, ["/a", "/b c"]),
        (b"/a\0/b\nc\0", False, ["/a", "/b\nc"]),
        (b"/a\r\n", False, ["/a\r"]),
        (b"C:\\a\r\nD:\\b", True, ["C:\\a", "D:\\b"]),
        (b"", False, []),
        (b"/\xff", False, ["/\udcff"]),
    ],
)
def test_lists_of_paths(data: bytes, windows: bool, found: list[str]) -> None:
    assert read_paths(data, windows) == found


def test_a_path_as_an_operator_writes_it(site: Path) -> None:
    with opened(site) as planned:
        instance = planned.e.instance
        assert asked_path(planned.root, instance, "/srv//app/./x/../a.txt") == f"{APP}/a.txt"
        for text in ("srv/app", "", "~/x", "/a\0b"):
            with pytest.raises(BadChoice):
                asked_path(planned.root, instance, text)


@pytest.mark.skipif(not can_be_named("a:b"), reason="this system has no such names")
def test_a_directory_named_like_a_drive_is_no_drive(site: Path) -> None:
    (site / "srv/app/C:").mkdir()
    with opened(site) as planned:
        assert asked_path(planned.root, planned.e.instance, f"{APP}/C:") == f"{APP}/C:"
