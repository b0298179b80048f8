"""Choosing: by mark, place, filter, glob and single path. Nothing is looked at on disk, and nothing is planned yet."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Callable, NamedTuple, Optional

from tui.agent.records import Instance
from tui.cleanup.globs import matcher
from tui.cleanup.records import Refused, Why
from tui.disk.inventory import ABSENT, DIR, NO_ROW
from tui.disk.root import Root
from tui.forensics.examination import Examination
from tui.forensics.marks import Confidence, Mark, State
from tui.paths import from_bytes

MOST_PATHS = 5_000_000  # of a list
ALL_MARKS = frozenset(Mark)


class BadChoice(Exception):
    """A choice that cannot be made; ``str()`` is the line to print."""


class Pick(NamedTuple):
    """A chosen path that has no row, or of which more is known than its row tells."""

    path: str
    why: Why
    evidence: str = ""
    group: Optional[str] = None
    content: Optional[bytes] = None  # what an agent's record is to hold from now on; None: it is taken away


@dataclass(frozen=True)
class Selection:
    """What is chosen: rows of an examination, and paths beside them. Nothing chosen is no action.

    ``places`` are paths beyond the target locations that the choice is about: where a revision that is
    still to be deployed puts its files. ``others`` are groups whose files are among what is chosen too, with those.
    """

    words: str  # "residue of group X"
    why: Why
    rows: array[int] = field(default_factory=lambda: array("I"))  # ascending
    picks: tuple[Pick, ...] = ()
    places: frozenset[str] = frozenset()
    refused: tuple[Refused, ...] = ()  # what was asked for and cannot be chosen
    others: tuple[tuple[str, frozenset[str]], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.rows) or bool(self.picks)


@dataclass(frozen=True)
class Wanted:
    """Which rows to choose: those that fit all of it."""

    marks: frozenset[Mark] = ALL_MARKS
    confidence: Confidence = Confidence.POSSIBLE  # and what is surer
    states: Optional[frozenset[State]] = None
    group: Optional[str] = None
    below: Optional[tuple[str, ...]] = None  # directories and single paths, with all that is in them
    matches: Optional[Callable[[int], bool]] = None  # a filter, asked by row
    exclude: tuple[str, ...] = ()  # globs


def choose(examination: Examination, wanted: Wanted, words: str, why: Why = Why.MARK) -> Selection:
    """The rows that fit, without those that are not on disk. Raises BadGlob."""
    e, types = examination, examination.inventory.type
    keep = [mark in wanted.marks for mark in Mark]
    worst, states = wanted.confidence, wanted.states
    rows = [
        row
        for row in (range(len(types)) if wanted.below is None else rows_below(e, wanted.below))
        if keep[e.mark[row]] and e.confidence[row] <= worst and types[row] != ABSENT
    ]
    if states is not None:
        rows = [row for row in rows if e.state[row] in states]
    if wanted.group is not None:
        ids = [group.id for group in e.instance.groups]
        number = ids.index(wanted.group) if wanted.group in ids else -2
        rows = [row for row in rows if e.group[row] == number]
    if wanted.matches is not None:
        rows = [row for row in rows if wanted.matches(row)]
    return without(e, Selection(words, why, array("I", rows)), wanted.exclude)


def without(examination: Examination, selection: Selection, globs: Iterable[str]) -> Selection:
    """A selection less what globs name. Raises BadGlob."""
    globs = tuple(globs)
    if not globs:
        return selection
    excluded = matcher(globs, examination.instance.windows)
    rows = array("I", (row for row, path in examination.inventory.paths(selection.rows) if not excluded(path)))
    picks = tuple(pick for pick in selection.picks if not excluded(pick.path))
    return replace(selection, rows=rows, picks=picks)


def rows_below(examination: Examination, places: Iterable[str]) -> list[int]:
    """The rows of some places and of all that lies in them, ascending."""
    inventory = examination.inventory
    ranges = []
    for place in places:
        row = inventory.find(place)
        if row is not None:
            ranges.append((row, inventory.end[row]))
            continue
        within = place.rstrip("/") + "/"
        for top in inventory.children(NO_ROW):
            if inventory.name(top).startswith(within):
                ranges.append((top, inventory.end[top]))
    found: list[int] = []
    for first, stop in sorted(ranges):
        found.extend(range(max(first, found[-1] + 1 if found else 0), stop))
    return found


def by_rows(rows: Iterable[int], words: str, why: Why = Why.PATH) -> Selection:
    """Rows that somebody ticked."""
    return Selection(words, why, array("I", sorted(set(rows))))


def by_paths(examination: Examination, paths: Sequence[str], words: str, exclude: Iterable[str] = ()) -> Selection:
    """Single paths, a directory with all that is in it. What has no row is left for the guard to judge.

    Paths are in the program's form and the disk's spelling (``asked_path``). Raises BadGlob.
    """
    inventory = examination.inventory
    left = dict.fromkeys(paths)
    found: list[int] = []
    refused: list[Refused] = []
    for row, path in inventory.paths():
        if path not in left:
            continue
        del left[path]
        if inventory.type[row] == ABSENT:
            refused.append(Refused(path, "absent", "nothing is there"))
        elif inventory.type[row] == DIR:
            found.extend(range(row, inventory.end[row]))
        else:
            found.append(row)
    rows = array("I", (row for row in sorted(set(found)) if inventory.type[row] != ABSENT))
    picks = tuple(Pick(path, Why.PATH) for path in left)
    return without(examination, Selection(words, Why.PATH, rows, picks, refused=tuple(refused)), exclude)


def asked_path(root: Root, instance: Instance, text: str) -> str:
    """A path as an operator writes it, in the program's form and the disk's spelling. Raises BadChoice."""
    path = instance.inside(text) if "\0" not in text else None
    if path is None and instance.windows and text.startswith("/"):
        path = instance.inside(text[1:])
    if path is None:
        raise BadChoice(f"{instance.showable(text)}: not an absolute path; name it from the root of the instance")
    return root.spelling(path)


def read_paths(data: bytes, windows: bool = False) -> list[str]:
    """The paths of a list: separated by NUL where there is one, else by line ends. Empty ones are left out.

    On Windows a carriage return before a line end belongs to it. Raises BadChoice.
    """
    separator = b"\0" if b"\0" in data else b"\n"
    parts = data.split(separator)
    if len(parts) > MOST_PATHS:
        raise BadChoice(f"more than {MOST_PATHS:,} paths in a list; give several shorter ones")
    if windows and separator == b"\n":
        parts = [part[:-1] if part.endswith(b"\r") else part for part in parts]
    return [from_bytes(part) for part in parts if part]
