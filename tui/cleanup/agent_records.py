"""The agent's own records: which of them can be set aside or put right, one by one, never the whole root."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Callable, Optional

from tui.agent.deployments import CLEANUP
from tui.agent.ongoing import read_ongoing
from tui.agent.pointers import LIMIT as POINTER_LIMIT
from tui.agent.reading import leftovers
from tui.agent.records import CleanupFile, Deployment, Group, Instance, Pointer
from tui.cleanup.choose import Pick, Selection
from tui.cleanup.records import Refused, Why
from tui.disk.inventory import DIR
from tui.disk.root import Root, RootError
from tui.paths import child_path, to_bytes

STALE = 24 * 3600.0  # seconds after which the agent takes a tracking file for stale
CLEANUP_LIMIT = 64 << 20  # bytes of a cleanup file that is put right
_PIECES = 5_000_000  # paths of the records that are chosen


@dataclass(frozen=True)
class Records:
    """Which kinds of records to choose."""

    revisions: bool = True  # beyond max_revisions
    abandoned: bool = True  # of groups that are declared gone
    tracking: bool = True  # stale files in ongoing-deployment
    pointers: bool = True  # that name a last completed Install whose directory is gone
    cleanup_files: bool = True  # lines at which every Install fails
    leftovers: bool = True  # what version 2 was stopped writing


def agent_records(
    root: Root,
    instance: Instance,
    now: Optional[float],
    gone: Collection[str] = (),
    which: Records = Records(),
    repair: Callable[[Group], Optional[Deployment]] = lambda group: newest_left(group),
) -> Selection:
    """The agent's records that are in nobody's use or are broken.

    ``now`` (seconds since 1970) judges ages; None: no tracking file is chosen. ``gone``: ids of groups that the
    operator declares gone. ``repair`` names the deployment that a broken pointer is to name from now on; None: the
    pointer is set aside.
    """
    picks: list[Pick] = []
    refused: list[Refused] = []
    for group in instance.groups:
        if group.id in gone:
            picks += _abandoned(root, group) if which.abandoned else ()
            continue
        if which.revisions:
            picks += _surplus(root, instance, group)
        if which.pointers:
            picks += _pointer(root, instance, group, repair, refused)
        if which.cleanup_files:
            picks += _cleanup_file(root, instance, group)
    if which.tracking:
        picks += _tracking(root, instance, now, refused)
    if which.leftovers:
        picks += _leftovers(root, instance)
    return Selection("agent records", Why.RECORDS, picks=tuple(picks[:_PIECES]), refused=tuple(refused))


def kept_deployments(group: Group) -> set[str]:
    """The ids of deployments whose directories a group that is in use needs: those its pointers name."""
    pointers = (group.last_successful, group.most_recent)
    return {p.deployment_id for p in pointers if p is not None and p.deployment_id is not None}


def surplus(instance: Instance, group: Group) -> tuple[Deployment, ...]:
    """The oldest of a group's deployments that are more than ``max_revisions`` now; those in use are spared."""
    extra = len(group.deployments) - instance.config.max_revisions
    if extra <= 0 or instance.config.max_revisions < 1:
        return ()
    kept = kept_deployments(group)
    return tuple([deployment for deployment in group.deployments if deployment.id not in kept][:extra])


def newest_left(group: Group) -> Optional[Deployment]:
    """The newest of a group's deployments that has a revision with a usable appspec."""
    for deployment in reversed(group.deployments):
        if deployment.archive is not None and deployment.appspec is not None and deployment.appspec.error is None:
            return deployment
    return None


# -- one by one -------------------------------------------------------------------------------


def _surplus(root: Root, instance: Instance, group: Group) -> Iterator[Pick]:
    for deployment in surplus(instance, group):
        why = f"revision beyond max_revisions ({instance.config.max_revisions}), the oldest of group {group.id}"
        yield from _tree(root, deployment.path, why, group.id)


def _abandoned(root: Root, group: Group) -> Iterator[Pick]:
    why = f"the operator says that group {group.id} is gone"
    if group.path is not None:
        yield from _tree(root, group.path, why, group.id)
    for pointer in (group.last_successful, group.most_recent):
        if pointer is not None:
            yield Pick(pointer.path, Why.RECORDS, f"{why}; it names {pointer.target}", group.id)


