"""Which paths are chosen for a cleanup, among the files."""

from __future__ import annotations

from collections.abc import Sequence

from tui.app.rows import Rows
from tui.disk.inventory import ABSENT, Inventory


class Ticked:
    """A flag for each row of an Inventory."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self.flags = bytearray(len(inventory))

    def __len__(self) -> int:
        return self.flags.count(1)

    @property
    def rows(self) -> Sequence[int]:
        """The rows that are chosen, ascending."""
        found, at = [], self.flags.find(1)
        while at >= 0:
            found.append(at)
            at = self.flags.find(1, at + 1)
        return found

    def turn(self, rows: Rows, row: int) -> None:
        """Choose a row and all below it that the filter lets through, or leave it out where it is chosen."""
        stop = self._inventory.end[row]
        types, mask = self._inventory.type, rows.mask
        meant = [at for at in range(row, stop) if types[at] != ABSENT and (mask is None or mask[at])]
        chosen = not all(self.flags[at] for at in meant)
        for at in meant:
            self.flags[at] = chosen

    def clear(self) -> None:
        """Choose nothing."""
        self.flags = bytearray(len(self.flags))

    def some_below(self, row: int) -> bool:
        """Whether anything below a row is chosen."""
        return self.flags.find(1, row + 1, self._inventory.end[row]) >= 0

    def carried(self, inventory: Inventory) -> Ticked:
        """The same paths in a later Inventory of the same instance, as far as they are in it."""
        if inventory is self._inventory:
            return self
        after = Ticked(inventory)
        for row in self.rows:
            found = inventory.find(self._inventory.path(row))
            if found is not None:
                after.flags[found] = 1
        return after
