"""The walk: what it lists, in which order, and what it does not let itself be talked into."""

from __future__ import annotations

import os
import resource
import socket
import tempfile
import threading
from pathlib import Path
from typing import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import examples
from tui.disk import block, walk
from tui.disk.descriptors import Descriptors
from tui.disk.inventory import DIR, FILE, LINK, OTHER, UNKNOWN_TIME, Inventory, Note
from tui.disk.posix import PosixRoot
from tui.disk.root import WalkProgress, WalkRequest
from tui.disk.tops import Top, plan_tops
from tui.paths import path_key

from .support import check, paths, unprivileged

Walked = Callable[..., Inventory]


def test_rows_tell_what_is_there(top: Path, walked: Walked) -> None:
    (top / "srv/app/empty").mkdir(parents=True)
    (top / "srv/app/f.txt").write_text("hello")
    (top / "srv/app/f.txt").chmod(0o4750)
    os.utime(top / "srv/app/f.txt", ns=(1, 1234567890123456789))
    os.link(top / "srv/app/f.txt", top / "srv/app/hard")
    (top / "srv/app/link").symlink_to("../none")
    (top / "srv/app-other").write_text("no part of the tree")
    inventory = walked("/srv/app")
    assert paths(inventory) == ["/srv/app", *(f"/srv/app/{name}" for name in ("empty", "f.txt", "hard", "link"))]
    assert [*inventory.type] == [DIR, DIR, FILE, FILE, LINK]
    found = os.stat(top / "srv/app/f.txt")
    entry = inventory.entry(2)
    assert (entry.size, entry.mode, entry.mtime_ns) == (5, 0o4750, 1234567890123456789)
    assert (entry.uid, entry.gid, entry.ctime_ns) == (found.st_uid, found.st_gid, found.st_ctime_ns)
    assert (entry.device, entry.inode, entry.links) == (found.st_dev, found.st_ino, 2)
    assert inventory.entry(4).target == "../none"
    assert not inventory.notes
    for row, path in inventory.paths():
        assert inventory.path(row) == path
        assert inventory.find(path) == row


names = st.one_of(
    st.sampled_from(["a", "a.b", "a-b", "a b", "\n", "\x1b[2J", "é", "\U0001f40d"]),
    st.binary(min_size=1, max_size=6).map(lambda raw: os.fsdecode(raw.replace(b"/", b"x").replace(b"\0", b"y"))),
).filter(lambda name: name not in (".", ".."))


@settings(max_examples=examples(60), deadline=None)
@given(places=st.lists(st.tuples(st.booleans(), st.lists(names, min_size=1, max_size=4)), max_size=12))
def test_every_path_once_in_tree_order(places: list[tuple]) -> None:
    with tempfile.TemporaryDirectory() as top:
        expected = {"/t"}
        os.mkdir(top + "/t")
        for directory, parts in places:
            for i in range(1, len(parts) + 1):
                path = "/t/" + "/".join(parts[:i])
                if not os.path.lexists(top + path):
                    if i < len(parts) or directory:
                        os.mkdir(top + path)
                    else:
                        Path(top + path).write_text(path.encode("utf-8", "surrogateescape").hex())
                expected.add(path)
                if not os.path.isdir(top + path):
                    break
        with PosixRoot(top) as root:
            *_, inventory = root.walk(WalkRequest(["/t"]))
        check(inventory)
        assert paths(inventory) == sorted(expected, key=path_key)
        assert all(inventory.find(path) == row for row, path in inventory.paths())


def test_tops_are_sorted_and_listed_once(top: Path, walked: Walked) -> None:
    for path in ("a/x/y", "a.b", "etc/cron.d"):
        (top / path).mkdir(parents=True)
    (top / "etc/passwd").write_text("")
    (top / "etc/link").symlink_to("passwd")
    (top / "to-a").symlink_to("a")
    (top / "file").write_text("")
    inventory = walked(
        "/etc/cron.d",
        "/a/x/",
        "//a/./",
        "/none",
        "/to-a/x",
        "/to-a",
        "/file",
        "/a.b",
        "/none/\ud800",
        "/nul\0",
        singles=("/etc/passwd", "/etc", "/a/x/y", "/etc/link", "/etc/none", "/file/x", "/a/../etc/passwd"),
    )
    tops = ["/a", "/a.b", "/etc", "/etc/cron.d", "/etc/link", "/etc/passwd", "/file", "/to-a"]
    assert [inventory.path(row) for row in inventory.children(-1)] == tops
    assert paths(inventory) == sorted([*tops, "/a/x", "/a/x/y"], key=path_key)
    assert inventory.entry(inventory.find("/to-a")).target == "a"
    assert inventory.find("/etc/passwd") is not None
    assert inventory.find("/etc/other") is None
    assert not inventory.notes


