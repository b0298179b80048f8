"""What the cleanup of each group's next deployment does with things as they stand."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from tui.disk.inventory import ABSENT, DIR, NO_ROW, Inventory

NO_LINE_ROW = 0xFFFFFFFF


def removed_by_cleanup(inventory: Inventory, line_rows: Sequence[array[int]], closed: set[int]) -> bytearray:
    """1 for each row that is removed; a directory only where nothing is left in it (agent 1.8.1).

    ``line_rows[g][k]`` is the row of entry ``k`` of group ``g``'s cleanup file, or ``NO_LINE_ROW``;
    ``closed`` are directories whose contents were not looked at: they never count as empty. Groups
    are played one by one, each from things as they are now.
    """
    removed = bytearray(len(inventory))
    left = array("I", bytes(4 * len(inventory)))
    types, parents = inventory.type, inventory.parent
    for row, parent in enumerate(parents):
        if parent != NO_ROW and types[row] != ABSENT:
            left[parent] += 1
    for rows in line_rows:
        gone = []
        for row in reversed(rows):
            if row == NO_LINE_ROW or (removed[row] and types[row] != ABSENT):
                continue
            if types[row] == DIR and (left[row] or row in closed):
                continue
            removed[row] = 1
            parent = parents[row]
            if types[row] != ABSENT and parent != NO_ROW:
                left[parent] -= 1
                gone.append(parent)
        if len(line_rows) > 1:
            for parent in gone:
                left[parent] += 1
    return removed
