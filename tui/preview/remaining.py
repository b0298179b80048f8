"""What remains: paths in a group's places that an Install event leaves as they are, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Optional

from tui.disk.inventory import ABSENT, NO_ROW
from tui.forensics.examination import NO_GROUP, Examination
from tui.forensics.marks import Mark
from tui.forensics.targets import is_shared
from tui.paths import child_path, path_key
from tui.preview.disk import Dir, Disk, Item
from tui.preview.records import Action, Remaining, Stays
from tui.preview.told import Told

MOST = 200_000  # paths of a place that the scan did not look through
_BY_ACTION = {
    Action.NOT_EMPTY: Stays.NOT_EMPTY,
    Action.NOT_LISTED_WHOLE: Stays.NAME,
    Action.NOT_REACHED: Stays.NOT_REACHED,
    Action.KEPT_DANGLING: Stays.DANGLING,
    Action.SKIPPED: Stays.PASSED_OVER,
}
Touched = Mapping[str, Optional[Item]]


def remaining(
    disk: Disk,
    examination: Examination,
    group: Optional[int],
    places: Collection[str],
    earlier: Touched,
    cleanup: Told,
    retained: Iterable[str],
) -> list[Remaining]:
    """In tree order. ``group``: its index, where it has one; ``places``: the directories its revisions name.

    ``earlier``: what the steps before touched. Places that the scan did not come to are looked through now.
    """
    kept = set(retained)
    why = {told.real or told.path: told for told in cleanup.of(_BY_ACTION)}
    groups, marks, instance = examination.group, examination.mark, examination.instance
    found = []
    for path, row in _paths(disk, examination, group, places, earlier):
        if path in kept:
            found.append(Remaining(path, Stays.RETAINED))
        elif path in why:
            found.append(Remaining(path, _BY_ACTION[why[path].action], why[path].detail))
        elif row != NO_ROW and groups[row] not in (NO_GROUP, group) and marks[row] == Mark.DEPLOYED:
            found.append(Remaining(path, Stays.OTHER_GROUP, instance.groups[groups[row]].id))
        else:
            found.append(Remaining(path, Stays.NOT_LISTED))
    return found


def _paths(
    disk: Disk, examination: Examination, group: Optional[int], places: Collection[str], earlier: Touched
) -> Iterator[tuple[str, int]]:
    """``(path, row)`` of what is in the group's places when the step begins and the step does not touch."""
    within = tuple(place.rstrip("/") + "/" for place in places)
    inventory, groups, seen = examination.inventory, examination.group, set[str]()
    touched = disk.before
    rows: list[tuple[str, int]] = []
    for row, path in inventory.paths():
        if path in places:
            seen.add(path)
        if inventory.type[row] == ABSENT or path in touched:
            continue
        if not (groups[row] == group or path in places or path.startswith(within)):
            continue
        if path not in earlier or (earlier[path] is not None and disk.now(path)[0] is not None):
            rows.append((path, row))
    more = {path for path, item in earlier.items() if item is None and path.startswith(within) and disk.now(path)[0]}
    for place in places:
        if place not in seen and not is_shared(place, examination.instance.windows):
            more.update(_below(disk, place))
    if more:
        rows += [(path, NO_ROW) for path in more if path not in touched]
        rows.sort(key=lambda item: path_key(item[0]))
    yield from rows


def _below(disk: Disk, place: str) -> Iterator[str]:
    """A directory of the model and all below it."""
    top, _, _ = disk.now(place)
    todo, count = [top] if isinstance(top, Dir) else [], 0
    while todo and count < MOST:
        directory = todo.pop()
        yield directory.path
        for name, entry in disk.named(directory):
            count += 1
            if isinstance(entry, Dir):
                todo.append(entry)
            else:
                yield child_path(directory.path, name)
