"""What the cleanup of each group's next deployment does with things as they stand."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import Optional

from tui.disk.inventory import ABSENT, DIR, NO_ROW, Inventory

NO_LINE_ROW = 0xFFFFFFFF
OUTSIDE = -1  # something that is there and has no row


def removed_by_cleanup(
    inventory: Inventory,
    line_rows: Sequence[array[int]],
    closed: set[int],
    leads_to: Optional[Mapping[int, Sequence[int]]] = None,
) -> bytearray:
    """1 for each row that is removed; a directory only where nothing is left in it (agent 1.8.1).

    Version 2 asks through links whether a thing is there, so a link that dangles, or whose target was
    removed a moment before, stays: ``leads_to`` gives the rows that each link leads through and to, none
    for one that dangles (None: version 1, which removes every link).

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
        own = bytearray(len(inventory)) if len(line_rows) > 1 else removed  # what this group's cleanup removes
        for row in reversed(rows):
            if row == NO_LINE_ROW or (own[row] and types[row] != ABSENT):
                continue
            if types[row] == DIR and (left[row] or row in closed):
                continue
            if leads_to is not None and row in leads_to and _dangles(leads_to[row], own):
                continue
            own[row] = removed[row] = 1
            parent = parents[row]
            if types[row] != ABSENT and parent != NO_ROW:
                left[parent] -= 1
                gone.append(parent)
        if len(line_rows) > 1:
            for parent in gone:
                left[parent] += 1
    return removed


def _dangles(through: Sequence[int], removed: bytearray) -> bool:
    """Whether a link leads nowhere now; a row that is not looked at (``OUTSIDE``) is there."""
    return not through or any(row != OUTSIDE and removed[row] for row in through)
