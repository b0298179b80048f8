"""An instance as it would be without some paths: what a preview is to be played on then."""

from __future__ import annotations

import builtins
from collections.abc import Collection
from dataclasses import replace
from typing import Any, cast

from tui.disk.inventory import ABSENT
from tui.disk.root import Root, Stat
from tui.forensics.examination import Examination
from tui.paths import child_path, split


class _Without:
    """Lists directories without the paths. Everything else is the inner Root's answer.

    A preview learns what is there from the examination and from listings of real directories alone
    (``tui.preview.disk``).
    """

    def __init__(self, inner: Root, gone: Collection[str]) -> None:
        self._inner = inner
        self._gone = frozenset(gone)
        self._above = frozenset(split(path)[0] for path in self._gone)

    def list(self, path: str) -> builtins.list[tuple[str, Stat]]:
        """See Root."""
        entries = self._inner.list(path)
        if path not in self._above:
            return entries
        return [(name, stat) for name, stat in entries if child_path(path, name) not in self._gone]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def without_paths(root: Root, examination: Examination, gone: Collection[str]) -> tuple[Root, Examination]:
    """Both without paths: real ones, a directory with all that is in it. Closing the Root closes the inner one."""
    inventory = examination.inventory
    types, wanted = inventory.type[:], frozenset(gone)
    for row, path in inventory.paths():
        if path in wanted:
            for below in range(row, inventory.end[row]):
                types[below] = ABSENT
    return cast(Root, _Without(root, wanted)), replace(examination, inventory=replace(inventory, type=types))
