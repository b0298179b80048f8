"""How much lies below directories: files and bytes, counted while other work goes on where that can be."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Callable, Optional, Union

from tui.disk.forked import Forked, may_fork
from tui.disk.inventory import DIR, Inventory
from tui.disk.root import WalkProgress, WalkRequest

Walk = Callable[[WalkRequest, Callable[[], bool]], "Iterator[Union[WalkProgress, Inventory]]"]


class Measurement:
    """Counts below each of some directories; begun at once in a second process where that is safe."""

    def __init__(self, walk: Walk, directories: Sequence[str]) -> None:
        self.sizes: dict[str, tuple[int, int]] = {}  # directory -> (files and links, bytes)
        self._walk = walk
        self._directories = directories
        self._child: Optional[Forked] = None
        if directories and may_fork():
            self._child = Forked(self._in_child)

    def _in_child(self) -> bytes:
        for _ in self._count(lambda: False):
            pass
        return json.dumps([self.sizes[directory] for directory in self._directories]).encode()

    def _count(self, cancelled: Callable[[], bool]) -> Iterator[WalkProgress]:
        for directory in self._directories:
            for event in self._walk(WalkRequest([directory]), cancelled):
                if isinstance(event, WalkProgress):
                    yield event
                elif not event.partial:
                    self.sizes[directory] = (len(event) - event.type.count(DIR), _bytes(event))

    def finish(self, cancelled: Callable[[], bool]) -> Iterator[WalkProgress]:
        """See it through; ``sizes`` is whole afterwards, unless cancelled."""
        if self._child is not None:
            result = self._child.result(cancelled)
            if result is not None:
                for directory, (files, size) in zip(self._directories, json.loads(result)):
                    self.sizes[directory] = (files, size)
                return
        if not cancelled():
            yield from self._count(cancelled)

    def close(self) -> None:
        """Stop where it still runs."""
        if self._child is not None:
            self._child.close()


def _bytes(inventory: Inventory) -> int:
    return sum(size for size, kind in zip(inventory.size, inventory.type) if kind != DIR)
