"""Which paths the cleanup of each group's next deployment removes, as things stand."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable

from tui.agent.records import Group
from tui.disk.inventory import ABSENT, DIR, LINK, NO_ROW, Inventory
from tui.disk.root import Root
from tui.forensics.evidence.listed import GROUP_SHIFT, INDEX_MASK, Listed
from tui.forensics.linked import leads_to_directory, link_ways
from tui.forensics.marker import NO_CLAIM, Marker
from tui.forensics.removal import NO_LINE_ROW, removed_by_cleanup


def foretell(marker: Marker, inventory: Inventory, claims: array[int], trees: Iterable[str]) -> bytearray:
    """1 for each row that is removed. ``trees`` are the directories that were looked through whole."""
    lines = _lines(marker, inventory, claims)
    for g, group in enumerate(marker.instance.groups):
        _keep(group, g in marker.gone, lines[g])
        if marker.instance.version.rules == 2:
            _slashes(marker.root, inventory, group, lines[g])
    ways = None
    if marker.instance.version.rules == 2:
        listed = {row for rows in lines for row in rows if row != NO_LINE_ROW and inventory.type[row] == LINK}
        ways = link_ways(marker.root, inventory, sorted(listed))
    return removed_by_cleanup(inventory, lines, _closed(inventory, trees), ways)


def _lines(marker: Marker, inventory: Inventory, claims: array[int]) -> list[array[int]]:
    """For each group and line of its cleanup file the row that it names."""
    groups, more, types = marker.instance.groups, marker.listed.more, inventory.type
    rows = [array("I", [NO_LINE_ROW]) * (len(g.cleanup.paths) if g.cleanup is not None else 0) for g in groups]
    for row, claim in enumerate(claims):
        if claim == NO_CLAIM:
            continue
        g, k = claim >> GROUP_SHIFT, claim & INDEX_MASK
        named = rows[g]
        if named[k] == NO_LINE_ROW or types[row] != ABSENT:
            named[k] = row
        if not more:
            continue
        cleanup = groups[g].cleanup
        for other in more.get(cleanup.paths[k], ()) if cleanup is not None else ():
            og, ok = Listed.parts(other)
            rows[og][ok] = row
    return rows


def _keep(group: Group, gone: bool, rows: array[int]) -> None:
    """Take out the lines that the agent does not come to."""
    cleanup = group.cleanup
    if cleanup is None:
        return
    above = 0
    if gone or cleanup.ignored is not None or cleanup.fatal is not None:
        above = len(rows)
    elif cleanup.unusable:
        # The agent works backwards and fails at such a line: nothing above it is removed.
        above = bisect_left(cleanup.lines, max(line for line, _ in cleanup.unusable))
    rows[:above] = array("I", [NO_LINE_ROW]) * above


def _slashes(root: Root, inventory: Inventory, group: Group, rows: array[int]) -> None:
    """Take out what lines of version 2 that end in a slash keep: they name a directory and nothing else.

    A link to one cannot be removed so (ENOTDIR): the removal stops there. What is no directory is not there.
    """
    cleanup = group.cleanup
    for k in range(len(rows) - 1, -1, -1):
        row = rows[k]
        if row == NO_LINE_ROW or cleanup is None or not cleanup.paths[k].endswith("/"):
            continue
        kind = inventory.type[row]
        if kind in (DIR, ABSENT):
            continue
        rows[k] = NO_LINE_ROW
        if kind == LINK and leads_to_directory(root, inventory.path(row)):
            rows[:k] = array("I", [NO_LINE_ROW]) * k
            return


def _closed(inventory: Inventory, trees: Iterable[str]) -> set[int]:
    """Directories whose contents were not all looked at."""
    whole = set(trees)
    closed = {row for row in map(inventory.find, {note.path for note in inventory.notes}) if row is not None}
    for row in inventory.children(NO_ROW):
        if inventory.type[row] == DIR and inventory.name(row) not in whole:
            closed.add(row)
    return closed
