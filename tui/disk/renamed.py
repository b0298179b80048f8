"""An Inventory whose trees stand elsewhere, and several put together as one."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import replace
from typing import Callable

from tui.disk.inventory import NO_ROW, Inventory, Note
from tui.paths import to_bytes


def renamed(inventory: Inventory, path: Callable[[str], str]) -> Inventory:
    """An Inventory with the paths of all trees and notes as ``path`` gives them; it shares all other columns.

    Their order must stay what it was.
    """
    blob, ends, old_blob, old_ends = bytearray(), array("Q"), inventory.name_blob, inventory.name_end
    for top in inventory.children(NO_ROW):
        stop = inventory.end[top]
        blob += to_bytes(path(inventory.name(top)))
        ends.append(len(blob))
        first = old_ends[top]
        shift = len(blob) - first
        ends.extend([end + shift for end in old_ends[top + 1 : stop]])
        blob += old_blob[first : old_ends[stop - 1]]
    notes = [Note(note.code, path(note.path), note.detail) for note in inventory.notes]
    return replace(inventory, name_blob=blob, name_end=ends, notes=notes)


def joined(parts: Sequence[Inventory]) -> Inventory:
    """Inventories one after the other as one; their trees must be in tree order."""
    if len(parts) == 1:
        return parts[0]
    whole = Inventory(partial=any(part.partial for part in parts))
    for part in parts:
        first, blob = len(whole), len(whole.name_blob)
        index = [whole.device_index(device) for device in part.devices]
        whole.name_blob += part.name_blob
        whole.name_end.extend([end + blob for end in part.name_end])
        whole.parent.extend([parent if parent == NO_ROW else parent + first for parent in part.parent])
        whole.end.extend([end + first for end in part.end])
        whole.device.extend([index[device] for device in part.device])
        whole.type += part.type
        for column in ("mode", "uid", "gid", "size", "mtime_ns", "ctime_ns", "inode"):
            getattr(whole, column).extend(getattr(part, column))
        for column in ("links", "targets", "births"):
            getattr(whole, column).update({row + first: value for row, value in getattr(part, column).items()})
        whole.notes += part.notes
    return whole
