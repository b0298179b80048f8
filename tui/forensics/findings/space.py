"""What revisions take, and which of them the next deployment of each group deletes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Optional

from tui.agent.records import Deployment, Group, Instance
from tui.disk.root import Root, RootError
from tui.forensics.examination import Examination
from tui.forensics.findings.making import counted, make, named, size_of
from tui.forensics.marks import Finding
from tui.paths import child_path

WORTH_TELLING = 1 << 20  # bytes of revisions; fewer are nobody's trouble
_GROUPS_TOLD = 5


class _Use(NamedTuple):
    group: Group
    size: int
    files: int
    bundles: int
    deleted: tuple[str, ...]  # paths in the group's directory that the next deployment deletes
    freed: int


def next_pruned(instance: Instance, group: Group, root: Optional[Root] = None) -> tuple[str, ...]:
    """What the group's next deployment deletes of its directory before it downloads, oldest first.

    ``max_revisions`` counts the new deployment; the last completed Install's directory is never deleted, by the
    very text of its pointer (agent/command_executor.rb, ``cleanup_old_archives``, of version 1.8.1). Version 1 counts
    every entry of the directory, version 2 directories alone.
    """
    entries = {deployment.path: deployment.mtime for deployment in group.deployments}
    if instance.version.rules == 1 and root is not None and group.path is not None:
        try:
            for name, stat in root.list(group.path):
                entries.setdefault(child_path(group.path, name), stat.mtime)
        except RootError:
            pass
    extra = len(entries) - instance.config.max_revisions + 1
    if extra <= 0:
        return ()
    if group.last_successful is not None:
        entries.pop(group.last_successful.target, None)
    return tuple(sorted(entries, key=lambda path: (entries[path], path))[:extra])


def taken_by(examination: Examination, group: Group) -> int:
    """Bytes of a group's revisions, bundles and logs; a bundle with several names counts once."""
    seen: set[tuple[int, int]] = set()
    return sum(_size(examination, deployment, seen) for deployment in group.deployments)


def _size(examination: Examination, deployment: Deployment, seen: set[tuple[int, int]]) -> int:
    archive = examination.revision_sizes.get(deployment.path, (0, 0))[1]
    return archive + deployment.log_size + _bundle(deployment, seen)


def _bundle(deployment: Deployment, seen: set[tuple[int, int]]) -> int:
    if deployment.bundle_size is None or (deployment.bundle_file is not None and deployment.bundle_file in seen):
        return 0
    if deployment.bundle_file is not None:
        seen.add(deployment.bundle_file)
    return deployment.bundle_size


def space_findings(examination: Examination, root: Optional[Root] = None) -> Iterator[Finding]:
    """One finding on the space of all revisions, and on those that were not pruned."""
    instance = examination.instance
    uses = [_use(examination, group, root) for group in instance.groups if group.deployments]
    total, keeps = sum(use.size for use in uses), instance.config.max_revisions
    deleted = [path for use in uses for path in use.deleted]
    many = [use for use in uses if len(use.group.deployments) > keeps]
    if total >= WORTH_TELLING or many:
        uses.sort(key=lambda use: use.size, reverse=True)
        told = " ".join(_told(use, keeps) for use in uses[:_GROUPS_TOLD])
        left = f" And {len(uses) - _GROUPS_TOLD} more groups." if len(uses) > _GROUPS_TOLD else ""
        yield make(
            "revisions-space",
            paths=deleted,
            more=f"max_revisions is {keeps}. {told}{left}",
            number=str(sum(len(use.group.deployments) for use in uses)),
            size=size_of(total),
        )


def _use(examination: Examination, group: Group, root: Optional[Root]) -> _Use:
    seen: set[tuple[int, int]] = set()
    sizes = {deployment.path: _size(examination, deployment, seen) for deployment in group.deployments}
    files = sum(examination.revision_sizes.get(deployment.path, (0, 0))[0] for deployment in group.deployments)
    again: set[tuple[int, int]] = set()
    bundles = sum(_bundle(deployment, again) for deployment in group.deployments)
    deleted = next_pruned(examination.instance, group, root)
    shared = {d.path: d.bundle_size or 0 for d in group.deployments if d.bundle_links > 1}
    freed = sum(max(sizes.get(path, 0) - shared.get(path, 0), 0) for path in deleted)
    return _Use(group, sum(sizes.values()), files, bundles, deleted, freed)


def _told(use: _Use, keeps: int) -> str:
    count = len(use.group.deployments)
    text = f"{use.group.id}: {counted(count, 'revision')}, {size_of(use.size)} in {counted(use.files, 'file')}"
    text += f", {size_of(use.bundles)} of it bundles" if use.bundles else ""
    text += ", more than max_revisions keeps" if count > keeps else ""
    if use.deleted:
        names = named([path.rpartition("/")[2] for path in use.deleted])
        text += f"; its next deployment deletes {names} ({size_of(use.freed)})"
    return text + "."
