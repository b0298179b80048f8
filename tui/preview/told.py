"""What became of the lines of a cleanup file, in columns: a record is made when one is asked for."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Optional, Union, overload

from tui.preview.records import Action, CleanupLine

_ACTIONS = tuple(Action)
_NO_MORE = (None, "")
_NUMBERS = {action: number for number, action in enumerate(_ACTIONS)}


class Told(Sequence[CleanupLine]):
    """CleanupLines that are added one by one; equal to any sequence of the same."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, lines: Iterable[CleanupLine] = ()) -> None:
        self._paths: list[str] = []
        self._actions = bytearray()
        self._lines: array[int] = array("I")
        self._more: dict[int, tuple[Optional[str], str]] = {}
        self.extend(lines)

    def append(self, told: CleanupLine) -> None:
        """Add one."""
        path, action, line, real, detail = told
        if real is not None or detail:
            self._more[len(self._paths)] = real, detail
        self._paths.append(path)
        self._actions.append(_NUMBERS[action])
        self._lines.append(line)

    def extend(self, lines: Iterable[CleanupLine]) -> None:
        """Add some."""
        for told in lines:
            self.append(told)

    def __len__(self) -> int:
        return len(self._paths)

    def __iter__(self) -> Iterator[CleanupLine]:
        more, new = self._more.get, tuple.__new__  # which takes half the time of the record's own
        for k, (path, action, line) in enumerate(zip(self._paths, self._actions, self._lines)):
            yield new(CleanupLine, (path, _ACTIONS[action], line, *more(k, _NO_MORE)))

    def of(self, actions: Collection[Action]) -> Iterator[CleanupLine]:
        """Those with which one of some things was done."""
        wanted = {_NUMBERS[action] for action in actions}
        return (self[k] for k, action in enumerate(self._actions) if action in wanted)

    def at(self, path: str) -> Iterator[CleanupLine]:
        """Those that name a path, or lead to it through a link."""
        for k, named in enumerate(self._paths):
            if named == path or (k in self._more and self._more[k][0] == path):
                yield self[k]

    @overload
    def __getitem__(self, k: int) -> CleanupLine: ...

    @overload
    def __getitem__(self, k: slice) -> Sequence[CleanupLine]: ...

    def __getitem__(self, k: Union[int, slice]) -> Union[CleanupLine, Sequence[CleanupLine]]:
        if isinstance(k, slice):
            return [self[n] for n in range(*k.indices(len(self)))]
        k = range(len(self))[k]
        return CleanupLine(self._paths[k], _ACTIONS[self._actions[k]], self._lines[k], *self._more.get(k, _NO_MORE))

    def __eq__(self, other: Any) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(mine == theirs for mine, theirs in zip(self, other))
