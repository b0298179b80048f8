"""Deployed files against their revision: one test a verdict, and what must not change any."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Callable, Optional

import pytest

from tui.disk import comparison, posix, posix_compare
from tui.disk.compare import (
    ABSENT_HERE,
    CODE_NAMES,
    DIFFERENT,
    NO_SOURCE,
    OTHER_TYPE,
    SAME,
    UNREADABLE,
    content_equal,
)
from tui.disk.inventory import ABSENT, FILE, Inventory
from tui.disk.posix import PosixRoot
from tui.disk.root import NotThere, Unusable

from .support import unprivileged

Walked = Callable[..., Inventory]


@pytest.fixture
def here(top: Path) -> Path:
    """Where files are deployed; their revision is at /rev."""
    (top / "rev").mkdir()
    (top / "srv/app").mkdir(parents=True)
    return top / "srv/app"


@pytest.fixture
def rev(top: Path, here: Path) -> Path:
    return top / "rev"


@pytest.fixture
def verdict(root: PosixRoot, walked: Walked) -> Callable[..., int]:
    """Walk, compare one file with one of the revision, give the code."""

    def compare(
        path: str = "/srv/app/f", source: Optional[str] = "/rev/f", between: Callable[[], object] = lambda: None
    ) -> int:
        inventory = walked("/srv").with_absent([path])
        between()
        row = inventory.find(path)
        assert row is not None
        (answer,) = root.compare(inventory, [row], lambda asked: source if asked == row else None)
        assert answer[0] == 1
        (code,) = answer[1]
        assert CODE_NAMES[code]
        return code

    return compare


@pytest.mark.parametrize("size", [0, 1, 2000, comparison._WHOLE, comparison._WHOLE + 1, (2 << 20) + 17])
def test_same_and_different_content(here: Path, rev: Path, verdict: Callable[..., int], size: int) -> None:
    (here / "f").write_bytes(b"x" * size)
    (rev / "f").write_bytes(b"x" * size)
    assert verdict() == SAME
    if size:
        for at in {0, size - 1}:
            with open(rev / "f", "r+b") as file:
                file.seek(at)
                file.write(b"y")
            os.utime(rev / "f", (1, 1))
            os.utime(here / "f", (1, 1))
            assert verdict() == DIFFERENT
            (rev / "f").write_bytes(b"x" * size)


def test_another_size_is_different_without_a_read(
    here: Path, rev: Path, verdict: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "f").write_text("short")
    (rev / "f").write_text("longer")
    monkeypatch.setattr(comparison, "open_file", None)
    assert verdict() == DIFFERENT


def test_a_file_that_grew_since_the_walk(here: Path, rev: Path, verdict: Callable[..., int]) -> None:
    (here / "f").write_text("same")
    (rev / "f").write_text("same")
    assert verdict(between=lambda: (here / "f").write_text("same and more")) == DIFFERENT
    (here / "f").write_text("same")
    assert verdict(between=lambda: (here / "f").write_text("")) == DIFFERENT


def test_one_file_under_two_names_is_not_read(
    here: Path, rev: Path, verdict: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    (rev / "f").write_text("x")
    os.link(rev / "f", here / "f")
    monkeypatch.setattr(comparison, "open_file", None)
    assert verdict() == SAME


def test_links_by_their_text(here: Path, rev: Path, verdict: Callable[..., int]) -> None:
    (here / "f").symlink_to("target")
    (rev / "f").symlink_to("target")
    assert verdict() == SAME
    (rev / "f").unlink()
    (rev / "f").symlink_to("./target")
    assert verdict() == DIFFERENT
    (rev / "f").unlink()
    (rev / "f").write_text("target")
    assert verdict() == OTHER_TYPE


@pytest.mark.parametrize("other", ["link", "dir", "pipe"])
def test_a_file_where_the_revision_has_another_type(
    here: Path, rev: Path, verdict: Callable[..., int], other: str
) -> None:
    (here / "f").write_text("x")
    (rev / "real").write_text("x")
    if other == "link":
        (rev / "f").symlink_to("real")
    elif other == "dir":
        (rev / "f").mkdir()
    else:
        os.mkfifo(rev / "f")
    assert verdict() == OTHER_TYPE


def test_a_pipe_where_a_file_should_be(here: Path, rev: Path, verdict: Callable[..., int]) -> None:
    (rev / "f").write_text("x")
    os.mkfifo(here / "f")
    assert verdict() == OTHER_TYPE


def test_directories(here: Path, rev: Path, verdict: Callable[..., int]) -> None:
    (here / "d").mkdir()
    (rev / "d").mkdir()
    (rev / "link").symlink_to("/rev/d")
    (rev / "dangling").symlink_to("/none")
    (rev / "f").write_text("")
    assert verdict("/srv/app/d", "/rev/d") == SAME
    assert verdict("/srv/app/d", "/rev/link") == SAME
    assert verdict("/srv/app/d", "/rev/d/") == SAME
    assert verdict("/srv/app/d", "/rev/.") == SAME
    assert verdict("/srv/app/d", "/..") == SAME
    assert verdict("/srv/app/d", None) == SAME
    assert verdict("/srv/app/d", "/rev/f") == OTHER_TYPE
    assert verdict("/srv/app/d", "/rev/dangling") == OTHER_TYPE
    assert verdict("/srv/app/d", "/rev/none") == NO_SOURCE


def test_no_source(here: Path, rev: Path, verdict: Callable[..., int]) -> None:
    (here / "f").write_text("")
    (rev / "file").write_text("")
    for source in ("/rev/f", "/none/f", "/rev/file/f", "/rev/\ud800", "/rev/nul\0", None):
        assert verdict(source=source) == NO_SOURCE, source
    (here / "link").symlink_to("x")
    assert verdict("/srv/app/link") == NO_SOURCE


def test_absent_rows(here: Path, rev: Path, verdict: Callable[..., int]) -> None:
    (rev / "f").write_text("")
    assert verdict() == ABSENT_HERE


def test_sources_are_looked_up_through_links_inside_the_root(
    top: Path, here: Path, rev: Path, verdict: Callable[..., int]
) -> None:
    (top.parent / "f").write_text("outside")
    (here / "f").write_text("outside")
    (rev / "real").mkdir()
    (rev / "real/f").write_text("outside")
    (rev / "link").symlink_to("/rev/real")
    (rev / "out").symlink_to(top.parent)
    (rev / "up").symlink_to("../../..")
    assert verdict(source="/rev/link/f") == SAME
    assert verdict(source="/rev/out/f") == NO_SOURCE
    assert verdict(source="/rev/up/f") == NO_SOURCE
    assert verdict(source="/rev/../../f") == NO_SOURCE


def test_gone_or_replaced_since_the_walk(top: Path, here: Path, rev: Path, verdict: Callable[..., int]) -> None:
    (rev / "f").write_text("x")

    def deploy() -> None:
        (here / "f").write_text("x")

    deploy()
    assert verdict(between=(here / "f").unlink) == ABSENT_HERE
    deploy()
    assert verdict(between=lambda: ((here / "f").unlink(), (here / "f").symlink_to("/rev/f"))) == OTHER_TYPE
    (here / "f").unlink()
    deploy()
    assert verdict(between=lambda: ((here / "f").unlink(), (here / "f").mkdir())) == OTHER_TYPE
    (here / "f").rmdir()
    deploy()
    assert verdict(between=lambda: ((here / "f").unlink(), os.mkfifo(here / "f"))) != SAME
    (here / "f").unlink()
    deploy()
    assert verdict(between=lambda: here.rename(top / "was")) == ABSENT_HERE


@pytest.mark.parametrize("with_what", ["link", "directory"])
def test_a_directory_above_swapped_since_the_walk(
    top: Path, here: Path, rev: Path, root: PosixRoot, walked: Walked, with_what: str
) -> None:
    (top / "evil/app").mkdir(parents=True)
    for side in (here, rev, top / "evil/app"):
        for name in "abc":
            (side / name).write_text("x")
    inventory = walked("/srv")
    (top / "srv").rename(top / "was")
    if with_what == "link":
        (top / "srv").symlink_to("/evil")
    else:
        (top / "evil").rename(top / "srv")
    rows = [row for row, _ in inventory.paths() if inventory.type[row] == FILE]
    results = answers(root, inventory, rows)
    assert results == bytes([ABSENT_HERE if with_what == "link" else UNREADABLE]) * 3


def test_no_permission(top: Path, here: Path, rev: Path, verdict: Callable[..., int]) -> None:
    (here / "f").write_text("x")
    (rev / "f").write_text("x")
    top.chmod(0o755)
    with unprivileged():
        assert verdict() == SAME  # of another user, whose access times may not be left alone
    for path, mode in ((here / "f", 0o644), (rev / "f", 0o644), (rev, 0o755)):
        path.chmod(0)
        with unprivileged():
            assert verdict() == UNREADABLE
        path.chmod(mode)


@pytest.fixture
def many(here: Path, rev: Path, walked: Walked) -> Inventory:
    for i in range(300):
        folder = f"d{i % 7}/e{i % 3}"
        for side in (here, rev):
            (side / folder).mkdir(parents=True, exist_ok=True)
            (side / folder / f"{i:03d}").write_text(f"{i}")
        if i % 5 == 0:
            (here / folder / f"{i:03d}").write_text("x" * len(str(i)))
        if i % 11 == 0:
            (rev / folder / f"{i:03d}").unlink()
    (here / "single").write_text("x")
    (rev / "single").write_text("x")
    return walked("/srv/app/d0", "/srv/app/d1", *(f"/srv/app/d{i}" for i in range(2, 7)), singles=("/srv/app/single",))


def answers(root: PosixRoot, inventory: Inventory, rows: list[int]) -> bytes:
    results, last = b"", 0
    for done, some in root.compare(inventory, rows, lambda row: "/rev" + inventory.path(row)[8:]):
        assert done == last + len(some)
        results, last = results + some, done
    return results


@pytest.mark.parametrize("by", ["one", "threads", "processes"])
def test_many_rows_in_their_order(root: PosixRoot, many: Inventory, monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    rows = [row for row in range(len(many)) if many.type[row] == FILE]
    expected = []
    for row in rows:
        number = many.name(row)
        if not number.isdigit():
            expected.append(SAME)
        else:
            i = int(number)
            expected.append(NO_SOURCE if i % 11 == 0 else DIFFERENT if i % 5 == 0 else SAME)
    if by == "threads":
        monkeypatch.setattr(posix_compare._Scheduler, "_weigh", lambda self: setattr(self, "_wide", True))
        monkeypatch.setattr(posix_compare, "PART", 4)
    elif by == "processes":
        monkeypatch.setattr(posix, "ENOUGH", 2)
        monkeypatch.setattr(posix, "may_fork", lambda: sys.platform.startswith("linux"))
    assert answers(root, many, rows) == bytes(expected)
    assert answers(root, many, rows[::7]) == bytes(expected[::7])
    assert answers(root, many, []) == b""


@pytest.mark.parametrize("threads", [False, True])
def test_a_cancelled_comparison_ends_early(
    root: PosixRoot, many: Inventory, monkeypatch: pytest.MonkeyPatch, threads: bool
) -> None:
    rows = [row for row in range(len(many)) if many.type[row] == FILE]
    whole = answers(root, many, rows)
    monkeypatch.setattr(posix_compare._Scheduler, "_weigh", lambda self: setattr(self, "_wide", threads))
    monkeypatch.setattr(posix_compare, "PART", 4)
    looks: list[int] = []

    def cancelled() -> bool:
        looks.append(1)
        return len(looks) > 9

    results = b""
    for _, some in root.compare(many, rows, lambda row: "/rev" + many.path(row)[8:], cancelled):
        results += some
    assert len(results) < len(rows)
    assert whole.startswith(results)
    assert list(root.compare(many, rows, lambda row: None, lambda: True)) == []


def test_a_comparison_given_up_midway_closes_everything(
    root: PosixRoot, many: Inventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posix_compare._Scheduler, "_weigh", lambda self: setattr(self, "_wide", True))
    monkeypatch.setattr(posix_compare, "PART", 4)
    monkeypatch.setattr(posix_compare, "_REPORT", 0.0)
    comparing = root.compare(many, range(len(many)), lambda row: "/rev" + many.path(row)[8:])
    next(comparing)
    comparing.close()


def test_a_source_that_fails_is_not_swallowed(root: PosixRoot, many: Inventory) -> None:
    def source(row: int) -> str:
        raise ValueError("no source")

    with pytest.raises(ValueError, match="no source"):
        list(root.compare(many, [len(many) - 1], source))


def test_waiting_for_the_disk_calls_for_threads(root: PosixRoot, many: Inventory) -> None:
    scheduler = posix_compare._Scheduler(root._resolver, many, [], lambda _: None, lambda: False)
    try:
        for cpu, wide in ((0.9, False), (0.3, True), (0.7, True), (1.5, False), (0.7, False)):
            scheduler._clocks = (-1e6, -1e6 * cpu, -(10**9))  # long ago, so that the clocks' own values hardly matter
            scheduler._weigh()
            assert scheduler._wide is wide, cpu
        scheduler._clocks = (-1e6, -1e6 * 0.3, posix_compare._clocks()[2])
        scheduler._weigh()
        assert not scheduler._wide  # it did not wait for the disk: others kept the processor busy
    finally:
        scheduler.close()


def test_thousands_of_levels(top: Path, root: PosixRoot, walked: Walked) -> None:
    for side in ("a", "b"):
        (top / side).mkdir()
        fd = os.open(top / side, os.O_RDONLY)
        for level in range(500):
            with os.fdopen(os.open("z", os.O_WRONLY | os.O_CREAT, dir_fd=fd), "w") as file:
                file.write(str(level))
            os.mkdir("d", dir_fd=fd)
            below = os.open("d", os.O_RDONLY, dir_fd=fd)
            os.close(fd)
            fd = below
        os.close(fd)
    inventory = walked("/a")
    rows = [row for row in range(len(inventory)) if inventory.type[row] == FILE]
    results = b"".join(some for _, some in root.compare(inventory, rows, lambda row: "/b" + inventory.path(row)[2:]))
    assert results == bytes([SAME]) * 500


def test_content_of_two_files(top: Path, root: PosixRoot) -> None:
    large = b"0123456789abcdef" * (3 << 16)
    for name, data in (("a", large), ("b", large), ("c", large[:-1] + b"x"), ("d", large[:-1]), ("e", b"")):
        (top / name).write_bytes(data)
    assert root.same_content("/a", "/b")
    assert not root.same_content("/a", "/c")
    assert not root.same_content("/a", "/d")
    assert not root.same_content("/e", "/a")
    assert content_equal(root, "/e", "/e")
    (top / "dir").mkdir()
    with pytest.raises(Unusable):
        root.same_content("/a", "/dir")
    with pytest.raises(NotThere):
        root.same_content("/none", "/a")


def test_rows_that_no_walk_gives(top: Path, root: PosixRoot, here: Path, rev: Path, walked: Walked) -> None:
    (here / "f").write_text("x")
    (rev / "f").write_text("x")
    inventory = walked("/srv")
    row = inventory.append(0, "app/../app/f", FILE, size=1)
    inventory.end[0] = row + 1
    (answer,) = root.compare(inventory, [row], lambda _: "/rev/f")
    assert answer == (1, bytes([ABSENT_HERE]))
    assert inventory.type.count(ABSENT) == 0
