"""Files that were there before an Install: those that RETAIN kept, and those that OVERWRITE took over."""

from __future__ import annotations

import contextlib
from array import array
from collections.abc import Collection, Iterator
from dataclasses import replace

from tui.agent.records import COPY, Group, Instance
from tui.disk.inventory import DIR, FILE, LINK
from tui.disk.root import Root, RootError
from tui.forensics.evidence import at
from tui.forensics.evidence.revisions import Revisions
from tui.forensics.examination import Examination
from tui.forensics.findings.columns import NOT_DEPLOYED, rows_of
from tui.forensics.findings.making import PATHS_SHOWN, counted, make
from tui.forensics.findings.story import current, last_install, newest, planned_by
from tui.forensics.marks import Finding, Mark, Severity, State

UNLISTED_ASKED = 20_000  # files that no cleanup file lists, asked whether a revision has them
BIRTHS_ASKED = 2_000  # listed files of one group whose birth is asked for
_SLACK = 2.0  # seconds: install.json is written just before the first copy


def kept_findings(examination: Examination, root: Root, told: set[str]) -> Iterator[Finding]:
    """What RETAIN and OVERWRITE did in each group's last completed Install. What was kept is added to ``told``."""
    settled = {g: group for g, group in enumerate(examination.instance.groups) if _settled(group)}
    if not settled:
        return
    yield from _retained(examination, root, settled, told)
    if not examination.instance.windows:  # NTFS gives a name made anew within 15 s its old time of birth
        for g, rows in _intact(examination, settled).items():
            yield from _overwritten(examination, root, settled[g], rows)


def _settled(group: Group) -> bool:
    """Whether the plan is that of the last completed Install, so that what is not in it was not copied."""
    plan, last = group.plan, last_install(group)
    if plan is None or not plan.complete or group.cleanup is None or last is None:
        return False
    deployment = current(group)
    known = deployment is not None and deployment.archive is not None and deployment.appspec is not None
    return known and newest(group) == last and planned_by(group) in ((last,), ())


def _retained(examination: Examination, root: Root, settled: dict[int, Group], told: set[str]) -> Iterator[Finding]:
    for g, group in settled.items():
        last, plan = last_install(group), group.plan
        found = in_revision(examination, root, g, last) if last is not None else {}
        if not found or plan is None:
            continue
        for path in [path for path, kind in zip(plan.paths, plan.kinds) if path in found and kind == COPY]:
            found.pop(path, None)
        if found:
            told.update(found)
            yield _of_retained(examination, group, found)


def in_revision(examination: Examination, root: Root, g: int, deployment_id: str) -> dict[str, int]:
    """Files and links that no cleanup file lists and that one deployment's revision has, too: path -> row.

    Looks at one directory of the revision for each directory that has such files.
    """
    inventory, types = examination.inventory, examination.inventory.type
    unlisted = [row for row in rows_of(examination.mark, NOT_DEPLOYED) if types[row] in (FILE, LINK)]
    if not unlisted:
        return {}
    revisions = Revisions(root, _only(examination.instance, g, deployment_id))
    found: dict[str, int] = {}
    for row, path in inventory.paths(unlisted[:UNLISTED_ASKED]):
        with contextlib.suppress(RootError):
            source = revisions.source_in(g, deployment_id, path)
            if source is not None and (types[row] == FILE or _no_directory(root, source[0])):
                found[path] = row
    return found


def _no_directory(root: Root, path: str) -> bool:
    stat = root.stat(path)
    return stat is None or stat.type != DIR


def _only(instance: Instance, g: int, deployment_id: str) -> Instance:
    """The instance with the deployments of one revision alone."""
    groups = (
        replace(group, deployments=tuple(d for d in group.deployments if n == g and d.id == deployment_id))
        for n, group in enumerate(instance.groups)
    )
    return replace(instance, groups=tuple(groups))


def _of_retained(examination: Examination, group: Group, found: dict[str, int]) -> Finding:
    rows = list(found.values())[:PATHS_SHOWN]
    other = sum(1 for row in rows if any(e.kind == "other-content" for e in examination.evidence_of(row)))
    some = f" of the first {len(rows)}" if len(found) > len(rows) else ""
    deployment = current(group)
    assert deployment is not None and deployment.appspec is not None
    more = (
        f"Here {other:,}{some} differ from {deployment.id}'s."
        if other
        else f"Here all are the same as {deployment.id}'s."
    )
    return make(
        "retained-files",
        group,
        paths=list(found),
        severity=Severity.WARNING if other else Severity.INFO,
        more=more,
        source=at(deployment.appspec.path),
    )


def _intact(examination: Examination, settled: Collection[int]) -> dict[int, array[int]]:
    """Listed files of those groups that have their revision's content."""
    found = {g: array("I") for g in settled}
    columns = zip(examination.mark, examination.state, examination.inventory.type, examination.group)
    deployed, intact = int(Mark.DEPLOYED), int(State.INTACT)
    for row, (mark, state, kind, g) in enumerate(columns):
        if state == intact and kind == FILE and mark == deployed and g in found:
            found[g].append(row)
    return found


def _overwritten(examination: Examination, root: Root, group: Group, rows: array[int]) -> Iterator[Finding]:
    """Listed, intact files whose file on disk was made before the Install that wrote their content."""
    assert group.plan is not None
    inventory = examination.inventory
    asked = rows if len(rows) <= BIRTHS_ASKED else rows[:: -(-len(rows) // BIRTHS_ASKED)]
    before = (group.plan.mtime - _SLACK) * 1e9
    found = []
    for row, path in inventory.paths(asked):
        born = inventory.births.get(row)
        born = root.birth_ns(path) if born is None else born
        if born is None:
            return
        # The change time cannot be set: it proves that the clock stood at the Install or later when it was written.
        if born < before <= inventory.ctime_ns[row]:
            found.append(path)
    if found:
        part = (
            f"Found among {len(asked):,} of {len(rows):,} listed files: there may be more."
            if len(asked) < len(rows)
            else ""
        )
        more = f"{counted(len(found), 'file')} older than the Install of {last_install(group)}. {part}".strip()
        yield make("overwritten-files", group, paths=found, more=more, source=at(group.plan.path))
