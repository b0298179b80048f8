"""Rows by path, quickly for many paths one after the other: each directory's names are gone through once."""

from __future__ import annotations

from typing import Optional

from tui import windows_paths
from tui.disk.inventory import NO_ROW
from tui.forensics.examination import Examination
from tui.forensics.marks import Mark

_MOST = 200_000  # names that are kept


class Lookup:
    """Finds rows of an Examination; on a Windows instance whatever the letter case."""

    def __init__(self, examination: Examination) -> None:
        self.examination = examination
        self._windows = examination.instance.windows
        inventory = examination.inventory
        self._tops = {self._key(inventory.name(top).rstrip("/")): top for top in inventory.children(NO_ROW)}
        self._names: dict[int, dict[str, int]] = {}
        self._kept = 0

    def row(self, path: str) -> Optional[int]:
        """The row of an absolute path, where there is one."""
        path = path.rstrip("/")
        top = self._tops.get(self._key(path))
        if top is not None or not path:
            return top
        head, _, name = path.rpartition("/")
        above = self.row(head)
        return None if above is None else self._below(above).get(self._key(name))

    def mark(self, path: str) -> Optional[Mark]:
        """Whose a path is, where it has a row."""
        row = self.row(path)
        return None if row is None else Mark(self.examination.mark[row])

    def _key(self, name: str) -> str:
        return windows_paths.fold(name) if self._windows else name

    def _below(self, row: int) -> dict[str, int]:
        names = self._names.get(row)
        if names is None:
            inventory = self.examination.inventory
            names = {self._key(inventory.name(child)): child for child in inventory.children(row)}
            if self._kept + len(names) > _MOST:
                self._names.clear()
                self._kept = 0
            self._names[row] = names
            self._kept += len(names)
        return names
