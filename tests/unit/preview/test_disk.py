"""The model of the disk by itself: looking paths up as the system does, and taking changes back."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Optional

from hypothesis import assume, example, given
from hypothesis import strategies as st

from tests.support import DirectoryRoot, posix_only
from tui.disk.inventory import DIR, FILE, LINK
from tui.disk.source import open_source
from tui.disk.tree import RootTree
from tui.paths import child_path
from tui.preview.disk import Dir, Disk, Entry, Item, NoWay

from .building import Link, Site, appspec
from .trees import NAMES, Node, grow, trees

pytestmark = posix_only

PARTS = st.sampled_from([*NAMES, *NAMES, ".", "..", "", "n" * 256])
PATHS = st.lists(PARTS, max_size=6).map(lambda parts: "/".join(["/data", *parts]))


@contextmanager
def grown(tree: dict[str, Node]) -> Iterator[tuple[str, Disk]]:
    """A tree on disk below /data, and the model of it."""
    with tempfile.TemporaryDirectory() as directory:
        top = os.path.realpath(directory)
        grow(Path(top, "data"), tree)
        with DirectoryRoot(top) as root:
            yield top, Disk(RootTree(root))


def leads_out(top: str, path: str) -> bool:
    """Whether a path's dots lead above the top on the way, where on this machine there is more."""
    at = top
    for part in path.split("/") if ".." in path else ():
        at = os.path.realpath(os.path.join(at, part)) if part != ".." else os.path.dirname(at)
        if not f"{at}/".startswith(top + "/"):
            return True
    return False


def really(place: str, follow: bool) -> tuple[int, Optional[tuple[int, int]]]:
    """The system's answer: error number, and identity of what is there."""
    try:
        status = os.stat(place, follow_symlinks=follow)
    except OSError as error:
        return error.errno or 0, None
    return 0, (status.st_dev, status.st_ino)


def modelled(top: str, disk: Disk, path: str, follow: bool) -> tuple[int, Optional[tuple[int, int]]]:
    """The model's answer in the same form."""
    try:
        found = disk.find(path, follow)
    except NoWay as way:
        return way.number, None
    if found.entry is None:
        return errno.ENOENT, None
    status = os.lstat(top + found.path)
    return 0, (status.st_dev, status.st_ino)


@given(trees(), st.lists(PATHS, min_size=1, max_size=8))
@example({"a": Link("a"), "b": Link("nowhere")}, ["/data/a", "/data/a/", "/data/b/", "/data/b/x", "/data/a/../b"])
@example({"a": Link("."), "c": Link("a/a/a")}, ["/data" + "/a" * 40, "/data" + "/a" * 41, "/data" + "/c" * 10])
@example({"a": None}, ["/data/a" + "/a" * 2050, "/data" + "/." * 2045, "/data" + "/." * 2046])
def test_a_path_leads_where_the_system_says(tree: dict[str, Node], paths: list[str]) -> None:
    with grown(tree) as (top, disk):
        for path in paths:
            assume(not leads_out(top, path))
            if len(top + path) < 4095:  # the system counts its own top, too
                for follow in (True, False):
                    assert modelled(top, disk, path, follow) == really(top + path, follow), (path, follow)
                assert disk.exists(path) == os.path.exists(top + path)
                assert disk.is_directory(path) == os.path.isdir(top + path)


def test_a_path_of_4095_bytes_is_looked_up_and_one_more_is_too_long() -> None:
    with grown({"a": None}) as (_, disk):
        path = "/data" + "/." * 2045
        assert disk.is_directory(path)
        for longer in (path + "/", path + "/."):
            try:
                disk.find(longer)
            except NoWay as way:
                assert way.number == errno.ENAMETOOLONG
            else:
                raise AssertionError(longer)


def test_a_relative_path_and_an_empty_one_lead_nowhere() -> None:
    with grown({"a": None}) as (_, disk):
        assert not disk.exists("data/a")
        assert not disk.exists("")


