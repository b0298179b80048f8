"""Counts and bytes by mark and state, of an instance and of each of its groups, in one pass."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from tui.disk.inventory import DIR
from tui.forensics.examination import NO_GROUP, Examination
from tui.forensics.marks import Mark, State


def _per_mark() -> list[int]:
    return [0] * len(Mark)


def _per_state() -> list[int]:
    return [0] * len(State)


@dataclass
class Tally:
    """Totals, indexed by Mark or by State.

    ``files`` is every path that is no directory, a missing one too; ``bytes`` is what is on disk of
    them. A directory has no bytes of its own.
    """

    paths: int = 0
    files: list[int] = field(default_factory=_per_mark)
    directories: list[int] = field(default_factory=_per_mark)
    bytes: list[int] = field(default_factory=_per_mark)
    state_paths: list[int] = field(default_factory=_per_state)
    state_bytes: list[int] = field(default_factory=_per_state)

    def add(self, mark: int, state: int, kind: int, count: int, size: int) -> None:
        """Add ``count`` paths of one mark, state and type that have ``size`` bytes together."""
        self.paths += count
        self.state_paths[state] += count
        if kind == DIR:
            self.directories[mark] += count
        else:
            self.files[mark] += count
            self.bytes[mark] += size
            self.state_bytes[state] += size


def tallies(examination: Examination) -> tuple[Tally, list[Tally]]:
    """The totals of everything, and those of each group in the order of ``instance.groups``."""
    x = examination
    counts: defaultdict[tuple[int, int, int, int], int] = defaultdict(int)
    sizes: defaultdict[tuple[int, int, int, int], int] = defaultdict(int)
    for key, size in zip(zip(x.group, x.mark, x.state, x.inventory.type), x.inventory.size):
        counts[key] += 1
        sizes[key] += size
    whole, groups = Tally(), [Tally() for _ in x.instance.groups]
    for key, count in counts.items():
        group, mark, state, kind = key
        whole.add(mark, state, kind, count, sizes[key])
        if group != NO_GROUP:
            groups[group].add(mark, state, kind, count, sizes[key])
    return whole, groups
