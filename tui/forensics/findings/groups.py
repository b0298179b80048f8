"""Groups that are in one another's way, and groups that nobody deploys any more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import NamedTuple, Optional

from tui.agent.records import MKDIR, Group, Instance
from tui.forensics.evidence import at
from tui.forensics.examination import Examination
from tui.forensics.findings.making import counted, make, named_paths, size_of, span_of
from tui.forensics.findings.space import taken_by
from tui.forensics.findings.story import current
from tui.forensics.marks import Finding, Mark, Severity
from tui.forensics.targets import destinations, directory_of, is_shared

QUIET = 180 * 86_400  # seconds without a deployment, others having them, after which a group is told of
REPLACED = 30 * 86_400  # seconds between a group's last deployment and the first of one in its place
GROUPS_COMPARED = 100
LINES_ASKED = 10_000  # of a cleanup file, for the places of a group of which no revision is left


class _Overlap(NamedTuple):
    a: Group
    b: Group
    places: tuple[str, ...]
    equal: bool


def group_findings(instance: Instance, examination: Optional[Examination] = None) -> Iterator[Finding]:
    """What groups do to one another. With an examination also what an abandoned one holds."""
    if len(instance.groups) < 2:
        return
    twice = _listed_twice(instance)
    for ids, paths in twice.items():
        yield _twice(instance, ids[0], ids[1], paths)
    overlaps = list(_overlaps(instance))
    abandoned = set()
    for g, group in enumerate(instance.groups):
        finding = _abandoned(instance, g, overlaps, examination)
        if finding is not None:
            abandoned.add(group.id)
            yield finding
    for overlap in overlaps:
        pair = {overlap.a.id, overlap.b.id}
        if not pair & abandoned and not any(set(ids) == pair for ids in twice):
            yield _overlap(instance, overlap)


# -- one path in two cleanup files ----------------------------------------------------------------


def _listed_twice(instance: Instance) -> dict[tuple[str, str], list[str]]:
    """Paths, directories left out, that two groups' cleanup files list."""
    groups = [group for group in instance.groups if group.cleanup is not None and len(group.cleanup.paths)]
    found: dict[tuple[str, str], list[str]] = {}
    if len(groups) < 2:
        return found
    known: list[tuple[str, set[str]]] = []
    union: set[str] = set()
    for group in groups:
        assert group.cleanup is not None
        mine = set(group.cleanup.paths)
        common = mine & union
        for other, theirs in known if common else ():
            both = common & theirs
            if both:
                found[other, group.id] = [path for path in group.cleanup.paths if path in both]
        known.append((group.id, mine))
        union |= mine
    for pair, paths in list(found.items()):
        directories = _directories(instance, pair, set(paths))
        left = [path for path in dict.fromkeys(paths) if path not in directories]
        if left:
            found[pair] = left
        else:
            del found[pair]
    return found


def _directories(instance: Instance, pair: tuple[str, str], paths: set[str]) -> set[str]:
    found = {directory_of(path) for path in paths}
    for group_id in pair:
        group = instance.group(group_id)
        if group is not None and group.plan is not None:
            plan = group.plan
            found |= {path for kind, path in zip(plan.kinds, plan.paths) if kind == MKDIR and path in paths}
    return found


def _twice(instance: Instance, a: str, b: str, paths: list[str]) -> Finding:
    first = instance.group(a)
    assert first is not None and first.cleanup is not None
    index = first.cleanup.paths.index(paths[0])
    source = at(first.cleanup.path, first.cleanup.lines[index])
    return make("claimed-twice", paths=paths, source=source, more=f"The groups: {a} and {b}.")


# -- one place, two groups ---------------------------------------------------------------------------


def _places(instance: Instance, group: Group) -> set[str]:
    """Where a group's current revision installs to, places that many programs share left out."""
    deployment = current(group)
    found: set[str] = set()
    if deployment is not None and deployment.appspec is not None:
        paths = (instance.inside(mapping.destination) for mapping in deployment.appspec.files)
        found = {path for path in paths if path is not None}
    if not found:
        found = destinations(instance, group)
    if not found and group.cleanup is not None:
        first = group.cleanup.paths[:LINES_ASKED]
        found = _tops({directory_of(path) for path in first}.difference(first))
    return {path for path in found if not is_shared(path, instance.windows)}


