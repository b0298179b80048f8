"""Some entries of one directory, in columns, on their way into an Inventory."""

from __future__ import annotations

import stat
from array import array
from collections.abc import Sequence
from itertools import accumulate, islice
from typing import Any

from tui.disk.access import Access, Seen
from tui.disk.inventory import DIR, FILE, LINK, OTHER, UNKNOWN_TIME, Inventory
from tui.paths import to_bytes

# Entry type by the four bits of st_mode that say it.
KINDS = [OTHER] * 16
KINDS[stat.S_IFREG >> 12] = FILE
KINDS[stat.S_IFDIR >> 12] = DIR
KINDS[stat.S_IFLNK >> 12] = LINK


def _ints(code: str, values: Sequence[int]) -> array[Any]:
    """An array, values that a damaged or foreign file system makes up cut to what fits in it."""
    try:
        # Files of one directory mostly have one owner, one device and one mode.
        if values.count(values[0]) == len(values):
            return array(code, values[:1]) * len(values)
        return array(code, values)
    except OverflowError:
        bits = array(code).itemsize * 8
        low, high = (UNKNOWN_TIME + 1, 2**63 - 1) if code == "q" else (0, 2**bits - 1)
        if code == "I":  # the system gives the user id 2**32 - 1 as -1
            values = [value & high for value in values]
        return array(code, [min(max(value, low), high) for value in values])


class Block:
    """Entries of one directory in order; rows of the Inventory follow as the walk comes to them."""

    def __init__(self, inventory: Inventory, names: list[str], stats: Sequence[Seen]) -> None:
        modes, inodes, devices, links, uids, gids, sizes = islice(zip(*stats), 7)
        self.names = names
        joined = "".join(names)
        self.blob = to_bytes(joined)
        self.ends = list(accumulate(map(len, names if joined.isascii() else map(to_bytes, names))))
        if modes.count(modes[0]) == len(modes):
            self.kind = bytes([KINDS[modes[0] >> 12]]) * len(modes)
            self.mode = array("H", [modes[0] & 0o7777]) * len(modes)
        else:
            self.kind = bytes([KINDS[mode >> 12] for mode in modes])
            self.mode = array("H", [mode & 0o7777 for mode in modes])
        self.uid = _ints("I", uids)
        self.gid = _ints("I", gids)
        self.size = _ints("q", sizes)
        self.mtime = _ints("q", [found.st_mtime_ns for found in stats])
        self.ctime = _ints("q", [found.st_ctime_ns for found in stats])
        self.inode = _ints("Q", inodes)
        index = {device: inventory.device_index(device) for device in set(devices)}
        self.device = _ints("H", [index[device] for device in devices])
        self.links: list[tuple[int, int]] = []  # (entry, count), last first
        if max(links) > 1:
            self.links = [(i, n) for i, n in enumerate(links) if n > 1 and self.kind[i] != DIR]
            self.links.reverse()
        self.targets: list[tuple[int, str]] = []  # (entry, text), last first
        self.done = 0

    def __len__(self) -> int:
        return len(self.kind)

    def directories(self) -> list[int]:
        """The entries that are directories, last first."""
        found, at = [], self.kind.rfind(DIR)
        while at >= 0:
            found.append(at)
            at = self.kind.rfind(DIR, 0, at)
        return found

    def read_links(self, disk: Access, here: Any) -> None:
        """Read the text of the entries that are symbolic links; one that is gone has none."""
        if LINK not in self.kind:
            return
        for i in range(len(self.kind) - 1, -1, -1):
            if self.kind[i] == LINK:
                try:
                    self.targets.append((i, disk.read_link(self.names[i], here)))
                except OSError:
                    continue

    def emit(self, inventory: Inventory, stop: int, parent: int) -> None:
        """Add rows for the entries up to ``stop`` that have none yet."""
        start, self.done = self.done, stop
        if start >= stop:
            return
        row = len(inventory)
        before = self.ends[start - 1] if start else 0
        shift = len(inventory.name_blob) - before
        inventory.name_blob += self.blob[before : self.ends[stop - 1]]
        inventory.name_end.fromlist([end + shift for end in self.ends[start:stop]])
        inventory.parent.extend(array("i", [parent]) * (stop - start))
        inventory.end.extend(range(row + 1, row + 1 + stop - start))
        inventory.type += self.kind[start:stop]
        inventory.mode.extend(self.mode[start:stop])
        inventory.uid.extend(self.uid[start:stop])
        inventory.gid.extend(self.gid[start:stop])
        inventory.size.extend(self.size[start:stop])
        inventory.mtime_ns.extend(self.mtime[start:stop])
        inventory.ctime_ns.extend(self.ctime[start:stop])
        inventory.device.extend(self.device[start:stop])
        inventory.inode.extend(self.inode[start:stop])
        while self.links and self.links[-1][0] < stop:
            i, count = self.links.pop()
            inventory.links[row + i - start] = count
        while self.targets and self.targets[-1][0] < stop:
            i, text = self.targets.pop()
            inventory.targets[row + i - start] = text
