"""The rows that a finding is about: by what it says of many files, else by the paths that it carries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Callable, Optional

from tui.disk.inventory import DIR, NO_ROW, Inventory
from tui.forensics.examination import NO_GROUP, Examination
from tui.forensics.marks import Finding, Mark, State
from tui.paths import showable

_Test = Callable[[Examination, int], bool]


def _state(state: State) -> _Test:
    return lambda x, row: x.mark[row] == Mark.DEPLOYED and x.state[row] == state and row not in x.reached_through_link


# Findings that carry only the first of their paths, and what the rows of all of them have in common.
_TESTS: dict[str, _Test] = {
    "orphaned-files": lambda x, row: x.mark[row] == Mark.ORPHANED and x.inventory.type[row] != DIR,
    "untracked-directories": lambda x, row: x.mark[row] == Mark.ORPHANED and x.inventory.type[row] == DIR,
    "reached-through-link": lambda x, row: x.mark[row] == Mark.DEPLOYED and row in x.reached_through_link,
    "deployed-modified": _state(State.MODIFIED),
    "deployed-missing": _state(State.MISSING),
    "deployed-replaced": _state(State.REPLACED),
    "deployed-unverified": _state(State.UNVERIFIED),
}


def finding_name(finding: Finding) -> str:
    """What a filter calls a finding: its code and, where it has one, its group."""
    return finding.code if finding.group is None else f"{finding.code}@{showable(finding.group)}".replace('"', "\\x22")


def named(examination: Examination, text: str) -> list[Finding]:
    """The findings of that name or, where none is called so, those whose names start with it."""
    names = [(finding_name(finding).lower(), finding) for finding in examination.findings]
    exact = [finding for name, finding in names if name == text.lower()]
    return exact or [finding for name, finding in names if name.startswith(text.lower())]


def concerned(examination: Examination, finding: Finding) -> list[int]:
    """The rows of all paths that a finding is about, ascending.

    Where it carries only the first of them and no rule gives as many as it counts, only of those.
    """
    test = _TESTS.get(finding.code)
    if test is not None and finding.count > len(finding.paths):
        group = _group_number(examination, finding.group)
        rows = [row for row, g in enumerate(examination.group) if g == group and test(examination, row)]
        if len(rows) == finding.count:
            return rows
    return sorted(rows_of(examination.inventory, finding.paths).values())


def _group_number(examination: Examination, group_id: Optional[str]) -> int:
    ids = (number for number, group in enumerate(examination.instance.groups) if group.id == group_id)
    return next(ids, NO_GROUP)


def rows_of(inventory: Inventory, paths: Iterable[str]) -> dict[str, int]:
    """The rows of those paths that have one. Looks along each directory once, however many are in it."""
    found: dict[str, int] = {}
    tops = [(inventory.name(top), top) for top in inventory.children(NO_ROW)]
    wanted: dict[int, dict[str, list[str]]] = {}  # top's row -> rest of a path below it -> the paths
    for path in paths:
        for name, top in tops:
            if path == name:
                found[path] = top
            elif path.startswith(name.rstrip("/") + "/"):
                wanted.setdefault(top, {}).setdefault(path[len(name.rstrip("/")) + 1 :], []).append(path)
    pending = list(wanted.items())
    while pending:
        row, rests = pending.pop()
        by_name: dict[str, dict[str, list[str]]] = {}
        for rest, whole in rests.items():
            head, _, tail = rest.partition("/")
            by_name.setdefault(head, {}).setdefault(tail, []).extend(whole)
        for child, below in _children_named(inventory, row, by_name):
            for path in below.pop("", ()):
                found[path] = child
            if below:
                pending.append((child, below))
    return found


def _children_named(
    inventory: Inventory, row: int, names: dict[str, dict[str, list[str]]]
) -> Iterator[tuple[int, dict[str, list[str]]]]:
    left = len(names)
    for child in inventory.children(row):
        below = names.get(inventory.name(child))
        if below is not None:
            yield child, below
            left -= 1
            if not left:
                return