def _tree(root: Root, top: str, why: str, group: str) -> Iterator[Pick]:
    """A directory and all that is in it. A link in its place is chosen itself."""
    try:
        stat = root.stat(top, follow=False)
    except RootError:
        stat = None
    yield Pick(top, Why.RECORDS, why, group)
    todo = [top] if stat is not None and stat.type == DIR else []
    while todo:
        directory = todo.pop()
        try:
            entries = root.list(directory)
        except RootError:
            continue  # the directory is then not empty, and the plan refuses it
        for name, below in entries:
            path = child_path(directory, name)
            yield Pick(path, Why.RECORDS, why, group)
            if below.type == DIR:
                todo.append(path)


def _tracking(root: Root, instance: Instance, now: Optional[float], refused: list[Refused]) -> Iterator[Pick]:
    for tracking in read_ongoing(root, instance.layout):
        if now is None:
            refused.append(Refused(tracking.path, "age-unknown", "the time of day is not known, so neither is its age"))
        elif now - tracking.mtime > STALE:
            hours = int((now - tracking.mtime) / 3600)
            yield Pick(tracking.path, Why.RECORDS, f"stale tracking file, {hours} hours old: no event runs that long")
        else:
            minutes = max(0, int((now - tracking.mtime) / 60))
            reason = f"a tracking file of {minutes} minutes ago stands for a deployment that may be running"
            refused.append(Refused(tracking.path, "deployment-running", reason))


def _leftovers(root: Root, instance: Instance) -> Iterator[Pick]:
    directory = instance.layout.instructions_dir
    try:
        names = [name for name, stat in root.list(directory) if stat.type != DIR]
    except RootError:
        return
    for problem in leftovers(directory, names):
        yield Pick(problem.path, Why.RECORDS, problem.message.rstrip("."))


def _pointer(
    root: Root,
    instance: Instance,
    group: Group,
    repair: Callable[[Group], Optional[Deployment]],
    refused: list[Refused],
) -> Iterator[Pick]:
    """The pointer to the last completed Install, where that is gone. The other one is written anew anyway."""
    pointer = group.last_successful
    if pointer is None or pointer.exists or pointer.deployment_id is None:
        return
    why = f"it names {pointer.target}, which is gone"
    deployment = repair(group)
    if deployment is None:
        yield Pick(pointer.path, Why.RECORDS, f"{why}; no revision of the group is left to name instead", group.id)
        return
    content = _pointing(root, pointer, deployment)
    if content is None:
        refused.append(Refused(pointer.path, "unreadable", f"{why}; it could not be read to be put right"))
        return
    told = f"{why}; it is to name {deployment.id}, the newest revision that is left"
    yield Pick(pointer.path, Why.RECORDS, told, group.id, content)


def _pointing(root: Root, pointer: Pointer, deployment: Deployment) -> Optional[bytes]:
    """What a pointer holds that names another deployment of the same directory, written as the agent wrote it."""
    try:
        old = root.read(pointer.path, POINTER_LIMIT)
    except RootError:
        return None
    name = to_bytes(pointer.deployment_id or "")
    at = old.data.rfind(name)
    if not name or at < 0 or not old.complete:
        return None
    if posixpath.dirname(pointer.target.rstrip("/")) != posixpath.dirname(deployment.path):
        return to_bytes(deployment.path) if root.platform != "windows" else None
    return old.data[:at] + to_bytes(deployment.id) + old.data[at + len(name) :]


def _cleanup_file(root: Root, instance: Instance, group: Group) -> Iterator[Pick]:
    """A cleanup file with lines at which every Install of the group fails: it is put right without them."""
    file = group.cleanup
    if file is None or not file.path.endswith(CLEANUP) or not (file.unusable or file.fatal) or not file.complete:
        return
    try:
        old = root.read(file.path, CLEANUP_LIMIT)
    except RootError:
        return
    if not old.complete:
        return
    content = usable_lines(old.data, file)
    if content == old.data:
        return
    taken = old.data.count(b"\n") - content.count(b"\n")
    why = f"every Install of the group fails at {taken} of its lines: they are taken out"
    yield Pick(file.path, Why.RECORDS, why, group.id, content)


def usable_lines(data: bytes, file: CleanupFile) -> bytes:
    """A cleanup file's bytes less the lines that the agent stumbles over; an unfinished last line is kept."""
    bad = {line for line, _ in file.unusable}
    kept = []
    for number, line in enumerate(data.split(b"\n"), 1):
        if number in bad:
            continue
        if file.fatal is not None and not _is_utf8(line):
            continue
        kept.append(line)
    return b"\n".join(kept)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
