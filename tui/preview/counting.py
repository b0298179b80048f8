"""How many instructions copying a directory of the revision comes to, without making them.

Links that lead in circles give many paths over few directories. Here a directory is looked at once for every
number of links on the way to it, since nothing else decides what is copied below it.
"""

from __future__ import annotations

from typing import NamedTuple, Optional

from tui.disk.inventory import LINK
from tui.paths import to_bytes
from tui.preview.disk import Dir, Disk, NoWay


class Below(NamedTuple):
    """What copying a directory to where nothing is comes to."""

    instructions: int  # that of the directory itself included
    longest: int  # bytes that the longest path below it has more than its own


_State = tuple[Dir, int]  # a directory, and the links that were followed on the way


class Counter:
    """Counts on a model that does not change meanwhile. Lengths of paths are told and not judged."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._known: dict[_State, Below] = {}

    def below(self, directory: Dir, links: int, enough: int) -> Below:
        """The count for a directory behind ``links`` links; that of a part of it once this is more than ``enough``."""
        top = directory, links
        opened: dict[_State, list[tuple[int, Optional[_State]]]] = {}
        way: dict[_State, tuple[_State, int]] = {}  # where a state was met, and the bytes that its name takes
        todo = [top]
        while todo:
            state = todo[-1]
            if state in self._known:
                todo.pop()
                continue
            if state not in opened:
                opened[state] = self._entries(*state)
                for size, below in opened[state]:
                    if below is not None and below not in self._known:
                        way[below] = state, size
                        todo.append(below)
                continue
            found = self._known[state] = self._sum(opened.pop(state))
            if found.instructions > enough:
                return found._replace(longest=found.longest + _length(way, state))
        return self._known[top]

    def _entries(self, directory: Dir, links: int) -> list[tuple[int, Optional[_State]]]:
        """The bytes that an entry adds to a path, and the directory that is gone into; None for what is copied."""
        found = []
        for name, entry in self._disk.named(directory):
            below: Optional[_State] = (entry, links) if isinstance(entry, Dir) else None
            if entry.kind == LINK:
                try:
                    below = self._disk.step(directory, name, links)
                except NoWay:
                    below = None
            found.append((1 + len(to_bytes(name)), below))
        return found

    def _sum(self, entries: list[tuple[int, Optional[_State]]]) -> Below:
        count, longest = 1, 0
        for size, state in entries:
            below = _COPY if state is None else self._known[state]
            count += below.instructions
            longest = max(longest, size + below.longest)
        return Below(count, longest)


_COPY = Below(1, 0)


def _length(way: dict[_State, tuple[_State, int]], state: _State) -> int:
    """The bytes of the path that led to a state."""
    length = 0
    while state in way:
        state, size = way[state]
        length += size
    return length