def everything(disk: Disk) -> list[tuple[str, int, int, int, int, Optional[str]]]:
    """All that the model holds: path, kind, mode, owner, group, and where content comes from or a link leads."""
    found, todo = [], [disk.top]
    while todo:
        directory = todo.pop()
        found.append((directory.path, DIR, directory.mode, directory.uid, directory.gid, None))
        for name, entry in sorted(disk.named(directory)):
            if isinstance(entry, Dir):
                todo.append(entry)
            else:
                link = entry.kind == LINK
                what = disk.text(directory, name, entry) if link else f"{entry.size} {entry.home is None} {entry.links}"
                path = child_path(directory.path, name)
                found.append((path, entry.kind, entry.mode, entry.uid, entry.gid, what))
    return found


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["put", "link", "remove", "make", "chmod"]),
        st.lists(st.sampled_from(NAMES), min_size=1, max_size=3).map(lambda names: "/".join(["/data", *names])),
    ),
    max_size=12,
)


def change(disk: Disk, what: str, path: str) -> None:
    """Change the model where that makes sense."""
    try:
        found = disk.find(path, follow=what == "chmod")
    except NoWay:
        return
    if what == "chmod" and found.entry is not None:
        disk.set_attributes(found, 0o700, 7, 8)
    elif not found.name:
        return
    elif what == "put" and not isinstance(found.entry, Dir):
        disk.put(found.dir, found.name, Item(FILE, 0o600, 1, 1, 99))
    elif what == "link" and found.entry is None:
        disk.put(found.dir, found.name, Item(LINK, 0o777, 0, 0, 1, None, "../a"))
    elif what == "make" and found.entry is None:
        disk.make(found.dir, found.name, 0o755, 0, 0)
    elif (
        what == "remove"
        and found.entry is not None
        and not (isinstance(found.entry, Dir) and disk.entries(found.entry))
    ):
        disk.remove(found.dir, found.name)


def _holds_something(disk: Disk, entry: Entry) -> bool:
    return isinstance(entry, Dir) and bool(disk.entries(entry))


@given(trees(), CHANGES, CHANGES, st.booleans())
def test_going_back_to_a_checkpoint_leaves_the_model_as_it_was(
    tree: dict[str, Node], first: list[tuple[str, str]], second: list[tuple[str, str]], looked: bool
) -> None:
    with grown(tree) as (_, disk), grown(tree) as (_, other):
        for what, path in first:
            change(disk, what, path)
            change(other, what, path)
        before = everything(other)
        if looked:
            assert everything(disk) == before
        checkpoint = disk.checkpoint()
        for what, path in second:
            change(disk, what, path)
        disk.back_to(checkpoint)
        assert everything(disk) == before


@given(trees(), CHANGES)
def test_before_holds_what_stood_at_first_at_every_path_that_changed(
    tree: dict[str, Node], changes: list[tuple[str, str]]
) -> None:
    with grown(tree) as (_, disk), grown(tree) as (_, untouched):
        for what, path in changes:
            change(disk, what, path)
        was = {row[0]: row for row in everything(untouched)}
        now = {row[0]: row for row in everything(disk)}
        different = {path for path in was.keys() | now.keys() if was.get(path) != now.get(path)}
        assert different <= disk.before.keys()
        for path, item in disk.before.items():
            row = was.get(path)
            assert (item is None) == (row is None), path
            if item is not None and row is not None:
                assert (item.kind, item.mode, item.uid, item.gid) == row[1:5]


SHARED = ("/srv", "/etc", "/usr/local", "/data")
PLACES = st.lists(
    st.tuples(st.sampled_from(SHARED), st.lists(st.sampled_from(NAMES), max_size=3).map("/".join)).map("/".join),
    max_size=5,
)


@given(trees(), trees(), PLACES, PLACES)
def test_what_the_scan_has_seen_is_what_would_be_read(
    one: dict[str, Node], two: dict[str, Node], listed: list[str], destinations: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        site = Site(Path(os.path.realpath(directory)))
        for top in SHARED:
            grow(site.place(top), one if top in SHARED[:2] else two)
        site.cleanup(*listed)
        site.deployed({"appspec.yml": appspec(*(("/", place) for place in destinations))})
        with open_source(str(site.top)) as root:
            inventory = site.examined(root).inventory
            assert everything(Disk(RootTree(root), False, inventory)) == everything(Disk(RootTree(root)))