def test_a_path_asked_for_in_both_ways_is_a_tree() -> None:
    for wanted in ([("/a", True), ("/a/", False)], [("/a", False), ("//a", True)]):
        assert plan_tops(wanted) == [Top("/a", True)]


def test_the_whole_root(top: Path, walked: Walked) -> None:
    (top / "a/b").mkdir(parents=True)
    assert paths(walked("/")) == ["/", "/a", "/a/b"]
    assert paths(walked(singles=("/",))) == ["/"]
    assert paths(walked()) == []


def test_special_files_are_named_and_left_alone(top: Path, root: PosixRoot, walked: Walked) -> None:
    os.mkfifo(top / "pipe")
    server = socket.socket(socket.AF_UNIX)
    here = os.open(".", os.O_RDONLY)
    os.chdir(top)  # a socket's path must be short
    try:
        server.bind("socket")
    finally:
        os.fchdir(here)
        os.close(here)
        server.close()
    expected = ["pipe", "socket"]
    if os.geteuid() == 0:
        try:
            os.mknod(top / "device", 0o020600, os.makedev(1, 5))  # endless zeros
            expected.insert(0, "device")
        except PermissionError:
            pass
    inventory = walked("/")
    assert paths(inventory)[1:] == ["/" + name for name in expected]
    assert set(inventory.type[1:]) == {OTHER}
    assert [name for name, _ in root.list("/")] == expected


def test_thousands_of_levels_with_few_descriptors(top: Path, root: PosixRoot, walked: Walked) -> None:
    depth = 3000
    fd = os.open(top, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("d", dir_fd=fd)
        os.mkdir("later", dir_fd=fd)  # so that the way back leads through every directory
        below = os.open("d", os.O_RDONLY, dir_fd=fd)
        os.close(fd)
        fd = below
    os.close(fd)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (128, hard))
    try:
        inventory = walked("/")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert len(inventory) == 1 + 2 * depth
    assert not inventory.notes
    assert inventory.path(depth) == "/d" * depth
    assert inventory.depth(depth) == depth
    assert inventory.path(len(inventory) - 1) == "/later"


def test_deeper_than_the_walk_goes(top: Path, walked: Walked, monkeypatch: pytest.MonkeyPatch) -> None:
    (top / "a/b/c/d").mkdir(parents=True)
    monkeypatch.setattr(walk, "MAX_DEPTH", 3)
    inventory = walked("/")
    assert paths(inventory) == ["/", "/a", "/a/b", "/a/b/c"]
    assert [(note.code, note.path) for note in inventory.notes] == [("limit", "/a/b/c")]


def test_more_than_the_walk_holds(top: Path, walked: Walked, monkeypatch: pytest.MonkeyPatch) -> None:
    for i in range(10):
        (top / f"d{i}").mkdir()
        (top / f"d{i}/f").write_text("")
    monkeypatch.setattr(walk, "MAX_ENTRIES", 6)
    inventory = walked("/")
    assert 6 <= len(inventory) < 21
    assert [note.code for note in inventory.notes] == ["limit"]


@pytest.mark.parametrize("blocks", [1, 2, 3, 2048])
def test_one_large_directory_in_blocks(top: Path, walked: Walked, monkeypatch: pytest.MonkeyPatch, blocks: int) -> None:
    monkeypatch.setattr(walk, "BLOCK", blocks)
    for i in range(24):
        path = top / f"{i:02d}"
        if i % 3 == 0:
            path.mkdir()
            (path / "x").write_text("")
        elif i % 3 == 1:
            path.symlink_to(str(i))
        else:
            path.write_text("")
            os.link(path, top / f"{i:02d}l")
    inventory = walked("/")
    assert paths(inventory) == sorted(paths(inventory), key=path_key)
    assert len(inventory) == 1 + 24 + 8 + 8
    for row, path in inventory.paths():
        if inventory.type[row] == LINK:
            assert inventory.targets[row] == str(int(path[1:]))
        assert inventory.links.get(row, 1) == (2 if path[1:3].isdigit() and int(path[1:3]) % 3 == 2 else 1)


