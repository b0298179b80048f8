"""Totals of an Examination for the instance screen, made once, on the scan's thread."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from tui.disk.inventory import ABSENT, DIR
from tui.forensics.examination import NO_GROUP, Examination
from tui.forensics.marks import Mark


@dataclass(frozen=True)
class Totals:
    """Files by mark (missing ones count as deployed), directories by mark, and files that go at the next deployment."""

    files: tuple[int, ...]
    directories: tuple[int, ...]
    removed: int


@dataclass(frozen=True)
class Summary:
    """Totals of everything, of each group by its number, and of what no group owns."""

    whole: Totals
    groups: tuple[Totals, ...]
    groupless: Totals


class _Adding:
    def __init__(self) -> None:
        self.files = [0] * len(Mark)
        self.directories = [0] * len(Mark)
        self.removed = 0

    def add(self, mark: int, kind: int, removed: int, count: int) -> None:
        (self.directories if kind == DIR else self.files)[mark] += count
        if removed and kind not in (DIR, ABSENT):
            self.removed += count

    def totals(self) -> Totals:
        return Totals(tuple(self.files), tuple(self.directories), self.removed)


def summarize(examination: Examination) -> Summary:
    """The totals, in one pass. Also has the Examination make the sums below its directories."""
    x = examination
    if len(x.inventory):
        x.below(0)
    counts = Counter(zip(x.group, x.mark, x.inventory.type, x.removed_next))
    whole = _Adding()
    by_group: dict[int, _Adding] = {NO_GROUP: _Adding(), **{n: _Adding() for n in range(len(x.instance.groups))}}
    for (group, mark, kind, removed), count in counts.items():
        for adding in (whole, by_group[group]):
            adding.add(mark, kind, removed, count)
    groups = tuple(by_group[n].totals() for n in range(len(x.instance.groups)))
    return Summary(whole.totals(), groups, by_group[NO_GROUP].totals())
