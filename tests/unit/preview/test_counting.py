"""Instructions counted without being made, so that a revision that walks in circles is noticed early."""

from __future__ import annotations

from typing import Any

import pytest

from tui.disk.source import open_source
from tui.disk.tree import RootTree
from tui.preview import instructions
from tui.preview.counting import Counter
from tui.preview.disk import Dir, Disk
from tui.preview.instructions import Endless, Instructions
from tui.preview.records import Revision

from .building import ARCHIVE, OVERWRITE, Content, Link, Site

CIRCLES: dict[str, Content] = {"app/d/l": Link("."), "app/d/m": Link("../d"), "app/f": "f"}
REVISIONS: dict[str, dict[str, Content]] = {
    "files": {"app/a": "a", "app/d/e/b": "b", "app/d/c": "c", "app/empty": None},
    "a circle": {"app/d/x": "x", "app/d/l": Link("."), "app/f": "f"},
    "circles that meet": {"app/a/l": Link("../b"), "app/b/m": Link("../a"), "app/b/x": "x"},
    "links that end": {"app/l": Link("nowhere"), "app/m": Link("f"), "app/f": "f", "app/n": Link("../d"), "d/x": "x"},
}


def counted(site: Site, revision: Revision, enough: int = 1 << 40) -> tuple[int, int]:
    with open_source(str(site.top)) as root:
        disk = Disk(RootTree(root))
        disk.mount(ARCHIVE, revision.tree)
        top = disk.find(f"{ARCHIVE}/app").entry
        assert isinstance(top, Dir)
        return Counter(disk).below(top, 0, enough)


@pytest.mark.parametrize("files", REVISIONS.values(), ids=list(REVISIONS))
def test_the_count_is_that_of_the_instructions_that_are_made(site: Site, files: dict[str, Content]) -> None:
    site.put({"/srv": None})
    revision = site.revision(files)
    assert counted(site, revision)[0] == site.deploy(revision).instructions


def test_the_longest_path_is_counted_in_bytes(site: Site) -> None:
    assert counted(site, site.revision({"app/dir/é": "", "app/four": "", "app/l": Link("dir")}))[1] == len("/dir/é") + 1
    deep = site.revision({"app/dir/l": Link("."), "app/x": ""})
    directories, copies = 1 + 41, 2  # the link itself is copied where no more links are followed
    assert counted(site, deep) == (directories + copies, len("/dir") + 41 * len("/l"))


def test_a_part_that_is_enough_is_told_with_the_way_to_it(site: Site) -> None:
    instructions_of_part, longest = counted(site, site.revision(CIRCLES), 1000)
    assert 1000 < instructions_of_part < 5000
    assert longest == len("/d") + 41 * len("/l")


def test_circles_are_noticed_before_they_are_walked(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    add = Instructions.add

    def noted(self: Instructions, *values: Any) -> int:
        made.append(values)
        return add(self, *values)

    monkeypatch.setattr(Instructions, "add", noted)
    monkeypatch.setattr(instructions, "AT_ONCE", 50)
    with pytest.raises(Endless, match="1,000,000 instructions: it holds links that lead in circles"):
        site.deploy(site.revision(CIRCLES))
    assert 50 <= len(made) < 100


@pytest.mark.parametrize("at_once", [1, 1 << 16])
@pytest.mark.parametrize("files", list(REVISIONS.values())[:3], ids=list(REVISIONS)[:3])
def test_exactly_as_many_as_there_may_be_are_made(
    site: Site, files: dict[str, Content], at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.put({"/srv": None})
    revision = site.revision(files)
    count = site.deploy(revision).instructions
    monkeypatch.setattr(instructions, "AT_ONCE", at_once)
    monkeypatch.setattr(instructions, "MOST", count)
    assert site.deploy(revision).instructions == count
    monkeypatch.setattr(instructions, "MOST", count - 1)
    with pytest.raises(Endless):
        site.deploy(revision)


def test_what_is_in_the_way_is_told_though_there_are_circles(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instructions, "AT_ONCE", 1)
    monkeypatch.setattr(instructions, "MOST", 500)
    site.put({"/srv/app/f": "an operator's"})
    revision = site.revision(CIRCLES)
    assert [item.path for item in site.deploy(revision).collisions] == ["/srv/app/f"]
    with pytest.raises(Endless):
        site.deploy(revision, OVERWRITE)