@pytest.mark.parametrize("with_what", ["link", "directory", "file", "nothing"])
def test_a_directory_swapped_before_it_is_entered(
    top: Path, walked: Walked, monkeypatch: pytest.MonkeyPatch, with_what: str
) -> None:
    outside = top.parent / "outside"
    outside.mkdir()
    (outside / "canary").write_text("")
    (top / "a").mkdir()
    (top / "d").mkdir()
    (top / "d/inside").write_text("")
    real = Descriptors.stats

    def swap(*args: object) -> object:
        looked = real(*args)  # type: ignore[arg-type]
        if (top / "d/inside").exists():
            (top / "d").rename(top.parent / "was")
            if with_what == "link":
                (top / "d").symlink_to(outside)
            elif with_what == "directory":
                outside.rename(top / "d")
            elif with_what == "file":
                (top / "d").write_text("")
        return looked

    monkeypatch.setattr(Descriptors, "stats", swap)
    inventory = walked("/")
    assert paths(inventory) == ["/", "/a", "/d"]
    assert inventory.notes == [Note("vanished" if with_what == "nothing" else "swapped", "/d")]


def test_never_outside_while_directories_come_and_go(top: Path, root: PosixRoot) -> None:
    outside = top.parent / "outside"
    (outside / "sub").mkdir(parents=True)
    (outside / "sub/canary").write_text("")
    (top / "d/sub").mkdir(parents=True)
    (top / "link").symlink_to(outside)
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            for old, new in (("d", "was"), ("link", "d"), ("d", "link"), ("was", "d")):
                (top / old).rename(top / new)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        for _ in range(300):
            *_, inventory = root.walk(WalkRequest(["/"]))
            check(inventory)
            assert b"canary" not in inventory.name_blob
    finally:
        stop.set()
        thread.join()


