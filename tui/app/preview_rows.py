"""The lines of a preview's list by position: its sections, filtered, and no object for a line before it is shown."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Optional

from tui.app.preview_sections import SECTIONS, Part, Row, Section

Terms = tuple[tuple[str, bool], ...]  # parts of the text, each turned round or not


class PreviewRows:
    """The visible lines of some parts. A line's number is its place among all; positions are those of the visible."""

    def __init__(self, parts: Sequence[Part], sections: Sequence[Section] = SECTIONS) -> None:
        """``sections``: those that there can be lines of."""
        self._parts = list(parts)
        self._sections = sections
        self._starts = [0]
        for part in self._parts:
            self._starts.append(self._starts[-1] + len(part.items))
        self.only: frozenset[Section] = frozenset()
        self.terms: Terms = ()
        self._visible: Sequence[int] = range(self._starts[-1])

    def __len__(self) -> int:
        return len(self._visible)

    @property
    def total(self) -> int:
        """How many lines there are, visible or not."""
        return self._starts[-1]

    def counts(self) -> dict[Section, int]:
        """How many lines each section has, whatever is filtered."""
        counts = dict.fromkeys(self._sections, 0)
        for part in self._parts:
            counts[part.section] += len(part.items)
        return counts

    def row(self, position: int) -> Row:
        """The line at a position."""
        part, at = self._place(self._visible[position])
        return part.row(part.items[at])

    def section(self, position: int) -> Section:
        """The section of the line at a position."""
        return self._place(self._visible[position])[0].section

    def _place(self, number: int) -> tuple[Part, int]:
        found = bisect_right(self._starts, number) - 1
        return self._parts[found], number - self._starts[found]

    def show(self, only: frozenset[Section], terms: Terms) -> None:
        """Show some sections alone (none: all of them), and of these what all of the terms let through."""
        if (only, terms) == (self.only, self.terms):
            return
        self.only, self.terms = only, terms
        if not only and not terms:
            self._visible = range(self.total)
            return
        wanted = [(text.lower(), negated) for text, negated in terms]
        found = array("I")
        for start, part in zip(self._starts, self._parts):
            if not only or part.section in only:
                found.extend(_passing(part, wanted, start))
        self._visible = found

    def number(self, position: int) -> Optional[int]:
        """The number of the line at a position, where there is one."""
        return self._visible[position] if position < len(self._visible) else None

    def nearest(self, number: Optional[int]) -> int:
        """The position of a line or, if it is not visible, of the next one that is."""
        if number is None:
            return 0
        return max(0, min(bisect_left(self._visible, number), len(self._visible) - 1))

    def find(self, row: Row) -> Optional[int]:
        """The position of the line of the same section about the same path, else of another one about that path."""
        places = sorted(zip(self._starts, self._parts), key=lambda place: place[1].section != row.section)
        for start, part in places:
            texts = part.items if part.text is str else map(part.text, part.items)
            for number, text in enumerate(texts, start):
                if text == row.text:
                    position = self.nearest(number)
                    if self.number(position) == number:
                        return position
        return None

    def next_section(self, position: int, direction: int) -> int:
        """The first position of the next section (1) or, with -1, of this one and, from there, of the one before."""
        if not self._visible:
            return 0
        if direction > 0:
            after = self._end(self.section(position))
            return after if after < len(self._visible) else position
        first = self._start(self.section(position))
        return first if first < position or first == 0 else self._start(self.section(first - 1))

    def _bounds(self, section: Section) -> tuple[int, int]:
        places = [place for place, part in enumerate(self._parts) if part.section == section]
        return self._starts[places[0]], self._starts[places[-1] + 1]

    def _start(self, section: Section) -> int:
        return bisect_left(self._visible, self._bounds(section)[0])

    def _end(self, section: Section) -> int:
        return bisect_left(self._visible, self._bounds(section)[1])


def _passing(part: Part, wanted: Sequence[tuple[str, bool]], start: int) -> Sequence[int]:
    """The numbers of a part's items that all terms let through."""
    if not wanted:
        return range(start, start + len(part.items))
    texts = part.items if part.text is str else map(part.text, part.items)
    (first, turned), *more = wanted
    numbers = [number for number, text in enumerate(map(str.lower, texts), start) if (first in text) != turned]
    if not more:
        return numbers
    return [
        number
        for number in numbers
        if all((term in part.text(part.items[number - start]).lower()) != negated for term, negated in more)
    ]
