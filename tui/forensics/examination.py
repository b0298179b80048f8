"""The Examination: every path in the target locations with its mark, in columns beside the Inventory."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Callable, Optional

from tui.agent.records import Instance
from tui.disk.inventory import ABSENT, DIR, Entry, Inventory
from tui.forensics.marks import Confidence, Evidence, Finding, Mark, State

NO_GROUP = -1
NO_DEPLOYMENT = -1


@dataclass(frozen=True)
class FileRow:
    """One path of an Examination, as a record: made when it is shown."""

    entry: Entry
    mark: Mark
    state: State
    confidence: Confidence
    group: Optional[str]
    deployment: Optional[str]
    removed_next: bool
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Counts:
    """Files (missing ones too, directories not) and their bytes, by mark; paths by state; directories by mark."""

    files: tuple[int, int, int, int]
    bytes: tuple[int, int, int, int]
    dirs: tuple[int, int, int, int]
    states: tuple[int, ...]  # by State; of all deployed paths, directories too


@dataclass
class Examination:
    """What an instance's files are. Columns run beside ``inventory``'s rows.

    ``evidence_of`` makes the evidence of one row when it is asked for, since most of it follows from
    the records. ``final`` is False for what a scan shows while it still runs.
    """

    instance: Instance
    inventory: Inventory
    mark: bytearray
    state: bytearray
    confidence: bytearray
    removed_next: bytearray  # 1 where the cleanup of the group's next deployment removes the path
    group: array[int]  # index into instance.groups
    deployment: array[int]  # index into deployments
    deployments: list[str]  # deployment ids
    evidence_of: Callable[[int], tuple[Evidence, ...]]
    source_of: Callable[[int], Optional[str]]  # a deployed row's file in its revision, where that is left
    findings: tuple[Finding, ...] = ()
    reached_through_link: frozenset[int] = frozenset()  # absent rows whose path leads elsewhere through a link
    revision_sizes: dict[str, tuple[int, int]] = field(default_factory=dict)  # deployment dir -> (files, bytes)
    final: bool = True
    compare_later: Optional[Callable[[Sequence[int], Callable[[], bool]], None]] = None  # … of PENDING rows: ``settle``
    _below: Optional[tuple[array[int], ...]] = None

    def row(self, i: int) -> FileRow:
        """Row ``i`` as a record."""
        group, deployment = self.group[i], self.deployment[i]
        return FileRow(
            entry=self.inventory.entry(i),
            mark=Mark(self.mark[i]),
            state=State(self.state[i]),
            confidence=Confidence(self.confidence[i]),
            group=None if group == NO_GROUP else self.instance.groups[group].id,
            deployment=None if deployment == NO_DEPLOYMENT else self.deployments[deployment],
            removed_next=bool(self.removed_next[i]),
            evidence=self.evidence_of(i),
        )

    def settle(self, rows: Iterable[int], cancelled: Callable[[], bool] = lambda: False) -> None:
        """Compare those of some rows with their revision that the scan left for when it is asked for."""
        if self.compare_later is not None:
            pending = array("I", sorted({row for row in rows if self.state[row] == State.PENDING}))
            if pending:
                self.compare_later(pending, cancelled)

    def counts(self, group: Optional[int] = None) -> Counts:
        """Totals of everything, or of one group (its index)."""
        files, sizes, dirs = [0] * 4, [0] * 4, [0] * 4
        states = [0] * len(State)
        types, size = self.inventory.type, self.inventory.size
        for i, mark in enumerate(self.mark):
            if group is not None and self.group[i] != group:
                continue
            states[self.state[i]] += 1
            if types[i] == DIR:
                dirs[mark] += 1
            else:
                files[mark] += 1
                sizes[mark] += size[i]
        return Counts(tuple(files), tuple(sizes), tuple(dirs), tuple(states))  # type: ignore[arg-type]

    def below(self, i: int) -> tuple[tuple[int, int, int, int], int]:
        """Of all below row ``i``: files by mark (missing ones count as deployed), and bytes on disk."""
        if self._below is None:
            types, marks, sizes = self.inventory.type, self.mark, self.inventory.size
            sums = []
            for mark in range(4):
                flags = (1 if m == mark and t != DIR else 0 for m, t in zip(marks, types))
                sums.append(array("I", accumulate(flags, initial=0)))
            total = array("q", accumulate((0 if t in (DIR, ABSENT) else s for t, s in zip(types, sizes)), initial=0))
            self._below = (*sums, total)
        first, stop = i + 1, self.inventory.end[i]
        d, s, o, u, size = (column[stop] - column[first] for column in self._below)
        return (d, s, o, u), size