def test_entries_that_vanish_while_they_are_looked_at(
    top: Path, walked: Walked, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abc":
        (top / name).write_text("")
    real = Descriptors.stats

    def remove(disk: Descriptors, names: list[str], here: int) -> object:
        (top / "b").unlink()
        return real(disk, names, here)

    monkeypatch.setattr(Descriptors, "stats", remove)
    inventory = walked("/")
    assert paths(inventory) == ["/", "/a", "/c"]
    assert inventory.notes == [Note("vanished", "/b")]


def test_directories_that_may_not_be_read(top: Path, walked: Walked) -> None:
    for name in ("shut", "listed", "entered"):
        (top / name).mkdir()
        (top / name / "f").write_text("")
    top.chmod(0o755)
    (top / "shut").chmod(0)
    (top / "listed").chmod(0o444)
    (top / "entered").chmod(0o111)
    with unprivileged():
        inventory = walked("/", singles=("/entered/f", "/entered/none", "/shut/f"))
    assert paths(inventory) == ["/", "/entered", "/listed", "/shut", "/entered/f"]
    assert [(note.code, note.path) for note in inventory.notes] == [
        ("unreadable", "/entered"),
        ("unreadable", "/listed/f"),
        ("unreadable", "/shut"),
        ("unreadable", "/shut/f"),
    ]
    assert all(note.detail == "permission denied" for note in inventory.notes)


def test_other_file_systems_are_named_and_not_entered() -> None:
    if not os.path.ismount("/dev/shm"):
        pytest.skip("no file system mounted at /dev/shm")
    with tempfile.TemporaryDirectory(dir="/dev/shm") as inner, PosixRoot("/") as root:

        def walk_dev(*trees: str, cross_mounts: bool = False) -> Inventory:
            *_, inventory = root.walk(WalkRequest(["/dev", *trees], (), cross_mounts))
            check(inventory)
            return inventory

        plain = walk_dev()
        assert plain.entry(plain.find("/dev/shm")).type == DIR
        assert plain.find(inner) is None
        assert Note("mount", "/dev/shm") in plain.notes
        for inventory in (walk_dev(cross_mounts=True), walk_dev("/dev/shm")):
            assert inventory.find(inner) is not None
            assert Note("mount", "/dev/shm") not in inventory.notes
            assert len(set(inventory.devices)) == len(inventory.devices) > 1
        below = walk_dev(inner)
        assert Note("mount", "/dev/shm") in below.notes
        assert below.parent[below.find(inner)] == -1


def test_a_cancelled_walk_is_cut_short(top: Path, root: PosixRoot) -> None:
    for i in range(20):
        (top / f"{i:02d}/x").mkdir(parents=True)
    looks = []

    def cancelled() -> bool:
        looks.append(1)
        return len(looks) > 6

    *_, inventory = root.walk(WalkRequest(["/"]), cancelled)
    check(inventory)
    assert 1 < len(inventory) < 41
    assert [note.code for note in inventory.notes] == ["cancelled"]
    *_, inventory = root.walk(WalkRequest(["/"]), lambda: True)
    assert len(inventory) == 0


def test_a_walk_given_up_midway_closes_everything(top: Path, root: PosixRoot) -> None:
    (top / "a/b/c").mkdir(parents=True)
    walking = root.walk(WalkRequest(["/"]))
    next(walking)
    walking.close()


def test_snapshots_agree_with_the_end(top: Path, root: PosixRoot, monkeypatch: pytest.MonkeyPatch) -> None:
    for i in range(12):
        (top / f"{i:02d}/x/y").mkdir(parents=True)
        (top / f"{i:02d}/f").write_text("")
        (top / f"{i:02d}/g").symlink_to("f")
    monkeypatch.setattr(walk, "_FIRST", 1)
    monkeypatch.setattr(walk, "_FACTOR", 1)
    monkeypatch.setattr(walk, "_SNAPSHOT", 0.0)
    *events, final = root.walk(WalkRequest(["/"]))
    snapshots = [event for event in events if isinstance(event, Inventory)]
    assert len(snapshots) > 10
    assert not final.partial
    for snapshot in snapshots:
        assert snapshot.partial
        check(snapshot)
        count = len(snapshot)
        assert paths(snapshot) == paths(final)[:count]
        assert snapshot.end == type(final.end)("I", [min(end, count) for end in final.end[:count]])
        for name in ("parent", "type", "mode", "size", "mtime_ns", "inode", "device"):
            assert getattr(snapshot, name) == getattr(final, name)[:count]
        assert snapshot.targets == {row: text for row, text in final.targets.items() if row < count}
        snapshot.find("/")
    snapshots[0].type[0] = OTHER
    assert final.type[0] == DIR


def test_progress_comes_first_and_tells_where(top: Path, root: PosixRoot) -> None:
    (top / "a").mkdir()
    first, *_ = root.walk(WalkRequest(["/a"]))
    assert first == WalkProgress(0, "/a")


def test_numbers_that_no_column_holds(top: Path, walked: Walked) -> None:
    assert [*block._ints("q", [0, 2**63, -(2**80)])] == [0, 2**63 - 1, UNKNOWN_TIME + 1]
    assert [*block._ints("I", [-1, 7])] == [2**32 - 1, 7]
    (top / "f").write_text("")
    os.utime(top / "f", (13_000_000_000, 13_000_000_000))  # the year 2381, past 2**63 nanoseconds
    if os.stat(top / "f").st_mtime_ns > 2**63:
        assert walked("/").entry(1).mtime_ns == 2**63 - 1


def test_access_times_stay(top: Path, root: PosixRoot, walked: Walked) -> None:
    (top / "a/b").mkdir(parents=True)
    (top / "a/b/f").write_text("same")
    (top / "c").mkdir()
    (top / "c/f").write_text("same")
    everything = [top / path for path in ("a/b/f", "c/f", "a/b", "a", "c", ".")]
    for path in everything:
        os.utime(path, (1000, 2000))
    inventory = walked("/")
    row = inventory.find("/a/b/f")
    assert b"".join(results for _, results in root.compare(inventory, [row], lambda _: "/c/f")) == b"\0"
    root.read("/a/b/f", 10)
    root.list("/a/b")
    assert root.same_content("/a/b/f", "/c/f")
    assert [os.stat(path).st_atime for path in everything] == [1000] * len(everything)
