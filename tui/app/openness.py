"""Which directories of a tree are open, also after a later scan has other rows."""

from __future__ import annotations

from collections.abc import Iterator

from tui.disk.inventory import NO_ROW, Inventory


class Openness:
    """Which directories are open: those of a rule (tops, all, none) but for the ones turned round by hand."""

    def __init__(self, inventory: Inventory, rule: str) -> None:
        self.rule = rule
        self.flags = self._by_rule(inventory)

    def _by_rule(self, inventory: Inventory) -> bytearray:
        if self.rule == "all":
            return bytearray(b"\1" * len(inventory))
        flags = bytearray(len(inventory))
        if self.rule == "tops":
            for top in inventory.children(NO_ROW):
                flags[top] = 1
        return flags

    def carried(self, old: Inventory, new: Inventory) -> Openness:
        """The same for a later Inventory, in which rows have other numbers."""
        if new is old:
            return self
        carried = Openness(new, self.rule)
        ruled = self._by_rule(old)
        turned = bytes(map(int.__xor__, ruled, self.flags))
        for before, after in _same_rows(old, new, turned):
            carried.flags[after] = self.flags[before]
        return carried


def _same_rows(old: Inventory, new: Inventory, wanted: bytes) -> Iterator[tuple[int, int]]:
    """Rows that have the same path in both, among those with a 1 in ``wanted``. Looks only where there is one."""
    pending = [(NO_ROW, NO_ROW)]
    while pending:
        above, above_new = pending.pop()
        rows = [row for row in old.children(above) if wanted.find(1, row, old.end[row]) >= 0]
        if not rows:
            continue
        names = {new.name(row): row for row in new.children(above_new)}
        for row in rows:
            found = names.get(old.name(row))
            if found is not None:
                if wanted[row]:
                    yield row, found
                pending.append((row, found))
