"""Reading a directory into the model: from what the scan has seen of it, else through its Tree."""

from __future__ import annotations

from collections.abc import Iterable

from tui.disk.inventory import ABSENT, DIR, NO_ROW, Inventory
from tui.disk.root import Stat
from tui.disk.tree import Tree
from tui.paths import child_path, from_bytes
from tui.preview.entries import Dir, Entry, Item, Named

_Attributes = tuple[int, int, int]  # mode, uid, gid: those of a directory's files mostly are equal, and held once


def listed_entries(directory: Dir, entries: Iterable[tuple[str, Stat]], own: bool) -> dict[str, Entry]:
    """The entries, by name, of a directory that a Tree lists; ``own``: the Tree is the whole instance's."""
    found: dict[str, Entry] = {}
    known: dict[_Attributes, _Attributes] = {}
    for name, stat in entries:
        attributes = stat.mode, stat.uid, stat.gid
        mode, uid, gid = known.setdefault(attributes, attributes)
        if stat.type == DIR:
            path, real = child_path(directory.path, name), child_path(directory.real, name)
            below = found[name] = Dir(path, directory, mode, uid, gid, directory.tree, real)
            below.device = stat.device
            continue
        item = Item(stat.type, mode, uid, gid, stat.size, None if own else directory)
        found[name] = Named(item, stat.inode, stat.links) if own and stat.links > 1 else item
    return found


def seen_entries(directory: Dir, i: Inventory, row: int, tree: Tree) -> dict[str, Entry]:
    """The entries, by name, of a directory whose entries all have rows in an Inventory."""
    found: dict[str, Entry] = {}
    above = directory.path if directory.path.endswith("/") else directory.path + "/"
    child, stop, blob, ends = row + 1, i.end[row], i.name_blob, i.name_end
    known: dict[_Attributes, _Attributes] = {}
    while child < stop:
        at, child = child, i.end[child]
        kind = i.type[at]
        if kind == ABSENT:
            continue
        name = from_bytes(bytes(blob[ends[at - 1] : ends[at]]))
        attributes = i.mode[at], i.uid[at], i.gid[at]
        mode, uid, gid = known.setdefault(attributes, attributes)
        if kind == DIR:
            below = Dir(above + name, directory, mode, uid, gid, tree, above + name)
            below.device = i.devices[i.device[at]]
            found[name] = below
            continue
        item = Item(kind, mode, uid, gid, i.size[at], None, i.targets.get(at))
        item.row = at
        found[name] = Named(item, i.inode[at], i.links[at]) if at in i.links else item
    return found


def whole_directories(inventory: Inventory) -> dict[str, int]:
    """The rows of the directories whose entries all have rows."""
    closed = {note.path for note in inventory.notes}
    types, parents = inventory.type, inventory.parent

    def walked(top: int) -> bool:
        """Whether a top was looked through: one that was only looked at has nothing but absent paths below it."""
        return any(types[child] != ABSENT for child in inventory.children(top))

    rows = [row for row, kind in enumerate(types) if kind == DIR and (parents[row] != NO_ROW or walked(row))]
    return {path: row for row, path in inventory.paths(rows) if path not in closed}
