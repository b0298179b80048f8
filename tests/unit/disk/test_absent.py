"""Rows for what is not on disk, against a model that keeps the trees as nested dictionaries."""

from __future__ import annotations

import os
from typing import Optional

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support import examples
from tui.disk.inventory import ABSENT, DIR, FILE, LINK, NO_ROW, UNKNOWN_TIME, Inventory, Note
from tui.paths import path_key, split

from .support import check

Node = dict[str, tuple[int, "Node"]]  # type: ignore[misc]
Row = tuple[str, int, Optional[str], int]  # path, type, parent's path, rows below

names = st.sampled_from(["a", "b", "c", "a.b", "é"])
places = st.lists(names, min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts))
kinds = st.sampled_from([FILE, DIR, DIR, DIR, LINK])


class Model:
    """Trees by the path of their top: slow, and plain to see through."""

    def __init__(self) -> None:
        self.tops: dict[str, tuple[int, Node]] = {}

    def node(self, path: str) -> Optional[tuple[int, Node]]:
        if path in self.tops:
            return self.tops[path]
        if path == "/":
            return None
        above, name = split(path)
        found = self.node(above)
        return None if found is None else found[1].get(name)

    def add(self, path: str, kind: int) -> None:
        if self.node(path) is not None:
            return
        above, name = split(path)
        parent = self.node(above) if path != "/" else None
        if parent is not None and parent[0] in (DIR, ABSENT):
            parent[1][name] = (kind, {})
        elif path not in self.tops:
            self.tops[path] = (kind, {})

    def rows(self) -> list[Row]:
        rows: list[Row] = []

        def go(path: str, parent: Optional[str], node: tuple[int, Node]) -> int:
            at = len(rows)
            rows.append((path, node[0], parent, 0))
            for name in sorted(node[1], key=path_key):
                go(path.rstrip("/") + "/" + name, path, node[1][name])
            rows[at] = (path, node[0], parent, len(rows) - at - 1)
            return at

        for top in sorted(self.tops, key=path_key):
            go(top, None, self.tops[top])
        return rows


def to_inventory(rows: list[Row]) -> Inventory:
    inventory = Inventory(devices=[5, 9], notes=[Note("mount", "/x")])
    numbers: dict[str, int] = {}
    for i, (path, kind, parent, below) in enumerate(rows):
        row = numbers[path] = inventory.append(
            NO_ROW if parent is None else numbers[parent],
            path if parent is None else split(path)[1],
            kind,
            mode=i % 4096,
            uid=i,
            gid=i + 1,
            size=i + 2,
            mtime_ns=i + 3,
            ctime_ns=i + 4,
            device=i % 2,
            inode=i + 5,
        )
        inventory.end[row] = row + 1 + below
        if kind == LINK:
            inventory.targets[row] = path
        elif kind == FILE:
            inventory.links[row] = i + 2
            inventory.births[row] = i
    check(inventory)
    return inventory


def to_rows(inventory: Inventory) -> list[Row]:
    check(inventory)
    paths = [inventory.path(row) for row in range(len(inventory))]
    return [
        (
            path,
            inventory.type[row],
            None if inventory.parent[row] == NO_ROW else paths[inventory.parent[row]],
            inventory.end[row] - row - 1,
        )
        for row, path in enumerate(paths)
    ]


@settings(max_examples=examples(300), deadline=None)
@given(here=st.lists(st.tuples(places, kinds, st.booleans()), max_size=12), gone=st.lists(places, max_size=12))
@example(here=[("/a", DIR, False)], gone=["/a/a/b/c", "/a/b", "/a/a/b/c/a", "/a/a/b/c/b/c", "/a/a/b/c/c"])
@example(here=[("/", DIR, False), ("/a", FILE, False)], gone=["/a/b", "/b", "/"])
def test_rows_where_the_paths_would_stand(here: list[tuple[str, int, bool]], gone: list[str]) -> None:
    model = Model()
    for path, kind, whole in sorted(here, key=lambda item: path_key(item[0])):
        parts = path.split("/")
        for i in range(2, len(parts) if whole else 0):
            model.add("/".join(parts[:i]), DIR)
        model.add(path, kind)
    before = to_inventory(model.rows())
    old = {before.path(row): row for row in range(len(before))}
    after = before.with_absent(gone)
    for path in sorted(gone, key=path_key):
        model.add(path, ABSENT)
    assert to_rows(after) == model.rows()
    for row in range(len(after)):
        path = after.path(row)
        assert after.find(path) == row
        if path in old:
            same = before.entry(old[path])
            assert after.entry(row) == type(same)(**{**vars(same), "row": row})
        else:
            entry = after.entry(row)
            assert (entry.type, entry.size, entry.mtime_ns, entry.links) == (ABSENT, 0, None, 1)
            assert after.mtime_ns[row] == UNKNOWN_TIME
    assert (after.notes, after.devices, after.partial) == (before.notes, before.devices, before.partial)
    assert len(before) == len(old)  # left as it was


@settings(max_examples=examples(100), deadline=None)
@given(here=st.lists(places, max_size=6), first=st.lists(places, max_size=6), second=st.lists(places, max_size=6))
def test_more_paths_later(here: list[str], first: list[str], second: list[str]) -> None:
    model = Model()
    for path in sorted(here, key=path_key):
        model.add(path, DIR)
    inventory = to_inventory(model.rows())
    for some in (first, second):
        inventory = inventory.with_absent(some)
        for path in sorted(some, key=path_key):
            model.add(path, ABSENT)
    assert to_rows(inventory) == model.rows()


def test_odd_paths() -> None:
    inventory = Inventory()
    inventory.append(NO_ROW, "/srv", DIR)
    after = inventory.with_absent(["/srv//x/", "/srv/./x", "/srv/y/../z", "/nul\0", "/\ud800", "/srv/\udcff", "/srv"])
    halves = ["/\ud800"] if os.name == "nt" else []  # half a character: a name on Windows alone
    assert [path for _, path in after.paths()] == ["/srv", "/srv/x", "/srv/z", "/srv/\udcff", *halves]
    assert after.with_absent([]).name_blob == after.name_blob


def test_a_whole_deployment_gone() -> None:
    gone = [f"/srv/app/{i:03d}/{j:02d}" for i in range(100) for j in range(20)]
    folders = ["/srv", "/srv/app", *(f"/srv/app/{i:03d}" for i in range(100))]
    after = Inventory().with_absent(gone + folders)
    check(after)
    assert [path for _, path in after.paths()] == sorted(gone + folders, key=path_key)
    assert [after.path(row) for row in after.children(NO_ROW)] == ["/srv"]