def _tops(paths: set[str]) -> set[str]:
    return {path for path in paths if not any(above in paths for above in _above(path))}


def _above(path: str) -> Iterator[str]:
    while path != "/":
        path = directory_of(path)
        yield path


def _overlaps(instance: Instance) -> Iterator[_Overlap]:
    places: Mapping[str, set[str]] = {group.id: _places(instance, group) for group in instance.groups[:GROUPS_COMPARED]}
    with_above = {group_id: {x: set(_above(x)) for x in found} for group_id, found in places.items()}
    for a, b in combinations(instance.groups[:GROUPS_COMPARED], 2):
        same = places[a.id] & places[b.id]
        nested = {x for x, above in with_above[a.id].items() if above & places[b.id]}
        nested |= {x for x, above in with_above[b.id].items() if above & places[a.id]}
        if same or nested:
            yield _Overlap(a, b, tuple(sorted(same or nested)), bool(same))


def _overlap(instance: Instance, overlap: _Overlap) -> Finding:
    deployment = current(overlap.a)
    appspec = deployment.appspec if deployment is not None else None
    return make(
        "destinations-overlap",
        paths=overlap.places,
        severity=Severity.WARNING if overlap.equal else Severity.INFO,
        source=at(appspec.path) if appspec is not None else None,
        more=f"The groups: {overlap.a.id} and {overlap.b.id}. The place: {named_paths(instance, overlap.places)}.",
    )


# -- abandoned groups -------------------------------------------------------------------------------


def _times(group: Group) -> list[float]:
    """When something of a group was written, in seconds since 1970."""
    records = (group.cleanup, group.plan, group.last_successful, group.most_recent)
    found = [record.mtime for record in records if record is not None and record.mtime]
    return found + [deployment.mtime for deployment in group.deployments if deployment.mtime]


def _abandoned(
    instance: Instance, g: int, overlaps: list[_Overlap], examination: Optional[Examination]
) -> Optional[Finding]:
    group = instance.groups[g]
    mine = _times(group)
    if not mine:
        return None
    for overlap in overlaps:
        if group.id not in (overlap.a.id, overlap.b.id):
            continue
        other = overlap.b if overlap.a.id == group.id else overlap.a
        theirs = _times(other)
        if not (theirs and overlap.equal and max(mine) < min(theirs)):
            continue
        if min(theirs) - max(mine) > REPLACED or _mostly(group, other):
            why = (
                f"Group {other.id} installs into the same place ({named_paths(instance, overlap.places, 2)}), and all "
                "that is left of it is younger than this group's last deployment: it seems to have taken its place."
            )
            return _holds(instance, g, Severity.WARNING, why, examination)
    newest = max((max(times) for times in map(_times, instance.groups) if times), default=0.0)
    if newest - max(mine) > QUIET:
        why = f"Its last deployment was {span_of(newest - max(mine))} before the newest one of the instance."
        return _holds(instance, g, Severity.INFO, why, examination)
    return None


def _mostly(group: Group, other: Group) -> bool:
    """Whether another group's cleanup file lists most of what a group's lists."""
    if group.cleanup is None or other.cleanup is None or not len(group.cleanup.paths):
        return False
    theirs = set(other.cleanup.paths)
    return 2 * sum(1 for path in group.cleanup.paths if path in theirs) >= len(group.cleanup.paths)


def _holds(instance: Instance, g: int, severity: Severity, why: str, examination: Optional[Examination]) -> Finding:
    group = instance.groups[g]
    record = group.cleanup or group.last_successful or group.most_recent
    paths: list[str] = []
    holds = ""
    if examination is not None:
        mark, owner, inventory = examination.mark, examination.group, examination.inventory
        rows = [row for row, m in enumerate(mark) if m in (Mark.DEPLOYED, Mark.ORPHANED) and owner[row] == g]
        paths = [path for _, path in inventory.paths(rows)]
        size = size_of(sum(inventory.size[row] for row in rows))
        kept = counted(len(group.deployments), "revision")
        holds = (
            f"It holds {counted(len(rows), 'path')} ({size}) and {kept} ({size_of(taken_by(examination, group))}), "
            "which is never pruned."
        )
    source = at(record.path) if record is not None else None
    return make("group-abandoned", group, severity=severity, paths=paths, source=source, more=f"{why} {holds}".strip())
