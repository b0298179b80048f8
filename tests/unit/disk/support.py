"""What the tests of the disk layer share."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from tui.disk.inventory import NO_ROW, Inventory
from tui.paths import path_key

NOBODY = 65534


@contextlib.contextmanager
def unprivileged() -> Iterator[None]:
    """For a while, not root (who may read everything)."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def check(inventory: Inventory) -> None:
    """An Inventory's columns agree with each other, its rows are in tree order."""
    count = len(inventory)
    for column in (
        inventory.name_end,
        inventory.parent,
        inventory.end,
        inventory.mode,
        inventory.uid,
        inventory.gid,
        inventory.size,
        inventory.mtime_ns,
        inventory.ctime_ns,
        inventory.device,
        inventory.inode,
    ):
        assert len(column) == count
    assert len(inventory.name_blob) == (inventory.name_end[-1] if count else 0)
    open_rows: list[tuple[int, int]] = []
    last: dict[int, bytes] = {}
    for row in range(count):
        while open_rows and open_rows[-1][1] <= row:
            open_rows.pop()
        parent = inventory.parent[row]
        assert parent == (open_rows[-1][0] if open_rows else NO_ROW)
        assert row < inventory.end[row] <= (open_rows[-1][1] if open_rows else count)
        key = path_key(inventory.name(row))
        assert parent not in last or last[parent] < key, inventory.path(row)
        last[parent] = key
        open_rows.append((row, inventory.end[row]))
    for rows in (inventory.links, inventory.targets, inventory.births):
        assert all(0 <= row < count for row in rows)


def paths(inventory: Inventory) -> list[str]:
    return [path for _, path in inventory.paths()]
