"""A deployment group as a chain of deployments finds and leaves it, and what the next download prunes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Optional

from tui.agent.cleanup import parse_cleanup
from tui.agent.records import AppSpec, CleanupFile, Group, Instance
from tui.agent.rules import Rules
from tui.disk.inventory import DIR
from tui.disk.root import Root, RootError
from tui.paths import normal_path, to_bytes
from tui.windows_paths import native


@dataclass(frozen=True)
class Installed:
    """The revision that lifecycle scripts of the events before DownloadBundle come from."""

    directory: str  # of the deployment
    deployment: str
    appspec: Optional[AppSpec]


@dataclass(frozen=True)
class GroupState:
    """What the agent keeps of one group."""

    id: str
    directory: str  # below root_dir
    cleanup: Optional[CleanupFile] = None
    last: Optional[Installed] = None  # the last completed Install
    good: Optional[str] = None  # the last deployment of this chain that did not fail
    archives: tuple[str, ...] = ()  # entries of the group's directory, the oldest first
    lines: Optional[Sequence[str]] = None  # of the cleanup file, where a deployment of this chain wrote it
    made: tuple[str, ...] = ()  # of these, deployments of this chain
    sure: bool = True  # False: which files it lists depends on the order of directory entries
    notes: tuple[str, ...] = field(default=())


def group_state(root: Root, instance: Instance, group: Group) -> GroupState:
    """A group as it is on the instance now."""
    directory = group.path or f"{instance.layout.root_dir}/{group.id}"
    pointer, last = group.last_successful, None
    if pointer is not None and pointer.target:
        deployment = group.deployment(pointer.deployment_id)
        appspec = deployment.appspec if deployment is not None else None
        last = Installed(pointer.target, pointer.deployment_id or "", appspec)
    archives = _archives(root, directory, instance.version.rules)
    return GroupState(group.id, directory, group.cleanup, last, archives=archives)


def _archives(root: Root, directory: str, version: int) -> tuple[str, ...]:
    """The entries that pruning counts (version 2: directories alone), the oldest first."""
    try:
        entries = root.list(directory)
    except (RootError, OSError):
        return ()
    counted = [(stat.mtime_ns, name) for name, stat in entries if version == 1 or stat.type == DIR]
    return tuple(name for _, name in sorted(counted))


def pruned(state: GroupState, max_revisions: int) -> tuple[str, ...]:
    """The deployments whose directories the next download deletes.

    ``CommandExecutor#cleanup_old_archives`` of 1.8.1: the new one counts; the one that the group's pointer names
    is spared, and so as many of the others go as are too many.
    """
    extra = len(state.archives) - max_revisions + 1
    if extra <= 0:
        return ()
    spared = normal_path(state.last.directory) if state.last is not None else None
    others = [name for name in state.archives if normal_path(f"{state.directory}/{name}") != spared]
    return tuple(others[:extra])


def downloaded(state: GroupState, deployment: str, gone: tuple[str, ...]) -> GroupState:
    """After DownloadBundle of a new deployment."""
    kept = tuple(name for name in state.archives if name not in gone)
    return replace(state, archives=(*kept, deployment), made=(*state.made, deployment))


def cleanup_of(lines: Sequence[str], path: str, root: Root, version: int) -> CleanupFile:
    """The cleanup file that an Install event leaves, as the next one reads it."""
    rules = Rules(root, version)
    if rules.windows:
        lines = [native(line) for line in lines]
    data = b"".join(to_bytes(line) + b"\n" for line in lines)
    return parse_cleanup(data, path, 0.0, None, version, rules.place if rules.windows else None)
